"""Tables that add up, and pictures that are the same for the same outcomes."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import model_parts
from statestance.evaluation import Outcomes, of_predictions
from statestance.evaluation.plots import write_pictures, write_tables


def _outcomes(wrong: int) -> Outcomes:
    rows = [model_parts.labelled(n, n % 4) for n in range(20)]
    answers = [model_parts.sure((r.outcome + (n < wrong)) % 4, 0.5 + n / 50) for n, r in enumerate(rows)]
    return of_predictions(rows, [model_parts.answered(r, a) for r, a in zip(rows, answers, strict=True)])


def test_tables_hold_every_intervention_and_every_bin(tmp_path: Path) -> None:
    write_tables(_outcomes(1), tmp_path / "deep" / "plots")
    with (tmp_path / "deep" / "plots" / "confusion.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[:2] == [{"actual": "supportive", "predicted": "mixed"}, {"actual": "mixed", "predicted": "mixed"}]
    assert len(rows) == 20 and sum(r["actual"] == r["predicted"] for r in rows) == 19
    with (tmp_path / "deep" / "plots" / "reliability.csv").open(encoding="utf-8") as stream:
        bins = list(csv.DictReader(stream))
    assert sum(int(b["rows"]) for b in bins) == 20
    assert sum(int(b["rows"]) * float(b["accuracy"]) for b in bins) == pytest.approx(19, abs=0.01)


def test_pictures_are_written_alike_for_alike_outcomes(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for name, wrong in (("a", 3), ("b", 3), ("c", 9)):
        write_pictures(_outcomes(wrong), tmp_path / name, "tiny, dev")
    for name in ("confusion.png", "reliability.png"):
        a, b, c = ((tmp_path / folder / name).read_bytes() for folder in "abc")
        assert a.startswith(b"\x89PNG") and a == b != c
