"""``--coverage`` and ``--corrected``: what the model knows of its own doubt, through the command line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

import model_parts
from statestance.apps.cli import main
from statestance.predict.table import read

WORDS = ("good", "bad", "both", "fair")
DOUBT = {
    "scores": [0.05, 0.1, 0.1, 0.2, 0.2, 0.3, 0.4, 0.55, 0.6],
    "shares": [0.4, 0.3, 0.2, 0.1],
    "rates": [[0.9, 0.05, 0.05, 0.0], [0.05, 0.9, 0.05, 0.0], [0.05, 0.05, 0.9, 0.0], [0.1, 0.0, 0.0, 0.9]],
}


def _model(folder: Path, **changes: Any) -> Path:
    """A model that reads one word: good, bad and both are likely what they say, fair is praise or both."""
    chances = [[0.9, 0.04, 0.03, 0.03], [0.03, 0.04, 0.9, 0.03], [0.04, 0.9, 0.03, 0.03], [0.5, 0.45, 0.03, 0.02]]
    table = np.vstack([np.zeros((len(model_parts.SPECIAL), 4)), 20 * np.log(chances)])
    calibration = {"kind": "temperature", "temperature": 1.0}
    given = {"unit": "document", "max_length": 32, "stride": 4, "calibration": calibration}
    return model_parts.onnx_bundle(folder, WORDS, table, **given | changes)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _model(tmp_path_factory.mktemp("doubt") / "m", doubt=DOUBT)


@pytest.fixture
def debate(tmp_path: Path) -> Path:
    path = tmp_path / "debate.csv"
    rows = [f"S{n},{WORDS[(0, 0, 0, 0, 1, 2, 3)[n % 7]]}" for n in range(28)]
    path.write_text("speaker,text\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args], env={"COLUMNS": "120"})


def test_sets_are_shown_and_written_and_read_back(model: Path, debate: Path, tmp_path: Path) -> None:
    shown = run("predict", debate, "--model", model, "--coverage", "0.9")
    assert shown.exit_code == 0, shown.output
    assert "Possible" in shown.output and "what cannot be ruled out" in shown.output
    out = tmp_path / "out.csv"
    assert run("predict", debate, "--model", model, "--coverage", "0.9", "-o", out).exit_code == 0
    for one in read(out):
        chances = dict(zip(("supportive", "mixed", "critical", "none"), one.probabilities, strict=True))
        assert set(one.prediction_set) == {o for o, p in chances.items() if p >= 0.4}
    assert run("predict", debate, "--model", model, "-o", out).exit_code == 0
    assert {one.prediction_set for one in read(out)} == {()}
    assert "Possible" not in run("predict", debate, "--model", model).output


@pytest.mark.parametrize("method", ["emq", "acc"])
def test_the_tally_shows_counted_expected_and_corrected(model: Path, debate: Path, tmp_path: Path, method: str) -> None:
    out = tmp_path / "out.csv"
    run("predict", debate, "--model", model, "-o", out)
    done = run("tally", out, "--corrected", method, "--model", model)
    assert done.exit_code == 0, done.output
    assert f"corrected ({method.upper()})" in done.output and "from resampled interventions" in done.output
    numbers = r"(\d+) +([\d.]+) +(\d+) to (\d+) +([\d.]+) +(\d+) to (\d+)"
    rows = re.findall(rf"(supportive|mixed|critical) +{numbers}", done.output)
    assert [row[0] for row in rows] == ["supportive", "mixed", "critical"] * 2
    assert [row[1] for row in rows] == ["20", "4", "4"] * 2
    for _, *cells in rows:
        _, expected, low, high, corrected, low_then, high_then = map(float, cells)
        assert low <= expected <= high and low_then <= corrected <= high_then
    assert any(row[2] != row[5] for row in rows)


def test_a_model_without_scores_is_named(debate: Path, tmp_path: Path) -> None:
    bare = _model(tmp_path / "bare")
    out = tmp_path / "out.csv"
    refused = run("predict", debate, "--model", bare, "--coverage", "0.9", "-o", out)
    assert (refused.exit_code, out.exists()) == (1, False)
    assert "export the model again" in refused.output and "Traceback" not in refused.output
    assert run("predict", debate, "--model", bare, "-o", out).exit_code == 0
    assert "export the model again" in run("tally", out, "--corrected", "emq", "--model", bare).output


@pytest.mark.parametrize("coverage", ["1", "90", "0"])
def test_a_coverage_that_is_no_rate_is_refused(model: Path, debate: Path, coverage: str) -> None:
    done = run("predict", debate, "--model", model, "--coverage", coverage)
    assert done.exit_code == 1 and "expected a coverage between 0 and 1" in done.output
