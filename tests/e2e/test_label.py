"""The labelling loop as a user goes it: what to label, out, filled in, back; and the labeller in a real terminal."""

from __future__ import annotations

import csv
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from keyword_predictor import KeywordPredictor
from typer.testing import CliRunner, Result

from label_tasks import lines, predictions_file, task
from statestance.apps.cli import main
from statestance.corpus import read
from statestance.curation.tasks import write_queue
from statestance.domain import Marks


def run(*args: str | Path, fails: bool = False) -> Result:
    result = CliRunner().invoke(main, [str(a) for a in args], env={"COLUMNS": "120"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code != 0) is fails, result.output
    return result


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    pytest.importorskip("sklearn")
    source = predictions_file(tmp_path / "predictions.csv")
    run("label", "next", "--from", source, "-n", "4", "-o", tmp_path / "queue.jsonl")
    return tmp_path / "queue.jsonl"


def fill(sheet: Path, marks: dict[int, str]) -> None:
    """Write marks into lines of a CSV sheet, numbered from 2 on."""
    with sheet.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    for line, mark in marks.items():
        rows[line - 1][rows[0].index("mark")] = mark
    with sheet.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)


def test_once_round(queue: Path, tmp_path: Path) -> None:
    told = run("label", "export", queue, "--to", "csv").stderr
    assert f"{tmp_path / 'queue.csv'}: 4 interventions, 0 of them labelled" in told
    fill(tmp_path / "queue.csv", {2: "praise", 5: "concern", 6: "not an intervention"})
    out = tmp_path / "mine.jsonl"
    told = run("label", "import", tmp_path / "queue.csv", "--queue", queue, "-o", out).stderr
    ids = [row["id"] for row in lines(queue)]
    assert f"{out}: 3 of 4 interventions labelled, 1 supportive, 0 mixed, 1 critical, 0 none; 1 not interv" in told
    assert f"still to be labelled, 1: {ids[3]}" in told
    found = read(out)
    assert {r.intervention.id: r.marks for r in found.rows} == {ids[0]: Marks((0,), ()), ids[1]: Marks((), (1,))}
    assert run("check", out).stdout.startswith(f"{out}: 2 rows, ")

    fill(tmp_path / "queue.csv", {4: "both", 8: "none"})
    assert "found" in run("label", "import", tmp_path / "queue.csv", "--queue", queue, "-o", out, fails=True).stderr
    run("label", "import", tmp_path / "queue.csv", "--queue", queue, "-o", out, "--add")
    assert {r.intervention.id: r.marks for r in read(out).rows} == {
        ids[0]: Marks((0,), ()),
        ids[1]: Marks((0,), (0, 1)),
        ids[3]: Marks(),
    }

    second = tmp_path / "second.jsonl"
    source = tmp_path / "predictions.csv"
    told = run("label", "next", "--from", source, "-n", "50", "--labelled", out, "-o", second).stderr
    assert "4 labelled already" in told
    assert not {row["id"] for row in lines(second)} & set(ids)


def test_the_queue_says_what_the_model_says_and_where_from(queue: Path) -> None:
    rows: list[Any] = lines(queue)
    assert {row["debate"] for row in rows} == {"selmark", "orvania"}
    assert all(row["suggested"]["stance"] in ("supportive", "none") and "praise" not in row for row in rows)


def test_work_that_may_be_in_a_file_is_not_overwritten(queue: Path, tmp_path: Path) -> None:
    told = run("label", "next", "--from", tmp_path / "predictions.csv", "-o", queue, fails=True).stderr
    assert "which may hold work" in told
    run("label", "export", queue, "--to", "xlsx")
    assert "which may hold work" in run("label", "export", queue, "--to", "xlsx", fails=True).stderr


def test_faults_are_listed_and_nothing_is_written(queue: Path, tmp_path: Path) -> None:
    run("label", "export", queue, "--to", "csv")
    fill(tmp_path / "queue.csv", {2: "good", 4: "bad"})
    told = run("label", "import", tmp_path / "queue.csv", "--queue", queue, "-o", tmp_path / "m.jsonl", fails=True)
    assert "found 2 faults" in told.stderr and "queue.csv:4: mark = bad: no such mark" in told.stderr
    assert not (tmp_path / "m.jsonl").exists()


@pytest.mark.parametrize("to", ["labelstudio", "csv"])
def test_suggestions_go_out_only_where_asked(queue: Path, tmp_path: Path, to: str) -> None:
    plain, told = tmp_path / f"plain.{'json' if to == 'labelstudio' else 'csv'}", tmp_path / "told"
    told = told.with_suffix(plain.suffix)
    run("label", "export", queue, "--to", to, "-o", plain)
    run("label", "export", queue, "--to", to, "-o", told, "--suggest")
    word = "predictions" if to == "labelstudio" else "suggested"
    assert word not in plain.read_text(encoding="utf-8")
    assert word in told.read_text(encoding="utf-8")


