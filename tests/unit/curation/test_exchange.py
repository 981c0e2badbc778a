"""Labels out to Label Studio or a sheet and back: nothing lost, nothing edited taken, no suggestion for a label."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from label_tasks import answered_tasks, by_id, task
from statestance.curation import labelstudio, sheets
from statestance.curation.tasks import Answer, Task
from statestance.domain import Marks, StatestanceError

FORMATS: dict[str, tuple[Any, Any]] = {
    ".json": (labelstudio.write, labelstudio.read),
    ".csv": (sheets.write, sheets.read),
    ".xlsx": (sheets.write, sheets.read),
}


@pytest.mark.parametrize("ending", FORMATS)
@settings(max_examples=25, deadline=None)
@given(given_tasks=answered_tasks())
def test_answers_come_back_as_they_went(ending: str, given_tasks: tuple[list[Task], dict[str, Answer]]) -> None:
    tasks, answers = given_tasks
    write, read = FORMATS[ending]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"tasks{ending}"
        write(path, tasks, answers)
        found = read(path, by_id(tasks))
    assert found.faults == []
    assert found.answers == answers


def edited(path: Path, change: Callable[[list[Any]], None]) -> Path:
    """Change a file of Label Studio or a CSV sheet as its JSON or its rows."""
    if path.suffix == ".json":
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(json.dumps(content), encoding="utf-8")
    else:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream))
        change(rows)
        with path.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(rows)
    return path


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    path = tmp_path / "t.json"
    labelstudio.write(path, [task(1), task(2)], {})
    return path


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    sheets.write(path, [task(1), task(2)], {})
    return path


TASKS = by_id([task(1), task(2)])


def annotate(content: list[Any], number: int, *results: tuple[str, str], **more: Any) -> None:
    made = [{"from_name": name, "type": "choices", "value": {"choices": [choice]}} for name, choice in results]
    content[number].setdefault("annotations", []).append({"result": made} | more)


def test_what_the_model_suggests_is_told_apart_and_is_no_label(studio: Path) -> None:
    first = json.loads(studio.read_text(encoding="utf-8"))[0]
    assert first["predictions"][0]["model_version"] == "tiny"
    assert first["predictions"][0]["result"][0]["value"] == {"choices": ["concern"]}
    assert "annotations" not in first
    assert labelstudio.read(studio, TASKS).answers == {}


def test_an_interface_names_what_the_tasks_name(studio: Path) -> None:
    first = json.loads(studio.read_text(encoding="utf-8"))[0]
    result = first["predictions"][0]["result"][0]
    assert f'name="{result["from_name"].replace("0", "{{idx}}")}"' in labelstudio.CONFIG
    assert f'toName="{result["to_name"].replace("0", "{{idx}}")}"' in labelstudio.CONFIG
    assert all(f"${name}" in labelstudio.CONFIG for name in ("sentences", "text", "speaker", "target"))


def test_a_submitted_task_without_choices_evaluates_nothing_and_a_skipped_one_is_open(studio: Path) -> None:
    def change(content: list[Any]) -> None:
        annotate(content, 0)
        annotate(content, 1, was_cancelled=True)

    assert labelstudio.read(edited(studio, change), TASKS).answers == {"selmark-1": Answer(Marks())}


def test_two_people_must_agree_or_one_be_named(studio: Path) -> None:
    def change(content: list[Any]) -> None:
        annotate(content, 0, ("marks_0", "praise"), completed_by=4)
        annotate(content, 0, ("marks_1", "concern"), completed_by={"id": 5, "email": "ann@example.org"})

    edited(studio, change)
    (fault,) = labelstudio.read(studio, TASKS).faults
    assert (fault.line, fault.field, fault.problem) == (1, "annotations", "2 that differ")
    assert labelstudio.read(studio, TASKS, "4").answers == {"selmark-1": Answer(Marks((0,), ()))}
    assert labelstudio.read(studio, TASKS, "ann@example.org").answers == {"selmark-1": Answer(Marks((), (1,)))}


def test_what_label_studio_adds_of_its_own_is_no_matter(studio: Path) -> None:
    """The shape of a task that Label Studio 1.23 exported: its predictions as numbers, and whole inside annotations."""

    def change(content: list[Any]) -> None:
        guess = content[0]["predictions"][0]
        own = {"completed_by": 1, "ground_truth": False, "prediction": guess, "parent_prediction": None, "task": 1}
        annotate(content, 0, ("marks_0", "praise"), lead_time=3.2, **own)
        content[0] |= {"id": 1, "predictions": [1], "meta": {}, "drafts": [], "total_annotations": 1}

    assert labelstudio.read(edited(studio, change), TASKS).answers == {"selmark-1": Answer(Marks((0,), ()))}


def test_an_annotator_whom_the_file_does_not_know_is_an_error_that_names_those_it_does(studio: Path) -> None:
    edited(studio, lambda content: annotate(content, 0, ("marks_0", "praise"), completed_by=4))
    with pytest.raises(StatestanceError, match=r"labels by ann@example.org in .*found labels by 4; name one of these"):
        labelstudio.read(studio, TASKS, "ann@example.org")


def test_a_table_of_label_studio_is_told_to_be_the_wrong_export(tmp_path: Path) -> None:
    path = tmp_path / "project.csv"
    path.write_text('"annotation_id","annotator","id","marks_0","sentences"\r\n', encoding="utf-8")
    with pytest.raises(StatestanceError, match='export from Label Studio as "JSON"'):
        sheets.read(path, TASKS)


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_sheet_has_a_column_of_suggestions_where_there_are_any(tmp_path: Path, ending: str) -> None:
    path, tasks = tmp_path / f"t{ending}", [replace(task(1), suggested=None)]
    answers = {"selmark-1": Answer(Marks((0,), (1,)))}
    sheets.write(path, tasks, answers)
    if ending == ".csv":
        assert path.read_text(encoding="utf-8-sig").startswith('"id","speaker","target","number","sentence","mark"\n')
    assert sheets.read(path, by_id(tasks)).answers == answers


@pytest.mark.parametrize(
    ("change", "line", "field", "message"),
    [
        (lambda c: c[1]["data"]["sentences"][2].update(text="It asked."), 2, "data.sentences", "edited; selmark-2 has"),
        (lambda c: c[1]["data"]["sentences"].pop(), 2, "data.sentences", "selmark-2 has 3"),
        (lambda c: c[1]["data"].update(id="other"), 2, "data.id", "not in the queue"),
        (lambda c: c[1]["data"].update(id="selmark-1"), 2, "data.id", "task 1 too"),
        (lambda c: c[0].pop("data"), 1, "data", "required"),
        (lambda c: annotate(c, 0, ("marks_3", "praise")), 1, "from_name", "no such field"),
        (lambda c: annotate(c, 0, ("marks_0", "good")), 1, "marks_0", "no such choice"),
        (lambda c: annotate(c, 0, ("marks_0", "praise"), ("whole", "evaluates nothing")), 1, "whole", "contradicts"),
    ],
)
def test_a_fault_of_label_studio_is_named(studio: Path, change: Any, line: int, field: str, message: str) -> None:
    found = labelstudio.read(edited(studio, change), TASKS)
    (fault,) = found.faults
    assert (fault.file, fault.line, fault.field) == (str(studio), line, field)
    assert message in fault.problem


@pytest.mark.parametrize("content", ["[", '{"a": 1}', "[" * 100_000])
def test_what_is_no_list_of_tasks_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(StatestanceError, match="expected"):
        labelstudio.read(path, TASKS)


def put(rows: list[Any], line: int, **cells: str) -> None:
    """Write cells of a line, 1-based, by column."""
    for name, value in cells.items():
        rows[line - 1][rows[0].index(name)] = value


def test_a_sheet_is_labelled_by_one_cell_and_the_others_are_none(sheet: Path) -> None:
    edited(sheet, lambda rows: put(rows, 3, mark=" Both "))
    assert sheets.read(sheet, TASKS).answers == {"selmark-1": Answer(Marks((1,), (1,)))}


def test_a_sheet_may_be_sorted_cut_and_saved_with_semicolons(sheet: Path) -> None:
    edited(sheet, lambda rows: put(rows, 5, mark="concern"))
    with sheet.open(encoding="utf-8", newline="") as stream:
        head, *rows = csv.reader(stream)
    with sheet.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, delimiter=";").writerows([head, *reversed(rows[3:])])
    found = sheets.read(sheet, TASKS)
    assert found.faults == []
    assert found.answers == {"selmark-2": Answer(Marks((), (0,)))}


@pytest.mark.parametrize(
    ("change", "line", "field", "message"),
    [
        (lambda r: put(r, 6, sentence="It was pleased."), 6, "sentence", "edited; selmark-2 has"),
        (lambda r: put(r, 4, mark="p"), 4, "mark", "no such mark"),
        (
            lambda r: (put(r, 2, mark="praise"), put(r, 4, mark="not an intervention")),
            4,
            "mark",
            "is also marked praise",
        ),
        (lambda r: r.pop(5), 5, "number", "selmark-2 has sentences 1 to 3"),
        (lambda r: put(r, 7, number="1"), 5, "number", "selmark-2 has sentences 1 to 3"),
        (lambda r: put(r, 2, id="other"), 2, "id", "not in the queue"),
    ],
)
def test_a_fault_of_a_sheet_is_named(sheet: Path, change: Any, line: int, field: str, message: str) -> None:
    found = sheets.read(edited(sheet, change), TASKS)
    fault = found.faults[0]
    assert (fault.file, fault.line, fault.field) == (str(sheet), line, field)
    assert message in fault.problem


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"id,number\n", "no sentence, mark"),
        ("t.csv", b"id,number,sentence,mark\n1,1,caf\xe9,\n", "save it as CSV UTF-8"),
        ("t.xlsx", b"no workbook", "expected an .xlsx workbook"),
        ("t.csv", b"", "expected the columns"),
    ],
)
def test_what_is_no_sheet_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StatestanceError, match=message):
        sheets.read(tmp_path / name, TASKS)


def test_a_sheet_offers_the_marks_and_holds_no_formula(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    sheets.write(path := tmp_path / "t.xlsx", [task(1)], {})
    sheet = load_workbook(path).worksheets[0]
    (choice,) = sheet.data_validations.dataValidation
    assert (str(choice.sqref), choice.formula1) == ("F2:F4", '"praise,concern,both,none,not an intervention"')
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert [row[5].value for row in sheet.iter_rows(min_row=2)] == [None] * 3
