"""Calibration, evidence thresholds, abstention and doubt, learned on dev through the serving predictor's raw scores.

Where dev holds enough real debates (about States that exist) beside written ones (about countries that do not),
what is learned leans on the real ones: written text is easier and mixed otherwise. The two parameters of a mark are
fitted with both kinds of equal weight: on real dev, leaving out a debate at a time, log-loss 0.293 against 0.309 for
all rows alike (difference 0.015, 95 % interval 0.002 to 0.034), and no clear difference from real rows alone. Richer
families (temperature and a bias for each outcome, a multinomial model of both logits) were no better. Conformal
scores and the threshold of abstention promise a rate on the texts to come, so they take the real rows alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize, minimize_scalar

from statestance.bundle import Doubt, FirstPass, Manifest, MarkScaling, Temperature
from statestance.corpus import Labelled
from statestance.predict.decision import conclude, probabilities
from statestance.probability import FloatArray, log_softmax, noisy_or, outcome_of_marks, sigmoid
from statestance.stance import OUTCOMES, Stance
from statestance.text.states import iso3

# Dev sets are small: a weak pull towards "unchanged" keeps a perfectly separated dev side from making certainty.
_PULL = 1.0
ENOUGH = 100
"""Real rows of dev from which they are set apart from written ones."""
_SCORES = 1000


def real(rows: Sequence[Labelled]) -> npt.NDArray[np.bool_]:
    """Which rows are about a State that exists; all of them where these are too few to be set apart."""
    found = np.array([bool(iso3(r.intervention.target)) for r in rows])
    return found if found.sum() >= ENOUGH else np.ones(len(rows), dtype=bool)


def weights(rows: Sequence[Labelled]) -> FloatArray:
    """Weights (N,) with mean 1 under which real and written rows count alike."""
    apart = real(rows)
    if apart.all():
        return np.ones(len(rows))
    result: FloatArray = np.where(apart, 0.5 / apart.mean(), 0.5 / (1 - apart.mean()))
    return result


def temperature(scores: Sequence[FloatArray], rows: Sequence[Labelled]) -> Temperature:
    """The temperature that minimises log-loss. ``scores``: N log-probability vectors (4,)."""
    matrix, numbers, gold, times = np.stack(scores), np.arange(len(rows)), [r.outcome for r in rows], weights(rows)

    def loss(log_t: float) -> float:
        losses = -log_softmax(matrix / np.exp(log_t))[numbers, gold]
        return float(times @ losses + _PULL * log_t**2)

    best = minimize_scalar(loss, bounds=(np.log(0.05), np.log(20.0)), method="bounded")
    return Temperature(temperature=round(float(np.exp(best.x)), 6))


def _platt(logits: FloatArray, gold: FloatArray, times: FloatArray) -> tuple[float, float]:
    """Scale and shift of a logit that minimise log-loss."""

    def loss(x: npt.NDArray[Any]) -> float:
        scaled = np.exp(x[0]) * logits + x[1]
        return float(times @ (np.logaddexp(0.0, scaled) - gold * scaled) + _PULL * (x**2).sum())

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
        carried = np.array([float(r.stance in stances) for r in rows])
        scales.append(_platt(document[:, column], carried, weights(rows)))
        if not marked:
            thresholds.append(0.5)
            continue
        chances = sigmoid(np.concatenate([s[:, column] for s, _ in marked]))
        gold = [i in (m.praise, m.concern)[column] for s, m in marked for i in range(len(s))]
        thresholds.append(_best_threshold(chances, np.array(gold, dtype=bool)))
    return MarkScaling(praise=scales[0], concern=scales[1], sentence_thresholds=(thresholds[0], thresholds[1]))


def first_pass(
    manifest: Manifest,
    rows: Sequence[Labelled],
    scores: Sequence[FloatArray],
    firsts: Sequence[FloatArray],
    cost: float,
) -> FirstPass | None:
    """Set the first pass beside the encoder: its scale, and from which probability its answer stands.

    ``firsts``: N arrays (S, 2) of its sentence logits, empty for texts that it leaves to the encoder. It answers from
    the least probability at which the share of right answers, on the rows of every source, falls by at most ``cost``
    against the encoder alone, so that no kind of text pays for another; None where there is no such probability.
    """
    read = [n for n, first in enumerate(firsts) if len(first)]
    if not read or not isinstance(manifest.calibration, MarkScaling):
        return None
    given, times = [rows[n] for n in read], weights(rows)[read]
    deepest = max(len(firsts[n]) for n in read)
    # A sentence that is not there adds nothing to a noisy-or.
    padded = np.stack(
        [np.pad(firsts[n], ((0, deepest - len(firsts[n])), (0, 0)), constant_values=-np.inf) for n in read]
    )
    carries = ((Stance.SUPPORTIVE, Stance.MIXED), (Stance.CRITICAL, Stance.MIXED))
    chances, scales = [], []
    for column, (stances, later) in enumerate(
        zip(carries, (manifest.calibration.praise, manifest.calibration.concern), strict=True)
    ):
        carried = np.array([float(r.stance in stances) for r in given])
        scale, shift = _scale_of_sentences(padded[:, :, column], carried, times, later)
        scales.append((scale, shift))
        chances.append(sigmoid(later[0] * noisy_or(scale * padded[:, :, column].T + shift) + later[1]))
    praise, concern = chances
    own = np.stack([outcome_of_marks(float(p), float(c)) for p, c in zip(praise, concern, strict=True)])
    encoders = np.stack([probabilities(scores[n], manifest.calibration) for n in read])
    gold = np.array([r.outcome for r in given])
    lost = (encoders.argmax(1) == gold).astype(float) - (own.argmax(1) == gold)
    order = np.argsort(-own.max(1), kind="stable")
    sure = np.floor(own.max(1)[order] * 1e6).astype(int)
    # Rows of one probability are answered or left together.
    ends = np.flatnonzero(np.append(sure[1:] < sure[:-1], True))
    affordable = np.ones(len(ends), dtype=bool)
    sources = np.array([r.source for r in given])[order]
    for source in np.unique(sources):
        of_it = sources == source
        affordable &= np.cumsum(lost[order] * of_it)[ends] <= cost * of_it.sum()
    cheap = np.flatnonzero(affordable)
    if not len(cheap):
        return None
    return FirstPass(praise=scales[0], concern=scales[1], sure=int(sure[ends[cheap[-1]]]) / 1e6)


def _scale_of_sentences(
    logits: FloatArray, gold: FloatArray, times: FloatArray, later: tuple[float, float]
) -> tuple[float, float]:
    """Scale and shift of sentence logits (N, S) with which the whole texts' calibrated marks cost least log-loss."""

    def loss(x: npt.NDArray[Any]) -> float:
        scaled = later[0] * noisy_or(np.exp(x[0]) * logits.T + x[1]) + later[1]
        return float(times @ (np.logaddexp(0.0, scaled) - gold * scaled) + _PULL * (x**2).sum())

    found = minimize(loss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    return round(float(np.exp(found.x[0])), 6), round(float(found.x[1]), 6)


def min_confidence(
    manifest: Manifest, rows: Sequence[Labelled], scores: Sequence[FloatArray], precision: float
) -> float:
    """The least confidence from which stances are right, on the ``real`` rows, at least at the rate ``precision``.

    0 if they are so without abstaining; if no threshold reaches it, the one that comes closest.
    """
    open_manifest = manifest.model_copy(update={"min_confidence": 0.0})
    chosen = real(rows)
    rows, scores = list(compress(rows, chosen)), list(compress(scores, chosen))
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


def doubt(manifest: Manifest, rows: Sequence[Labelled], scores: Sequence[FloatArray]) -> Doubt:
    """What dev says of the calibrated probabilities: conformal scores of the ``real`` rows, the mix, the confusion."""
    chances = np.stack([probabilities(s, manifest.calibration) for s in scores])
    gold, times = np.array([r.outcome for r in rows]), weights(rows)
    misses = 1.0 - chances[np.arange(len(rows)), gold]
    confusion = np.zeros((len(OUTCOMES), len(OUTCOMES)))
    np.add.at(confusion, (gold, chances.argmax(axis=1)), times)
    labelled = confusion.sum(axis=1)
    # A label that dev lacks is taken to be answered right; no outcome is thought impossible.
    rates = np.where(labelled[:, None] > 0, confusion / np.maximum(labelled, 1e-12)[:, None], np.eye(len(OUTCOMES)))
    shares = (labelled + 0.5) / (labelled + 0.5).sum()
    return Doubt.model_validate(
        {"scores": _thinned(misses[real(rows)]), "shares": _digits(shares), "rates": [_digits(row) for row in rates]}
    )


def _digits(shares: FloatArray) -> list[float]:
    return [round(float(s), 6) for s in shares]


def _thinned(misses: FloatArray) -> list[float]:
    """Ascending scores, at most 1,000: of more, the upper end of every thousandth part, so that no rank falls short."""
    ordered, count = np.sort(misses), min(len(misses), _SCORES)
    ends = np.ceil(np.arange(1, count + 1) * len(misses) / count - 1e-9).astype(int) - 1
    # Rounded up, so that the row itself stays inside.
    return [min(1.0, math.ceil(score * 1e6) / 1e6) for score in ordered[ends]]
