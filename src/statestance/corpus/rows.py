"""Raw rows of CSV, JSONL and Parquet files, with the line each one stands on."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from statestance import parquet
from statestance.corpus.faults import Fault
from statestance.domain import StatestanceError

LISTS = ("sentences", "praise", "concern")
Raw = tuple[int, dict[str, Any]]
Report = Callable[[Fault], None]
_LONGEST_CELL = 16 * 1024 * 1024


def read_rows(path: Path, report: Report, *, needed: Sequence[Sequence[str]] = ()) -> Iterator[Raw]:
    """Yield (line, row) for each row of a file, without its empty fields.

    Rows that cannot be read at all go to ``report``. So does a table that has no column of one of the
    sets in ``needed``; of such a table no row is read. In a CSV a list stands as JSON in its cell; a
    cell that is no list is yielded as it is.
    """
    readers = {".jsonl": _jsonl, ".csv": _csv, ".parquet": _parquet}
    if path.suffix not in readers:
        raise StatestanceError(f"expected a .jsonl, .csv or .parquet file; found {path}; convert it or mend its ending")
    if not path.is_file():
        raise StatestanceError(f"expected a file at {path}; found none; check the path, or run `dvc pull {path}.dvc`")
    try:
        for line, row in readers[path.suffix](path, report, needed):
            yield line, {name: value for name, value in row.items() if value is not None}
    except (OSError, csv.Error, ValueError) as error:
        raise StatestanceError(
            f"expected a readable {path.suffix} file at {path}; found: {error}; export it again"
        ) from error


def _jsonl(path: Path, report: Report, _: Sequence[Sequence[str]]) -> Iterator[Raw]:
    with path.open("rb") as lines:
        for number, data in enumerate(lines, 1):
            try:
                line = data.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                row = json.loads(line) if line else None
            except UnicodeDecodeError as error:
                report(_not_utf8(path, number, error))
                continue
            except (json.JSONDecodeError, RecursionError) as error:
                problem = f"not JSON ({getattr(error, 'msg', 'nested too deep')})"
                report(Fault(str(path), number, "(row)", line, problem, "write one JSON object a line"))
                continue
            if isinstance(row, dict):
                yield number, row
            elif line:
                report(Fault(str(path), number, "(row)", line, "not a JSON object", "write one JSON object a line"))


def _not_utf8(path: Path, line: int, error: UnicodeDecodeError) -> Fault:
    value = f"byte {error.object[error.start]:#04x}"
    return Fault(str(path), line, "(row)", value, "not UTF-8", "save the file as UTF-8")


def _csv(path: Path, report: Report, needed: Sequence[Sequence[str]]) -> Iterator[Raw]:
    with path.open("rb") as lines:
        for number, data in enumerate(lines, 1):
            try:
                data.decode()
            except UnicodeDecodeError as error:
                report(_not_utf8(path, number, error))
                return
    limit = csv.field_size_limit(_LONGEST_CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from _cells(csv.reader(stream), path, report, needed)
    finally:
        csv.field_size_limit(limit)


def _cells(reader: Any, path: Path, report: Report, needed: Sequence[Sequence[str]]) -> Iterator[Raw]:
    header = [name.strip() for name in next(reader, [])]
    if not _columns_are_right(header, path, report, needed):
        return
    line = reader.line_num + 1
    for cells in reader:
        if len(cells) > len(header):
            problem = "more cells than the header has columns"
            remedy = "quote cells that hold commas"
            report(Fault(str(path), line, "(row)", repr(cells[len(header) :]), problem, remedy))
        elif cells:
            row: dict[str, Any] = {n: c for n, c in zip(header, cells, strict=False) if c != ""}
            row |= {name: _list_cell(row[name]) for name in LISTS if name in row}
            yield line, row
        # A row may span lines: it is named after its first.
        line = reader.line_num + 1


def _list_cell(cell: str) -> Any:
    try:
        return json.loads(cell)
    except (json.JSONDecodeError, RecursionError):
        return cell


def _columns_are_right(columns: Sequence[str], path: Path, report: Report, needed: Sequence[Sequence[str]]) -> bool:
    found, right = ", ".join(columns) or "none", True
    for names in needed:
        if not set(names) & set(columns):
            problem = f"no column {' or '.join(names)}"
            report(Fault(str(path), 1, "(columns)", found, problem, f"add a column {names[0]}, or rename one"))
            right = False
    for name, times in Counter(columns).items():
        if name and times > 1:
            problem = f"{times} columns are called {name}"
            report(Fault(str(path), 1, "(columns)", found, problem, "rename or remove one"))
            right = False
    return right


def _parquet(path: Path, report: Report, needed: Sequence[Sequence[str]]) -> Iterator[Raw]:
    number = 0
    with parquet.library(path).ParquetFile(path) as file:
        if not _columns_are_right(file.schema_arrow.names, path, report, needed):
            return
        for batch in file.iter_batches():
            for row in batch.to_pylist():
                number += 1
                yield number, row
