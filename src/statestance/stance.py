"""The one rule that turns two marks into a stance."""

from __future__ import annotations

from enum import StrEnum


class Stance(StrEnum):
    """How an intervention evaluates the State under review."""

    SUPPORTIVE = "supportive"
    MIXED = "mixed"
    CRITICAL = "critical"


NO_STANCE = "none"
"""The outcome of an intervention that evaluates nothing; never a stance."""

OUTCOMES: tuple[str, ...] = (*(str(s) for s in Stance), NO_STANCE)
"""What a model may answer, in the order of every probability vector."""


def decide(praise: bool, concern: bool) -> Stance | None:
    """Return the stance of an intervention with praise and/or concern somewhere in it, or None."""
    if praise and concern:
        return Stance.MIXED
    if praise:
        return Stance.SUPPORTIVE
    if concern:
        return Stance.CRITICAL
    return None
