"""Long predictions that are killed again and again and picked up, beside one that nobody stopped.

    python benchmarks/batch.py [MODEL] [--rows 3000] [--kills 10] [--ending .parquet] [--quick]

MODEL is as `statestance predict --model` takes it. Rows are invented; every run is `statestance predict` in a
process of its own. A killed run gets SIGKILL at a moment drawn at random; at the end the hash of what it wrote
is held against that of the straight run, and the time of all its runs against the straight one's.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import invented
import measured


@dataclass(frozen=True, slots=True)
class Batch:
    """One input, the model that predicts it, and what the straight run and the killed ones write."""

    source: Path
    model: str
    straight: Path
    killed: Path

    def command(self, out: Path) -> list[str]:
        return [*measured.PREDICT, str(self.source), "-o", str(out), "--model", self.model]

    def start(self, out: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.command(out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def finish(self, out: Path) -> str:
        """Run to the end; return what was said of the rows written."""
        said = measured.run(self.command(out)).said.splitlines()
        return next((line for line in said if line.startswith("wrote")), "").replace(str(out), out.name)


def digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def straight(batch: Batch) -> tuple[float, float]:
    """Seconds that a run takes to begin with its rows, and then to its end."""
    called, process = time.monotonic(), batch.start(batch.straight)
    while process.poll() is None and not Path(f"{batch.straight}.partial", "run.json").is_file():
        time.sleep(0.01)
    began = time.monotonic()
    if process.wait():
        batch.finish(batch.straight)  # once more, for what it says
    return began - called, time.monotonic() - began


def kill(batch: Batch, kills: int, loading: float, work: float) -> list[str]:
    """Start and kill so many times; return the rows that were safe after each."""
    told, least, drawn = list[str](), 0, random.Random()
    state = Path(f"{batch.killed}.partial", "state.json")
    for _ in range(kills):
        process = batch.start(batch.killed)
        # Shares of the work that add up to most of it; some moments fall into the loading of the program too.
        time.sleep(loading * drawn.uniform(0.8, 1.2) + drawn.uniform(0, 2 * work / kills))
        process.kill()
        process.wait()
        if batch.killed.exists():  # it may also be killed when all is written, and only its end is missing
            batch.killed.unlink()  # once more from the beginning
            told.append("all (begun anew)")
            least = 0
            continue
        safe = json.loads(state.read_bytes())["rows"] if state.is_file() else 0
        told.append(str(safe))
        if safe < least:
            raise SystemExit(f"rows that were safe are lost: {', '.join(told)}")
        least = safe
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="released")
    parser.add_argument("--rows", type=int, default=3_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--ending", choices=(".csv", ".jsonl", ".parquet"), default=".parquet")
    parser.add_argument("--quick", action="store_true", help="600 rows, two kills")
    args = parser.parse_args()
    rows, kills = (600, 2) if args.quick else (args.rows, args.kills)
    print(f"{measured.machine()}, model {args.model}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        outs = folder / f"straight{args.ending}", folder / f"killed{args.ending}"
        batch = Batch(invented.table(folder / "rows.jsonl", rows), args.model, *outs)
        loading, work = straight(batch)
        began = time.monotonic()
        told = kill(batch, kills, loading, work)
        made = batch.finish(batch.killed)
        took = time.monotonic() - began
        print(f"{rows} rows, killed {kills} times, when {', '.join(told)} rows were safe; {made}")
        ours, theirs = digest(batch.killed), digest(batch.straight)
    print(f"sha256 {ours[:16]}… killed, {theirs[:16]}… straight")
    if ours != theirs:
        raise SystemExit("the killed run wrote other bytes")
    print(measured.HEADER)
    same = f"the same bytes after {kills} × SIGKILL, {rows:,} rows ({args.ending})"
    measured.compare(same, [took], "the straight run", [loading + work], "s")


if __name__ == "__main__":
    main()
