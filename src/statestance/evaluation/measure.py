"""Predictions against labels, as one JSON-able record with 95 % intervals by bootstrap over debates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from statestance.bundle import Doubt
from statestance.corpus import Labelled, load
from statestance.domain import Prediction, StatestanceError
from statestance.evaluation import counts, figures
from statestance.evaluation.figures import BINS, SURE, FloatArray, K, Sums
from statestance.predict import Predictor
from statestance.predict import load as load_model
from statestance.predict.decision import set_threshold
from statestance.stance import OUTCOMES, Stance

_LENGTHS = (("up to 40 words", 0, 40), ("41 to 80 words", 41, 80), ("over 80 words", 81, 10**9))
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Labels and answers side by side, N rows. ``kept``: not abstained for low confidence."""

    rows: tuple[Labelled, ...]
    predictions: tuple[Prediction, ...]
    debate: npt.NDArray[np.int64]
    gold: npt.NDArray[np.int64]
    answer: npt.NDArray[np.int64]
    probabilities: FloatArray
    kept: npt.NDArray[np.bool_]

    def part(self, chosen: npt.NDArray[np.bool_]) -> Outcomes:
        """The chosen rows."""
        numbers = np.flatnonzero(chosen)
        return of_predictions([self.rows[i] for i in numbers], [self.predictions[i] for i in numbers])


def of_predictions(rows: Sequence[Labelled], predictions: Sequence[Prediction]) -> Outcomes:
    """Set the predictions of labelled rows, in the same order, beside their labels."""
    if not rows:
        raise StatestanceError("expected labelled rows to measure on; found none; check the file and its splits")
    _, debate = np.unique([r.intervention.debate for r in rows], return_inverse=True)
    chances = np.array([p.probabilities for p in predictions])
    return Outcomes(
        tuple(rows),
        tuple(predictions),
        debate,
        np.array([r.outcome for r in rows]),
        chances.argmax(axis=1),
        chances,
        np.array([p.abstain_reason != "low_confidence" for p in predictions]),
    )


def _mark_counts(row: Labelled, prediction: Prediction) -> FloatArray:
    counts = np.zeros((2, 3))
    if row.marks is None or prediction.marks is None:
        return counts
    pairs = ((row.marks.praise, prediction.marks.praise), (row.marks.concern, prediction.marks.concern))
    for kind, (gold, found) in enumerate(pairs):
        hit = len(set(gold) & set(found))
        counts[kind] = hit, len(found) - hit, len(gold) - hit
    return counts


def _surest(confidence: FloatArray) -> FloatArray:
    """Weights (N,) of the rows among the surest nine tenths; rows of one confidence share what is left for them."""
    room = SURE * len(confidence)
    least = np.sort(confidence)[::-1][int(np.ceil(room - 1e-9)) - 1]
    above, level = confidence > least, confidence == least
    result: FloatArray = above + level * (room - above.sum()) / level.sum()
    return result


def _sets(outcomes: Outcomes, doubt: Doubt | None) -> FloatArray:
    """(N, 3): one, whether the row's prediction set holds its label, how many outcomes are in it."""
    if doubt is None:
        return np.zeros((len(outcomes.gold), 3))
    inside = outcomes.probabilities >= set_threshold(doubt, SURE)
    held = inside[np.arange(len(inside)), outcomes.gold]
    return np.stack([np.ones(len(inside)), held, inside.sum(axis=1)], axis=1)


def sums(outcomes: Outcomes, doubt: Doubt | None = None) -> Sums:
    """Add the rows up by debate; without a ``doubt`` there are no prediction sets."""
    debates, n = int(outcomes.debate.max()) + 1, len(outcomes.gold)
    confusion, losses = np.zeros((debates, K, K)), np.zeros((debates, 3))
    bins, kept, marks = np.zeros((debates, BINS, 3)), np.zeros((debates, 2)), np.zeros((debates, 2, 3))
    sure, sets = np.zeros((debates, 2)), np.zeros((debates, 3))
    of = outcomes.debate
    right = outcomes.gold == outcomes.answer
    np.add.at(confusion, (of, outcomes.gold, outcomes.answer), 1)
    chance = outcomes.probabilities[np.arange(n), outcomes.gold]
    brier = ((outcomes.probabilities - np.eye(K)[outcomes.gold]) ** 2).sum(axis=1)
    np.add.at(losses, of, np.stack([np.ones(n), -np.log(np.maximum(chance, 1e-12)), brier], axis=1))
    confidence = outcomes.probabilities.max(axis=1)
    bin_of = np.minimum((confidence * BINS).astype(int), BINS - 1)
    np.add.at(bins, (of, bin_of), np.stack([np.ones(n), confidence, right], axis=1))
    np.add.at(kept, of, np.stack([outcomes.kept, outcomes.kept & right], axis=1).astype(float))
    for number, (row, prediction) in enumerate(zip(outcomes.rows, outcomes.predictions, strict=True)):
        marks[of[number]] += _mark_counts(row, prediction)
    surest = _surest(confidence)
    np.add.at(sure, of, np.stack([surest, surest * right], axis=1))
    np.add.at(sets, of, _sets(outcomes, doubt))
    return Sums(confusion, losses, bins, kept, marks, sure, sets)


