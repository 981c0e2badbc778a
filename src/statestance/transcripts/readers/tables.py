"""Tables with one intervention a row: CSV, TSV, XLSX, JSONL, Parquet, row by row in bounded memory."""

from __future__ import annotations

import csv
import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, TextIO

from statestance import parquet
from statestance.domain import StatestanceError
from statestance.transcripts.decode import encoding_of
from statestance.transcripts.readers.guard import check_zip, readable

Row = tuple[str, dict[str, Any]]
"""A row: its place in the file, and its filled cells by column."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be read: its place in the file, what is wrong, and what it holds (JSON values)."""

    place: str
    reason: str
    raw: Any


Record = Row | Rejected
"""What a table holds, good or bad, in the order of the file."""


@dataclass(slots=True)
class Meter:
    """How much of a table is read, from 0 to 1; it grows while the table is read."""

    share: float = 0.0


_ALIASES = {"state": "speaker", "country": "speaker", "iso3": "speaker_iso3", "state_under_review": "target"}
_KNOWN = frozenset({"id", "debate", "target", "speaker", "speaker_iso3", "on_behalf_of", "sentences", "text"})
_MAX_CELL = 64 * 1024 * 1024
_SAMPLE = 1_000_000


def records(path: Path, skip: int = 0, meter: Meter | None = None) -> Iterator[Record]:
    """Yield every row of a table with a ``text`` (or ``sentences``) column; raises where it has none.

    ``skip`` passes over as many records, good or bad, without looking into them more than is needed.
    """
    with readable(path, f"a {path.suffix.lower()} table"):
        yield from _READERS[path.suffix.lower()](path, skip, meter or Meter())


def _columns(path: Path, names: Sequence[object], line: int = 1) -> list[str]:
    """The columns by the names that we know; raises unless there is text among them."""
    printed = ["" if n is None else str(n).strip() for n in names]
    folded = [n.casefold().replace(" ", "_") for n in printed]
    known = [n if n in _KNOWN else _ALIASES.get(n, n) if _ALIASES.get(n) not in folded else n for n in folded]
    if "text" not in known and "sentences" not in known:
        raise _no_text(path, printed, line)
    twice = {n for n in known if n in _KNOWN and known.count(n) > 1}
    if twice:
        raise StatestanceError(
            f"expected each column once in {path}, line {line}; found {', '.join(sorted(twice))} twice; "
            f"rename or remove one"
        )
    return known


def _no_text(path: Path, names: Sequence[str], line: int) -> StatestanceError:
    found = ", ".join(n for n in names[:20] if n) or "no names at all"
    return StatestanceError(
        f"expected a column `text` with one intervention a row in {path}, line {line}; found the columns "
        f"{found}; rename the one that holds the text"
    )


def _delimited(path: Path, skip: int, meter: Meter) -> Iterator[Record]:
    csv.field_size_limit(_MAX_CELL)
    with path.open("rb") as raw:
        encoding = encoding_of(raw.read(_SAMPLE), str(path))
    with path.open(encoding=encoding, errors=_errors(encoding), newline="") as stream:
        delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(stream.readline(100_000))
        stream.seek(0)
        reader = csv.reader(_lines(stream, path, meter), delimiter=delimiter)
        header = next(reader, None)
        if header is None:
            return
        names = _columns(path, header)
        for cells in islice(filter(None, reader), skip, None):
            place = f"line {reader.line_num}"
            if len(cells) > len(names):
                reason = (
                    f"expected {len(names)} cells a row in {path}; found {len(cells)} on {place}; "
                    "quote the cells that hold the delimiter"
                )
                yield Rejected(place, reason, cells)
            else:
                yield place, {n: c for n, c in zip(names, cells, strict=False) if n and c.strip()}


def _lines(stream: TextIO, path: Path, meter: Meter) -> Iterator[str]:
    """The lines of a file, none of them too long to hold."""
    number, size = 0, path.stat().st_size
    while line := stream.readline(_MAX_CELL):
        number += 1
        if number % 100 == 0:
            meter.share = stream.buffer.tell() / max(size, 1)
        if len(line) == _MAX_CELL and not line.endswith("\n"):
            raise StatestanceError(
                f"expected lines of at most {_MAX_CELL:,} characters in {path}; found a longer one, line {number}; "
                "write one row a line"
            )
        yield line


