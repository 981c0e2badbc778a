"""Labelled files looked after through the command line: agreement, adjudication, differences, checks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import invented_rows
from statestance.apps.cli import main
from statestance.corpus import read

pytestmark = pytest.mark.train
Marks = Sequence[tuple[Sequence[int], Sequence[int]]]


def run(*args: str | Path, code: int = 0, keys: str | None = None) -> Result:
    found = CliRunner().invoke(main, list(map(str, args)), input=keys, env={"COLUMNS": "200"})
    assert found.exit_code == code, found.output
    return found


def annotated(path: Path, marks: Marks) -> Path:
    """Rows of two sentences each, with these marks (praise, concern)."""
    rows = [
        {
            "id": f"r{n}",
            "debate": f"d{n}",
            "sentences": [f"Ulvania spoke of law {n}.", f"It went on to speak of prison {n}."],
            "praise": list(praise),
            "concern": list(concern),
        }
        for n, (praise, concern) in enumerate(marks)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


FIRST: Marks = [([0], []), ([0], []), ([0], [1]), ([], [1]), ([], [])]
SECOND: Marks = [([0], []), ([], []), ([0], [1]), ([0], [1]), ([], [])]


def test_agreement_is_what_the_formula_gives(tmp_path: Path) -> None:
    """Praise: 10 sentences, 3 marked by each, 2 by both, 2 differ: raw 0.8, by chance 0.58, kappa 0.22 / 0.42."""
    a, b = annotated(tmp_path / "a.jsonl", FIRST), annotated(tmp_path / "b.jsonl", SECOND)
    told = run("data", "agreement", a, b).output
    lines = {line.split()[0]: line.split() for line in told.splitlines() if line.strip()}
    assert lines["praise"][-6:-2] == ["10", "2", "0.8000", f"{0.22 / 0.42:.3f}"]
    assert lines["concern"][-6:-2] == ["10", "0", "1.0000", "1.000"]
    # Pooled shares 6 of 20 and 14 of 20: expected disagreement 2 · 6 · 14 / (20 · 19), observed 2 / 10.
    assert lines["praise"][-1] == f"{1 - 0.2 / (2 * 6 * 14 / (20 * 19)):.3f}"
    assert "r1" in told and "r3" in told


def test_adjudication_keeps_agreements_and_decides_by_a_third(tmp_path: Path) -> None:
    a, b = annotated(tmp_path / "a.jsonl", FIRST), annotated(tmp_path / "b.jsonl", SECOND)
    third = annotated(tmp_path / "c.jsonl", [([], []), ([0], []), ([], []), ([0], [1]), ([0], [])])
    told = run("data", "adjudicate", a, b, "-o", tmp_path / "out.jsonl", "--by", third).output
    assert "3 rows agreed, 2 decided, 0 open" in told
    marks = {r.intervention.id: (r.marks.praise, r.marks.concern) for r in read(tmp_path / "out.jsonl").rows if r.marks}
    # Where two agree the third is not asked; r1 goes to the first, r3 to the second.
    assert marks == {"r0": ((0,), ()), "r1": ((0,), ()), "r2": ((0,), (1,)), "r3": ((0,), (1,)), "r4": ((), ())}


def test_an_adjudication_never_writes_over_its_inputs(tmp_path: Path) -> None:
    a, b = annotated(tmp_path / "a.jsonl", FIRST), annotated(tmp_path / "b.jsonl", SECOND)
    before = a.read_bytes()
    assert "which is an input" in run("data", "adjudicate", a, b, "-o", a, code=1).output
    assert a.read_bytes() == before


def changed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row removed, one relabelled, one reworded, one added."""
    other = [dict(row) for row in rows[1:]]
    other[0] |= {"praise": [], "concern": []}
    other[1] |= {"sentences": ["Ulvania spoke of law 2 again.", other[1]["sentences"][1]]}
    return [*other, {**rows[0], "id": "new", "sentences": ["Ulvania said something else.", "And more."]}]


def test_differences_between_files_are_named_by_kind(tmp_path: Path) -> None:
    old = annotated(tmp_path / "old.jsonl", FIRST)
    rows = [json.loads(line) for line in old.read_text(encoding="utf-8").splitlines()]
    new = tmp_path / "new.jsonl"
    new.write_text("".join(json.dumps(row) + "\n" for row in changed(rows)), encoding="utf-8")
    told = run("data", "diff", old, new, "-o", tmp_path / "list.csv").output
    assert "1 added, 1 removed, 1 relabelled, 1 reworded, 0 other fields" in told
    listed = (tmp_path / "list.csv").read_text(encoding="utf-8")
    assert all(pair in listed for pair in ("added,new", "removed,r0", "relabelled,r1", "reworded,r2"))
    assert "0 added, 0 removed, 0 relabelled, 0 reworded, 0 other fields" in run("data", "diff", old, old).output


@pytest.mark.slow
def test_differences_between_revisions_come_from_dvc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dvc")
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")
    monkeypatch.chdir(tmp_path)

    def sh(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)

    who = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    sh("git", "init", "-q")
    sh(sys.executable, "-m", "dvc", "init", "-q")
    file = annotated(tmp_path / "mine.jsonl", FIRST)
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for content in (rows, changed(rows)):
        file.write_text("".join(json.dumps(row) + "\n" for row in content), encoding="utf-8")
        sh(sys.executable, "-m", "dvc", "add", "-q", "mine.jsonl")
        sh("git", "add", ".")
        sh("git", *who, "commit", "-q", "-m", "version")
    told = run("data", "diff", "HEAD~1", "HEAD", "--file", "mine.jsonl").output
    assert "1 added, 1 removed, 1 relabelled, 1 reworded" in told
    assert "0 added, 0 removed" in run("data", "diff", "HEAD", "--file", "mine.jsonl").output
    assert "HEAD~9" in run("data", "diff", "HEAD~9", "--file", "mine.jsonl", code=1).output


def test_a_text_on_both_sides_of_a_split_is_an_error(tmp_path: Path) -> None:
    rows = [dict(row, split="train") for row in invented_rows.rows(20)]
    clean = invented_rows.write(tmp_path / "clean.jsonl", rows)
    told = run("data", "check", "--no-suspects", clean).output
    assert "0 of them across splits" in told
    leak = dict(rows[0], id="leak", debate="another", split="test")
    other = invented_rows.write(tmp_path / "leak.jsonl", [leak])
    assert "a leak" in run("data", "check", "--no-suspects", clean, other, code=1).output


def test_a_judge_that_has_seen_few_rows_says_so(tmp_path: Path) -> None:
    pytest.importorskip("cleanlab")
    few = invented_rows.write(tmp_path / "few.jsonl", invented_rows.rows(40))
    assert "only 40 rows to judge by" in run("data", "check", few).output
    assert "to judge by" not in run("data", "check", "--no-suspects", few).output


@pytest.mark.slow
def test_labels_that_were_turned_round_are_suspected(tmp_path: Path) -> None:
    rows = invented_rows.rows(240)
    turned = [row for row in rows if row["praise"] and not row["concern"]][:5]
    for row in turned:
        row["praise"], row["concern"] = [], row["praise"]
        row.pop("stance", None)
    file = invented_rows.write(tmp_path / "rows.jsonl", rows)
    run("data", "check", file, "-o", tmp_path / "list.csv", "--limit", "0")
    suspected = (tmp_path / "list.csv").read_text(encoding="utf-8")
    found = [row["id"] for row in turned if f",{row['id']}," in suspected]
    assert len(found) >= 4, suspected[:2000]
    assert len(suspected.splitlines()) < 40, "few others are suspected"