def _with_intervals(by_debate: Sums, weights: FloatArray, marks: bool) -> dict[str, Any]:
    point, spread = by_debate.drawn(np.ones((1, weights.shape[1]))), by_debate.drawn(weights)
    kinds = [figures.headline, figures.mark_figures] if marks else [figures.headline]
    kinds += [figures.set_figures] if by_debate.sets.any() else []
    record = {}
    for kind in kinds:
        spread_of = kind(spread)
        for name, value in kind(point).items():
            low, high = figures.interval(spread_of[name])
            record[name] = {"value": float(value[0]), "low": low, "high": high}
    return record


def _per_class(confusion: FloatArray) -> dict[str, Any]:
    found = figures.class_figures(confusion)
    support = confusion.sum(axis=-1)
    return {
        outcome: {**{k: float(v[i]) for k, v in found.items()}, "rows": int(support[i])}
        for i, outcome in enumerate(OUTCOMES)
    }


def _slices(outcomes: Outcomes) -> dict[str, Any]:
    words = np.array([len(r.intervention.text.split()) for r in outcomes.rows])
    registers = np.array([r.register or "unknown" for r in outcomes.rows])
    sources = np.array([r.source or "unknown" for r in outcomes.rows])
    # Written and real text are different numbers: where both are there, each has its own.
    chosen = {f"source: {name}": sources == name for name in np.unique(sources) if len(set(sources)) > 1}
    chosen |= {f"register: {name}": registers == name for name in np.unique(registers)}
    chosen |= {f"length: {name}": (words >= low) & (words <= high) for name, low, high in _LENGTHS}
    record = {}
    for name, rows in chosen.items():
        if rows.any():
            point = sums(outcomes.part(rows)).drawn(np.ones((1, len(np.unique(outcomes.debate[rows])))))
            values = figures.headline(point)
            record[name] = {
                "rows": int(rows.sum()),
                **{k: float(values[k][0]) for k in ("macro_f1", "accuracy")},
            }
    return record


def _counts(confusion: FloatArray) -> dict[str, Any]:
    """Predicted minus gold number of interventions of each stance in a debate: mean, and mean absolute."""
    error = (confusion.sum(axis=1) - confusion.sum(axis=2))[:, : len(Stance)]
    return {
        stance: {
            "mean_error": float(error[:, i].mean()),
            "mean_absolute_error": float(np.abs(error[:, i]).mean()),
        }
        for i, stance in enumerate(OUTCOMES[: len(Stance)])
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    # -0.0 and 0.0 are one figure and must be one text.
    return round(value, DIGITS) + 0.0 if isinstance(value, float) else value


def measure(outcomes: Outcomes, *, resamples: int, seed: int, doubt: Doubt | None = None) -> dict[str, Any]:
    """Everything that is reported of one model on one set of rows; floats rounded to four digits.

    Prediction sets and corrected counts are measured where the model's ``doubt`` is given.
    """
    by_debate = sums(outcomes, doubt)
    debates = by_debate.confusion.shape[0]
    marks = any(p.marks is not None for p in outcomes.predictions) and any(r.marks is not None for r in outcomes.rows)
    total = by_debate.confusion.sum(axis=0)
    record: dict[str, Any] = _rounded(
        {
            "rows": len(outcomes.gold),
            "debates": debates,
            "headline": _with_intervals(by_debate, figures.resamples(debates, resamples, seed), marks),
            "per_class": _per_class(total),
            "slices": _slices(outcomes),
            "count_error_per_debate": _counts(by_debate.confusion),
            "tally": counts.measure(outcomes.rows, outcomes.predictions, doubt, resamples=resamples, seed=seed),
            "confusion": {g: {a: int(total[i, j]) for j, a in enumerate(OUTCOMES)} for i, g in enumerate(OUTCOMES)},
        }
    )
    return record


def reliability(outcomes: Outcomes) -> list[dict[str, float]]:
    """Of each non-empty confidence bin: mean confidence, share that is right, rows."""
    rows, confidence, right = sums(outcomes).bins.sum(axis=0).T
    return [
        {"confidence": float(c / n), "accuracy": float(r / n), "rows": int(n)}
        for n, c, r in zip(rows, confidence, right, strict=True)
        if n
    ]


def on_file(
    path: str | Path, model: str | Path | Predictor = "champion", *, resamples: int = 1000, seed: int = 7
) -> dict[str, Any]:
    """Measure a model on a labelled file: all its rows, and each split that it declares."""
    rows = load(path)
    predictor = model if isinstance(model, Predictor) else load_model(model)
    outcomes = of_predictions(rows, predictor.predict(r.intervention for r in rows))
    doubt = predictor.manifest.doubt
    record = {"all": measure(outcomes, resamples=resamples, seed=seed, doubt=doubt)}
    split = np.array([r.split for r in rows])
    for name in ("train", "dev", "test"):
        if (split == name).any() and not (split == name).all():
            record[name] = measure(outcomes.part(split == name), resamples=resamples, seed=seed, doubt=doubt)
    return record
