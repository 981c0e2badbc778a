"""What every benchmark measures: the machine in words, a command's seconds and peak memory, a row of the table."""

from __future__ import annotations

import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
PREDICT = (sys.executable, "-c", "from statestance.apps.cli import main; main()", "predict")
"""The command line of this environment, whatever is on the PATH."""
HEADER = "| what | statestance | beside | ratio | aim |\n|---|---|---|---|---|"


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended: seconds from its start to its end, peak memory in MB (10⁶ bytes), what it printed."""

    seconds: float
    peak: float
    said: str


def machine() -> str:
    """The hardware, and how busy it was: figures of a machine at work with something else say less."""
    info = Path("/proc/cpuinfo")
    text = info.read_text(encoding="utf-8") if info.is_file() else ""
    model = re.search(r"model name\s*: (.+)", text)
    name = model[1] if model else platform.processor() or platform.machine()
    amx = " with AMX" if "amx_tile" in text else ""
    load = f", load {os.getloadavg()[0]:.1f} before the start" if hasattr(os, "getloadavg") else ""
    return f"{name}{amx}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}{load}"


def run(command: Sequence[str | Path]) -> Ran:
    """Run a command to its end; raise ``SystemExit`` with what it said if it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    with process.stdout as stream:
        said = stream.read().decode(errors="replace")
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} … ended with {process.returncode}:\n{said[-3000:]}")
    # The kernel counts in units of 1,024 bytes, macOS in bytes.
    return Ran(seconds, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6, said)


def alternating(rounds: int, *works: Callable[[], T]) -> list[list[T]]:
    """Do each of the works in turn, so many times; return what each gave."""
    found: list[list[T]] = [[] for _ in works]
    for _ in range(rounds):
        for work, its in zip(works, found, strict=True):
            its.append(work())
    return found


def compare(what: str, ours: Sequence[float], peer: str, theirs: Sequence[float], unit: str, aim: str = "") -> float:
    """Print the row of two medians and their ratio, ours by the peer's; return the ratio."""
    a, b = statistics.median(ours), statistics.median(theirs)
    row(what, printed(a, unit), f"{peer}: {printed(b, unit)}", f"{a / b:.2f}", aim)
    return a / b


def printed(value: float, unit: str) -> str:
    """Three digits, and all of those before the point."""
    return f"{value:,.0f} {unit}".strip() if abs(value) >= 100 else f"{value:.3g} {unit}".strip()


def row(what: str, ours: str, peer: str, ratio: str, aim: str = "") -> None:
    """Print one row under ``HEADER``; ``run.py`` knows it by its first character."""
    print(f"| {what} | {ours} | {peer} | {ratio} | {aim} |", flush=True)
