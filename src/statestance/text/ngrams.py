"""Hashed n-grams of token numbers, sentence by sentence: what a linear model reads of a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FIRST_PASS = "first_pass.npy"
"""The file of weights for these n-grams, in a training's folder and in a bundle."""
_BITS = 18
BUCKETS = 1 << _BITS
_SHIFT = np.uint64(64 - _BITS)
# Odd multipliers, one a position; what they are does not matter so long as training and serving have the same.
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_EDGE = 0xFFFFFF
"""Stands before and after a sentence, so that an n-gram tells its first and last words."""


@dataclass(frozen=True, slots=True)
class Ngrams:
    """``buckets`` (N,) of all sentences' n-grams, each sentence's from ``starts[i]`` up to ``starts[i + 1]``."""

    buckets: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]


def hashed(sentences: Sequence[Sequence[int]]) -> Ngrams:
    """The buckets of the one-, two- and three-grams of every sentence's token numbers.

    Weinberger et al. (2009), "Feature hashing for large scale multitask learning", without signs.
    """
    if not sentences:
        return Ngrams(np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64))
    lengths = np.array([len(s) + 2 for s in sentences], dtype=np.int64)
    ids = np.full(int(lengths.sum()), _EDGE, dtype=np.uint64)
    ends = np.cumsum(lengths)
    owner = np.repeat(np.arange(len(sentences)), lengths)
    inner = np.ones(len(ids), dtype=bool)
    inner[ends - 1] = inner[ends - lengths] = False
    ids[inner] = np.array([i for s in sentences for i in s], dtype=np.uint64)
    found, owners = [], []
    for length in (1, 2, 3):
        total = len(ids) - length + 1
        # Within one sentence; an edge alone is no n-gram.
        kept = owner[:total] == owner[length - 1 :] if length > 1 else inner
        mixed = np.full(total, length, dtype=np.uint64)
        for place in range(length):
            mixed ^= (ids[place : place + total] + np.uint64(1)) * _FACTORS[place]
        mixed ^= mixed >> np.uint64(29)
        found.append(((mixed * _MIX) >> _SHIFT)[kept])
        owners.append(owner[:total][kept])
    buckets, owned = np.concatenate(found).astype(np.int64), np.concatenate(owners)
    order = np.argsort(owned, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(owned, minlength=len(sentences)))])
    return Ngrams(buckets[order], starts.astype(np.int64))
