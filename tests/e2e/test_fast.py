"""``--fast`` through the command line, by the released model on the example debate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from typer.testing import CliRunner, Result

import model_parts
from statestance.apps.cli import main
from statestance.predict.table import read

ROOT = Path(__file__).parents[2]
DEBATE = ROOT / "examples/debate.txt"


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args], env={"COLUMNS": "120"})


def test_a_debate_is_read_alike_and_the_answer_says_how_it_was_made(tmp_path: Path) -> None:
    whole, fast = tmp_path / "whole.jsonl", tmp_path / "fast.jsonl"
    assert run("predict", DEBATE, "--model", "released", "-o", whole).exit_code == 0
    report = tmp_path / "report.html"
    found = run("predict", DEBATE, "--model", "released", "--fast", "-o", fast, "--report", report)
    assert found.exit_code == 0, found.output
    assert ", --fast)" in found.output
    assert "measured without --fast" in report.read_text(encoding="utf-8")
    slow, quick = list(read(whole)), list(read(fast))
    assert [p.stance for p in quick] == [p.stance for p in slow]
    answered = sum(a.probabilities != b.probabilities for a, b in zip(quick, slow, strict=True))
    assert 0 < answered < len(slow), "some by the first pass, some by the encoder"
    for one in quick:
        assert one.marks is not None and one.marks.stance == one.stance


def test_prediction_sets_beside_it_are_one_clear_error(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    found = run("predict", DEBATE, "--model", "released", "--fast", "--coverage", "0.9", "-o", out)
    assert found.exit_code == 1
    assert "leave one of the two out" in found.output and not out.exists()


def test_a_model_without_a_first_pass_is_one_clear_error(tmp_path: Path) -> None:
    table = np.zeros((len(model_parts.SPECIAL) + 1, 4))
    given = {"unit": "document", "max_length": 32, "stride": 4}
    model = model_parts.onnx_bundle(tmp_path / "m", ["good"], table, **given)
    found = run("predict", DEBATE, "--model", model, "--fast")
    assert found.exit_code == 1
    assert "expected a model with a first pass for --fast; found none" in found.output
    assert "Traceback" not in found.output
