"""Texts that are the same, or nearly: Jaccard likeness of word five-grams, candidates by MinHash LSH.

Broder (1997), "On the resemblance and containment of documents". Candidates come from datasketch;
each is confirmed on the exact sets, so no pair is reported by chance. The index is laid out so that
a pair at the threshold is missed less than once in a hundred times; a likelier pair, more rarely.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from statestance.domain import StatestanceError

_WORD = re.compile(r"\w+")
_PERMUTATIONS = 128
_MISSED = 0.01


def _shingles(text: str, size: int = 5) -> frozenset[str]:
    words = _WORD.findall(text.casefold())
    if len(words) <= size:
        return frozenset([" ".join(words) or text.strip()])
    return frozenset(" ".join(words[i : i + size]) for i in range(len(words) - size + 1))


def _layout(threshold: float) -> tuple[int, int]:
    """Bands and rows of the index: the fewest candidates with at most ``_MISSED`` misses at the threshold."""
    for rows in range(_PERMUTATIONS, 1, -1):
        bands = _PERMUTATIONS // rows
        if bands > 1 and (1 - threshold**rows) ** bands <= _MISSED:
            return bands, rows
    return _PERMUTATIONS, 1


def pairs(texts: Sequence[str], *, threshold: float = 0.8) -> list[tuple[int, int, float]]:
    """Return (a, b, likeness) with a < b for every pair of texts at least ``threshold`` alike."""
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError as error:
        raise StatestanceError(
            "expected datasketch for the search of duplicates; found none; pip install 'statestance[train]'"
        ) from error
    shingles = [_shingles(text) for text in texts]
    index = MinHashLSH(num_perm=_PERMUTATIONS, params=_layout(threshold))
    found: list[tuple[int, int, float]] = []
    for number, own in enumerate(shingles):
        sketch = MinHash(num_perm=_PERMUTATIONS, seed=1)
        sketch.update_batch([s.encode() for s in sorted(own)])
        for other in sorted(index.query(sketch)):
            likeness = len(own & shingles[other]) / len(own | shingles[other])
            if likeness >= threshold:
                found.append((int(other), number, likeness))
        index.insert(number, sketch)
    return found
