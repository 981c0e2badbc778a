"""Is one model better than another? The paired bootstrap, by debate, on macro-F1.

Efron and Tibshirani (1993), ch. 16; both models are scored on the same resampled debates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from statestance.domain import StatestanceError
from statestance.evaluation import figures
from statestance.evaluation.measure import Outcomes, sums


@dataclass(frozen=True, slots=True)
class Difference:
    """``value`` is macro-F1 of the model minus that of the best, with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def significant(self) -> bool:
        return self.low > 0 or self.high < 0


def difference(model: Outcomes, best: Outcomes, *, resamples: int, seed: int) -> Difference:
    """Compare two models on the same rows in the same order."""
    if [r.intervention.id for r in model.rows] != [r.intervention.id for r in best.rows]:
        raise StatestanceError("expected two models measured on the same rows; found others; run `dvc repro`")
    a, b = sums(model), sums(best)
    debates = a.confusion.shape[0]
    weights = figures.resamples(debates, resamples, seed)
    gap = figures.headline(a.drawn(weights))["macro_f1"] - figures.headline(b.drawn(weights))["macro_f1"]
    everything = np.ones((1, debates))
    point = figures.headline(a.drawn(everything))["macro_f1"] - figures.headline(b.drawn(everything))["macro_f1"]
    low, high = figures.interval(gap)
    return Difference(float(point[0]), low, high)
