"""Raw scores → calibrated probabilities → stance or abstention; the only place where that is done.

Evaluation, command line and server all come through here, so they give one answer.
"""

from __future__ import annotations

import math

import numpy as np

from statestance.bundle import Doubt, Manifest, MarkScaling, Temperature
from statestance.domain import Intervention, Marks, Prediction, StatestanceError
from statestance.probability import FloatArray, log_softmax, noisy_or, outcome_of_marks, sigmoid
from statestance.stance import OUTCOMES, Stance, decide

NO_STANCE_REASON = "no_stance"
LOW_CONFIDENCE = "low_confidence"


def probabilities(score: FloatArray, calibration: Temperature | MarkScaling) -> FloatArray:
    """Calibrated probabilities (4,) of ``stance.OUTCOMES`` for one text's raw score."""
    if isinstance(calibration, Temperature):
        result: FloatArray = np.exp(log_softmax(score / calibration.temperature))
        return result
    scales = np.array([calibration.praise, calibration.concern])
    praise, concern = sigmoid(scales[:, 0] * noisy_or(score) + scales[:, 1])
    return outcome_of_marks(float(praise), float(concern))


def evidence(score: FloatArray, calibration: MarkScaling, praise: bool, concern: bool) -> Marks:
    """The sentences that show the stance: those over their threshold, at least one for a mark that was found.

    No sentence is shown for a mark that the whole text was found not to carry, so that
    ``decide`` over the evidence always gives the stance.
    """
    found: list[tuple[int, ...]] = []
    for column, present in enumerate((praise, concern)):
        scores = sigmoid(score[:, column]) if len(score) else np.zeros(0)
        over = np.flatnonzero(scores >= calibration.sentence_thresholds[column])
        if present and not len(over):
            over = np.array([int(scores.argmax())])
        found.append(tuple(int(i) for i in over) if present else ())
    return Marks(*found)


def doubt_of(manifest: Manifest) -> Doubt:
    """What the bundle knows of its own doubt; raise ``StatestanceError`` if it was exported before there was such."""
    if manifest.doubt is None:
        raise StatestanceError(
            "expected a model that holds conformal scores and the mix it learned from (`doubt` in its manifest); "
            f"found none in the model {manifest.name!r}; export the model again"
        )
    return manifest.doubt


def set_threshold(doubt: Doubt, coverage: float) -> float:
    """The probability from which an outcome belongs to a prediction set that holds the label at rate ``coverage``.

    Split conformal prediction: of n rows of dev the score of rank ceil((n + 1) x coverage) counts. The rate is
    over texts like those rows, on average over such dev sides; with too few rows for it every outcome belongs.
    """
    if not 0 < coverage < 1:
        raise StatestanceError(f"expected a coverage between 0 and 1; found {coverage}; give, say, 0.9")
    # The slack keeps 0.9 x 10 from being taken for 10.
    rank = math.ceil((len(doubt.scores) + 1) * coverage - 1e-9)
    return 1.0 - doubt.scores[rank - 1] - 1e-9 if rank <= len(doubt.scores) else 0.0


def prediction_set(chances: FloatArray, doubt: Doubt, coverage: float) -> tuple[str, ...]:
    """The outcomes that cannot be ruled out, likeliest first; none where no outcome is as likely as labels are."""
    likeliest = np.argsort(-chances, kind="stable")
    return tuple(OUTCOMES[i] for i in likeliest if chances[i] >= set_threshold(doubt, coverage))


def conclude(
    intervention: Intervention, score: FloatArray, manifest: Manifest, coverage: float | None = None
) -> Prediction:
    """Turn the raw score of one intervention into its prediction; with a ``coverage`` it holds a prediction set."""
    chances = probabilities(score, manifest.calibration)
    best = int(chances.argmax())
    stance = Stance(OUTCOMES[best]) if best < len(Stance) else None
    marks = None
    if isinstance(manifest.calibration, MarkScaling) and len(score):
        praise, concern = (
            stance in (Stance.SUPPORTIVE, Stance.MIXED),
            stance in (Stance.CRITICAL, Stance.MIXED),
        )
        marks = evidence(score, manifest.calibration, praise, concern)
        assert decide(bool(marks.praise), bool(marks.concern)) == stance
    reason = "" if stance else NO_STANCE_REASON
    confidence = float(chances[best])
    if stance and confidence < manifest.min_confidence:
        stance, reason = None, LOW_CONFIDENCE
    supportive, mixed, critical, none = (float(p) for p in chances)
    given = (supportive, mixed, critical, none)
    possible = () if coverage is None else prediction_set(chances, doubt_of(manifest), coverage)
    return Prediction(intervention, stance, confidence, given, marks, reason, possible)
