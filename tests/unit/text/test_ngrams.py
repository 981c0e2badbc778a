"""Hashed n-grams: the same for a sentence wherever it stands, and made of its words in their order."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from statestance.text.ngrams import BUCKETS, hashed

IDS = st.lists(st.integers(0, 30_521), max_size=30)


def _of(sentence: list[int]) -> list[int]:
    return hashed([sentence]).buckets.tolist()


@given(st.lists(IDS, max_size=8))
def test_a_sentence_has_its_own_ngrams_whatever_stands_around(sentences: list[list[int]]) -> None:
    grams = hashed(sentences)
    assert len(grams.starts) == len(sentences) + 1
    for number, sentence in enumerate(sentences):
        assert grams.buckets[grams.starts[number] : grams.starts[number + 1]].tolist() == _of(sentence)


@given(IDS)
def test_one_two_and_three_tokens_with_the_edges(sentence: list[int]) -> None:
    """n tokens, n + 1 pairs with both edges, n triples."""
    found = _of(sentence)
    assert len(found) == 3 * len(sentence) + 1
    assert all(0 <= bucket < BUCKETS for bucket in found)


def test_the_order_and_the_edges_count() -> None:
    assert set(_of([5, 9])) != set(_of([9, 5]))
    first, last = set(_of([7, 8])), set(_of([8, 7, 8]))
    assert not first <= last, "7 begins only the first"


def test_buckets_are_used_evenly() -> None:
    """20,000 n-grams of different tokens in 262,144 buckets: about 7 % meet another."""
    grams = hashed([[n] for n in range(5_000)])
    expected = BUCKETS * (1 - (1 - 1 / BUCKETS) ** len(grams.buckets))
    assert abs(len(np.unique(grams.buckets)) - expected) < 0.02 * expected
