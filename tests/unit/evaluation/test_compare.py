"""Two models on the same rows: the difference, and whether it is more than chance."""

from __future__ import annotations

import pytest

import model_parts
from statestance.domain import StatestanceError
from statestance.evaluation import Outcomes, of_predictions
from statestance.evaluation.compare import Difference, difference
from statestance.evaluation.measure import measure


def _outcomes(wrong: set[int], count: int = 120, debates: int = 12) -> Outcomes:
    rows = [model_parts.labelled(n, n % 3, debate=f"d{n // 3 % debates}") for n in range(count)]
    answers = [(r.outcome + 1) % 3 if n in wrong else r.outcome for n, r in enumerate(rows)]
    return of_predictions(
        rows, [model_parts.answered(r, model_parts.sure(a)) for r, a in zip(rows, answers, strict=True)]
    )


def test_a_model_differs_from_itself_by_exactly_nothing() -> None:
    one = _outcomes(set(range(0, 120, 5)))
    found = difference(one, one, resamples=300, seed=2)
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)
    assert not found.significant


def test_a_plainly_worse_model_is_told_from_the_best() -> None:
    good, bad = _outcomes(set(range(0, 120, 20))), _outcomes(set(range(0, 120, 2)))
    down, up = difference(bad, good, resamples=300, seed=2), difference(good, bad, resamples=300, seed=2)
    assert down.significant and up.significant
    assert down.low <= down.value <= down.high < 0
    assert (up.value, up.low, up.high) == pytest.approx((-down.value, -down.high, -down.low))
    points = [measure(o, resamples=100, seed=1)["headline"]["macro_f1"]["value"] for o in (bad, good)]
    assert down.value == pytest.approx(points[0] - points[1], abs=1e-4)


def test_errors_of_one_debate_alone_do_not_make_a_difference() -> None:
    one, other = _outcomes({0, 1, 36, 37}), _outcomes({3, 4, 39, 40})
    found = difference(one, other, resamples=400, seed=2)
    assert found.low < 0 < found.high and not found.significant


def test_the_interval_repeats_for_a_seed() -> None:
    one, other = _outcomes(set(range(0, 120, 5))), _outcomes(set(range(1, 120, 7)))
    assert difference(one, other, resamples=200, seed=3) == difference(one, other, resamples=200, seed=3)
    assert difference(one, other, resamples=200, seed=3) != difference(one, other, resamples=200, seed=4)


def test_models_measured_on_other_rows_are_not_compared() -> None:
    with pytest.raises(StatestanceError, match="expected two models measured on the same rows"):
        difference(_outcomes(set(), 120), _outcomes(set(), 117), resamples=100, seed=1)


@pytest.mark.parametrize(
    ("low", "high", "significant"), [(-0.2, -0.1, True), (0.1, 0.2, True), (-0.1, 0.1, False), (0.0, 0.1, False)]
)
def test_a_difference_is_significant_where_its_interval_excludes_zero(
    low: float, high: float, significant: bool
) -> None:
    assert Difference((low + high) / 2, low, high).significant is significant
