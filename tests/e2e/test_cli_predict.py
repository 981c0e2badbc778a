"""``statestance predict`` and ``tally`` as a user runs them, each in a process of its own."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from statestance.predict.table import COLUMNS, read

PROGRAM = Path(__file__).with_name("keyword_predictor.py")
DEBATE = Path(__file__).parents[2] / "examples/debate.txt"
LINES = (
    "Norway: We welcome the new clinics.\n\n"
    "Chile: We are concerned about the arrests of editors.\n\n"
    "Ghana: We will submit our questions in writing.\n"
)


def command(*args: str | Path) -> list[str]:
    return [sys.executable, str(PROGRAM), *map(str, args)]


def run(*args: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command(*args),
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        env={**os.environ, "COLUMNS": "120", **env},
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture
def debate(tmp_path: Path) -> Path:
    path = tmp_path / "small.txt"
    path.write_text("Interactive dialogue on the situation of human rights in Vellmora\n\n" + LINES, encoding="utf-8")
    return path


def test_the_example_debate_counts_seventeen_and_ten(tmp_path: Path) -> None:
    done = run("predict", DEBATE, cwd=tmp_path)
    assert done.returncode == 0
    assert "27 States, 27 interventions" in done.stdout
    assert re.search(r"\+ supportive +17 ", done.stdout) and re.search(r"± mixed +10 ", done.stdout)
    assert re.search(r"− critical +0 ", done.stdout)
    assert "layout script, State under review Vellmora; kept 27 interventions" in done.stderr
    assert "model: keywords" in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_table_shows_stance_by_sign_and_the_sentences_that_show_it(debate: Path, tmp_path: Path) -> None:
    done = run("predict", debate, cwd=tmp_path)
    assert re.search(r"Norway +\+ supportive +0\.97 +\+ We welcome the new clinics\.", done.stdout)
    assert re.search(r"Chile +− critical +0\.97 +− We are concerned about the arrests", done.stdout)
    assert re.search(r"Ghana +\? no_stance +0\.97 +We will submit our questions in writing\.", done.stdout)
    assert "abstained from 1: 1 × no_stance" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_an_output_has_exactly_the_columns_and_feeds_the_tally(ending: str, tmp_path: Path) -> None:
    out = tmp_path / f"out.{ending}"
    done = run("predict", DEBATE, "-o", out, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert f"wrote 27 rows to {out}" in done.stderr
    assert len(read(out)) == 27
    counted = run("tally", out, "--compare", "17 supportive, 10 mixed", cwd=tmp_path)
    assert counted.returncode == 0
    assert counted.stdout.count("inside") == 2 and "outside" not in counted.stdout
    wrong = run("tally", out, "--compare", "27 supportive", cwd=tmp_path)
    assert "outside" in wrong.stdout


def test_csv_is_what_a_spreadsheet_reads(debate: Path, tmp_path: Path) -> None:
    run("predict", debate, "-o", "out.csv", cwd=tmp_path)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == COLUMNS
    norway, chile, ghana = rows
    assert (norway["speaker"], norway["speaker_iso3"], norway["target"]) == ("Norway", "NOR", "Vellmora")
    assert (norway["stance"], norway["praise"], norway["p_supportive"]) == ("supportive", "[0]", "0.97")
    assert (chile["stance"], json.loads(chile["concern"])) == ("critical", [0])
    assert (ghana["stance"], ghana["abstained"], ghana["abstain_reason"]) == ("", "true", "no_stance")


def test_keep_all_writes_the_turns_left_out_with_the_reason(tmp_path: Path) -> None:
    source, out = tmp_path / "rows.csv", tmp_path / "out.jsonl"
    source.write_text(
        "text,speaker,target\n"
        "We welcome the clinics.,Norway,Cambodia\n"
        "We thank all delegations.,Cambodia,Cambodia\n"
        "We regret the arrests.,Chile,Cambodia\n",
        encoding="utf-8",
    )
    assert "left out 1: 1 × delegation of the State under review" in run("predict", source, cwd=tmp_path).stderr
    run("predict", source, "-o", out, "--keep-all", cwd=tmp_path)
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [r["speaker"] for r in rows] == ["Norway", "Cambodia", "Chile"]
    assert rows[1]["abstained"] and "delegation of the State under review" in rows[1]["abstain_reason"]
    counted = run("tally", out, cwd=tmp_path)
    assert "2 States, 2 interventions" in counted.stdout


def test_several_debates_have_a_line_each_and_a_claim_needs_one_of_them(tmp_path: Path) -> None:
    source = tmp_path / "rows.jsonl"
    rows = [
        ("north", "Norway", "We welcome it."),
        ("south", "Chile", "We regret it."),
        ("south", "Peru", "We welcome it."),
    ]
    source.write_text(
        "".join(json.dumps({"debate": d, "speaker": s, "text": t}) + "\n" for d, s, t in rows),
        encoding="utf-8",
    )
    run("predict", source, "-o", "out.csv", cwd=tmp_path)
    whole = run("tally", "out.csv", cwd=tmp_path)
    assert re.search(r"north +1 +1 +0 +0 +0", whole.stdout) and re.search(r"south +2 +1 +0 +1 +0", whole.stdout)
    assert "2 debates, 3 States, 3 interventions" in whole.stdout
    refused = run("tally", "out.csv", "--compare", "1 critical", cwd=tmp_path)
    assert refused.returncode == 1 and "name one with --debate" in refused.stderr
    held = run("tally", "out.csv", "--compare", "1 critical", "--debate", "south", cwd=tmp_path)
    assert held.returncode == 0 and "inside" in held.stdout
    assert "it holds north, south" in run("tally", "out.csv", "--debate", "east", cwd=tmp_path).stderr


BAD_INPUT = {
    "empty.txt": b"",
    "blank.txt": b" \n\n \n",
    "no-turns.txt": b"The meeting rose at noon. Nobody spoke.\n",
    "no-text.csv": b"speech,speaker\nWe welcome it.,Norway\n",
    "header.csv": b"text,speaker\n",
    "broken.jsonl": b'{"text": "We welcome it."}\n{"text": \n',
    "broken.parquet": b"PAR1 and no more",
    "notes.xyz": b"We welcome it.",
}


@pytest.mark.parametrize("name", [*BAD_INPUT, "missing.txt"])
def test_bad_input_is_one_clear_message_and_leaves_the_earlier_output(name: str, tmp_path: Path) -> None:
    if name in BAD_INPUT:
        (tmp_path / name).write_bytes(BAD_INPUT[name])
    out = tmp_path / "out.csv"
    out.write_text("earlier", encoding="utf-8")
    done = run("predict", name, "-o", out, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("statestance: expected ") and name in done.stderr
    assert done.stderr.count("\n") == 1
    assert out.read_text(encoding="utf-8") == "earlier"
    assert {p.name for p in tmp_path.iterdir()} == {"out.csv", name} - {"missing.txt"}


@pytest.mark.parametrize("encoding", ["mac_roman", "windows-1252", "utf-16"])
def test_old_encodings_are_read(encoding: str, tmp_path: Path) -> None:
    text = "Côte d’Ivoire: We welcome the naïve café’s “new” role, señor.\n\nNorway: We regret the arrests.\n"
    (tmp_path / "old.txt").write_bytes(text.encode(encoding))
    assert run("predict", "old.txt", "-o", "out.jsonl", cwd=tmp_path).returncode == 0
    first = read(tmp_path / "out.jsonl")[0].intervention
    assert (first.speaker_iso3, first.text) == ("CIV", "We welcome the naïve café’s “new” role, señor.")


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (
            ["predict", "small.txt", "--model", "nobody"],
            1,
            "expected a model: auto or a folder; found 'nobody'",
        ),
        (
            ["predict", "small.txt", "-o", "out.xlsx"],
            1,
            "expected an output ending in .csv, .jsonl, .parquet",
        ),
        (["predict", "small.txt", "-o", "nowhere/out.csv"], 1, "expected a folder"),
        (["predict", "small.txt", "--layout", "sonnet"], 2, "'sonnet' is not one of auto, "),
        (["predict"], 2, "INPUT"),
        (["predict", "small.txt", "--colour"], 2, "--colour"),
        (["tally", "small.txt"], 1, "expected a .jsonl, .csv or .parquet file"),
        (["tally", "missing.csv"], 1, "found none"),
        (["tally", "small.csv"], 1, "no column stance"),
        (["tally", "small.csv", "--joint", "both"], 2, "both"),
        (["nothing"], 2, "nothing"),
    ],
)
def test_wrong_use_is_one_clear_message(args: list[str], code: int, message: str, debate: Path) -> None:
    debate.with_suffix(".csv").write_text("text\nOne.\n", encoding="utf-8")
    done = run(*args, cwd=debate.parent)
    assert done.returncode == code, done.stderr
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert done.stdout == ""


def test_an_interruption_ends_with_130_and_leaves_the_earlier_output_and_what_goes_on(tmp_path: Path) -> None:
    rows = ["We welcome it."] * 300 + ["SLEEP"]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in rows), encoding="utf-8")
    out = tmp_path / "out.jsonl"
    out.write_text("earlier", encoding="utf-8")
    process = subprocess.Popen(
        command("predict", "rows.jsonl", "-o", out), cwd=tmp_path, stderr=subprocess.PIPE, encoding="utf-8"
    )
    made, deadline = tmp_path / "out.jsonl.partial/rows.jsonl", time.monotonic() + 60
    while not (made.is_file() and made.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert f"the same command goes on from {made.parent}" in errors
    assert out.read_text(encoding="utf-8") == "earlier"
    assert len(made.read_text(encoding="utf-8").splitlines()) == 256
    assert not list(tmp_path.glob(".out*"))


def test_a_reader_that_stops_early_is_no_error_to_speak_of(tmp_path: Path) -> None:
    rows = "".join(json.dumps({"text": f"We welcome clinic {n}."}) + "\n" for n in range(3000))
    (tmp_path / "rows.jsonl").write_text(rows, encoding="utf-8")
    process = subprocess.Popen(
        command("predict", "rows.jsonl"), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    errors = process.stderr.read().decode()
    assert process.wait(timeout=60) == 141
    assert errors == ""


def test_a_terminal_of_few_characters_gets_question_marks(debate: Path) -> None:
    done = run("predict", debate, cwd=debate.parent, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0 and "supportive" in done.stdout


def test_text_cannot_steer_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(
        json.dumps({"speaker": "[bold]Norway\x1b[2J", "text": "We welcome [red]\x1b[31mit[/red]\x07."}) + "\n",
        encoding="utf-8",
    )
    done = run("predict", "rows.jsonl", cwd=tmp_path)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout and "\x07" not in done.stdout
    assert "[bold]Norway" in done.stdout and "[red]" in done.stdout


def test_progress_shows_on_a_terminal_alone(debate: Path) -> None:
    assert "turns" not in run("predict", debate, "-o", "out.csv", cwd=debate.parent).stderr
    shown = run("predict", debate, "-o", "out.csv", cwd=debate.parent, STDERR_IS_A_TERMINAL="1", FORCE_COLOR="1")
    assert "turns" in shown.stderr


def test_files_of_a_folder_that_no_reader_knows_are_named(debate: Path, tmp_path: Path) -> None:
    folder = tmp_path / "debates"
    folder.mkdir()
    (folder / "a.txt").write_bytes(debate.read_bytes())
    (folder / "scan.tiff").write_bytes(b"II*")
    done = run("predict", folder, cwd=tmp_path)
    assert done.returncode == 0
    assert "passed over 1 files of no known type: scan.tiff" in done.stderr


def test_a_bad_file_among_many_is_told_and_the_others_are_counted(debate: Path, tmp_path: Path) -> None:
    folder = tmp_path / "debates"
    folder.mkdir()
    (folder / "a.txt").write_bytes(debate.read_bytes())
    (folder / "b.txt").write_bytes(b"")
    (folder / "c.pdf").write_bytes(b"%PDF-1.4 cut short")
    out = tmp_path / "out.jsonl"
    done = run("predict", folder, "-o", out, cwd=tmp_path)
    assert done.returncode == 1
    assert "2 files could not be read" in done.stderr
    assert "b.txt" in done.stderr
    assert "c.pdf" in done.stderr
    assert len(out.read_text(encoding="utf-8").splitlines()) == 3
    (folder / "a.txt").unlink()
    before = out.read_bytes()
    assert run("predict", folder, "-o", out, cwd=tmp_path).returncode == 1
    assert out.read_bytes() == before
