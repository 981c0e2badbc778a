"""What several labelled files must not share: ids, texts, and debates on two sides of a split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from statestance.corpus import Labelled
from statestance.corpus.duplicates import pairs


@dataclass(frozen=True, slots=True)
class Twins:
    """Two rows of one text, or nearly. ``likeness`` is the Jaccard likeness of word five-grams."""

    first: Labelled
    second: Labelled
    likeness: float

    @property
    def leak(self) -> bool:
        """Whether they stand in two splits."""
        a, b = self.first.split, self.second.split
        return bool(a and b and a != b)

    @property
    def labels_differ(self) -> bool:
        return self.first.outcome != self.second.outcome


@dataclass(frozen=True, slots=True)
class Overlap:
    """Ids given to several rows; rows that repeat each other; debates that stand in several splits, with those."""

    ids: tuple[str, ...]
    twins: tuple[Twins, ...]
    torn: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def leaks(self) -> bool:
        return bool(self.torn or any(twins.leak for twins in self.twins))


def overlap(rows: Sequence[Labelled], *, near_duplicate: float) -> Overlap:
    """Look for what the rows of one or several files share and should not."""
    ids = [number for number, times in Counter(r.intervention.id for r in rows).items() if times > 1]
    found = pairs([r.intervention.text for r in rows], threshold=near_duplicate)
    sides: dict[str, set[str]] = {}
    for row in rows:
        if row.split:
            sides.setdefault(row.intervention.debate, set()).add(row.split)
    torn = tuple((debate, tuple(sorted(s))) for debate, s in sorted(sides.items()) if len(s) > 1)
    return Overlap(tuple(ids), tuple(Twins(rows[a], rows[b], likeness) for a, b, likeness in found), torn)
