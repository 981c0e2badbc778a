"""Near-duplicates: no pair by chance, and none missed that an exact search finds."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statestance.corpus.duplicates import pairs

pytest.importorskip("datasketch", reason="needs the train extra")


def grams(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[i : i + 5]) for i in range(max(1, len(words) - 4))}


def exact(texts: list[str], threshold: float) -> set[tuple[int, int]]:
    sets = [grams(t) for t in texts]
    return {
        (a, b)
        for b in range(len(sets))
        for a in range(b)
        if len(sets[a] & sets[b]) / len(sets[a] | sets[b]) >= threshold
    }


def variants(seed: int) -> list[str]:
    """Texts of 30 to 80 words, each with copies in which one to three words are changed."""
    draw, texts = random.Random(seed), []
    for _ in range(12):
        words = [f"w{draw.randrange(400)}" for _ in range(draw.randrange(30, 80))]
        texts.append(" ".join(words))
        for changes in (0, 1, 2, 3):
            copy = words.copy()
            for place in draw.sample(range(len(copy)), changes):
                copy[place] = "changed"
            texts.append(" ".join(copy))
    return texts


@pytest.mark.parametrize("threshold", [0.5, 0.8, 0.9])
@pytest.mark.parametrize("seed", range(3))
def test_finds_what_an_exact_search_finds(seed: int, threshold: float) -> None:
    texts = variants(seed)
    found = {(a, b) for a, b, _ in pairs(texts, threshold=threshold)}
    assert found <= exact(texts, threshold)
    # A pair at the threshold may be missed once in a hundred times.
    assert len(found) >= 0.98 * len(exact(texts, threshold)) > 0


def test_case_space_and_punctuation_do_not_matter() -> None:
    one = "Norland welcomed the clinics, and asked about the schools of the north."
    assert pairs([one, one.upper().replace(" ", "  ").replace(",", "")]) == [(0, 1, 1.0)]


def test_short_and_wordless_texts_are_alike_only_if_equal() -> None:
    assert pairs(["Thank you.", "thank you", "Thanks.", "...", "!!!", "..."]) == [(0, 1, 1.0), (3, 5, 1.0)]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=8))
def test_pairs_are_ordered_and_likeness_is_a_share(texts: list[str]) -> None:
    found = pairs(texts)
    assert all(a < b and 0.8 <= likeness <= 1 for a, b, likeness in found)
    same = {(a, b) for b in range(len(texts)) for a in range(b) if texts[a] == texts[b]}
    assert same <= {(a, b) for a, b, _ in found}
