"""Many rows to one file: the same bytes whether or not the run was killed, and bad rows put aside."""

from __future__ import annotations

import csv
import hashlib
import json
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("keyword_predictor.py")
SAID = ("We welcome the clinics in district {n}.", "We are concerned about the {n} arrests.", "We asked {n} questions.")


def table_of(path: Path, rows: int) -> Path:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(("id", "debate", "target", "speaker", "text"))
        for n in range(rows):
            writer.writerow((n, f"d{n // 50}", "Dorvania", f"State {n % 40}", SAID[n % 3].format(n=n)))
    return path


def command(source: Path, out: Path, *more: str) -> list[str]:
    return [sys.executable, str(PROGRAM), "predict", str(source), "-o", str(out), *more]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def size_of(folder: Path) -> int:
    """Bytes in a folder at work, in which files come and go between a look and the next; none without the folder."""
    total = 0
    for path in folder.glob("*"):
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_killed_run_is_picked_up_and_writes_the_same_bytes(ending: str, tmp_path: Path) -> None:
    source = table_of(tmp_path / "rows.csv", 20_000)
    straight, killed = tmp_path / f"straight.{ending}", tmp_path / f"killed.{ending}"
    subprocess.run(command(source, straight), check=True, capture_output=True)
    work = Path(f"{killed}.partial")
    for _ in range(3):
        before = size_of(work)
        process = subprocess.Popen(command(source, killed), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            if size_of(work) > before + 100_000:
                break
            time.sleep(0.01)
        assert process.poll() is None, "it must be killed before it is done"
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not killed.exists(), "an output stands whole or not at all"
    subprocess.run(command(source, killed), check=True, capture_output=True)
    assert digest(killed) == digest(straight)
    assert not work.exists()


@pytest.mark.slow
def test_an_unfinished_run_of_something_else_is_not_gone_on_with(tmp_path: Path) -> None:
    source, out = table_of(tmp_path / "rows.csv", 20_000), tmp_path / "out.csv"
    with source.open("a", encoding="utf-8") as more:
        more.write('20000,d9,Dorvania,State,"SLEEP"\n')
    process = subprocess.Popen(command(source, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    work, deadline = Path(f"{out}.partial"), time.monotonic() + 60
    while size_of(work) <= 100_000:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    process.wait()
    table_of(source, 20)
    refused = subprocess.run(command(source, out), capture_output=True, text=True)
    assert refused.returncode == 1 and "--restart" in refused.stderr, refused.stderr
    done = subprocess.run(command(source, out, "--restart"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(list(csv.DictReader(out.open(encoding="utf-8")))) == 20


def test_bad_rows_are_an_error_or_put_aside(tmp_path: Path) -> None:
    source, out = tmp_path / "rows.jsonl", tmp_path / "out.csv"
    rows = [{"text": "We welcome the law.", "speaker": "A"}, {"text": "We asked.", "speaker": "B"}]
    source.write_text("\n".join([json.dumps(rows[0]), '{"text": ', json.dumps(rows[1])]) + "\n", encoding="utf-8")
    failed = subprocess.run(command(source, out), capture_output=True, text=True)
    assert failed.returncode == 1 and "line 2" in failed.stderr and not out.exists(), failed.stderr
    passed = subprocess.run(command(source, out, "--on-error", "skip", "--restart"), capture_output=True, text=True)
    assert passed.returncode == 0, passed.stderr
    assert len(list(csv.DictReader(out.open(encoding="utf-8")))) == 2
    (aside,) = (json.loads(line) for line in Path(f"{out}.rejects.jsonl").read_text(encoding="utf-8").splitlines())
    assert "line 2" in json.dumps(aside) or aside.get("line") == 2
