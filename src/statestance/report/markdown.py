"""A report as Markdown: for a wiki, a mail or a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from statestance.report import figures, wording
from statestance.report.comparison import Cell, Comparison
from statestance.report.content import Entry, Facts, Report
from statestance.stance import NO_STANCE, OUTCOMES, Stance

_SPECIAL = re.compile(r"([\\`*_{}\[\]#!|~$])")
_AT_THE_START = re.compile(r"^(\d*)([-+=.)])")
"""What makes a list, a rule or a heading of a line."""


def escape(text: str) -> str:
    """Text that Markdown shows as it is, on one line: no mark-up, no HTML, no link in it."""
    line = " ".join(text.split())
    line = _AT_THE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", line))
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return line.replace("://", "&#58;//").replace("www.", "www&#46;").replace("@", "&#64;")


def render(report: Report) -> str:
    """Return the report as Markdown (GitHub's, for the tables)."""
    parts = [f"# {escape(report.title)}", _head(report), f"> {escape(report.sentence)}"]
    if len(report.debates) > 1:
        rows = [
            [escape(d.name), *map(str, figures.of_states(d.tally).values())] for d in report.debates
        ]  # fmt: skip
        parts += ["## By debate", _table(["Debate", *OUTCOMES], rows)]
    parts += ["## The count", _count(report), wording.JOINT[report.joint]]
    if report.tally.by_group:
        rows = [[name, *map(str, counts.values())] for name, counts in report.tally.by_group.items()]
        parts += ["## By regional group", _table(["Group", *OUTCOMES], rows)]
    if report.themes.counts:
        rows = [[one.theme.name, str(one.praise), str(one.concern)] for one in report.themes.counts]
        parts += ["## Themes, in States", _table(["Theme", "+ praise", "− concern"], rows), wording.THEMES_ORDER]
    several = len(report.debates) > 1
    parts += ["## Every intervention"]
    for debate in report.debates:
        parts += [f"### {escape(debate.name)}"] if several else []
        parts += [_entry(e) for e in debate.entries if not e.asks]
    if report.asking:
        parts += ["## For a human to decide", "The model gave these no stance; please read them."]
        parts += [_entry(e, escape(e.prediction.intervention.debate) if several else "") for e in report.asking]
    if report.unsure:
        parts += [f"## {wording.UNSURE}", wording.WHY_UNSURE, "\n".join(_line(e, several) for e in report.unsure)]
    return "\n\n".join([*parts, *_made(report.facts)]) + "\n"


def render_comparison(one: Comparison) -> str:
    """Return a comparison of debates as Markdown."""
    names = [escape(column.name) for column in one.columns]
    counts = [[n, *map(str, figures.of_states(c.tally).values())] for n, c in zip(names, one.columns, strict=True)]
    rows = []
    for track in one.tracks:
        sure = f" ({track.sure:.2f})" if track.sure is not None else ""
        rows.append([escape(track.name), *map(_cell, track.cells), f"{track.arrow} {track.move}{sure}"])
    parts = [f"# {escape(one.title)}", f"> {escape(one.sentence)}"]
    if one.steps:
        parts += ["From one debate to the next:", "\n".join(f"- {escape(step)}" for step in one.steps)]
    parts += ["## By debate", _table(["Debate", *OUTCOMES], counts)]
    parts += ["## State by State", _table(["Speaker", *names, "Move"], rows)]
    return "\n\n".join([*parts, *_made(one.facts)]) + "\n"


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return ""
    shown = f"{wording.LOOKS[cell.outcome].sign} {wording.LOOKS[cell.outcome].short}"
    return f"{shown} ({cell.confidence:.2f})" if cell.stance else shown


def _head(report: Report) -> str:
    tally = report.tally
    parts = [f"State under review: **{escape(report.target)}**"] if report.target else []
    parts += [wording.speakers(tally), wording.plural(tally.interventions, "intervention")]
    return " · ".join(parts + ([report.facts.date] if report.facts.date else []))


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _count(report: Report) -> str:
    tally, rows = report.tally, []
    for stance in Stance:
        states, turns = tally.by_state[stance], tally.by_intervention[stance]
        cells = (str(states.counted), wording.span(states), str(turns.counted), wording.span(turns))
        rows.append([f"{wording.LOOKS[str(stance)].sign} {stance}", *cells])
    rows.append(["? no stance given", str(tally.undecided), "", str(sum(tally.abstained.values())), ""])
    return _table(["Stance", "States", "90 %", "Interventions", "90 %"], rows)


def _entry(entry: Entry, debate: str = "") -> str:
    one, look = entry.prediction.intervention, wording.LOOKS[entry.outcome]
    behalf = f" (for {escape(entry.on_behalf_of)})" if entry.on_behalf_of else ""
    where = f" · {debate}" if debate else ""
    head = f"**{escape(entry.name)}**{behalf}: {look.sign} {look.word}, {entry.certainty}"
    lines = [head + where]
    if entry.outcome == NO_STANCE:
        lines.append(wording.why_abstained(entry.prediction))
    lines.append("> " + escape(one.text))
    evidence = []
    for sentence in entry.sentences:
        marks = [m for m, there in (("+ praise", sentence.praise), ("− concern", sentence.concern)) if there]
        if marks:
            evidence.append(f"- {' and '.join(marks)}: {escape(sentence.text)}")
    return "\n\n".join(lines + (["\n".join(evidence)] if evidence else []))


def _line(entry: Entry, several: bool) -> str:
    """An intervention that stands above, in one line."""
    look = wording.LOOKS[entry.outcome]
    where = f" · {escape(entry.prediction.intervention.debate)}" if several else ""
    behalf = f" (for {escape(entry.on_behalf_of)})" if entry.on_behalf_of else ""
    return f"- **{escape(entry.name)}**{behalf}: {look.sign} {look.word}, {entry.certainty}{where}"


def _made(facts: Facts) -> list[str]:
    parts = ["## How it was made", "\n".join(f"- {name}: {escape(value)}" for name, value in wording.made(facts))]
    if facts.read:
        parts += ["### What was read", "\n".join(f"- {escape(line)}" for line in facts.read)]
    return [*parts, "### Limits", "\n".join(f"- {line}" for line in facts.limits)]
