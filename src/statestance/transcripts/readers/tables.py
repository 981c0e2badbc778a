"""Tables with one intervention a row: CSV, TSV, XLSX, JSONL, Parquet, row by row in bounded memory."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from statestance.domain import StatestanceError
from statestance.transcripts.decode import encoding_of
from statestance.transcripts.readers.guard import check_zip, readable

Row = tuple[str, dict[str, Any]]
"""A row: its place in the file, and its filled cells by column."""

_ALIASES = {"state": "speaker", "country": "speaker", "iso3": "speaker_iso3", "state_under_review": "target"}
_KNOWN = frozenset({"id", "debate", "target", "speaker", "speaker_iso3", "on_behalf_of", "sentences", "text"})
_MAX_CELL = 64 * 1024 * 1024
_SAMPLE = 1_000_000


def rows(path: Path) -> Iterator[Row]:
    """Yield every row of a table with a ``text`` (or ``sentences``) column; raises where it has none."""
    with readable(path, f"a {path.suffix.lower()} table"):
        yield from _READERS[path.suffix.lower()](path)


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


def _delimited(path: Path) -> Iterator[Row]:
    csv.field_size_limit(_MAX_CELL)
    with path.open("rb") as raw:
        encoding = encoding_of(raw.read(_SAMPLE), str(path))
    with path.open(encoding=encoding, errors=_errors(encoding), newline="") as stream:
        delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(stream.readline(100_000))
        stream.seek(0)
        reader = csv.reader(_lines(stream, path), delimiter=delimiter)
        header = next(reader, None)
        if header is None:
            return
        names = _columns(path, header)
        for cells in reader:
            if not cells:
                continue
            if len(cells) > len(names):
                raise StatestanceError(
                    f"expected {len(names)} cells a row in {path}; found {len(cells)} on line {reader.line_num}; "
                    "quote the cells that hold the delimiter"
                )
            yield f"line {reader.line_num}", {n: c for n, c in zip(names, cells, strict=False) if n and c.strip()}


def _lines(stream: TextIO, path: Path) -> Iterator[str]:
    """The lines of a file, none of them too long to hold."""
    number = 0
    while line := stream.readline(_MAX_CELL):
        number += 1
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


def _xlsx(path: Path) -> Iterator[Row]:
    import openpyxl

    check_zip(path, "an .xlsx workbook", streamed="xl/worksheets/")
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sheets = [(sheet, sheet.iter_rows(values_only=True)) for sheet in book.worksheets]
        headed = [(sheet, cells, header) for sheet, cells in sheets if (header := next(cells, None)) is not None]
        # A workbook may hold notes beside its table; where no sheet has text, the first one is the fault.
        texts = [one for one in headed if {"text", "sentences"} & {str(n).strip().casefold() for n in one[2]}]
        for sheet, cells, header in texts or headed[:1]:
            names = _columns(path, header)
            for number, row in enumerate(cells, 2):
                filled = {n: str(c) for n, c in zip(names, row, strict=False) if n and c is not None and str(c).strip()}
                if filled:
                    yield f"{sheet.title}, row {number}" if len(texts) > 1 else f"row {number}", filled
    finally:
        book.close()


def _jsonl(path: Path) -> Iterator[Row]:
    with path.open("rb") as raw:
        encoding = encoding_of(raw.read(_SAMPLE), str(path))
    with path.open(encoding=encoding, errors=_errors(encoding)) as stream:
        for number, line in enumerate(_lines(stream, path), 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise StatestanceError(
                    f"expected one JSON object a line in {path}; found on line {number}: {error}; mend that line"
                ) from error
            if not isinstance(row, dict):
                raise StatestanceError(
                    f"expected one JSON object a line in {path}; found a {type(row).__name__} on line "
                    f"{number}; mend that line"
                )
            names = _columns(path, list(row), number)
            yield f"line {number}", {n: c for n, c in zip(names, row.values(), strict=True) if c is not None}


def _parquet(path: Path) -> Iterator[Row]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        printed = list(file.schema_arrow.names)
        names = dict(zip(printed, _columns(path, printed), strict=True))
        wanted = [n for n in printed if names[n] in _KNOWN]
        number = 0
        for batch in file.iter_batches(batch_size=500, columns=wanted):
            for row in batch.to_pylist():
                number += 1
                yield f"row {number}", {names[n]: c for n, c in row.items() if c is not None}


_READERS: dict[str, Callable[[Path], Iterator[Row]]] = {
    ".csv": _delimited,
    ".tsv": _delimited,
    ".xlsx": _xlsx,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".parquet": _parquet,
}
ENDINGS = frozenset(_READERS)
"""The endings of tables."""
