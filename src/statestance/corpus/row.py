"""One row of a labelled file: what it may hold, what is wrong with it, the intervention in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator

from statestance.corpus.faults import Fault
from statestance.corpus.labelled import Labelled
from statestance.domain import Intervention, Marks, Origin, Span, join_sentences
from statestance.stance import NO_STANCE, Stance
from statestance.text.sentences import split as split_sentences
from statestance.text.states import iso3, states


def _holds_text(text: str) -> str:
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("half a surrogate pair, which no UTF-8 file can hold")
    return text


class Row(BaseModel):
    """A row as written in a file; columns that are not named here are somebody's own and are left alone."""

    model_config = ConfigDict(extra="ignore", strict=True)

    id: str | int | None = None
    debate: Annotated[str, Field(validation_alias=AliasChoices("debate", "report"))] = ""
    forum: str = ""
    register_: Annotated[Literal["", "summary", "verbatim"], Field(alias="register")] = ""
    target: str = ""
    speaker: str = ""
    speaker_iso3: str = ""
    on_behalf_of: str = ""
    text: str | None = None
    sentences: list[str] | None = None
    praise: list[int] | None = None
    concern: list[int] | None = None
    stance: Literal["supportive", "mixed", "critical", "none"] | None = None
    not_an_intervention: Annotated[bool, Field(strict=False)] = False
    source: str = ""
    split: Literal["", "train", "dev", "test"] = ""

    @field_validator("text")
    @classmethod
    def _text(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("no text")
        return _holds_text(text)

    @field_validator("sentences")
    @classmethod
    def _sentences(cls, sentences: list[str]) -> list[str]:
        if not sentences or any(not s.strip() for s in sentences):
            raise ValueError("an empty sentence" if sentences else "no sentence")
        return [_holds_text(s) for s in sentences]


_REMEDIES = {
    "stance": "write supportive, mixed, critical or none",
    "register": "write summary or verbatim, or leave it out",
    "split": "write train, dev or test, or leave it out",
    "sentences": "give a list of sentences, none of them empty (in CSV a JSON list)",
    "praise": "give a list of 0-based sentence numbers, such as [0, 2]",
    "concern": "give a list of 0-based sentence numbers, such as [0, 2]",
    "id": "write text or a whole number, or leave it out",
    "not_an_intervention": "write true or false, or leave it out",
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A row, its place, and the fields that could not be read (``row`` holds their defaults)."""

    file: str
    line: int
    row: Row
    unread: frozenset[str]

    def fault(self, name: str, value: object, problem: str, remedy: str) -> Fault:
        return Fault(self.file, self.line, name, value if isinstance(value, str) else repr(value), problem, remedy)


def parse(file: str, line: int, raw: dict[str, Any]) -> tuple[Parsed, list[Fault]]:
    """Read a raw row field by field; a field that cannot be read is a fault and does not hide the others."""
    try:
        return Parsed(file, line, Row.model_validate(raw), frozenset()), []
    except ValidationError as error:
        faults: dict[str, Fault] = {}
        for item in error.errors():
            name = str(item["loc"][0])
            at = next((f"[{part}]" for part in item["loc"][1:] if isinstance(part, int)), "")
            problem = item["msg"].removeprefix("Value error, ")
            remedy = _REMEDIES.get(name, "write text in this field")
            faults.setdefault(name, Fault(file, line, name + at, repr(item["input"]), problem, remedy))
    rest = {name: value for name, value in raw.items() if name not in faults}
    return Parsed(file, line, Row.model_validate(rest), frozenset(faults)), list(faults.values())


def check(parsed: Parsed) -> Iterator[Fault]:
    """What is wrong with a row whose fields are right one by one."""
    yield from _text_faults(parsed)
    if not parsed.row.not_an_intervention:
        yield from _mark_faults(parsed)
        yield from _label_faults(parsed)


def _text_faults(parsed: Parsed) -> Iterator[Fault]:
    row = parsed.row
    if parsed.unread & {"text", "sentences"}:
        return
    if row.sentences is None and row.text is None:
        yield parsed.fault("text", "missing", "no text", "give text, or sentences")
    if row.sentences is not None and row.text is not None and row.text.split() != " ".join(row.sentences).split():
        problem = "differs from the sentences joined by one space"
        yield parsed.fault("text", repr(row.text), problem, "leave text out, or mend it")


def _mark_faults(parsed: Parsed) -> Iterator[Fault]:
    row = parsed.row
    for name, marks in (("praise", row.praise or []), ("concern", row.concern or [])):
        if len(set(marks)) < len(marks):
            yield parsed.fault(name, marks, "a sentence is marked twice", "name each sentence once")
        if "sentences" in parsed.unread:
            continue
        if marks and row.sentences is None:
            remedy = "give the list of sentences that the marks number"
            yield parsed.fault(name, marks, "marks without sentences", remedy)
        elif outside := [m for m in marks if not 0 <= m < len(row.sentences or ())]:
            count = len(row.sentences or ())
            problem = f"{outside} out of range for {count} sentence{'s' if count > 1 else ''}"
            yield parsed.fault(name, marks, problem, f"use numbers from 0 to {count - 1}")


def _label_faults(parsed: Parsed) -> Iterator[Fault]:
    row = parsed.row
    if parsed.unread & {"praise", "concern", "stance"}:
        return
    if (row.praise is None) != (row.concern is None):
        missing = "praise" if row.praise is None else "concern"
        remedy = "give both lists; an empty list means no such sentence"
        yield parsed.fault(missing, "missing", "one kind of mark without the other", remedy)
    elif row.praise is None and row.stance is None:
        remedy = "label the row: supportive, mixed, critical or none"
        yield parsed.fault("stance", "missing", "neither marks nor a stance", remedy)
    elif row.praise is not None and row.concern is not None and row.stance is not None:
        derived = Marks(tuple(row.praise), tuple(row.concern)).stance or NO_STANCE
        if row.stance != derived:
            yield parsed.fault("stance", row.stance, f"the marks say {derived}", "mend the marks or the stance")


def row_id(parsed: Parsed) -> str:
    """The row's id as text; a row without one is named after its file and line."""
    given = parsed.row.id
    return str(given) if given is not None else f"{Path(parsed.file).stem}-{parsed.line}"


def text_of(row: Row) -> tuple[str, tuple[Span, ...]]:
    """The text, and its sentences as spans: as given, else as split."""
    if row.sentences is None:
        text = row.text or ""
        return text, split_sentences(text)
    if row.text is not None:
        spans, at = [], 0
        for sentence in row.sentences:
            start = row.text.find(sentence, at)
            if start < 0:
                break  # differs in the space inside a sentence: the sentences are the finer account
            at = start + len(sentence)
            spans.append(Span(start, at))
        else:
            return row.text, tuple(spans)
    return join_sentences(row.sentences)


def _reviewed(debate: str) -> str:
    """The State that a report is named after ("norway2010", as the UPR files are), or ""."""
    state = states().get(iso3(debate.rstrip("0123456789")))
    return state.name if state and debate[-4:].isdigit() else ""


def labelled(parsed: Parsed) -> Labelled:
    """The labelled intervention of a row that has no fault."""
    row, number = parsed.row, row_id(parsed)
    text, spans = text_of(row)
    marks = None
    if row.praise is not None and row.concern is not None:
        marks = Marks(tuple(sorted(row.praise)), tuple(sorted(row.concern)))
    given = Stance(row.stance) if row.stance is not None and row.stance != NO_STANCE else None
    intervention = Intervention(
        id=number,
        text=text,
        # A row that names no debate is its own: it can neither leak nor be averaged with others.
        debate=row.debate or number,
        target=row.target or _reviewed(row.debate),
        speaker=row.speaker,
        speaker_iso3=row.speaker_iso3,
        on_behalf_of=row.on_behalf_of,
        sentences=spans,
        origin=Origin(parsed.file, f"line {parsed.line}"),
    )
    return Labelled(
        intervention,
        marks.stance if marks else given,
        marks,
        row.register_,
        row.forum,
        row.source or Path(parsed.file).stem,
        row.split,
    )
