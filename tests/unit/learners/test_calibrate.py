"""What is learned on dev: honest probabilities, evidence thresholds, and when to abstain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import model_parts
from statestance.bundle import MarkScaling, Temperature
from statestance.corpus import Labelled
from statestance.domain import Marks
from statestance.learners import calibrate
from statestance.predict.decision import conclude, probabilities, set_threshold
from statestance.probability import FloatArray, log_softmax, outcome_of_marks, sigmoid


def _drawn(count: int, seed: int) -> tuple[FloatArray, list[int]]:
    """Log-probabilities, and outcomes drawn by them."""
    chance = np.random.default_rng(seed)
    true = log_softmax(chance.normal(scale=1.5, size=(count, 4)))
    return true, [int(chance.choice(4, p=np.exp(row))) for row in true]


def _rows(gold: list[int], target: str = "Vellmora") -> list[Labelled]:
    rows = [model_parts.labelled(n, outcome) for n, outcome in enumerate(gold)]
    return [replace(r, intervention=replace(r.intervention, target=target)) for r in rows]


def _loss(scores: Any, gold: list[int], calibration: Temperature | MarkScaling) -> float:
    return -float(np.mean([np.log(probabilities(s, calibration)[g]) for s, g in zip(scores, gold, strict=True)]))


@pytest.mark.parametrize("factor", [3.0, 0.3], ids=["overconfident", "underconfident"])
def test_temperature_undoes_a_distortion_and_lowers_the_loss_on_other_data(factor: float) -> None:
    (dev, dev_gold), (held, held_gold) = _drawn(1500, 1), _drawn(1500, 2)
    found = calibrate.temperature(list(log_softmax(dev * factor)), _rows(dev_gold))
    assert found.temperature == pytest.approx(factor, rel=0.12)
    distorted = log_softmax(held * factor)
    assert _loss(distorted, held_gold, found) < _loss(distorted, held_gold, Temperature()) - 0.02
    assert _loss(distorted, held_gold, found) == pytest.approx(_loss(held, held_gold, Temperature()), abs=0.01)


def test_a_small_perfect_dev_side_does_not_make_certainty() -> None:
    scores = [np.log(np.array(model_parts.sure(n % 4))) for n in range(8)]
    found = calibrate.temperature(scores, _rows([n % 4 for n in range(8)]))
    assert 0.1 < found.temperature < 1


def _marked(count: int, seed: int) -> tuple[list[FloatArray], list[Any], list[int]]:
    """Overconfident logits of one to four sentences, and the labels that their true chances made."""
    chance = np.random.default_rng(seed)
    scores, rows, gold = [], [], []
    for number in range(count):
        true = chance.normal(loc=-1.5, scale=2, size=(int(chance.integers(1, 5)), 2))
        found = chance.random(true.shape) < sigmoid(true)
        praise, concern = (tuple(np.flatnonzero(found[:, c]).tolist()) for c in range(2))
        outcome = int(outcome_of_marks(bool(praise), bool(concern)).argmax())
        scores.append(true * 3 + 1)
        rows.append(model_parts.labelled(number, outcome, marks=Marks(praise, concern)))
        gold.append(outcome)
    return scores, rows, gold


def test_mark_scaling_lowers_the_loss_on_other_data() -> None:
    (scores, rows, _), (held, _, gold) = _marked(500, 1), _marked(500, 2)
    found = calibrate.mark_scaling(scores, rows)
    assert found.praise[0] < 0.7 and found.concern[0] < 0.7
    assert _loss(held, gold, found) < _loss(held, gold, MarkScaling()) - 0.1


def test_the_marks_are_scaled_each_by_its_own_labels() -> None:
    chance = np.random.default_rng(4)
    document = chance.normal(scale=3, size=(400, 2))
    carried = chance.random((400, 2)) < sigmoid(document * [1.0, 0.25])
    outcomes = [int(outcome_of_marks(p, c).argmax()) for p, c in carried.astype(float)]
    rows = [model_parts.labelled(n, o) for n, o in enumerate(outcomes)]
    found = calibrate.mark_scaling([row[None, :] for row in document], rows)
    assert found.praise[0] == pytest.approx(1.0, rel=0.3)
    assert found.concern[0] == pytest.approx(0.25, rel=0.3)
    assert found.sentence_thresholds == (0.5, 0.5)


def test_evidence_thresholds_part_the_sentences_of_dev() -> None:
    high, low = np.log(0.75 / 0.25), np.log(0.6 / 0.4)
    scores = [np.array([[high, -high], [low, -low], [-9.0, -9.0]])] * 10
    rows = [model_parts.labelled(n, 1, marks=Marks((0,), (1,))) for n in range(10)]
    praise, concern = calibrate.mark_scaling(scores, rows).sentence_thresholds
    assert 0.6 < praise <= 0.75
    assert 0.25 < concern <= 0.4


def test_without_any_marked_sentence_the_threshold_stays_in_the_middle() -> None:
    scores = [np.array([[-1.0, -1.0]])] * 5
    rows = [model_parts.labelled(n, 3, marks=Marks()) for n in range(5)]
    assert calibrate.mark_scaling(scores, rows).sentence_thresholds == (0.5, 0.5)


def _least(pairs: list[tuple[float, bool]], precision: float) -> tuple[float, list[bool]]:
    """The threshold for answers "supportive" of these confidences, and which answers it keeps right or wrong."""
    rows = [model_parts.labelled(n, 0 if right else 2) for n, (_, right) in enumerate(pairs)]
    scores = [np.log(np.array(model_parts.sure(0, c))) for c, _ in pairs]
    least = calibrate.min_confidence(model_parts.manifest(min_confidence=0.99), rows, scores, precision)
    manifest = model_parts.manifest(min_confidence=least)
    served = [conclude(r.intervention, s, manifest) for r, s in zip(rows, scores, strict=True)]
    return least, [ok for p, (_, ok) in zip(served, pairs, strict=True) if p.stance]


def test_nothing_is_turned_away_where_all_stances_reach_the_rate() -> None:
    least, kept = _least([(0.9, True), (0.8, True), (0.7, True), (0.6, False)], 0.75)
    assert least == 0 and len(kept) == 4


def test_the_threshold_is_the_least_that_reaches_the_rate() -> None:
    pairs = [(0.95, True), (0.9, False), (0.85, True), (0.8, True), (0.7, False), (0.6, False)]
    least, kept = _least(pairs, 0.75)
    assert least == pytest.approx(0.8, abs=1e-6) and kept == [True, False, True, True]


def test_where_no_threshold_reaches_the_rate_the_closest_is_taken() -> None:
    least, kept = _least([(0.9, False), (0.8, True), (0.7, True), (0.6, False)], 0.95)
    assert least == pytest.approx(0.7, abs=1e-6) and kept == [False, True, True]


def test_answers_of_one_confidence_stand_and_fall_together() -> None:
    least, kept = _least([(0.9, True), (0.8, True), (0.8, False), (0.8, False), (0.6, False)], 0.9)
    assert kept == [True] and least == pytest.approx(0.9, abs=1e-6)


def test_a_model_that_is_always_equally_sure_is_not_silenced() -> None:
    """Two thirds round up to 0.666667, above every confidence there is."""
    least, kept = _least([(2 / 3, n % 3 > 0) for n in range(9)], 0.95)
    assert least == 0 and len(kept) == 9


@given(st.lists(st.tuples(st.sampled_from([0.4, 0.5, 2 / 3, 0.7, 5 / 7, 0.9]), st.booleans()), min_size=1, max_size=12))
def test_what_is_kept_reaches_the_rate_or_no_threshold_does(pairs: list[tuple[float, bool]]) -> None:
    _, kept = _least(pairs, 0.75)
    cuts = [[ok for c, ok in pairs if c >= least] for least in {c for c, _ in pairs}]
    rates = {len(cut): sum(cut) / len(cut) for cut in cuts}
    reached = [size for size, rate in rates.items() if rate >= 0.75]
    if reached:
        assert len(kept) == max(reached)
    else:
        assert sum(kept) / len(kept) == max(rates.values())


def test_answers_without_a_stance_do_not_count() -> None:
    rows = [model_parts.labelled(n, 3) for n in range(4)]
    scores = [np.log(np.array(model_parts.sure(3)))] * 4
    assert calibrate.min_confidence(model_parts.manifest(), rows, scores, 0.9) == 0.0


def test_real_and_written_rows_weigh_alike_where_there_are_enough_real_ones() -> None:
    rows = _rows([0] * 300) + _rows([0] * 100, "Ghana")
    found = calibrate.weights(rows)
    assert found[:300].sum() == pytest.approx(found[300:].sum()) and found.mean() == pytest.approx(1)
    assert calibrate.real(rows).tolist() == [False] * 300 + [True] * 100
    few = rows[:-1]
    assert (calibrate.weights(few) == 1).all() and calibrate.real(few).all()


def test_calibration_leans_on_the_real_rows() -> None:
    """Written rows that need no calibration outnumber real ones whose logits are three times too large."""
    (easy, easy_gold), (hard, hard_gold) = _drawn(1200, 3), _drawn(200, 4)
    scores = [*easy, *log_softmax(hard * 3)]
    alike = calibrate.temperature(scores, _rows(easy_gold + hard_gold)).temperature
    leaning = calibrate.temperature(scores, _rows(easy_gold) + _rows(hard_gold, "Ghana")).temperature
    assert leaning > alike * 1.15


def test_abstention_is_learned_on_the_real_rows() -> None:
    """All written answers are right; of the real ones those under 0.8 are wrong."""
    rows = _rows([0] * 300) + _rows([0] * 60 + [2] * 60, "Ghana")
    sure = [0.7] * 300 + [0.8] * 60 + [0.6] * 60
    scores = [np.log(np.array(model_parts.sure(0, c))) for c in sure]
    least = calibrate.min_confidence(model_parts.manifest(), rows, scores, 0.9)
    assert least == pytest.approx(0.8, abs=1e-6)


@pytest.mark.parametrize("count", [150, 1300])
def test_prediction_sets_cover_at_the_rate_asked(count: int) -> None:
    """On other rows of the same kind, on average over dev sides; scores over 1,000 are thinned without losing rank."""
    held, gold = _drawn(3000, 99)
    rates, asked = [], (0.5, 0.8, 0.9, 0.95)
    for seed in range(8):
        dev, dev_gold = _drawn(count, seed)
        found = calibrate.doubt(model_parts.manifest(), _rows(dev_gold), list(dev))
        assert len(found.scores) == min(count, 1000)
        chances = np.exp(held)[np.arange(len(gold)), gold]
        rates.append([(chances >= set_threshold(found, coverage)).mean() for coverage in asked])
    assert np.mean(rates, axis=0) == pytest.approx(asked, abs=0.02)


def test_scores_come_from_the_real_rows_alone() -> None:
    rows = _rows([0] * 500) + _rows([0] * 100, "Ghana")
    scores = [np.log(np.array(model_parts.sure(0, c))) for c in [0.99] * 500 + [0.6] * 100]
    assert calibrate.doubt(model_parts.manifest(), rows, scores).scores == pytest.approx([0.4] * 100, abs=2e-6)


def test_rates_and_shares_are_those_of_the_answers() -> None:
    gold, answers = [0, 0, 0, 0, 1, 1, 2], [0, 0, 0, 1, 1, 1, 0]
    scores = [np.log(np.array(model_parts.sure(a))) for a in answers]
    found = calibrate.doubt(model_parts.manifest(), _rows(gold), scores)
    assert found.rates == ((0.75, 0.25, 0, 0), (0, 1, 0, 0), (1, 0, 0, 0), (0, 0, 0, 1))
    assert found.shares == pytest.approx([4.5 / 9, 2.5 / 9, 1.5 / 9, 0.5 / 9], abs=1e-5)


def _first(firsts: list[float], right: list[bool], sources: list[str], cost: float) -> float | None:
    """The share of texts that a first pass answers which says "supportive" to all, with these logits of praise, beside
    an encoder that is always right."""
    rows = [
        model_parts.labelled(n, 0 if ok else 2, source=source)
        for n, (ok, source) in enumerate(zip(right, sources, strict=True))
    ]
    scores = [np.array([[9.0, -9.0]]) if ok else np.array([[-9.0, 9.0]]) for ok in right]
    quick = [np.array([[x, -9.0]]) for x in firsts]
    found = calibrate.first_pass(model_parts.manifest("sentence", "onnx"), rows, scores, quick, cost)
    if found is None:
        return None
    assert found.concern[0] > 0
    logits = [
        np.array([[x * found.praise[0] + found.praise[1], -9.0 * found.concern[0] + found.concern[1]]]) for x in firsts
    ]
    taken = [probabilities(z, MarkScaling()).max() >= found.sure for z in logits]
    return sum(taken) / len(taken)


def test_the_first_pass_answers_all_where_it_costs_nothing() -> None:
    assert _first([6.0, 5.0, 4.0, 3.0] * 10, [True] * 40, ["a"] * 40, 0.0) == 1.0


def test_the_first_pass_stops_where_it_would_be_wrong_more_often_than_the_encoder() -> None:
    firsts = [6.0 - n / 20 for n in range(80)]
    right = [True] * 60 + [False] * 20
    share = _first(firsts, right, ["a"] * 80, 0.0)
    assert share == pytest.approx(0.75, abs=0.02)
    assert (_first(firsts, right, ["a"] * 80, 0.1) or 0) > 0.8


def test_no_source_pays_for_another() -> None:
    """Where the first pass is wrong on one source it stops there, however right it is on the other."""
    firsts = [6.0 - n / 20 for n in range(80)]
    right = [n % 2 == 0 for n in range(80)]
    assert _first(firsts, right, ["a" if ok else "b" for ok in right], 0.0) == pytest.approx(1 / 80)


def test_without_a_text_for_it_there_is_no_first_pass() -> None:
    rows = [model_parts.labelled(0, 0)]
    manifest = model_parts.manifest("sentence", "onnx")
    assert calibrate.first_pass(manifest, rows, [np.array([[9.0, -9.0]])], [np.zeros((0, 2))], 0.0) is None
