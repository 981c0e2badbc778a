"""How time and memory of a long prediction grow with its rows, beside the same at the smallest size.

    python benchmarks/growth.py [--model released] [--sizes 1000 3000 10000 30000 100000] [--plot build/growth.png]
        [--runtime …] [--fast] [--quick]

Every run is `statestance predict rows.jsonl -o out.jsonl` in a process of its own. Time is of the whole process,
the load of the model included; the exponent is the slope of log(seconds) over log(rows) by least squares (1: twice
the rows take twice the time). Memory is the peak of the process, as the system counts it.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import invented
import measured
import numpy as np

SIZES = [1_000, 3_000, 10_000, 30_000, 100_000]


def exponent(sizes: list[int], seconds: list[float]) -> float:
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def draw(sizes: list[int], runs: list[measured.Ran], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    seconds = [r.seconds for r in runs]
    left.loglog(sizes, seconds, "o-", label=f"measured, exponent {exponent(sizes, seconds):.2f}")
    left.loglog(sizes, [seconds[0] * s / sizes[0] for s in sizes], ":", color="grey", label="in proportion")
    left.set(xlabel="rows", ylabel="seconds")
    left.legend()
    right.semilogx(sizes, [r.peak for r in runs], "o-")
    right.set(xlabel="rows", ylabel="peak memory, MB", ylim=(0, 1.2 * max(r.peak for r in runs)))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="released")
    parser.add_argument("--runtime", help="as that of `statestance predict`")
    parser.add_argument("--fast", action="store_true", help="as that of `statestance predict`")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--plot", type=Path, default=Path("build/growth.png"))
    parser.add_argument("--quick", action="store_true", help="100 and 300 rows")
    args = parser.parse_args()
    sizes = [100, 300] if args.quick else sorted(args.sizes)
    options = ["--model", args.model, *(["--runtime", args.runtime] if args.runtime else [])]
    options += ["--fast"] * args.fast
    print(f"{measured.machine()}, {' '.join(options)}")
    runs = []
    with tempfile.TemporaryDirectory() as name:
        for size in sizes:
            source, out = invented.table(Path(name, f"{size}.jsonl"), size), Path(name, "out.jsonl")
            runs.append(measured.run([*measured.PREDICT, source, "-o", out, *options]))
            with out.open("rb") as lines:
                assert sum(1 for _ in lines) == size
            took, peak = runs[-1].seconds, runs[-1].peak
            print(f"{size:>8} rows: {took:.1f} s, {size / took:.0f} a second, peak {peak:.0f} MB", flush=True)
    if len(sizes) < 2:
        return
    draw(sizes, runs, args.plot)
    print(f"plot: {args.plot}")
    print(measured.HEADER)
    slope = exponent(sizes, [r.seconds for r in runs])
    how = "".join(f", {o}" for o in (args.runtime or "onnxruntime", "--fast" * args.fast) if o)
    first, last = f"{sizes[0]:,} rows", f"{sizes[-1]:,} rows"
    times = [measured.printed(runs[n].seconds, "s") for n in (-1, 0)]
    measured.row(f"time of {last}{how}", times[0], f"{first}: {times[1]}", f"exponent {slope:.2f}", "≤ 1.05")
    measured.compare(f"peak memory of {last}{how}", [runs[-1].peak], first, [runs[0].peak], "MB", "≤ 1.10")


if __name__ == "__main__":
    main()
