"""Long predictions: killed again and again and picked up, and the memory that they take as they grow.

    python benchmarks/batch.py MODEL [--rows 20000] [--kills 10] [--sizes 1000 10000 100000]

MODEL is a bundle's folder. Rows are invented statements; every run is `statestance predict` in a process of its own.
A killed run gets SIGKILL at a moment drawn at random; at the end the hash of what it wrote is held against that of
a run that nobody stopped. Memory is the peak of the whole process, as the system counts it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SENTENCES = (
    "We welcome the new clinics in the northern districts.",
    "We commend the reform of the prisons.",
    "We are concerned about the arrests of editors.",
    "We regret the law on associations.",
    "We thank the delegation for its report.",
    "We encourage further steps on housing.",
    "We ask what is planned for the schools of the islands.",
)


def table(path: Path, rows: int) -> Path:
    drawn = random.Random(1)
    with path.open("w", encoding="utf-8") as out:
        for number in range(rows):
            text = " ".join([*drawn.sample(SENTENCES, drawn.randint(1, 5)), f"This is statement {number}."])
            row = {"debate": f"d{number // 60}", "speaker": f"State {number % 60}", "target": "Vellmora", "text": text}
            out.write(json.dumps(row) + "\n")
    return path


def start(source: Path, out: Path, model: Path) -> subprocess.Popen[bytes]:
    program = "from statestance.apps.cli import main; main()"
    command = [sys.executable, "-c", program, "predict", source, "-o", out, "--model", model]
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[bytes]) -> tuple[float, str]:
    """Wait; return the peak memory in MB and what was said."""
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the run ended with {process.returncode}:\n{said}")
    return used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3), said


def digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def begun(process: subprocess.Popen[bytes], out: Path) -> float:
    """Wait until a run is at work; return when that was."""
    while process.poll() is None and not Path(f"{out}.partial", "run.json").is_file():
        time.sleep(0.01)
    return time.monotonic()


def killed(folder: Path, model: Path, rows: int, kills: int, ending: str) -> None:
    source, straight, out = table(folder / "k.jsonl", rows), folder / f"straight{ending}", folder / f"killed{ending}"
    called, process = time.monotonic(), start(source, straight, model)
    began = begun(process, straight)
    finish(process)
    work, loading, drawn = time.monotonic() - began, began - called, random.Random()
    kept, told, least = list[int](), list[str](), 0
    state = Path(f"{out}.partial", "state.json")
    while len(kept) < kills:
        process = start(source, out, model)
        # Shares of the work that add up to most of it; some moments fall into the loading of the program too.
        time.sleep(loading * drawn.uniform(0.8, 1.2) + drawn.uniform(0, 2 * work / kills))
        process.kill()
        process.wait()
        if not out.exists():  # it may also be killed when all is written, and only its end is missing
            kept.append(json.loads(state.read_bytes())["rows"] if state.is_file() else 0)
            told.append(str(kept[-1]))
            if kept[-1] < least:
                raise SystemExit(f"rows that were safe are lost: {', '.join(told)}")
            least = kept[-1]
        else:
            out.unlink()  # once more from the beginning
            told.append("all (begun anew)")
            least = 0
    _, said = finish(start(source, out, model))
    made = next((line for line in said.splitlines() if line.startswith("wrote")), "").replace(str(out), out.name)
    same = digest(straight) == digest(out)
    print(f"{rows} rows, killed {kills} times, when {', '.join(told)} rows were safe; {made}")
    print(f"  sha256 {digest(out)[:16]}…: {'the same as' if same else 'NOT that of'} the run that was not stopped")
    if not same:
        raise SystemExit(1)


def memory(folder: Path, model: Path, sizes: list[int]) -> None:
    peaks = []
    for rows in sizes:
        began = time.monotonic()
        peak, _ = finish(start(table(folder / f"m{rows}.jsonl", rows), folder / "m.jsonl", model))
        peaks.append(peak)
        print(f"{rows:>8} rows: peak {peak:.0f} MB, {time.monotonic() - began:.1f} s")
    print(f"largest beside smallest input: {peaks[-1] / peaks[0]:.2f} of its memory")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--ending", choices=(".csv", ".jsonl", ".parquet"), default=".parquet")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    args = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, model {args.model.name}")
    with tempfile.TemporaryDirectory() as name:
        if args.kills:
            killed(Path(name), args.model.resolve(), args.rows, args.kills, args.ending)
        if args.sizes:
            memory(Path(name), args.model.resolve(), args.sizes)


if __name__ == "__main__":
    main()
