"""The benchmarks run and print their rows; how fast is never asserted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


def run(*args: str | Path, cwd: Path) -> str:
    command = [sys.executable, str(FOLDER / args[0]), *map(str, args[1:])]
    done = subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rows(said: str) -> list[str]:
    """The first cells of the table's rows."""
    return [line.split("|")[1].strip() for line in said.splitlines() if line.startswith("|")][2:]


def test_what_cannot_run_is_left_out_with_the_reason(tmp_path: Path) -> None:
    run("run.py", "--out", tmp_path / "bench.md", "transcripts.py", "serving.py", cwd=tmp_path)
    told = (tmp_path / "bench.md").read_text(encoding="utf-8")
    assert "- left out: transcripts.py: needs real reports: make bench FOLDER=…\n" in told
    assert "- left out: serving.py: needs a champion: make repro\n" in told


@pytest.mark.slow
def test_growth_prints_time_and_memory_and_draws_them(tmp_path: Path) -> None:
    said = run("growth.py", "--sizes", "20", "40", "--plot", "growth.png", cwd=tmp_path)
    assert rows(said) == ["time of 40 rows, onnxruntime", "peak memory of 40 rows, onnxruntime"]
    assert (tmp_path / "growth.png").stat().st_size


@pytest.mark.slow
def test_a_killed_batch_ends_with_the_same_bytes(tmp_path: Path) -> None:
    said = run("batch.py", "--rows", "300", "--kills", "1", "--ending", ".csv", cwd=tmp_path)
    assert rows(said) == ["the same bytes after 1 × SIGKILL, 300 rows (.csv)"]


@pytest.mark.slow
@pytest.mark.train
def test_the_table_holds_the_rows_of_every_script(tmp_path: Path) -> None:
    run("run.py", "--quick", "--out", tmp_path / "bench.md", "install.py", "cold.py", cwd=tmp_path)
    told = (tmp_path / "bench.md").read_text(encoding="utf-8")
    start = "start to 5 stances"
    assert rows(told) == ["installed size", "import", "memory after the import", start, "peak memory of it"]
    assert "cores" in told.splitlines()[2]
    assert "$ python benchmarks/cold.py --quick\n" in told
