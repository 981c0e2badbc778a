"""Themes in what ``statestance predict`` and ``tally`` print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("keyword_predictor.py")
DEBATE = Path(__file__).parents[2] / "examples/debate.txt"


def run(*args: str | Path, cwd: Path) -> str:
    command = [sys.executable, str(PROGRAM), *map(str, args)]
    env = {**os.environ, "COLUMNS": "120"}
    done = subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", timeout=120, check=True, env=env)
    return done.stdout


def themes(printed: str) -> dict[str, tuple[int, int]]:
    """(concern, praise) by theme."""
    rows = printed.partition("States by theme")[2].splitlines()
    found = (re.fullmatch(r" (\S.*?) +(\d+) +(\d+) *", row) for row in rows)
    return {row[1]: (int(row[2]), int(row[3])) for row in found if row}


def test_predict_and_tally_show_the_same_themes(tmp_path: Path) -> None:
    shown = run("predict", DEBATE, cwd=tmp_path)
    assert themes(shown)["freedom of expression and the media"] == (8, 1)
    assert themes(shown)["treaties and human rights mechanisms"][0] == 0
    assert next(iter(themes(shown))) == "freedom of expression and the media"
    run("predict", DEBATE, "-o", "out.csv", cwd=tmp_path)
    assert themes(run("tally", "out.csv", cwd=tmp_path)) == themes(shown)
