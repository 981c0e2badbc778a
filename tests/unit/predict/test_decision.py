"""From raw scores to the answer that is served: calibration, evidence, abstention."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import model_parts
from statestance.bundle import Doubt, MarkScaling, Temperature
from statestance.domain import Intervention, Marks, StatestanceError
from statestance.predict.decision import conclude, evidence, prediction_set, probabilities, set_threshold
from statestance.probability import FloatArray
from statestance.stance import OUTCOMES, Stance, decide

ONE = Intervention("i", "Orvania praised the law.")
logit = st.floats(-30, 30)
scores = st.lists(st.tuples(logit, logit), min_size=1, max_size=8).map(lambda rows: np.array(rows))
side = st.tuples(st.floats(0.01, 20), st.floats(-10, 10))
calibrations = st.builds(
    MarkScaling, praise=side, concern=side, sentence_thresholds=st.tuples(st.floats(0, 1), st.floats(0, 1))
)


def _log(*chances: float) -> FloatArray:
    return np.log(np.array(chances))


@given(scores, calibrations, st.sampled_from([0.0, 0.6, 0.9]))
@settings(max_examples=300)
def test_the_evidence_always_makes_the_likeliest_outcome(
    score: FloatArray, calibration: MarkScaling, least: float
) -> None:
    manifest = model_parts.manifest("sentence", calibration=calibration, min_confidence=least)
    found = conclude(ONE, score, manifest)
    assert found.marks is not None
    assert sum(found.probabilities) == pytest.approx(1, abs=1e-9)
    assert found.confidence == max(found.probabilities)
    shown = decide(bool(found.marks.praise), bool(found.marks.concern))
    assert OUTCOMES[int(np.argmax(found.probabilities))] == (shown or "none")
    if shown and found.confidence < least:
        assert (found.stance, found.abstain_reason) == (None, "low_confidence")
    else:
        assert (found.stance, found.abstain_reason) == (shown, "" if shown else "no_stance")
    assert all(0 <= i < len(score) for i in (*found.marks.praise, *found.marks.concern))


def test_evidence_is_every_sentence_from_its_threshold_on() -> None:
    score = np.array([[2.0, -3.0], [0.0, 1.0], [-2.0, 0.4]])
    scaling = MarkScaling(sentence_thresholds=(0.5, 0.6))
    assert evidence(score, scaling, True, True) == Marks((0, 1), (1,))
    assert evidence(score, scaling, False, True) == Marks((), (1,))
    assert evidence(score, scaling, True, False) == Marks((0, 1), ())


def test_a_mark_without_a_sentence_over_the_threshold_shows_its_likeliest() -> None:
    score = np.array([[-1.0, -9.0], [-0.5, -9.0], [-0.7, -9.0]])
    assert evidence(score, MarkScaling(sentence_thresholds=(0.9, 0.9)), True, False) == Marks((1,), ())


def test_weak_sentences_together_make_a_stance() -> None:
    one, many = (conclude(ONE, np.array([[-0.5, -9.0]] * n), model_parts.manifest("sentence")) for n in (1, 3))
    assert one.abstain_reason == "no_stance"
    assert many.stance is Stance.SUPPORTIVE and many.marks == Marks((0,), ())


def test_mark_scaling_scales_and_shifts_the_logit_of_each_mark() -> None:
    found = probabilities(np.array([[1.0, -2.0]]), MarkScaling(praise=(2.0, -1.0), concern=(0.5, 3.0)))
    praise, concern = 1 / (1 + np.exp(-1.0)), 1 / (1 + np.exp(-2.0))
    expected = [praise * (1 - concern), praise * concern, (1 - praise) * concern, (1 - praise) * (1 - concern)]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@given(st.lists(st.floats(-10, 10), min_size=4, max_size=4), st.floats(0.1, 20))
def test_temperature_keeps_the_order_and_draws_towards_even(row: list[float], heat: float) -> None:
    plain, found = (probabilities(np.array(row), Temperature(temperature=t)) for t in (1.0, heat))
    assert found.sum() == pytest.approx(1, abs=1e-9)
    np.testing.assert_allclose(np.log(found[0]) - np.log(found[1:]), (row[0] - np.array(row[1:])) / heat, atol=1e-6)
    assert (found.max() <= plain.max() + 1e-12) if heat >= 1 else (found.max() >= plain.max() - 1e-12)


@pytest.mark.parametrize(
    ("chances", "stance", "reason"),
    [
        ((0.8, 0.1, 0.05, 0.05), Stance.SUPPORTIVE, ""),
        ((0.1, 0.8, 0.05, 0.05), Stance.MIXED, ""),
        ((0.05, 0.1, 0.8, 0.05), Stance.CRITICAL, ""),
        ((0.05, 0.1, 0.05, 0.8), None, "no_stance"),
        ((0.6, 0.3, 0.05, 0.05), None, "low_confidence"),
        ((0.1, 0.3, 0.1, 0.5), None, "no_stance"),
    ],
)
def test_whole_text_models_answer_or_say_why_not(
    chances: tuple[float, ...], stance: Stance | None, reason: str
) -> None:
    found = conclude(ONE, _log(*chances), model_parts.manifest(min_confidence=0.7))
    assert (found.stance, found.abstain_reason, found.marks) == (stance, reason, None)
    assert found.intervention is ONE
    np.testing.assert_allclose(found.probabilities, chances, rtol=1e-9)
    assert found.confidence == pytest.approx(max(chances))


def test_a_confidence_at_the_threshold_is_answered() -> None:
    even = conclude(ONE, _log(0.5, 0.25, 0.125, 0.125), model_parts.manifest())
    for least, stance in ((even.confidence, Stance.SUPPORTIVE), (np.nextafter(even.confidence, 1), None)):
        manifest: Any = model_parts.manifest(min_confidence=least)
        assert conclude(ONE, _log(0.5, 0.25, 0.125, 0.125), manifest).stance is stance


def _doubt(scores: Any) -> Doubt:
    return Doubt.model_validate({"scores": sorted(scores), "shares": [0.25] * 4, "rates": np.eye(4).tolist()})


@pytest.mark.parametrize("coverage", [0.6, 0.8, 0.9, 0.95])
def test_prediction_sets_are_those_of_mapie(coverage: float) -> None:
    classification = pytest.importorskip("mapie.classification", reason="mapie is not installed")
    from sklearn.base import BaseEstimator, ClassifierMixin

    class Given(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
        """A classifier that is handed its probabilities."""

        classes_ = np.arange(4)

        def predict_proba(self, chances: FloatArray) -> FloatArray:
            return chances

        def predict(self, chances: FloatArray) -> Any:
            return chances.argmax(axis=1)

        def __sklearn_is_fitted__(self) -> bool:
            return True

    chance = np.random.default_rng(5)
    dev, held = chance.dirichlet(np.full(4, 0.4), 157), chance.dirichlet(np.full(4, 0.4), 400)
    gold = np.array([chance.choice(4, p=row) for row in dev])
    peer = classification.SplitConformalClassifier(Given(), coverage, conformity_score="lac", prefit=True)
    _, theirs = peer.conformalize(dev, gold).predict_set(held)
    doubt = _doubt(1 - dev[np.arange(len(dev)), gold])
    ours = [[o in prediction_set(row, doubt, coverage) for o in OUTCOMES] for row in held]
    np.testing.assert_array_equal(ours, theirs[:, :, 0])


def test_a_set_lists_the_likeliest_first_and_may_be_empty() -> None:
    doubt = _doubt([0.1, 0.2, 0.3, 0.4, 0.7, 0.75, 0.8, 0.85, 0.9])
    assert prediction_set(np.array([0.25, 0.1, 0.6, 0.05]), doubt, 0.6) == ("critical", "supportive")
    assert prediction_set(np.array([0.3, 0.3, 0.2, 0.2]), doubt, 0.4) == ()


def test_a_rate_that_dev_is_too_small_for_rules_nothing_out() -> None:
    doubt = _doubt([0.0] * 9)
    assert set_threshold(doubt, 0.9) > 0.99
    assert prediction_set(np.array([1.0, 0.0, 0.0, 0.0]), doubt, 0.91) == OUTCOMES


@pytest.mark.parametrize("coverage", [0, 1, -0.1, 90, float("nan")])
def test_a_coverage_out_of_range_is_refused(coverage: float) -> None:
    with pytest.raises(StatestanceError, match="expected a coverage between 0 and 1"):
        set_threshold(_doubt([0.5]), coverage)


def test_the_set_is_given_where_it_is_asked_for_and_withheld_stances_have_one_too() -> None:
    manifest = model_parts.manifest(min_confidence=0.9, doubt=_doubt([0.1, 0.3, 0.5, 0.65]))
    score = _log(0.6, 0.36, 0.02, 0.02)
    assert conclude(ONE, score, manifest).prediction_set == ()
    found = conclude(ONE, score, manifest, 0.8)
    assert found.stance is None and found.prediction_set == ("supportive", "mixed")


def test_a_bundle_without_scores_says_so() -> None:
    with pytest.raises(StatestanceError, match=r"holds conformal scores.*export the model again"):
        conclude(ONE, _log(0.7, 0.1, 0.1, 0.1), model_parts.manifest(), 0.9)
