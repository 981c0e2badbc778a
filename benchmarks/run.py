"""Every benchmark, one after the other, and one table of what they found: what `make bench` runs.

    python benchmarks/run.py [--out build/bench.md] [--folder ../reports] [--quick] [SCRIPT ...]

A line of a benchmark's output that starts with "|" is a row of the table; what else it prints stands below, under its
name. What cannot run here is left out, with the reason.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import measured

HERE = Path(__file__).parent
COMPOSED = HERE.parent / "data/statements/composed.jsonl"


@dataclass(frozen=True, slots=True)
class Part:
    """A script, its options, and what it waits for: a reason to leave it out, or nothing."""

    script: str
    options: tuple[str, ...] = ()
    lacks: Callable[[], str] = field(default=lambda: "")


def _weights() -> str:
    there = (HERE.parent / "build/models/sequence").is_dir() and (HERE.parent / "data/statements/upr.jsonl").is_file()
    return "" if there else "needs trained weights and real rows: make repro-real"


@dataclass(slots=True)
class Found:
    """What the benchmarks said: rows of the table, the rest by script, and what was left out or failed, and why."""

    rows: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def parts(folder: Path | None) -> list[Part]:
    """All of them, the short ones first."""
    return [
        Part("install.py"),
        Part("cold.py"),
        Part("predict.py", (), _weights),
        Part("predict.py", ("--part", "test"), _weights),
        Part("transcripts.py", (str(folder),), lambda: "" if folder else "needs real reports: make bench FOLDER=…"),
        Part("serving.py", (), lambda: "" if Path("mlflow.db").is_file() else "needs a champion: make repro"),
        Part("batch.py"),
        Part("training.py", (), lambda: "" if COMPOSED.is_file() else "needs the composed statements: make data"),
        Part("growth.py", ("--fast",)),
        Part("growth.py", ("--runtime", "openvino", "--plot", "build/growth-openvino.png")),
    ]


def carry_out(part: Part, found: Found, *, quick: bool) -> None:
    """Run a script, showing what it says as it comes."""
    script = HERE / part.script
    if reason := part.lacks() if script.is_file() else "not written yet":
        found.left_out.append(f"{part.script}: {reason}")
        return
    options = [*part.options, *(["--quick"] if quick and "--quick" in script.read_text(encoding="utf-8") else [])]
    command = " ".join(["python", f"benchmarks/{part.script}", *options])
    print(f"\n{command}", flush=True)
    process = subprocess.Popen([sys.executable, script, *options], stdout=subprocess.PIPE, encoding="utf-8")
    assert process.stdout is not None
    rest = []
    for line in process.stdout:
        print(line, end="", flush=True)
        if not line.startswith("|"):
            rest.append(line.rstrip())
        elif line.strip() not in measured.HEADER.splitlines():
            found.rows.append(line.strip())
    found.notes.append("\n".join(["```console", f"$ {command}", *rest, "```"]))
    if process.wait():
        found.failed.append(f"{part.script}: ended with {process.returncode}")


def report(found: Found, machine: str) -> str:
    """The table and what stands below it, as Markdown."""
    table = "\n".join([measured.HEADER, *found.rows])
    missing = "\n".join([f"- failed: {one}" for one in found.failed] + [f"- left out: {one}" for one in found.left_out])
    return "\n\n".join(filter(None, ["# Benchmarks", machine, table, missing, *found.notes])) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scripts", nargs="*", metavar="SCRIPT", help="such as cold.py; all by itself")
    parser.add_argument("--out", type=Path, default=Path("build/bench.md"))
    parser.add_argument("--folder", type=Path, help="real reports, for transcripts.py")
    parser.add_argument("--quick", action="store_true", help="tiny inputs: whether they run, not how fast")
    args = parser.parse_args()
    chosen = [p for p in parts(args.folder) if not args.scripts or p.script in args.scripts]
    if unknown := set(args.scripts) - {p.script for p in chosen}:
        parser.error(f"expected scripts out of benchmarks/; found {', '.join(sorted(unknown))}")
    machine, found = measured.machine(), Found()
    print(machine)
    for part in chosen:
        carry_out(part, found, quick=args.quick)
        # After each, since the later ones take long.
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(report(found, machine), encoding="utf-8")
    print("\n" + report(found, machine).split("```", 1)[0].strip() + f"\n\nwritten to {args.out}")
    sys.exit(bool(found.failed))


if __name__ == "__main__":
    main()
