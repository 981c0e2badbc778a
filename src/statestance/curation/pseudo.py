"""Pseudo-labels: a model's own answers where it is sure of them, for a student to learn from.

Self-training (Yarowsky 1995; Lee 2013, "Pseudo-Label"): the student reads far more text than anybody labelled. What
it learns is its teacher's opinion, so such rows are for training alone, and debates that measure a model are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from statestance.corpus import Labelled
from statestance.domain import Prediction
from statestance.stance import NO_STANCE, OUTCOMES, Stance


@dataclass(frozen=True, slots=True)
class PseudoLabelled:
    """Rows for training; how many were left out because the model was not sure, or to keep a debate for measuring."""

    rows: tuple[Labelled, ...]
    unsure: int
    held_out: int


def pseudo_label(
    predictions: Iterable[Prediction], source: str, *, least: float, held_out: Collection[str] = ()
) -> PseudoLabelled:
    """Take the likeliest outcome, and its evidence, for the label wherever its probability is ``least`` or more.

    ``source`` goes into every row and before its id. Debates named in ``held_out`` are left out.
    """
    rows: list[Labelled] = []
    unsure = kept_out = 0
    for one in predictions:
        likeliest = max(range(len(OUTCOMES)), key=one.probabilities.__getitem__)
        if one.intervention.debate in held_out:
            kept_out += 1
        elif one.probabilities[likeliest] < least:
            unsure += 1
        else:
            outcome = OUTCOMES[likeliest]
            stance = None if outcome == NO_STANCE else Stance(outcome)
            # Whoever labelled some of the same debates has those ids already.
            intervention = replace(one.intervention, id=f"{source}-{one.intervention.id}")
            rows.append(Labelled(intervention, stance, one.marks, source=source, split="train"))
    return PseudoLabelled(tuple(rows), unsure, kept_out)
