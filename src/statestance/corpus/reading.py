"""The gate where labelled files become labelled interventions, and where every fault of a file is found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from statestance.corpus import row as rows_of
from statestance.corpus.faults import Fault, InvalidRowsError
from statestance.corpus.labelled import Labelled
from statestance.corpus.rows import read_rows
from statestance.stance import NO_STANCE

NEAR_DUPLICATE = 0.8
_NEEDED = (("text", "sentences"), ("stance", "praise"))


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """The labelled interventions of one file, and how many of its rows say that they are none."""

    path: Path
    rows: tuple[Labelled, ...]
    not_interventions: int


def load(path: str | Path, *, near_duplicate: float = NEAR_DUPLICATE) -> list[Labelled]:
    """The rows of ``read``, for those who do not ask how many were no interventions."""
    return list(read(path, near_duplicate=near_duplicate).rows)


def read(path: str | Path, *, near_duplicate: float = NEAR_DUPLICATE) -> LabelledFile:
    """Read and check every row of a labelled .jsonl, .csv or .parquet file.

    Raises ``InvalidRowsError`` with all faults: types, marks out of range, ids given twice, one text
    with two labels, and texts that are (near-)duplicates across the splits that the file declares.
    """
    path, faults = Path(path), list[Fault]()
    parsed, sound = list[rows_of.Parsed](), list[rows_of.Parsed]()
    for line, raw in read_rows(path, faults.append, needed=_NEEDED):
        one, found = rows_of.parse(str(path), line, raw)
        found += rows_of.check(one)
        parsed.append(one)
        if not found:
            sound.append(one)
        faults += found
    kept = [one for one in sound if not one.row.not_an_intervention]
    rows = [rows_of.labelled(one) for one in kept]
    faults += [*_ids(parsed), *_labels(kept, rows), *_across_splits(kept, rows, near_duplicate)]
    if not faults and not rows:
        faults.append(Fault(str(path), 1, "(file)", "empty", "no labelled rows", "give at least one"))
    if faults:
        raise InvalidRowsError(faults)
    return LabelledFile(path, tuple(rows), len(sound) - len(kept))


def _ids(parsed: Sequence[rows_of.Parsed]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for one in parsed:
        number = rows_of.row_id(one)
        if first.setdefault(number, one.line) != one.line:
            problem = f"the id of line {first[number]} too"
            yield one.fault("id", number, problem, "give every row its own id, or leave all ids out")


def _labels(parsed: Sequence[rows_of.Parsed], rows: Sequence[Labelled]) -> Iterator[Fault]:
    first: dict[str, tuple[int, Labelled]] = {}
    for one, row in zip(parsed, rows, strict=True):
        key = " ".join(row.intervention.text.split()).casefold()
        line, earlier = first.setdefault(key, (one.line, row))
        if earlier.stance != row.stance:
            problem = f"the same text is {earlier.stance or NO_STANCE} on line {line}"
            yield one.fault("stance", row.stance or NO_STANCE, problem, "decide which label is right")


def _across_splits(
    parsed: Sequence[rows_of.Parsed], rows: Sequence[Labelled], near_duplicate: float
) -> Iterator[Fault]:
    if len({r.split for r in rows if r.split}) < 2:
        return
    # Needs datasketch, so only files that declare splits ask for it.
    from statestance.corpus.duplicates import pairs

    for a, b, likeness in pairs([r.intervention.text for r in rows], threshold=near_duplicate):
        if rows[a].split and rows[b].split and rows[a].split != rows[b].split:
            problem = f"{likeness:.2f} alike to line {parsed[a].line} of the {rows[a].split} split"
            remedy = "remove one of them, or put both on one side"
            yield parsed[b].fault("text", repr(rows[b].intervention.text), problem, remedy)
