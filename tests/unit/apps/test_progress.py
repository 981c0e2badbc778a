"""What is said about how far a run is."""

from __future__ import annotations

import re

import pytest

from statestance.apps import progress
from statestance.apps.progress import Progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_the_rate_and_the_time_left_are_of_this_run_alone(clock: list[float]) -> None:
    with Progress(total=1000, done=400) as shown:
        clock[0] += 10
        shown.advance(50, 500)
        assert shown.said() == "50 turns, 5 a second, 0:00:50 left"


def test_without_a_total_no_time_is_told(clock: list[float]) -> None:
    with Progress() as shown:
        clock[0] += 2
        shown.advance(4000)
        assert shown.said() == "4,000 turns, 2,000 a second"


def test_a_log_gets_a_line_a_minute(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(total=600) as shown:
        for second in range(150):
            clock[0] += 1
            shown.advance(10, 2 * second)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert re.fullmatch(r"statestance: 600 turns, 10 a second, 0:0\d:\d\d left", lines[0])
