"""The leaderboard: every model, dev and test, with intervals, time and size, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from statestance.evaluation.compare import Difference
from statestance.evaluation.counts import HOW, MIN_ROWS
from statestance.stance import OUTCOMES, Stance


@dataclass(frozen=True, slots=True)
class Entry:
    """One model: ``details`` as ``evaluate`` wrote them, training time in seconds, bundle size in bytes."""

    name: str
    learner: str
    details: Mapping[str, Any]
    seconds: float
    size: int
    device: str


def _interval(figure: Mapping[str, float]) -> str:
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _gap(entry: Entry, gaps: Mapping[str, Difference], best: str) -> str:
    if entry.name == best:
        return "champion"
    gap = gaps[entry.name]
    told = "differs" if gap.significant else "no clear difference"
    return f"{gap.value:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}]: {told}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else "under 0.1 MB"


def _headlines(entries: Sequence[Entry], gaps: Mapping[str, Difference], best: str) -> str:
    head = ["model", "macro-F1, dev", "macro-F1, test", "accuracy, test", "macro-F1 of four outcomes, test"]
    head += ["difference from the champion, test", "training", "bundle"]
    rows = []
    for entry in entries:
        dev, test = entry.details["dev"]["headline"], entry.details["test"]["headline"]
        name = f"**{entry.name}**" if entry.name == best else entry.name
        figures = [dev["macro_f1"], test["macro_f1"], test["accuracy"], test["macro_f1_4"]]
        cost = [f"{entry.seconds:,.0f} s", _megabytes(entry.size)]
        rows.append([name, *map(_interval, figures), _gap(entry, gaps, best), *cost])
    return _table(head, rows)


def _quality(entries: Sequence[Entry]) -> str:
    head = [
        "model",
        "MCC",
        "log-loss",
        "Brier",
        "ECE",
        "answered",
        "right among answered",
        "right among the surest 90 %",
        "90 % sets hold the label",
        "outcomes in a set",
        "praise F1",
        "concern F1",
    ]
    rows = []
    for entry in entries:
        test = entry.details["test"]["headline"]
        names = [
            "mcc",
            "log_loss",
            "brier",
            "ece",
            "coverage",
            "accuracy_answered",
            "accuracy_surest",
            "set_coverage",
            "set_size",
            "praise_f1",
            "concern_f1",
        ]
        rows.append([entry.name, *(_interval(test[n]) if n in test else "–" for n in names)])
    return _table(head, rows)


def _classes(entry: Entry) -> str:
    classes, confusion = entry.details["test"]["per_class"], entry.details["test"]["confusion"]
    head = ["label", "rows", "precision", "recall", "F1", *(f"answered {o}" for o in OUTCOMES)]
    rows = []
    for outcome in OUTCOMES:
        figures = classes[outcome]
        numbers = [f"{figures[k]:.3f}" for k in ("precision", "recall", "f1")]
        rows.append([outcome, str(figures["rows"]), *numbers, *(str(confusion[outcome][o]) for o in OUTCOMES)])
    return _table(head, rows)


def _slices(entry: Entry) -> str:
    test = entry.details["test"]
    rows = [[n, str(s["rows"]), f"{s['macro_f1']:.3f}", f"{s['accuracy']:.3f}"] for n, s in test["slices"].items()]
    return _table(["slice", "rows", "macro-F1", "accuracy"], rows)


def _counts(entries: Sequence[Entry]) -> str:
    head = ["model", *(f"{s}: mean error" for s in Stance), *(f"{s}: mean absolute error" for s in Stance)]
    rows = []
    for entry in entries:
        errors = entry.details["test"]["count_error_per_debate"]
        signed = [f"{errors[s]['mean_error']:+.2f}" for s in Stance]
        rows.append([entry.name, *signed, *(f"{errors[s]['mean_absolute_error']:.2f}" for s in Stance)])
    return _table(head, rows)


def _tallies(entries: Sequence[Entry]) -> str:
    head = ["model", "debates", *(f"{HOW[how]}: error" for how in HOW)]
    head += [f"{HOW[how]}: interval holds" for how in HOW if how != "counted"]
    rows = []
    for entry in entries:
        found = entry.details["test"].get("tally") or {"debates": 0}
        figures = [found.get(how, {}).get("mean_absolute_error") for how in HOW]
        figures += [found.get(how, {}).get("interval_holds") for how in HOW if how != "counted"]
        rows.append([entry.name, str(found["debates"]), *(_interval(f) if f else "–" for f in figures)])
    return _table(head, rows)


def _released(cards: Sequence[Mapping[str, Any]]) -> str:
    """What the cards of the released models say of themselves, a line for each part that was measured."""
    names = {"macro_f1": "macro-F1", "accuracy": "accuracy", "macro_f1_4": "macro-F1 of four outcomes"}
    names |= {"praise_f1": "praise F1", "concern_f1": "concern F1", "ece": "ECE"}
    names |= {"accuracy_surest": "right among the surest 90 %", "set_coverage": "90 % sets hold the label"}
    head = ["release", "text", "interventions", "debates", *names.values()]
    rows = [
        [card["version"], text, str(part["rows"]), str(part["debates"])]
        + [_interval(part["headline"][n]) if n in part["headline"] else "–" for n in names]
        for card in cards
        for text, part in card["metrics"].items()
    ]
    return _table(head, rows)


def markdown(
    entries: Sequence[Entry],
    gaps: Mapping[str, Difference],
    *,
    best: str,
    metric: str,
    cards: Sequence[Mapping[str, Any]] = (),
) -> str:
    """The whole page. Models stand in the order of their dev score; ``cards`` are those of the released models."""
    ranked = sorted(entries, key=lambda e: -e.details["dev"]["headline"][metric]["value"])
    champion = next(e for e in entries if e.name == best)
    dev, test = champion.details["dev"], champion.details["test"]
    devices = ", ".join(sorted({e.device for e in entries}))
    return f"""# Leaderboard

