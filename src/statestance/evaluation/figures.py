"""Figures from sums: every figure is a function of counts that add up over debates.

That makes the bootstrap by debate a matter of adding, exact and fast: ``Sums`` of each debate are weighted by
how often it was drawn, and the same function gives the point value and every resample. Shapes carry a leading
axis R of resamples (R = 1 for the point value).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from statestance.stance import OUTCOMES, Stance

FloatArray = npt.NDArray[np.float64]
K = len(OUTCOMES)
STANCES = len(Stance)
BINS = 15
SURE = 0.9
"""The share of texts that is answered, the surest first, and the rate asked of prediction sets."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Per debate D: confusion (D, K, K) gold x answer, losses (D, 3): n, log-loss, Brier; bins (D, BINS, 3):
    n, confidence, right; kept (D, 2): rows answered and right among rows answered (after abstention);
    marks (D, 2, 3): true positives, false positives, false negatives of praise and concern sentences;
    sure (D, 2): rows among the surest nine tenths and right among them; sets (D, 3): prediction sets, those that
    hold the label, outcomes in them."""

    confusion: FloatArray
    losses: FloatArray
    bins: FloatArray
    kept: FloatArray
    marks: FloatArray
    sure: FloatArray
    sets: FloatArray

    def drawn(self, weights: FloatArray) -> Sums:
        """Sums (R, …) of resamples; ``weights`` (R, D) says how often each debate was drawn."""
        return Sums(*(np.tensordot(weights, getattr(self, name), axes=1) for name in self.__slots__))


def _ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    return np.divide(top, bottom, out=np.zeros_like(top, dtype=np.float64), where=bottom > 0)


def class_figures(confusion: FloatArray) -> dict[str, FloatArray]:
    """Precision, recall and F1 (R, K) of every outcome over all rows; 0 where undefined."""
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    precision, recall = _ratio(right, confusion.sum(axis=-2)), _ratio(right, confusion.sum(axis=-1))
    return {
        "precision": precision,
        "recall": recall,
        "f1": _ratio(2 * precision * recall, precision + recall),
    }


def _mcc(confusion: FloatArray) -> FloatArray:
    """Gorodkin (2004), the multi-class Matthews correlation coefficient (R,)."""
    n, right = confusion.sum(axis=(-2, -1)), np.trace(confusion, axis1=-2, axis2=-1)
    gold, answer = confusion.sum(axis=-1), confusion.sum(axis=-2)
    top = right * n - (gold * answer).sum(axis=-1)
    bottom = np.sqrt((n**2 - (gold**2).sum(axis=-1)) * (n**2 - (answer**2).sum(axis=-1)))
    return _ratio(top, bottom)


def headline(sums: Sums) -> dict[str, FloatArray]:
    """The headline figures, each (R,).

    ``macro_f1`` and ``accuracy`` are over the rows whose gold label is a stance, "no stance" counting as a
    wrong answer; ``macro_f1_4`` and ``accuracy_4`` are over all rows and four outcomes. All of them, and
    ``ece`` (15 equal-width bins, Naeini et al. 2015), take the likeliest outcome, before abstention for low
    confidence; ``coverage`` and ``accuracy_answered`` say what that abstention does. ``accuracy_surest`` is
    ``accuracy_4`` over the nine tenths of the rows with the highest confidence (that share is of all rows, also in
    a resample).
    """
    all_rows = sums.confusion
    stances = all_rows.copy()
    stances[..., STANCES:, :] = 0
    total = all_rows.sum(axis=(-2, -1))
    rows, confidence, right = np.moveaxis(sums.bins, -1, 0)
    gaps = np.abs(_ratio(confidence, rows) - _ratio(right, rows)) * rows
    return {
        "macro_f1": class_figures(stances)["f1"][..., :STANCES].mean(axis=-1),
        "accuracy": _ratio(np.trace(stances, axis1=-2, axis2=-1), stances.sum(axis=(-2, -1))),
        "macro_f1_4": class_figures(all_rows)["f1"].mean(axis=-1),
        "accuracy_4": _ratio(np.trace(all_rows, axis1=-2, axis2=-1), total),
        "mcc": _mcc(all_rows),
        "log_loss": _ratio(sums.losses[..., 1], sums.losses[..., 0]),
        "brier": _ratio(sums.losses[..., 2], sums.losses[..., 0]),
        "ece": _ratio(gaps.sum(axis=-1), total),
        "coverage": _ratio(sums.kept[..., 0], sums.losses[..., 0]),
        "accuracy_answered": _ratio(sums.kept[..., 1], sums.kept[..., 0]),
        "accuracy_surest": _ratio(sums.sure[..., 1], sums.sure[..., 0]),
    }


def set_figures(sums: Sums) -> dict[str, FloatArray]:
    """The rate at which prediction sets of 90 % hold the label, and their mean size, each (R,)."""
    count, held, size = np.moveaxis(sums.sets, -1, 0)
    return {"set_coverage": _ratio(held, count), "set_size": _ratio(size, count)}


def mark_figures(sums: Sums) -> dict[str, FloatArray]:
    """F1 (R,) of praise and of concern sentences."""
    hit, false, missed = np.moveaxis(sums.marks, -1, 0)
    f1 = _ratio(2 * hit, 2 * hit + false + missed)
    return {"praise_f1": f1[..., 0], "concern_f1": f1[..., 1]}


def resamples(debates: int, count: int, seed: int) -> FloatArray:
    """Weights (count, debates) of bootstrap resamples: debates drawn with replacement."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(debates, np.full(debates, 1 / debates), size=count).astype(np.float64)


def interval(values: npt.NDArray[Any]) -> tuple[float, float]:
    """The 95 % percentile interval of resampled values."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
