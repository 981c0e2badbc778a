"""Calibration, evidence thresholds and abstention, learned on dev through the serving predictor's raw scores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize, minimize_scalar

from statestance.bundle import Manifest, MarkScaling, Temperature
from statestance.corpus import Labelled
from statestance.predict.decision import conclude
from statestance.probability import FloatArray, log_softmax, noisy_or, sigmoid
from statestance.stance import Stance

# Dev sets are small: a weak pull towards "unchanged" keeps a perfectly separated dev side from making certainty.
_PULL = 1.0


def temperature(scores: Sequence[FloatArray], gold: Sequence[int]) -> Temperature:
    """The temperature that minimises log-loss. ``scores``: N log-probability vectors (4,)."""
    matrix, rows = np.stack(scores), np.arange(len(gold))

    def loss(log_t: float) -> float:
        return float(-log_softmax(matrix / np.exp(log_t))[rows, gold].sum() + _PULL * log_t**2)

    best = minimize_scalar(loss, bounds=(np.log(0.05), np.log(20.0)), method="bounded")
    return Temperature(temperature=round(float(np.exp(best.x)), 6))


def _platt(logits: FloatArray, gold: FloatArray) -> tuple[float, float]:
    """Scale and shift of a logit that minimise log-loss."""

    def loss(x: npt.NDArray[Any]) -> float:
        scaled = np.exp(x[0]) * logits + x[1]
        return float((np.logaddexp(0.0, scaled) - gold * scaled).sum() + _PULL * (x**2).sum())

    found = minimize(loss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    return round(float(np.exp(found.x[0])), 6), round(float(found.x[1]), 6)


def _best_threshold(scores: FloatArray, gold: npt.NDArray[np.bool_]) -> float:
    """The sentence probability from which showing a sentence as evidence gives the best F1."""
    grid = np.linspace(0.2, 0.8, 25)
    hits = [(scores[gold] >= t).sum() for t in grid]
    f1 = [2 * h / max((scores >= t).sum() + gold.sum(), 1) for h, t in zip(hits, grid, strict=True)]
    best = np.flatnonzero(np.isclose(f1, max(f1)))
    # The middle of a plateau is the least tied to this very dev side.
    return round(float(grid[best[len(best) // 2]]), 6)


def mark_scaling(scores: Sequence[FloatArray], rows: Sequence[Labelled]) -> MarkScaling:
    """Platt scaling of both document marks, and the evidence thresholds. ``scores``: N arrays (S, 2)."""
    document = np.stack([noisy_or(s) for s in scores])
    carries = ((Stance.SUPPORTIVE, Stance.MIXED), (Stance.CRITICAL, Stance.MIXED))
    scales, thresholds = [], []
    marked = [(s, r.marks) for s, r in zip(scores, rows, strict=True) if r.marks is not None]
    for column, stances in enumerate(carries):
        scales.append(_platt(document[:, column], np.array([float(r.stance in stances) for r in rows])))
        if not marked:
            thresholds.append(0.5)
            continue
        chances = sigmoid(np.concatenate([s[:, column] for s, _ in marked]))
        gold = [i in (m.praise, m.concern)[column] for s, m in marked for i in range(len(s))]
        thresholds.append(_best_threshold(chances, np.array(gold, dtype=bool)))
    return MarkScaling(praise=scales[0], concern=scales[1], sentence_thresholds=(thresholds[0], thresholds[1]))


def min_confidence(
    manifest: Manifest, rows: Sequence[Labelled], scores: Sequence[FloatArray], precision: float
) -> float:
    """The least confidence from which stances are right, on dev, at least at the rate ``precision``.

    0 if they are so without abstaining; if no threshold reaches it, the one that comes closest.
    """
    open_manifest = manifest.model_copy(update={"min_confidence": 0.0})
    found = [conclude(r.intervention, s, open_manifest) for r, s in zip(rows, scores, strict=True)]
    # Rounded down: a threshold rounded up would turn away the very rows that it was taken from.
    pairs = [
        (math.floor(p.confidence * 1e6), p.stance == r.stance) for p, r in zip(found, rows, strict=True) if p.stance
    ]
    if not pairs:
        return 0.0
    pairs.sort(reverse=True)
    steps = np.array([step for step, _ in pairs])
    # Rows of one confidence are kept or turned away together.
    ends = np.flatnonzero(np.append(steps[1:] < steps[:-1], True))
    right = np.cumsum([ok for _, ok in pairs])[ends] / (ends + 1)
    reached = np.flatnonzero(right >= precision)
    last = int(reached[-1]) if len(reached) else int(np.argmax(right))
    return 0.0 if last == len(ends) - 1 else int(steps[ends[last]]) / 1e6
