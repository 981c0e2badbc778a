"""Figures against scikit-learn and against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, log_loss, matthews_corrcoef, precision_recall_fscore_support

import model_parts
from statestance.domain import Marks
from statestance.evaluation import figures, of_predictions
from statestance.evaluation.measure import Outcomes, sums

chances = st.lists(st.floats(0.02, 1), min_size=4, max_size=4).map(lambda row: [c / sum(row) for c in row])
answers = st.lists(st.tuples(st.integers(0, 3), chances, st.integers(0, 3), st.booleans()), min_size=1, max_size=40)
Answers = list[tuple[int, list[float], int, bool]]


def _outcomes(given_answers: Answers) -> Outcomes:
    rows = [model_parts.labelled(n, g, debate=f"d{d}") for n, (g, _, d, _) in enumerate(given_answers)]
    reasons = ["low_confidence" if low and int(np.argmax(c)) < 3 else "" for _, c, _, low in given_answers]
    return of_predictions(
        rows,
        [model_parts.answered(r, a[1], reason=why) for r, a, why in zip(rows, given_answers, reasons, strict=True)],
    )


def _point(outcomes: Outcomes) -> dict[str, float]:
    by_debate = sums(outcomes)
    everything = by_debate.drawn(np.ones((1, by_debate.confusion.shape[0])))
    return {name: float(value[0]) for name, value in figures.headline(everything).items()}


@pytest.mark.filterwarnings("ignore")
@given(answers)
@settings(max_examples=120, deadline=None)
def test_headline_figures_are_those_of_scikit_learn(given_answers: Answers) -> None:
    outcomes = _outcomes(given_answers)
    found, gold = _point(outcomes), np.array([g for g, _, _, _ in given_answers])
    table = np.array([c for _, c, _, _ in given_answers])
    answer, on = table.argmax(axis=1), gold < 3
    close = {"abs": 1e-9}
    assert found["macro_f1_4"] == pytest.approx(
        f1_score(gold, answer, labels=range(4), average="macro", zero_division=0.0), **close
    )
    assert found["accuracy_4"] == pytest.approx(accuracy_score(gold, answer), **close)
    assert found["mcc"] == pytest.approx(matthews_corrcoef(gold, answer), **close)
    assert found["log_loss"] == pytest.approx(log_loss(gold, table, labels=range(4)), **close)
    if on.any():
        on_stances = f1_score(gold[on], answer[on], labels=range(3), average="macro", zero_division=0.0)
        assert found["macro_f1"] == pytest.approx(on_stances, **close)
        assert found["accuracy"] == pytest.approx(accuracy_score(gold[on], answer[on]), **close)
    else:
        assert found["macro_f1"] == found["accuracy"] == 0


@pytest.mark.filterwarnings("ignore")
@given(answers)
@settings(deadline=None)
def test_figures_of_each_class_are_those_of_scikit_learn(given_answers: Answers) -> None:
    outcomes = _outcomes(given_answers)
    found = figures.class_figures(sums(outcomes).confusion.sum(axis=0))
    expected = precision_recall_fscore_support(outcomes.gold, outcomes.answer, labels=range(4), zero_division=0.0)
    for name, values in zip(("precision", "recall", "f1"), expected, strict=False):
        np.testing.assert_allclose(found[name], values, atol=1e-12)


@given(answers)
@settings(deadline=None)
def test_brier_calibration_error_and_coverage_are_as_defined(given_answers: Answers) -> None:
    found = _point(_outcomes(given_answers))
    brier, bins = 0.0, dict[int, list[tuple[float, bool]]]()
    kept: list[bool] = []
    for gold, row, _, low in given_answers:
        brier += sum((p - (n == gold)) ** 2 for n, p in enumerate(row))
        best = row.index(max(row))
        bins.setdefault(min(int(max(row) * 15), 14), []).append((max(row), best == gold))
        if best == 3 or not low:
            kept.append(best == gold)
    n = len(given_answers)
    gaps = [abs(sum(c for c, _ in b) - sum(ok for _, ok in b)) for b in bins.values()]
    assert found["brier"] == pytest.approx(brier / n, abs=1e-9)
    assert found["ece"] == pytest.approx(sum(gaps) / n, abs=1e-9)
    assert found["coverage"] == pytest.approx(len(kept) / n)
    assert found["accuracy_answered"] == pytest.approx(sum(kept) / len(kept) if kept else 0.0)


def test_no_stance_for_a_stance_is_a_miss_and_a_stance_for_none_costs_the_four_outcomes_alone() -> None:
    def point(pairs: list[tuple[int, int]]) -> dict[str, float]:
        return _point(_outcomes([(g, model_parts.sure(a), 0, False) for g, a in pairs]))

    right = [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert (point(right)["macro_f1"], point(right)["macro_f1_4"]) == (1, 1)
    missed = point([*right, (0, 3)])
    assert missed["accuracy"] == pytest.approx(3 / 4) and missed["macro_f1"] == pytest.approx((2 / 3 + 2) / 3)
    invented = point([*right, (3, 0)])
    assert invented["macro_f1"] == 1 and invented["macro_f1_4"] < 1


def test_a_draw_counts_a_debate_as_often_as_it_was_drawn() -> None:
    first = [(0, model_parts.sure(0), 0, False), (1, model_parts.sure(2), 0, False)]
    second = [(2, model_parts.sure(2), 1, False)]
    by_debate = sums(_outcomes(first + second))
    drawn = figures.headline(by_debate.drawn(np.array([[2.0, 1.0], [0.0, 2.0]])))
    for place, repeated in enumerate((first + first + second, second + second)):
        expected = _point(_outcomes(repeated))
        assert {k: float(v[place]) for k, v in drawn.items()} == pytest.approx(expected)


def test_resamples_draw_whole_debates_as_many_as_there_are_the_same_for_a_seed() -> None:
    weights = figures.resamples(12, 400, 3)
    assert weights.shape == (400, 12)
    assert (weights.sum(axis=1) == 12).all() and (weights == weights.astype(int)).all()
    assert (weights.max(axis=1) > 1).all()
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.25)
    np.testing.assert_array_equal(weights, figures.resamples(12, 400, 3))
    assert (weights != figures.resamples(12, 400, 4)).any()


def test_the_interval_leaves_a_fortieth_on_each_side() -> None:
    assert figures.interval(np.arange(1001.0)) == (25.0, 975.0)


def test_evidence_f1_is_that_of_scikit_learn_over_sentences() -> None:
    pairs = [
        (Marks((0, 2), ()), Marks((0,), (1,))),
        (Marks((), (1,)), Marks((2,), (1,))),
        (Marks((1,), (0, 2)), Marks((1,), (0,))),
    ]
    rows = [model_parts.labelled(n, 0, marks=gold) for n, (gold, _) in enumerate(pairs)]
    outcomes = of_predictions(
        rows, [model_parts.answered(r, model_parts.sure(0), marks=m) for r, (_, m) in zip(rows, pairs, strict=True)]
    )
    found = figures.mark_figures(sums(outcomes).drawn(np.ones((1, 1))))
    for kind in ("praise", "concern"):
        gold, answer = ([i in getattr(pair[n], kind) for pair in pairs for i in range(3)] for n in (0, 1))
        assert float(found[f"{kind}_f1"][0]) == pytest.approx(f1_score(gold, answer))
