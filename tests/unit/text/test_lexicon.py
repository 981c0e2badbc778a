"""The lexicon's scores of a text, its worst and its best sentence."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from statestance.domain import StatestanceError
from statestance.text import lexicon
from statestance.text.lexicon import lexicon_features


def test_features_are_of_the_text_its_worst_and_its_best_sentence() -> None:
    good, bad = "Orvania won great praise.", "It was a terrible failure."
    (both,), (first,), (second,) = (lexicon_features([t]) for t in (f"{good} {bad}", good, bad))
    assert second[0] < 0 < first[0]
    np.testing.assert_array_equal(both[1:], [second[0], first[0]])
    np.testing.assert_array_equal(first, [first[0]] * 3)
    assert second[0] < both[0] < first[0]


def test_each_text_has_its_row_and_an_empty_one_is_neutral() -> None:
    rows = lexicon_features(["A happy day.", "", "A horrible crime."])
    assert rows.shape == (3, 3)
    assert rows[0, 0] > 0 > rows[2, 0]
    np.testing.assert_array_equal(rows[1], 0)
    assert lexicon_features([]).shape == (0, 3)


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    lexicon._analyser.cache_clear()
    monkeypatch.setitem(sys.modules, "vaderSentiment.vaderSentiment", None)
    with pytest.raises(StatestanceError, match=r"statestance\[baselines\]"):
        lexicon_features(["A happy day."])
