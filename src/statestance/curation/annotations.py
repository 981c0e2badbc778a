"""What one annotator said of each text: the rows of a labelled file, to be set beside those of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statestance.corpus import row as rows_of
from statestance.corpus.faults import Fault, InvalidRowsError
from statestance.corpus.rows import read_rows
from statestance.domain import Marks, StatestanceError
from statestance.stance import NO_STANCE

NOT_AN_INTERVENTION = "not an intervention"
MARKS = ("praise", "concern")


@dataclass(frozen=True, slots=True)
class Annotation:
    """One row. ``outcome`` is one of ``stance.OUTCOMES`` or ``NOT_AN_INTERVENTION``; ``raw`` is the row as written.

    ``marks`` is None where only a stance was given, and for what is not an intervention.
    """

    id: str
    place: str
    text: str
    sentences: tuple[str, ...]
    outcome: str
    marks: Marks | None
    raw: Mapping[str, Any]

    def carries(self, mark: str, sentence: int) -> bool:
        """Whether a sentence has the mark ("praise", "concern")."""
        return self.marks is not None and sentence in getattr(self.marks, mark)

    @property
    def told(self) -> str:
        """The label in a few words: the outcome, and the 1-based sentences that carry a mark."""
        marked = {mark: [str(n + 1) for n in getattr(self.marks, mark, ())] for mark in MARKS}
        return "; ".join([self.outcome, *(f"{mark} {', '.join(n)}" for mark, n in marked.items() if n)])


def read(path: Path, *, prefix: str = "") -> dict[str, Annotation]:
    """Read a labelled file, by id; ``prefix`` takes the marks from other columns, such as ``second_praise``.

    Raises ``InvalidRowsError`` with every fault of the file.
    """
    found, faults = read_leniently(path, prefix=prefix)
    if faults:
        raise InvalidRowsError(faults)
    if not found:
        raise StatestanceError(f"expected labelled rows in {path}; found none; give another file")
    return found


def read_leniently(path: Path, *, prefix: str = "") -> tuple[dict[str, Annotation], list[Fault]]:
    """The rows that have no fault, by id, and the faults of the others."""
    faults, found, first = list[Fault](), dict[str, Annotation](), dict[str, int]()
    for line, raw in read_rows(path, faults.append):
        parsed, wrong = rows_of.parse(str(path), line, _of_columns(raw, prefix))
        wrong += rows_of.check(parsed)
        number = rows_of.row_id(parsed)
        if first.setdefault(number, line) != line:
            problem = f"the id of line {first[number]} too"
            wrong.append(parsed.fault("id", number, problem, "give every row its own id"))
        faults += wrong
        if not wrong:
            found[number] = _annotation(parsed, raw)
    return found, faults


def has_second(path: Path) -> bool:
    """Whether the rows of a file hold a second annotation beside the first."""
    return next((all(f"second_{m}" in raw for m in MARKS) for _, raw in read_rows(path, lambda _: None)), False)


def _of_columns(raw: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    if not prefix:
        return dict(raw)
    rest = {name: value for name, value in raw.items() if name not in (*MARKS, "stance")}
    return rest | {name: raw[prefix + name] for name in (*MARKS, "stance") if prefix + name in raw}


def _annotation(parsed: rows_of.Parsed, raw: Mapping[str, Any]) -> Annotation:
    row = rows_of.labelled(parsed)
    one, aside = row.intervention, parsed.row.not_an_intervention
    return Annotation(
        id=one.id,
        place=f"{parsed.file}:{parsed.line}",
        text=one.text,
        sentences=one.sentence_texts,
        outcome=NOT_AN_INTERVENTION if aside else str(row.stance or NO_STANCE),
        marks=None if aside else row.marks,
        raw=raw,
    )


def shared(raters: Sequence[Mapping[str, Annotation]]) -> list[tuple[Annotation | None, ...]]:
    """The rows of several annotators side by side, in the order of the first; None where one lacks the row.

    Raises ``StatestanceError`` if they share no id, or if one id stands for several texts.
    """
    ids = dict.fromkeys(number for rater in raters for number in rater)
    together = [tuple(rater.get(number) for rater in raters) for number in ids]
    if not any(sum(one is not None for one in row) > 1 for row in together):
        raise StatestanceError(
            "expected files that label the same texts; found no id that two of them share; "
            "give the rows of one text the same `id`"
        )
    for row in together:
        given = [one for one in row if one is not None]
        other = next((one for one in given if one.text.split() != given[0].text.split()), None)
        if other is not None:
            raise StatestanceError(
                f"expected one text under the id {other.id!r}; found another at {other.place} than at "
                f"{given[0].place}; give the files that were made from the same texts"
            )
    return together
