"""Raw scores → calibrated probabilities → stance or abstention; the only place where that is done.

Evaluation, command line and server all come through here, so they give one answer.
"""

from __future__ import annotations

import numpy as np

from statestance.bundle import Manifest, MarkScaling, Temperature
from statestance.domain import Intervention, Marks, Prediction
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


def conclude(intervention: Intervention, score: FloatArray, manifest: Manifest) -> Prediction:
    """Turn the raw score of one intervention into its prediction."""
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
    return Prediction(intervention, stance, confidence, (supportive, mixed, critical, none), marks, reason)