@pytest.fixture
def keywords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that needs no training, in the place of any that is named."""
    pytest.importorskip("sklearn")
    monkeypatch.setattr("statestance.apps.models.open_model", lambda *_, **__: KeywordPredictor())


@pytest.mark.usefixtures("keywords")
def test_a_report_that_cannot_be_read_is_told_and_the_others_are_asked_about(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "a.txt").write_text("Nothing that anybody said.\n", encoding="utf-8")
    (folder / "b.txt").write_text("Norway: We welcome the clinics.\nChile: We regret fines.\n", encoding="utf-8")
    told = run("label", "next", "--from", folder, "--target", "Selmark", "-o", tmp_path / "q.jsonl").stderr
    assert "left out: expected a transcript in a known layout" in told and "a.txt" in told
    assert [row["speaker"] for row in lines(tmp_path / "q.jsonl")] == ["Norway", "Chile"]
    alone = run("label", "next", "--from", folder / "a.txt", "-o", tmp_path / "none.jsonl", fails=True).stderr
    assert "known layout" in alone and "--layout" in alone


@pytest.mark.usefixtures("keywords")
def test_the_layout_can_be_named_as_the_error_says(tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("1. Norway welcomed the clinics.\n2. Chile regretted fines.\n", encoding="utf-8")
    ask = ("label", "next", "--from", source, "--target", "Selmark", "-o", tmp_path / "q.jsonl")
    assert "name its layout with --layout" in run(*ask, fails=True).stderr
    run(*ask, "--layout", "summary")
    assert len(lines(tmp_path / "q.jsonl")) == 2


def test_a_queue_that_is_not_there_says_what_makes_one(tmp_path: Path) -> None:
    told = run("label", "export", tmp_path / "q.jsonl", "--to", "csv", fails=True).stderr
    assert "expected a queue" in told and "statestance label next" in told


class Typist:
    """A person at a terminal that runs ``statestance label start``."""

    def __init__(self, *args: str | Path) -> None:
        pty = pytest.importorskip("pty", reason="no pseudo-terminals on this system")
        self.ours, theirs = pty.openpty()
        # A suite that was started in the background ignores interrupts, and so would its children.
        heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        program = f"{heard}; from statestance.apps.cli import main; main()"
        command = [sys.executable, "-c", program, "label", "start", *map(str, args)]
        environment = os.environ | {"COLUMNS": "100", "TERM": "xterm"}
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
        os.close(theirs)
        self.seen = ""

    def reads(self, text: str) -> None:
        """Wait until the terminal shows a text, and forget what came before it."""
        end = time.monotonic() + 60
        while text not in self.seen:
            assert time.monotonic() < end, self.seen
            if select.select([self.ours], [], [], 1)[0]:
                self.seen += os.read(self.ours, 4096).decode(errors="replace")
        self.seen = self.seen.partition(text)[2]

    def types(self, keys: str) -> None:
        os.write(self.ours, keys.encode())

    def leaves(self) -> int:
        code = self.process.wait(timeout=60)
        os.close(self.ours)
        return code


def test_labelling_in_a_terminal_with_undo_and_a_break(tmp_path: Path) -> None:
    queue, out = tmp_path / "q.jsonl", tmp_path / "q.labels.jsonl"
    texts = [(f"Ulvania welcomed law {n}.", "It regretted fines.") for n in range(3)]
    write_queue(queue, [task(n, sentences) for n, sentences in enumerate(texts)])
    one = Typist(queue)
    one.reads("0 of 3 done")
    one.types("p\x1b[Bc\rx")  # typed ahead of what is shown; the arrow goes one sentence down
    one.reads("2 of 3 done")
    one.types("u")
    one.reads("1 of 3 done")
    one.types("q")
    assert one.leaves() == 0
    assert {r.intervention.id: r.marks for r in read(out).rows} == {"selmark-0": Marks((0,), (1,))}

    again = Typist(queue)
    again.reads("1 of 3 done")
    again.reads("law 1")
    again.types("\r")
    again.reads("law 2")
    again.process.send_signal(signal.SIGINT)
    assert again.leaves() == 130
    assert {r.intervention.id: r.marks for r in read(out).rows} == {
        "selmark-0": Marks((0,), (1,)),
        "selmark-1": Marks(),
    }


def test_a_labeller_needs_a_terminal_and_its_own_file(tmp_path: Path) -> None:
    write_queue(queue := tmp_path / "q.jsonl", [task(1)])
    assert "expected a terminal" in run("label", "start", queue, fails=True).stderr
