"""The bars of a report, in percent of their width, and the choices of its filters: what a template draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from statestance.report.content import Entry, Report
from statestance.report.wording import LOOKS
from statestance.stance import NO_STANCE, OUTCOMES, Stance
from statestance.tally import Count, Tally
from statestance.themes import ThemeTally
from statestance.themes import themes as all_themes

Choices = list[tuple[str, str]]
"""(value, what is read) of every option."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a stacked bar: from ``x``, ``width`` wide, in percent."""

    outcome: str
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """What is counted by stance, in the order of ``stance.OUTCOMES``: a group, or a debate and its State."""

    name: str
    detail: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Bar:
    """A count as a bar from 0 to ``width``, with its interval from ``low`` to ``high``, in percent."""

    width: float
    low: float
    high: float


def bar(count: Count, largest: int) -> Bar:
    """The bar of a count where the whole width is ``largest``."""
    share = 100 / max(1, largest)
    return Bar(round(count.counted * share, 2), round(count.low * share, 2), round(count.high * share, 2))


def stack(counts: Mapping[str, int], largest: int = 0) -> tuple[Segment, ...]:
    """Stacked parts in the order of ``stance.OUTCOMES``; the whole width is ``largest``, or all of the counts."""
    whole = max(largest, sum(counts.values()), 1)
    found, x = [], 0.0
    for outcome in OUTCOMES:
        width = 100 * counts.get(outcome, 0) / whole
        if width:
            found.append(Segment(outcome, counts[outcome], round(x, 2), round(width, 2)))
        x += width
    return tuple(found)


def of_states(one: Tally) -> dict[str, int]:
    """The counts by State, in the order of ``stance.OUTCOMES``."""
    return {**{str(s): one.by_state[s].counted for s in Stance}, NO_STANCE: one.undecided}


def by_group(one: Tally) -> list[Line]:
    return [Line(name, "", {o: counts.get(o, 0) for o in OUTCOMES}) for name, counts in one.by_group.items()]


def by_debate(report: Report) -> list[Line]:
    return [Line(d.name or "(no name)", d.target, of_states(d.tally)) for d in report.debates]


def largest(lines: Iterable[Line]) -> int:
    return max((sum(line.counts.values()) for line in lines), default=1)


def most(found: ThemeTally) -> int:
    return max((max(one.praise, one.concern) for one in found.counts), default=1)


def wing(count: int, whole: int) -> float:
    """A count in percent of a width of which either half is ``whole``."""
    return round(50 * count / max(1, whole), 2)


def outcomes(entries: Iterable[Entry]) -> Choices:
    there = {e.outcome for e in entries}
    return [(outcome, f"{look.sign} {look.word}") for outcome, look in LOOKS.items() if outcome in there]


def states(entries: Iterable[Entry]) -> Choices:
    names: dict[str, str] = {}
    for entry in entries:
        names.setdefault(entry.state, entry.name)
    return sorted(names.items(), key=lambda item: item[1])


def regions(entries: Iterable[Entry]) -> Choices:
    return [(name, name) for name in sorted({e.group for e in entries})]


def debates(report: Report) -> Choices:
    return [(d.name, d.name) for d in report.debates]


def themes(entries: Iterable[Entry]) -> Choices:
    there = {theme.key for e in entries for theme in e.themes}
    return [(t.key, t.name) for t in all_themes() if t.key in there]
