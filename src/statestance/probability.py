"""The probabilities of marks and outcomes: logits, noisy-or, and the outcome that two marks make."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def sigmoid(x: npt.NDArray[Any]) -> FloatArray:
    result: FloatArray = np.exp(-np.logaddexp(0.0, -x))
    return result


def log_softmax(logits: npt.NDArray[Any]) -> FloatArray:
    """Log-probabilities over the last axis."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    result: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def noisy_or(sentence_logits: FloatArray) -> FloatArray:
    """Logits (2,) that a text praises / voices concern, from those of its sentences (S, 2).

    P(any) = 1 - prod(1 - p_s) (Pearl 1988), with softplus for -log(1 - p_s), so that nothing underflows.
    """
    if not len(sentence_logits):
        return np.full(2, -20.0)
    none = np.maximum(np.logaddexp(0.0, sentence_logits).sum(axis=0), 1e-12)
    result: FloatArray = none + np.log(-np.expm1(-none))
    return result


def outcome_of_marks(praise: float, concern: float) -> FloatArray:
    """Probabilities (4,) of ``stance.OUTCOMES`` from those of the two marks, independent given the text."""
    return np.array([praise * (1 - concern), praise * concern, (1 - praise) * concern, (1 - praise) * (1 - concern)])
