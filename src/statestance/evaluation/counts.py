"""Counts of whole debates against labels: how far they are off, and how often their intervals hold the label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import numpy as np

from statestance.bundle import Doubt
from statestance.corpus import Labelled
from statestance.correction import Method, correct
from statestance.domain import Prediction
from statestance.evaluation import figures
from statestance.evaluation.figures import FloatArray
from statestance.stance import OUTCOMES, Stance
from statestance.tally import Count, tally

MIN_ROWS = 20
"""Labelled rows from which a debate is taken for a whole one."""
HOW = {"counted": "counted", "expected": "expected", "emq": "EMQ", "acc": "ACC"}
"""The ways to count, as keys of the record and as they are shown."""


def _labelled(row: Labelled) -> Prediction:
    """The label as a prediction that is sure of it, so that labels are counted by the rule of predictions."""
    chances = tuple(float(n == row.outcome) for n in range(len(OUTCOMES)))
    supportive, mixed, critical, none = chances
    reason = "" if row.stance else "no_stance"
    return Prediction(row.intervention, row.stance, 1.0, (supportive, mixed, critical, none), None, reason)


def _held_against(gold: Mapping[Stance, Count], found: Mapping[Stance, Count], answers: bool) -> list[list[float]]:
    """For every stance: the size of the error of the count, and whether the interval holds the label."""
    pairs = [(gold[s].counted, found[s]) for s in Stance]
    return [[abs((c.counted if answers else c.expected) - g), float(c.low <= g <= c.high)] for g, c in pairs]


def _debate(rows: Sequence[Labelled], predictions: Sequence[Prediction], doubt: Doubt | None) -> FloatArray:
    """(ways, stances, 2) of one debate, in the order of ``HOW``; without a doubt the corrected ways are left out."""
    gold, found = tally(map(_labelled, rows)).by_state, tally(predictions).by_state
    ways = [_held_against(gold, found, answers) for answers in (True, False)]
    if doubt is not None:
        methods = [correct(predictions, doubt, method).by_state for method in get_args(Method)]
        ways += [_held_against(gold, found, False) for found in methods]
    return np.array(ways)


def measure(
    rows: Sequence[Labelled],
    predictions: Sequence[Prediction],
    doubt: Doubt | None,
    *,
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    """By State, over the debates of at least 20 rows: ``mean_absolute_error`` a stance and debate, and
    ``interval_holds``, the rate at which 90 % intervals hold the labelled count; with 95 % intervals by debate.
    """
    debates: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        debates.setdefault(row.intervention.debate, []).append(number)
    whole = [numbers for _, numbers in sorted(debates.items()) if len(numbers) >= MIN_ROWS]
    record: dict[str, Any] = {"debates": len(whole)}
    if not whole:
        return record
    found = np.stack([_debate([rows[i] for i in n], [predictions[i] for i in n], doubt) for n in whole])
    drawn = figures.resamples(len(whole), resamples, seed) / len(whole)
    for way, how in enumerate(list(HOW)[: found.shape[1]]):
        record[how] = {}
        for place, name in enumerate(("mean_absolute_error", "interval_holds")):
            if how == "counted" and name == "interval_holds":
                continue  # what is counted has no interval of its own
            by_debate = found[:, way, :, place].mean(axis=1)
            low, high = figures.interval(drawn @ by_debate)
            record[how][name] = {"value": float(by_debate.mean()), "low": low, "high": high}
    return record
