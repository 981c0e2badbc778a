"""How long reading reports takes, beside charset-normalizer deciding on their encoding alone.

    python benchmarks/transcripts.py FOLDER [--rounds 5]

FOLDER holds transcripts in plain text (the UPR reports, say). Both run in turn, on one core, in processor time;
medians and their ratio are printed.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from charset_normalizer import from_bytes

from statestance.transcripts import stream


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    files = sorted(args.folder.rglob("*.txt"))
    size = sum(path.stat().st_size for path in files)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {0})
    turns = sum(len(debate.turns) for debate in stream(files))  # warms both caches
    ours, peer = [], []
    for _ in range(args.rounds):
        ours.append(seconds(lambda: [len(debate.turns) for debate in stream(files)]))
        peer.append(seconds(lambda: [from_bytes(path.read_bytes()).best() for path in files]))
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, one core")
    print(f"{len(files)} files, {size / 1e6:.1f} MB, {turns} turns; medians of {args.rounds} rounds, in turn")
    print(f"statestance.transcripts, all of it:       {statistics.median(ours):.2f} s")
    print(f"charset-normalizer, the encoding alone:   {statistics.median(peer):.2f} s")
    print(f"ratio: {statistics.median(ours) / statistics.median(peer):.2f}")


if __name__ == "__main__":
    main()
