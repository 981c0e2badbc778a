"""Tasks as a sheet (csv, xlsx), one sentence a line with a cell for its mark, and what came back in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statestance.curation.returned import Returned, differs, folded
from statestance.curation.tasks import Answer, Task
from statestance.domain import Marks, StatestanceError
from statestance.predict.table import harmless, replacing

COLUMNS = ("id", "speaker", "target", "number", "sentence", "mark", "suggested")
CHOICES = ("praise", "concern", "both", "none", "not an intervention")
_NO_INTERVENTION = CHOICES[4]
_CARRIES = {"praise": (True, False), "concern": (False, True), "both": (True, True), "none": (False, False)}
_NEEDED = ("id", "number", "sentence", "mark")
_WIDTHS = (24, 18, 18, 8, 90, 20, 12)


def write(path: Path, tasks: Sequence[Task], answers: Mapping[str, Answer]) -> None:
    """Write a sheet in the format of the path's ending, with what was answered already in the column ``mark``.

    There is a column of suggestions where a task has any.
    """
    columns = COLUMNS if any(task.suggested for task in tasks) else COLUMNS[:-1]
    rows = [row[: len(columns)] for task in tasks for row in _rows(task, answers.get(task.id))]
    rows = [list(columns), *rows]
    with replacing(path) as part:
        (_write_xlsx if path.suffix == ".xlsx" else _write_csv)(part, rows)


def _rows(task: Task, answer: Answer | None) -> Iterator[list[str | int]]:
    one, given = task.intervention, task.suggested
    guess = (
        Marks(given.praise, given.concern) if given and given.praise is not None and given.concern is not None else None
    )
    for n, sentence in enumerate(one.sentence_texts):
        said = "" if answer is None else _NO_INTERVENTION if answer.marks is None else _word(answer.marks, n)
        texts = [harmless(folded(text)) for text in (one.id, one.speaker, one.target)]
        yield [*texts, n + 1, harmless(folded(sentence)), said, _word(guess, n) if guess else ""]


def _word(marks: Marks, number: int) -> str:
    carries = (number in marks.praise, number in marks.concern)
    return next(word for word, both in _CARRIES.items() if both == carries)


def _write_csv(path: Path, rows: Sequence[Sequence[str | int]]) -> None:
    # The mark at the start tells a spreadsheet that this is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerows(rows)


def _write_xlsx(path: Path, rows: Sequence[Sequence[str | int]]) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "label"
    for row in rows:
        sheet.append(list(row))
    for number, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
    letter = get_column_letter(COLUMNS.index("mark") + 1)
    choice = DataValidation(type="list", formula1=f'"{",".join(CHOICES)}"', allow_blank=True, showErrorMessage=True)
    choice.error = f"one of: {', '.join(CHOICES)}"
    choice.add(f"{letter}2:{letter}{len(rows)}")
    sheet.add_data_validation(choice)
    book.save(path)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a sheet: where it stands, and its cells of ``_NEEDED``."""

    place: int
    id: str
    number: str
    sentence: str
    mark: str


def read(path: Path, tasks: Mapping[str, Task]) -> Returned:
    """Read a sheet that was filled in; lines may be in any order, and whole interventions may be missing.

    An intervention counts as labelled once one of its cells is filled; the empty ones are "none" then.
    """
    found, parts = Returned(), dict[str, list[_Line]]()
    own = {harmless(folded(name)): name for name in tasks}
    for line in _lines(path):
        if line.id in own:
            parts.setdefault(own[line.id], []).append(line)
        elif line.id in tasks:
            parts.setdefault(line.id, []).append(line)
        elif line.id or line.sentence or line.mark:
            found.fault(path, line.place, "id", line.id, "not in the queue", "give the queue that was exported")
    for name, lines in parts.items():
        _take(found, path, tasks[name], lines)
    return found


def _take(found: Returned, path: Path, task: Task, lines: list[_Line]) -> None:
    count = len(task.intervention.sentences)
    numbers = [line.number.removesuffix(".0") for line in lines]
    if sorted(numbers) != sorted(str(n) for n in range(1, count + 1)):
        problem = f"lines {', '.join(numbers)}; {task.id} has sentences 1 to {count}"
        found.fault(path, lines[0].place, "number", task.id, problem, "put back or remove lines: one a sentence")
        return
    lines = sorted(lines, key=lambda line: int(line.number.removesuffix(".0")))
    own = task.intervention.sentence_texts
    texts = [
        here if line.sentence == harmless(folded(here)) else line.sentence
        for line, here in zip(lines, own, strict=True)
    ]
    for n, line in enumerate(lines):
        # One sentence at a time, so that the fault names the line on which it was edited.
        edited = [*own[:n], texts[n], *own[n + 1 :]]
        if fault := differs(path, line.place, "sentence", task, edited):
            found.faults.append(fault)
            return
    words = [" ".join(line.mark.casefold().split()) for line in lines]
    for line, word in zip(lines, words, strict=True):
        if word and word not in CHOICES:
            found.fault(path, line.place, "mark", line.mark, "no such mark", f"write {', '.join(CHOICES)}, or nothing")
            return
    if _NO_INTERVENTION in words:
        if others := {word for word in words if word not in ("", _NO_INTERVENTION)}:
            problem = f"{task.id} is also marked {', '.join(sorted(others))}"
            place = lines[words.index(_NO_INTERVENTION)].place
            found.fault(path, place, "mark", _NO_INTERVENTION, problem, "keep one of the two")
            return
        found.answers[task.id] = Answer(None)
    elif any(words):
        both = [_CARRIES[word or "none"] for word in words]
        praise, concern = (tuple(n for n, marks in enumerate(both) if marks[kind]) for kind in (0, 1))
        found.answers[task.id] = Answer(Marks(praise, concern))


def _lines(path: Path) -> Iterator[_Line]:
    rows = _xlsx_rows(path) if path.suffix == ".xlsx" else _csv_rows(path)
    header = [str(cell).strip().casefold() for cell in next(rows, (0, []))[1]]
    if missing := [name for name in _NEEDED if name not in header]:
        remedy = 'export from Label Studio as "JSON"' if "annotation_id" in header else "put the header back"
        raise StatestanceError(
            f"expected the columns {', '.join(_NEEDED)} in {path}, line 1; found no {', '.join(missing)}; {remedy}"
        )
    at = [header.index(name) for name in _NEEDED]
    for place, cells in rows:
        cells = [*cells, *[""] * len(header)]
        yield _Line(place, *(cells[i].strip() for i in at))


def _csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StatestanceError(
            f"expected UTF-8 in {path}; found byte {error.object[error.start]:#04x}; save it as CSV UTF-8"
        ) from error
    head = text.partition("\n")[0]
    # Spreadsheets write what their country takes for a comma.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise StatestanceError(f"expected CSV in {path}; found: {error} on line {line}; save it again") from error


def _xlsx_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise StatestanceError(f"expected an .xlsx workbook at {path}; found: {error}; save it again") from error
    sheet: Any = book["label"] if "label" in book.sheetnames else book.worksheets[0]
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        yield number, ["" if cell is None else str(cell) for cell in cells]
    book.close()
