"""A report as a workbook, for those who go on counting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from statestance.predict.table import harmless
from statestance.report import figures, wording
from statestance.report.comparison import Comparison
from statestance.report.content import Facts, Report, region
from statestance.stance import NO_STANCE, OUTCOMES, Stance

if TYPE_CHECKING:
    from openpyxl import Workbook

_Value = str | int | float
_CELL = 32_767
"""The longest text that a cell holds."""


def render(report: Report) -> Workbook:
    """Return the report as sheets: Summary, States, Interventions, For a human, Themes, Made."""
    book = _new()
    header = ("What", *OUTCOMES, "90 % supportive", "90 % mixed", "90 % critical")
    _sheet(book, "Summary", header, _summary(report), below=(report.sentence,))
    _sheet(book, "States", _STATES, _states(report))
    _sheet(book, "Interventions", _INTERVENTIONS, _interventions(report))
    _sheet(book, "For a human", _HUMAN, _for_a_human(report))
    themes = [(one.theme.name, one.praise, one.concern) for one in report.themes.counts]
    _sheet(
        book, "Themes", ("Theme", "States with praise", "States with concern"), themes, below=(wording.THEMES_ORDER,)
    )
    _made(book, report.facts)
    return book


def render_comparison(one: Comparison) -> Workbook:
    """Return a comparison as sheets: Summary, States, Made."""
    book = _new()
    summary: list[Sequence[_Value]] = [(c.name, *figures.of_states(c.tally).values()) for c in one.columns]
    _sheet(book, "Summary", ("Debate", *OUTCOMES), summary, below=(one.sentence, *one.steps))
    header = ["Speaker", "Regional group"]
    for column in one.columns:
        header += [column.name, f"confidence, {column.name}"]
    rows = []
    for track in one.tracks:
        row: list[_Value] = [track.name, track.group]
        for cell in track.cells:
            row += [cell.outcome if cell else "", round(cell.confidence, 4) if cell and cell.stance else ""]
        rows.append([*row, track.move, "" if track.sure is None else round(track.sure, 4)])
    _sheet(book, "States", (*header, "Move", "Probability of the move"), rows)
    _made(book, one.facts)
    return book


def _summary(report: Report) -> Iterable[Sequence[_Value]]:
    whole = report.tally
    spans = [wording.span(whole.by_state[s]) for s in Stance]
    yield ("States", *figures.of_states(whole).values(), *spans)
    turns = [whole.by_intervention[s] for s in Stance]
    abstained = sum(whole.abstained.values())
    yield ("Interventions", *(c.counted for c in turns), abstained, *map(wording.span, turns))
    for name, counts in whole.by_group.items():
        yield (name, *counts.values())
    if len(report.debates) > 1:
        for d in report.debates:
            yield (d.name, *figures.of_states(d.tally).values(), *(wording.span(d.tally.by_state[s]) for s in Stance))


_STATES = ("Debate", "Speaker", "Code", "Regional group", "Stance", "Interventions", *(f"p {s}" for s in Stance))


def _states(report: Report) -> Iterable[Sequence[_Value]]:
    for position, name in zip(report.positions, report.names, strict=True):
        code = position.key if len(position.key) == 3 and position.key.isupper() else ""
        chances = (round(p, 4) for p in position.probabilities)
        stance = str(position.stance or NO_STANCE)
        yield (position.debate, name, code, region(position.key), stance, len(position.rows), *chances)


_INTERVENTIONS = (
    "Debate", "Speaker", "On behalf of", "Regional group", "Stance", "Confidence", "In a word", "Ask a human",
    "Praise", "Concern", "Themes", "Text", "Id",
)  # fmt: skip


def _interventions(report: Report) -> Iterable[Sequence[_Value]]:
    for entry in report.entries:
        p = entry.prediction
        one = p.intervention
        praise = "\n".join(s.text for s in entry.sentences if s.praise)
        concern = "\n".join(s.text for s in entry.sentences if s.concern)
        why = wording.why_abstained(p) if entry.asks else wording.UNSURE if entry.unsure else ""
        themes = "; ".join(t.name for t in entry.themes)
        verdict = (entry.group, entry.outcome, round(p.confidence, 4), entry.grade, why)
        yield (one.debate, entry.name, one.on_behalf_of, *verdict, praise, concern, themes, one.text, one.id)


_HUMAN = ("Why", "Debate", "Speaker", "On behalf of", "Stance", "Confidence", "Text", "Id")


def _for_a_human(report: Report) -> Iterable[Sequence[_Value]]:
    """What somebody should read: first what has no stance, then what is counted though the model was unsure."""
    for entry in (*report.asking, *report.unsure):
        p = entry.prediction
        why = wording.UNSURE if entry.unsure else wording.why_abstained(p)
        who = (p.intervention.debate, entry.name, entry.on_behalf_of)
        yield (why, *who, entry.outcome, round(p.confidence, 4), p.intervention.text, p.intervention.id)


def _made(book: Workbook, facts: Facts) -> None:
    rows = wording.made(facts)
    rows += [("Read", line) for line in facts.read] + [("Limits", line) for line in facts.limits]
    _sheet(book, "Made", ("What", "Value"), rows)


def _new() -> Workbook:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    return book


def _sheet(
    book: Workbook, title: str, header: Sequence[str], rows: Iterable[Sequence[_Value]], *, below: Sequence[str] = ()
) -> None:
    """Add a sheet: a frozen header with filters, columns as wide as is pleasant to read; sentences ``below`` them."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet, widest = book.create_sheet(title), [len(name) + 3 for name in header]
    sheet.append([_safe(name) for name in header])
    for row in rows:
        sheet.append([_safe(value) for value in row])
        for number, value in enumerate(row):
            widest[number] = max(widest[number], len(str(value)) + 1)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, width in enumerate(widest, 1):
        sheet.column_dimensions[get_column_letter(number)].width = min(60, width)
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            cell.alignment = Alignment(vertical="top", wrap_text=isinstance(cell.value, str))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    # Behind an empty row, where no filter takes them for a row; they run over the columns beside them.
    for number, sentence in enumerate(below, sheet.max_row + 2):
        sheet.cell(number, 1, _safe(sentence))


def _safe(value: _Value) -> _Value:
    """What a cell can hold and no spreadsheet runs."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        return value
    text = harmless(ILLEGAL_CHARACTERS_RE.sub(" ", value))
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"
