"""What a released model's card says of its error, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from statestance.report.wording import listed
from statestance.stance import Stance

REAL = "real"
"""The name under which a card keeps what was measured on held-out real debates."""


def sentence(card: Mapping[str, Any]) -> str:
    """How often the model was wrong on real debates, by the record that ``stages.release`` made; "" if it has none."""
    figures = (card.get("metrics") or {}).get(REAL)
    if not figures:
        return ""
    right = figures["headline"]["accuracy_answered"]
    by_stance = [
        f"{_percent(1 - figures['per_class'][stance]['precision'], 0)} of those it called {stance}"
        for stance in map(str, Stance)
        if figures["per_class"].get(stance, {}).get("precision") is not None
    ]
    bounds = f"{_percent(1 - right['high'])} to {_percent(1 - right['low'])}"
    where = f"on {figures['rows']} interventions of {figures['debates']} real debates that it had never seen"
    wrong = f"{_percent(1 - right['value'])} of its answers were wrong by the labels (95\u00a0% interval: {bounds})"
    return f"{where}, {wrong}" + (f": {listed(by_stance)}" if by_stance else "")


def _percent(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f}\u00a0%"