Written by `dvc repro` (stage `select`); do not edit. Measured on the prepared data of `params.yaml`: dev
{dev["rows"]} interventions in {dev["debates"]} debates, test {test["rows"]} in {test["debates"]}; no debate is on
two sides. The project's own statements are **composed**, and composed text is easier than real debates: figures on
real text stand apart, below for the released model, and in the folders beside this file.

The champion is chosen on dev ({metric}); test is reported, never chosen on. Intervals are 95 %, by bootstrap
over debates. Macro-F1 and accuracy are over the interventions with a stance (answering "no stance" is a miss);
"four outcomes" counts the interventions without a stance too. A model differs from the champion if the interval
of the paired difference excludes zero. Training time on: {devices}.

{_headlines(ranked, gaps, best)}

## Calibration, abstention and evidence (test)

Log-loss, Brier score and expected calibration error are of the four outcomes; "answered" is the share that is not
abstained for low confidence; the surest 90 % are the rows of the highest confidence; "90 % sets" are conformal
prediction sets that should hold the label in 90 % of texts; praise and concern F1 are of evidence sentences.

{_quality(ranked)}

## Counting a debate (test)

Predicted minus labelled number of interventions of a stance in a debate: its mean, and the mean of its size.

{_counts(ranked)}

By State, over the debates of at least {MIN_ROWS} labelled rows: how far the count is off (mean absolute error a stance
and debate), and how often its 90 % interval holds the labelled count. "Counted" adds up the answers, "expected" the
probabilities, "EMQ" and "ACC" the probabilities corrected for the mix of the debate.

{_tallies(ranked)}

## The champion: {best} (test)

{_classes(champion)}

{_slices(champion)}

## Released models

From their cards; they are not made by this pipeline. "real" are held-out reports of real debates, "composed" the test
part of the project's own statements: two numbers that do not compare.

{_released(cards)}
"""
