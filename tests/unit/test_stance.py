"""The one rule, and the order of outcomes that everything else relies on."""

from __future__ import annotations

import pytest

from statestance.domain import Marks
from statestance.stance import NO_STANCE, OUTCOMES, Stance, decide


@pytest.mark.parametrize(
    ("praise", "concern", "stance"),
    [
        (True, False, Stance.SUPPORTIVE),
        (True, True, Stance.MIXED),
        (False, True, Stance.CRITICAL),
        (False, False, None),
    ],
)
def test_stance_follows_from_praise_and_concern(praise: bool, concern: bool, stance: Stance | None) -> None:
    assert decide(praise, concern) is stance
    assert Marks((3,) if praise else (), (0, 2) if concern else ()).stance is stance


def test_outcomes_are_the_stances_and_none_in_a_fixed_order() -> None:
    assert OUTCOMES == ("supportive", "mixed", "critical", "none")
    assert NO_STANCE not in set(Stance)
