"""What is to be labelled, and what was said about it: the queue and the labels as files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from statestance.corpus import Labelled, read
from statestance.corpus import row as rows_of
from statestance.corpus.faults import Fault, InvalidRowsError
from statestance.corpus.labelled import as_row
from statestance.corpus.rows import read_rows
from statestance.domain import Intervention, Marks, StatestanceError
from statestance.predict.table import replacing
from statestance.stance import OUTCOMES

_LABEL_FIELDS = ("praise", "concern", "stance", "not_an_intervention", "source", "split", "register", "forum")


class Suggestion(BaseModel):
    """What a model says of a text that nobody has labelled; in a queue it stands apart from every label.

    ``probabilities`` follow ``stance.OUTCOMES``; ``praise`` and ``concern`` are None for a model that reads no
    sentences.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    model: str = ""
    probabilities: tuple[float, float, float, float]
    praise: tuple[int, ...] | None = None
    concern: tuple[int, ...] | None = None

    @property
    def outcome(self) -> str:
        return OUTCOMES[self.probabilities.index(max(self.probabilities))]


@dataclass(frozen=True, slots=True)
class Task:
    """An intervention to label. ``uncertainty`` is between 0 and 1; None where no model was asked."""

    intervention: Intervention
    suggested: Suggestion | None = None
    uncertainty: float | None = None

    @property
    def id(self) -> str:
        return self.intervention.id


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said of a task: its marks, or (None) that it is no intervention."""

    marks: Marks | None


def text_key(text: str) -> str:
    """What is the same for texts that differ in space and case alone."""
    return " ".join(text.split()).casefold()


def read_interventions(path: Path) -> list[tuple[Intervention, dict[str, Any]]]:
    """Read the texts of a file of rows, labelled or not, each with its raw row; faults of labels are no matter here."""
    faults, found, first = list[Fault](), list[tuple[Intervention, dict[str, Any]]](), dict[str, int]()
    for line, raw in read_rows(path, faults.append):
        # Said to be no intervention, a row needs no label to be without fault.
        bare = {k: v for k, v in raw.items() if k not in _LABEL_FIELDS} | {"not_an_intervention": True}
        parsed, wrong = rows_of.parse(str(path), line, bare)
        wrong += rows_of.check(parsed)
        number = rows_of.row_id(parsed)
        if first.setdefault(number, line) != line:
            problem = f"the id of line {first[number]} too"
            wrong.append(parsed.fault("id", number, problem, "give every row its own id"))
        faults += wrong
        if not wrong:
            found.append((rows_of.labelled(parsed).intervention, raw))
    if faults:
        raise InvalidRowsError(faults, "a file of interventions")
    return found


def read_queue(path: Path) -> list[Task]:
    """Read what is to be labelled; raises ``InvalidRowsError`` with every fault, ``StatestanceError`` if empty."""
    if not path.is_file():
        raise StatestanceError(
            f"expected a queue at {path}; found none; check the path, or run `statestance label next`"
        )
    tasks, faults = list[Task](), list[Fault]()
    for one, raw in read_interventions(path):
        line = int(one.origin.place.removeprefix("line ")) if one.origin else 0
        try:
            given = Suggestion.model_validate(raw["suggested"]) if "suggested" in raw else None
        except ValidationError as error:
            item = error.errors()[0]
            name = ".".join(map(str, ("suggested", *item["loc"])))
            remedy = "take the field out, or have the queue made again"
            faults.append(Fault(str(path), line, name, repr(item["input"]), item["msg"], remedy))
            continue
        numbers = (*(given.praise or ()), *(given.concern or ())) if given else ()
        if any(not 0 <= n < len(one.sentences) for n in numbers):
            problem = f"out of range for {len(one.sentences)} sentences"
            faults.append(Fault(str(path), line, "suggested", repr(numbers), problem, "have the queue made again"))
        tasks.append(Task(one, given, raw.get("uncertainty")))
    if faults:
        raise InvalidRowsError(faults, "a queue")
    if not tasks:
        raise StatestanceError(f"expected interventions to label in {path}; found none; run `statestance label next`")
    return tasks


def write_queue(path: Path, tasks: Iterable[Task]) -> None:
    """Write a queue, whole or not at all."""
    _write(path, map(_queue_row, tasks))


def _queue_row(task: Task) -> dict[str, Any]:
    row = {k: v for k, v in as_row(Labelled(task.intervention, None)).items() if k not in _LABEL_FIELDS}
    if task.uncertainty is not None:
        row["uncertainty"] = task.uncertainty
    if task.suggested is not None:
        row["suggested"] = task.suggested.model_dump(mode="json") | {"stance": task.suggested.outcome}
    return row


def label_row(one: Intervention, answer: Answer) -> dict[str, Any]:
    """The row of a labelled file, as ``corpus.read`` reads it."""
    row = as_row(Labelled(one, answer.marks.stance if answer.marks else None, answer.marks))
    if answer.marks is None:
        del row["stance"]
        row["not_an_intervention"] = True
    return {name: value for name, value in row.items() if value not in ("", None)}


def read_answers(path: Path, tasks: Iterable[Task]) -> dict[str, Answer]:
    """What a labelled file says of the tasks, by id; raises ``StatestanceError`` if it labels another text."""
    texts = {task.id: task.intervention.sentence_texts for task in tasks}
    rows = read_interventions(path)
    found: dict[str, Answer] = {}
    for one, raw in rows:
        if one.id not in texts:
            continue
        if texts[one.id] != one.sentence_texts:
            raise StatestanceError(
                f"expected the text of the queue for {one.id}; found another in {path}, {_place(one)}; "
                "give the queue that these labels were made from"
            )
        found[one.id] = _answer(path, one, raw)
    return found


def _answer(path: Path, one: Intervention, raw: Mapping[str, Any]) -> Answer:
    if raw.get("not_an_intervention"):
        return Answer(None)
    marks = [raw.get("praise"), raw.get("concern")]
    if any(not isinstance(m, list) or not set(m) <= set(range(len(one.sentences))) for m in marks):
        raise StatestanceError(
            f"expected lists of sentence numbers in praise and concern; found {marks} in {path}, {_place(one)}; "
            "mend the row"
        )
    return Answer(Marks(tuple(sorted(marks[0] or ())), tuple(sorted(marks[1] or ()))))


def _place(one: Intervention) -> str:
    return one.origin.place if one.origin else one.id


def write_labels(path: Path, rows: Iterable[Mapping[str, Any]], *, check: bool = False) -> None:
    """Write rows of ``label_row``, whole or not at all; ``check`` has ``corpus.read`` accept them first."""
    _write(path, rows, check=check)


def _write(path: Path, rows: Iterable[Mapping[str, Any]], *, check: bool = False) -> None:
    if path.suffix != ".jsonl":
        raise StatestanceError(
            f"expected an output that ends in .jsonl; found {path}; name it, say, {path.with_suffix('.jsonl').name}"
        )
    if not path.parent.is_dir():
        raise StatestanceError(f"expected a folder for {path}; found no {path.parent}; create it first")
    with replacing(path) as part:
        with part.open("x", encoding="utf-8", newline="\n") as out:
            out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        if check:
            read(part)
