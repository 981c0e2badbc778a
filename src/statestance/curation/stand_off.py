"""Labels that point into a report instead of repeating it: paragraph, character spans, checksum; no text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from statestance.corpus.faults import Fault, InvalidRowsError
from statestance.corpus.rows import read_rows
from statestance.domain import Marks, Span
from statestance.stance import NO_STANCE

COLUMNS = (
    "report", "paragraph", "target", "speaker", "speaker_iso3", "split", "full_debate", "not_an_intervention",
    "stance", "sentences", "praise", "concern", "sha256",
)  # fmt: skip
_REMEDY = "mend the row, or take the file from git again"


@dataclass(frozen=True, slots=True)
class StandOff:
    """The label of one paragraph of one report.

    ``sentences`` are spans of the paragraph's text, which is folded to single spaces and free of footnotes;
    ``sha256`` is of that text as UTF-8. ``marks`` is None for a paragraph that is not an intervention.
    ``full_debate``: all interventions of that report's dialogue are labelled.
    """

    report: str
    paragraph: int
    target: str
    speaker: str
    speaker_iso3: str
    split: str
    full_debate: bool
    sentences: tuple[Span, ...]
    marks: Marks | None
    sha256: str

    @property
    def id(self) -> str:
        return f"{self.report}-{self.paragraph}"


_Bounds = list[tuple[int, int]]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")

    report: Annotated[str, Field(pattern=r"^[\w\-]+$")]
    paragraph: Annotated[int, Field(ge=1)]
    target: str = ""
    speaker: str = ""
    speaker_iso3: str = ""
    split: Literal["", "train", "dev", "test"] = ""
    full_debate: bool = False
    not_an_intervention: bool = False
    stance: Literal["", "supportive", "mixed", "critical", "none"] = ""
    sentences: Annotated[_Bounds, Field(min_length=1)]
    praise: _Bounds | None = None
    concern: _Bounds | None = None
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def read(path: Path) -> tuple[StandOff, ...]:
    """Read a table of labels; raises ``InvalidRowsError`` with every fault of it."""
    faults, found, first = list[Fault](), list[StandOff](), dict[str, int]()
    needed = [(name,) for name in ("report", "paragraph", "sentences", "praise", "concern", "sha256")]
    for line, raw in read_rows(path, faults.append, needed=needed):
        try:
            row = _Row.model_validate(raw)
        except ValidationError as error:
            for item in error.errors():
                value = "missing" if item["type"] == "missing" else repr(item["input"])
                faults.append(Fault(str(path), line, str(item["loc"][0]), value, item["msg"], _REMEDY))
            continue
        problems = list(_problems(row))
        faults += [Fault(str(path), line, name, repr(raw.get(name)), what, _REMEDY) for name, what in problems]
        if problems:
            continue
        one = _label(row)
        if first.setdefault(one.id, line) != line:
            problem = f"labelled on line {first[one.id]} too"
            faults.append(Fault(str(path), line, "paragraph", one.id, problem, "keep one of the rows"))
        found.append(one)
    if faults:
        raise InvalidRowsError(faults, "a table of stand-off labels")
    return tuple(found)


def _problems(row: _Row) -> Iterator[tuple[str, str]]:
    ends = [0, *(bound for pair in row.sentences for bound in pair)]
    if ends != sorted(ends) or any(start == end for start, end in row.sentences):
        yield "sentences", "spans that are empty, overlap or stand out of order"
    if row.not_an_intervention:
        if row.praise or row.concern or row.stance:
            yield "not_an_intervention", "a label on what is not an intervention"
        return
    for name, spans in (("praise", row.praise), ("concern", row.concern)):
        if spans is None:
            yield name, "no list of spans; an empty list means no such sentence"
        elif not set(spans) <= set(row.sentences):
            yield name, "a span that is not one of the sentences"
        elif len(set(spans)) < len(spans):
            yield name, "a sentence is marked twice"
    derived = Marks(tuple(range(len(row.praise or ()))), tuple(range(len(row.concern or ())))).stance or NO_STANCE
    if row.stance and row.stance != derived:
        yield "stance", f"the marks say {derived}"


def _label(row: _Row) -> StandOff:
    marks = None
    if not row.not_an_intervention:
        marks = Marks(_numbers(row.praise or [], row.sentences), _numbers(row.concern or [], row.sentences))
    return StandOff(
        report=row.report,
        paragraph=row.paragraph,
        target=row.target,
        speaker=row.speaker,
        speaker_iso3=row.speaker_iso3,
        split=row.split,
        full_debate=row.full_debate,
        sentences=tuple(Span(start, end) for start, end in row.sentences),
        marks=marks,
        sha256=row.sha256,
    )


def _numbers(marked: Sequence[tuple[int, int]], sentences: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    return tuple(sorted(sentences.index(span) for span in marked))


def labelled_row(label: StandOff, text: str, source: str, **more: Any) -> dict[str, Any]:
    """The row of a labelled file, as ``corpus.read`` reads it, once the paragraph's text is there."""
    row: dict[str, Any] = {
        "id": label.id,
        "debate": label.report,
        **more,
        "target": label.target,
        "speaker": label.speaker,
        "speaker_iso3": label.speaker_iso3,
        "on_behalf_of": None,
        "sentences": [text[s.start : s.end] for s in label.sentences],
    }
    if label.marks is None:
        row |= {"not_an_intervention": True}
    else:
        marks = label.marks
        row |= {"praise": list(marks.praise), "concern": list(marks.concern), "stance": marks.stance or NO_STANCE}
    return row | {
        "source": source,
        "split": label.split,
        "paragraph": label.paragraph,
        "full_debate": label.full_debate,
    }
