"""Pseudo-labels through the command line: what the model is sure of, for training alone, no debate that measures."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

import invented_rows
from statestance.apps.cli import main
from statestance.corpus import read
from statestance.predict import table

DEBATE = Path(__file__).parents[2] / "examples" / "debate.txt"


def _run(*args: str | Path) -> str:
    result = CliRunner().invoke(main, [str(a) for a in args])
    assert result.exit_code == 0, result.output
    return result.stderr


def test_sure_answers_become_training_rows(tmp_path: Path) -> None:
    saved, out = tmp_path / "answers.jsonl", tmp_path / "pseudo.jsonl"
    _run("predict", DEBATE, "--model", "released", "-o", saved)
    told = _run("label", "pseudo", "--from", saved, "--least", "0.96", "-o", out)
    sure = {f"pseudo-{p.intervention.id}": p for p in table.read(saved) if max(p.probabilities) >= 0.96}
    rows = read(out).rows
    assert 0 < len(rows) == len(sure) < 27
    assert f"{len(sure)} interventions" in told
    assert f"{27 - len(sure)} of which it was less sure than 0.96" in told
    for row in rows:
        assert (row.source, row.split) == ("pseudo", "train")
        assert row.marks == sure[row.intervention.id].marks
        assert row.stance == sure[row.intervention.id].stance


def test_debates_that_measure_stay_out(tmp_path: Path) -> None:
    labelled = tmp_path / "labelled.jsonl"
    row = invented_rows.rows(1)[0] | {"debate": "debate", "split": "test"}
    invented_rows.write(labelled, [row])
    result = CliRunner().invoke(
        main,
        [
            "label",
            "pseudo",
            "--from",
            str(DEBATE),
            "--model",
            "released",
            "--labelled",
            str(labelled),
            "-o",
            str(tmp_path / "p.jsonl"),
        ],
    )
    assert result.exit_code == 1
    assert "found none: 0 under 0.7, 27 in debates of dev and test" in result.stderr
    assert not (tmp_path / "p.jsonl").exists()
