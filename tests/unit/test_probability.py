"""Probabilities against their plain definitions, and where those would underflow."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from statestance.probability import log_softmax, noisy_or, outcome_of_marks, sigmoid

logit = st.floats(-15, 15)
chance = st.floats(0, 1)


@given(st.lists(st.tuples(logit, logit), min_size=1, max_size=12))
def test_noisy_or_is_one_minus_the_chance_that_no_sentence_carries_the_mark(rows: list[tuple[float, float]]) -> None:
    found = sigmoid(noisy_or(np.array(rows)))
    for column in range(2):
        none = math.prod(1 - 1 / (1 + math.exp(-row[column])) for row in rows)
        assert found[column] == pytest.approx(1 - none, rel=1e-6, abs=1e-12)


@given(st.tuples(logit, logit))
def test_noisy_or_of_one_sentence_is_that_sentence(row: tuple[float, float]) -> None:
    np.testing.assert_allclose(noisy_or(np.array([row])), row, rtol=1e-7, atol=1e-7)


@given(st.lists(st.tuples(logit, logit), min_size=1, max_size=6), st.tuples(logit, logit))
def test_another_sentence_never_takes_from_a_mark(rows: list[tuple[float, float]], more: tuple[float, float]) -> None:
    assert (noisy_or(np.array([*rows, more])) >= noisy_or(np.array(rows)) - 1e-9).all()


def test_noisy_or_stays_finite_at_the_ends() -> None:
    for value in (-1e4, -50.0, 50.0, 1e4):
        assert np.isfinite(noisy_or(np.full((300, 2), value))).all()
    np.testing.assert_allclose(noisy_or(np.full((1, 2), 700.0)), 700.0)
    assert (sigmoid(noisy_or(np.zeros((0, 2)))) < 1e-8).all()


@given(chance, chance)
def test_outcomes_of_marks_are_a_distribution_whose_sides_are_the_marks(praise: float, concern: float) -> None:
    supportive, mixed, critical, none = outcome_of_marks(praise, concern)
    assert min(supportive, mixed, critical, none) >= 0
    assert supportive + mixed + critical + none == pytest.approx(1, abs=1e-12)
    assert supportive + mixed == pytest.approx(praise, abs=1e-12)
    assert critical + mixed == pytest.approx(concern, abs=1e-12)


@pytest.mark.parametrize(("praise", "concern", "outcome"), [(1, 0, 0), (1, 1, 1), (0, 1, 2), (0, 0, 3)])
def test_certain_marks_make_a_certain_outcome(praise: float, concern: float, outcome: int) -> None:
    np.testing.assert_array_equal(outcome_of_marks(praise, concern), np.eye(4)[outcome])


@given(st.lists(st.floats(-700, 700), min_size=2, max_size=5))
def test_log_softmax_sums_to_one_and_keeps_differences(row: list[float]) -> None:
    found = log_softmax(np.array([row, row]))
    np.testing.assert_allclose(np.exp(found).sum(axis=-1), 1, rtol=1e-12)
    np.testing.assert_allclose(found[0] - found[0][0], np.array(row) - row[0], atol=1e-9)


def test_log_softmax_of_single_precision_is_computed_in_double() -> None:
    assert log_softmax(np.array([1e4, 0.0], dtype=np.float32)).dtype == np.float64


@given(st.floats(-700, 700))
def test_sigmoid_is_the_logistic_function_and_never_overflows(x: float) -> None:
    expected = 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))
    with np.errstate(all="raise", under="ignore"):
        assert float(sigmoid(np.array(x))) == pytest.approx(expected, rel=1e-9)
