"""The runs of the learning curve, summed up and drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from statestance.evaluation import figures
from statestance.evaluation.figures import FloatArray, Sums

ENDS = {"none-0": ("no real label", "left"), "all-0": ("all", "center"), "once-0": ("all and 664 further", "right")}
LINES = {"random": ("#0072B2", "o", "at random"), "next": ("#D55E00", "s", "label next")}


def summary(records: Sequence[Mapping[str, Any]], runs: Path) -> dict[str, Any]:
    """Figures by point, their mean over seeds, and differences on the test reports with 95 % intervals."""
    points = dict[str, list[Mapping[str, Any]]]()
    for record in records:
        points.setdefault(f"{record['how']}-{record['size']}", []).append(record)
    drawn = {name: _drawn(members, runs) for name, members in points.items()}
    found = dict[str, Any]()
    for name, members in points.items():
        found[name] = {
            "how": members[0]["how"],
            "labels": [r["labels"] for r in members],
            "replayed": members[0]["replayed"],
            "outcomes": [r["outcomes"] for r in members],
            "seeds": [r["seed"] for r in members],
            "test": _side(members, "test"),
            "test_interval": _rounded(figures.interval(drawn[name][1:])),
            "over_no_labels": _difference(drawn[name], drawn["none-0"]),
            "seconds": [r["train_seconds"] for r in members],
        }
        if name.startswith("next"):
            found[name]["over_random"] = _difference(drawn[name], drawn[name.replace("next", "random")])
    return {"points": found}


def _side(members: Sequence[Mapping[str, Any]], side: str) -> dict[str, Any]:
    made = dict[str, Any]()
    for figure in members[0][side]:
        values = [r[side][figure]["value"] if isinstance(r[side][figure], dict) else r[side][figure] for r in members]
        made[figure] = {"mean": round(float(np.mean(values)), 4), "seeds": values}
    return made


def _drawn(members: Sequence[Mapping[str, Any]], runs: Path) -> FloatArray:
    """Macro-F1 on the test reports, mean over the seeds: first the value, then resamples of reports."""
    found = []
    for record in members:
        with np.load(runs / f"{record['how']}-{record['size']}-seed{record['seed']}.npz") as kept:
            by_debate = Sums(**{name: kept[name] for name in Sums.__slots__})
        debates = by_debate.confusion.shape[0]
        weights = np.concatenate([np.ones((1, debates)), figures.resamples(debates, 1000, 7)])
        found.append(figures.headline(by_debate.drawn(weights))["macro_f1"])
    mean: FloatArray = np.mean(found, axis=0)
    return mean


def _difference(one: FloatArray, other: FloatArray) -> dict[str, float]:
    low, high = figures.interval((one - other)[1:])
    return dict(zip(("value", "low", "high"), _rounded((float((one - other)[0]), low, high)), strict=True))


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(float(v), 4) + 0.0 for v in values]


def draw(results: Path, out: Path) -> None:
    """Macro-F1 on the test reports against the number of labels: a dot a seed, a line through the means."""
    import matplotlib

    matplotlib.rcParams |= {"svg.hashsalt": "curve", "svg.fonttype": "none", "font.size": 10}
    points = json.loads(results.read_text(encoding="utf-8"))["points"]
    figure = Figure(figsize=(7.2, 4.4), layout="constrained")
    axes = figure.add_subplot()
    ends = [_dots(points[name]) for name in ("none-0", "all-0") if name in points]
    for how, (colour, marker, name) in LINES.items():
        inner = [_dots(p) for p in points.values() if p["how"] == how]
        line = sorted((float(np.mean(x)), float(np.mean(y))) for x, y in [*ends, *inner])
        axes.plot(*zip(*line, strict=True), color=colour, linewidth=2)
        for point in (p for p in points.values() if p["how"] == how):
            labels, values = _dots(point)
            axes.scatter(labels, values, color=colour, marker=marker, s=22, alpha=0.6, linewidths=0)
            _bar(axes, point, colour, -5 if how == "random" else 5)
        told = {"textcoords": "offset points", "color": colour, "weight": "bold"}
        axes.annotate(name, line[len(line) // 2], (4, 14 if how == "next" else -22), **told)
    for point, (name, side) in ENDS.items():
        if point in points:
            labels, values = _dots(points[point])
            axes.scatter(labels, values, color="black", marker="D", s=22, alpha=0.6, linewidths=0)
            _bar(axes, points[point], "black", 0)
            low = points[point]["test_interval"][0]
            axes.annotate(name, (np.mean(labels), low), (0, -14), textcoords="offset points", ha=side)
    axes.set(
        xlabel="labelled real interventions",
        ylabel="macro-F1, 27 held-out reports",
        xlim=(-30, None),
        ylim=(0.78, 0.98),
    )
    axes.set_title("A dot: one training; lines: means; thin bars: 95 % over reports", loc="left", fontsize=10)
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(out, metadata={"Date": None, "Creator": None})


def _bar(axes: Any, point: Mapping[str, Any], colour: str, aside: int) -> None:
    """The interval of a mean, over reports."""
    axes.vlines(np.mean(point["labels"]) + aside, *point["test_interval"], color=colour, alpha=0.35, linewidth=1)


def _dots(point: Mapping[str, Any]) -> tuple[list[int], list[float]]:
    return point["labels"], point["test"]["macro_f1"]["seeds"]