def _errors(encoding: str) -> str:
    """Bytes that an 8-bit code page lacks are shown as lost; Unicode that is broken is an error."""
    return "strict" if encoding.startswith("utf") else "replace"


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _xlsx(path: Path, skip: int, meter: Meter) -> Iterator[Record]:
    import openpyxl

    check_zip(path, "an .xlsx workbook", streamed="xl/worksheets/")
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sheets = [(sheet, sheet.iter_rows(values_only=True)) for sheet in book.worksheets]
        headed = [(sheet, cells, header) for sheet, cells in sheets if (header := next(cells, None)) is not None]
        # A workbook may hold notes beside its table; where no sheet has text, the first one is the fault.
        texts = [one for one in headed if {"text", "sentences"} & {str(n).strip().casefold() for n in one[2]}]
        found = (row for sheet in texts or headed[:1] for row in _sheet(path, *sheet, several=len(texts) > 1))
        yield from islice(found, skip, None)
    finally:
        book.close()


def _sheet(path: Path, sheet: Any, cells: Iterator[Any], header: Sequence[object], *, several: bool) -> Iterator[Row]:
    names = _columns(path, header)
    for number, row in enumerate(cells, 2):
        filled = {n: str(c) for n, c in zip(names, row, strict=False) if n and c is not None and str(c).strip()}
        if filled:
            yield f"{sheet.title}, row {number}" if several else f"row {number}", filled


def _jsonl(path: Path, skip: int, meter: Meter) -> Iterator[Record]:
    with path.open("rb") as raw:
        encoding = encoding_of(raw.read(_SAMPLE), str(path))
    with path.open(encoding=encoding, errors=_errors(encoding)) as stream:
        numbered = ((n, line) for n, line in enumerate(_lines(stream, path, meter), 1) if line.strip())
        for number, line in islice(numbered, skip, None):
            try:
                yield f"line {number}", _object(path, number, line)
            except StatestanceError as error:
                yield Rejected(f"line {number}", str(error), line.rstrip("\n"))


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    """The filled cells of one line of JSON."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise StatestanceError(
            f"expected one JSON object a line in {path}; found on line {number}: {error}; mend that line"
        ) from error
    if not isinstance(row, dict):
        raise StatestanceError(
            f"expected one JSON object a line in {path}; found a {type(row).__name__} on line {number}; mend that line"
        )
    names = _columns(path, list(row), number)
    return {n: c for n, c in zip(names, row.values(), strict=True) if c is not None}


def _parquet(path: Path, skip: int, meter: Meter) -> Iterator[Record]:
    with parquet.library(path).ParquetFile(path) as file:
        printed = list(file.schema_arrow.names)
        names = dict(zip(printed, _columns(path, printed), strict=True))
        wanted = [n for n in printed if names[n] in _KNOWN]
        sizes = [file.metadata.row_group(g).num_rows for g in range(file.metadata.num_row_groups)]
        ends = list(accumulate(sizes))
        # Whole row groups are passed over unread, and what is before the row in its group without making objects.
        first = bisect_right(ends, skip)
        number = ends[first - 1] if first else 0
        for batch in file.iter_batches(batch_size=500, row_groups=range(first, len(ends)), columns=wanted):
            kept = batch.slice(max(0, skip - number))
            number += len(batch) - len(kept)
            for row in kept.to_pylist():
                number += 1
                yield f"row {number}", {names[n]: c for n, c in row.items() if c is not None}
            meter.share = number / ends[-1]


def rows_of_parquet(path: Path) -> int:
    """How many rows a Parquet table has, by its metadata."""
    with readable(path, "a .parquet table"):
        return int(parquet.library(path).read_metadata(path).num_rows)


_READERS: dict[str, Callable[[Path, int, Meter], Iterator[Record]]] = {
    ".csv": _delimited,
    ".tsv": _delimited,
    ".xlsx": _xlsx,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".parquet": _parquet,
}
ENDINGS = frozenset(_READERS)
"""The endings of tables."""
