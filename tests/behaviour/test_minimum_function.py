"""Minimum function: the plain cases of each rule of the codebook come out right."""

from __future__ import annotations

import pytest

from behaviour.scoreboard import Scoreboard, verdict
from behaviour.tables import capabilities, cases
from statestance.domain import Prediction

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("capability", capabilities())
def test_rule_of_the_codebook(capability: str, answers: dict[str, Prediction], scoreboard: Scoreboard) -> None:
    found = [(case, answers[case.id]) for case in cases() if case.capability == capability]
    scoreboard.judge("minimum_function", capability, [verdict(case, one, case.outcome) for case, one in found])
