"""Plots of one evaluation: tables that DVC draws, and pictures for MLflow and for people."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from statestance.evaluation.measure import Outcomes, reliability
from statestance.stance import OUTCOMES


def write_tables(outcomes: Outcomes, folder: Path) -> None:
    """Write ``confusion.csv`` (a row an intervention) and ``reliability.csv`` (a row a bin)."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "confusion.csv").open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(["actual", "predicted"])
        rows.writerows([OUTCOMES[g], OUTCOMES[a]] for g, a in zip(outcomes.gold, outcomes.answer, strict=True))
    with (folder / "reliability.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, ["confidence", "accuracy", "rows"], lineterminator="\n")
        table.writeheader()
        table.writerows({k: round(v, 4) for k, v in row.items()} for row in reliability(outcomes))


def _figure(title: str) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.4, 4.8), layout="constrained", dpi=120)
    axes = figure.add_subplot()
    axes.set_title(title)
    return figure, axes


def write_pictures(outcomes: Outcomes, folder: Path, title: str) -> None:
    """Write ``confusion.png`` and ``reliability.png``."""
    folder.mkdir(parents=True, exist_ok=True)
    _confusion(outcomes, folder / "confusion.png", title)
    _reliability(outcomes, folder / "reliability.png", title)


def _confusion(outcomes: Outcomes, path: Path, title: str) -> None:
    import numpy as np

    counts = np.zeros((len(OUTCOMES), len(OUTCOMES)), dtype=int)
    np.add.at(counts, (outcomes.gold, outcomes.answer), 1)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = _figure(title)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(OUTCOMES)), OUTCOMES)
    axes.set_yticks(range(len(OUTCOMES)), OUTCOMES)
    axes.set_xlabel("answer")
    axes.set_ylabel("label")
    for i, row in enumerate(counts):
        for j, count in enumerate(row):
            colour = "white" if share[i, j] > 0.5 else "black"
            axes.text(j, i, f"{count}\n{share[i, j]:.0%}", ha="center", va="center", color=colour)
    figure.savefig(path, metadata={"Software": None})


def _reliability(outcomes: Outcomes, path: Path, title: str) -> None:
    rows = reliability(outcomes)
    figure, axes = _figure(title)
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--", label="as sure as right")
    largest = max(row["rows"] for row in rows)
    sizes = [30 + 300 * row["rows"] / largest for row in rows]
    axes.plot([r["confidence"] for r in rows], [r["accuracy"] for r in rows], color="tab:blue", alpha=0.5)
    axes.scatter(
        [r["confidence"] for r in rows],
        [r["accuracy"] for r in rows],
        s=sizes,
        color="tab:blue",
        label="bins (area: rows)",
    )
    axes.set(xlim=(0, 1.03), ylim=(0, 1.03), xlabel="confidence", ylabel="share that is right")
    axes.legend(loc="upper left")
    figure.savefig(path, metadata={"Software": None})
