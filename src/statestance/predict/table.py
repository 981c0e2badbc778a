"""Predictions as a table: the columns, written as CSV, JSONL or Parquet and read back."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from statestance import parquet
from statestance.corpus.faults import Fault, InvalidRowsError
from statestance.corpus.rows import read_rows
from statestance.domain import Intervention, Marks, Origin, Prediction, Span, StatestanceError
from statestance.stance import Stance

COLUMNS = (
    "id", "debate", "target", "speaker", "speaker_iso3", "on_behalf_of", "text", "sentences", "stance",
    "confidence", "p_supportive", "p_mixed", "p_critical", "praise", "concern", "abstained", "abstain_reason",
    "prediction_set",
)  # fmt: skip
ENDINGS = (".csv", ".jsonl", ".parquet")
LEFT_OUT = "left out: "
"""How ``abstain_reason`` starts for a turn that is no intervention, so that ``read`` knows it again."""

_LISTS = ("sentences", "praise", "concern", "prediction_set")
_LATER = ("prediction_set",)
"""Columns that earlier files lack."""
_TEXTS = ("id", "debate", "target", "speaker", "on_behalf_of", "text", "abstain_reason")
# What a spreadsheet takes for a formula (OWASP, "CSV Injection"), behind any quotes put there before.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_ROWS = 1000


def harmless(text: str) -> str:
    """A text that no spreadsheet runs as a formula: with a leading ``'`` where it would."""
    return "'" + text if _FORMULA.match(text) else text


def left_out(turn: Intervention) -> Prediction:
    """The row of a turn that is not an intervention: no stance, and the reason."""
    return Prediction(turn, None, 0.0, (0.0, 0.0, 0.0, 1.0), abstain_reason=LEFT_OUT + turn.left_out)


def as_row(prediction: Prediction) -> dict[str, Any]:
    """Return one row of ``COLUMNS`` in plain Python types; probabilities have six digits."""
    one, marks = prediction.intervention, prediction.marks or Marks()
    supportive, mixed, critical, _ = (round(float(p), 6) for p in prediction.probabilities)
    return {
        "id": one.id,
        "debate": one.debate,
        "target": one.target,
        "speaker": one.speaker,
        "speaker_iso3": one.speaker_iso3,
        "on_behalf_of": one.on_behalf_of,
        "text": one.text,
        "sentences": list(one.sentence_texts),
        "stance": str(prediction.stance or ""),
        "confidence": round(float(prediction.confidence), 6),
        "p_supportive": supportive,
        "p_mixed": mixed,
        "p_critical": critical,
        "praise": list(marks.praise),
        "concern": list(marks.concern),
        "abstained": prediction.abstained,
        "abstain_reason": prediction.abstain_reason,
        "prediction_set": list(prediction.prediction_set),
    }


def check_ending(path: str | Path) -> Path:
    """Return the path of an output that ``write`` can write; raise ``StatestanceError`` for any other."""
    path = Path(path)
    if path.suffix not in ENDINGS:
        raise StatestanceError(
            f"expected an output ending in {', '.join(ENDINGS)}; found {path}; name it, say, {path.stem}.csv"
        )
    if path.suffix == ".parquet":
        parquet.library(path)
    return check_place(path)


def check_place(path: Path) -> Path:
    """Return a path at which a file can stand; raise ``StatestanceError`` for any other."""
    if not path.parent.is_dir():
        raise StatestanceError(f"expected a folder for {path}; found no {path.parent}; create it first")
    if path.is_dir():
        raise StatestanceError(f"expected a file at {path}; found a folder; choose another name")
    return path


def as_line(prediction: Prediction) -> str:
    """One row of a JSONL output, with its end of line."""
    return json.dumps(as_row(prediction), ensure_ascii=False) + "\n"


def write(predictions: Iterable[Prediction], path: str | Path) -> int:
    """Write predictions in the format of the path's ending; return how many.

    Streams, in constant memory. The file appears whole or not at all: on any failure an earlier
    output stays as it was. Lists are JSON in CSV cells and list columns in Parquet. A CSV text that
    a spreadsheet would run as a formula gets a leading ``'``, which ``read`` takes off again.
    """
    return write_rows((as_row(p) for p in predictions), path)


def write_rows(rows: Iterable[dict[str, Any]], path: str | Path, *, within: Path | None = None) -> int:
    """Write rows that ``as_row`` made, as ``write`` does; ``within`` is where the unfinished file lies."""
    path = check_ending(path)
    writer = {".csv": _write_csv, ".jsonl": _write_jsonl, ".parquet": _write_parquet}[path.suffix]
    try:
        with replacing(path, within=within) as part:
            return writer(rows, part)
    except UnicodeEncodeError as error:
        raise StatestanceError(
            f"expected text that UTF-8 can hold; found {error.object[error.start : error.end]!r} for {path}; "
            "mend the input"
        ) from error
    except OSError as error:
        raise StatestanceError(f"expected to write {path}; found: {error}; check the folder and the disk") from error


@contextmanager
def replacing(path: Path, *, within: Path | None = None) -> Iterator[Path]:
    """Give the path of a file to write, which takes the place of ``path`` once it is whole and on the disk.

    It lies beside ``path``, or in the folder ``within`` of the same file system.
    """
    final = path.resolve()
    part = (within or final.parent) / f".{final.stem}.{os.getpid()}.part{final.suffix}"
    try:
        yield part
        with part.open("rb+") as done:
            os.fsync(done.fileno())
        if final.exists():
            shutil.copymode(final, part)
        part.replace(final)
    finally:
        part.unlink(missing_ok=True)


def _write_jsonl(rows: Iterable[dict[str, Any]], path: Path) -> int:
    count = 0
    with path.open("x", encoding="utf-8", newline="\n") as out:
        for row in rows:
            count += 1
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return count


def _write_csv(rows: Iterable[dict[str, Any]], path: Path) -> int:
    count = 0
    with path.open("x", encoding="utf-8", newline="") as out:
        # All texts quoted: the csv module would leave a lone carriage return bare, which ends a row.
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        writer.writeheader()
        for row in rows:
            count += 1
            cells = {name: json.dumps(row[name], ensure_ascii=False) for name in _LISTS}
            cells |= {name: harmless(row[name]) for name in _TEXTS}
            writer.writerow(row | cells | {"abstained": str(row["abstained"]).lower()})
    return count


def _write_parquet(rows: Iterable[dict[str, Any]], path: Path) -> int:
    pq = parquet.library(path)
    import pyarrow as pa

    kinds = {
        "sentences": pa.list_(pa.string()),
        "praise": pa.list_(pa.int64()),
        "concern": pa.list_(pa.int64()),
        "prediction_set": pa.list_(pa.string()),
    }
    kinds |= dict.fromkeys(("confidence", "p_supportive", "p_mixed", "p_critical"), pa.float64())
    kinds |= {"abstained": pa.bool_()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])
    count, source = 0, iter(rows)
    with pq.ParquetWriter(path, schema) as writer:
        while batch := list(islice(source, _ROWS)):
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))
            count += len(batch)
    return count


_Share = Annotated[float, Field(ge=0, le=1)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str = ""
    debate: str = ""
    target: str = ""
    speaker: str = ""
    speaker_iso3: str = ""
    on_behalf_of: str = ""
    text: str = ""
    sentences: list[str]
    stance: Literal["", "supportive", "mixed", "critical"] = ""
    confidence: _Share
    p_supportive: _Share
    p_mixed: _Share
    p_critical: _Share
    praise: list[int]
    concern: list[int]
    abstained: bool
    abstain_reason: str = ""
    prediction_set: list[Literal["supportive", "mixed", "critical", "none"]] = Field(default_factory=list)


_REMEDY = "give a file that `statestance predict -o` wrote"


def read(path: str | Path) -> list[Prediction]:
    """Read predictions that ``write`` wrote.

    The probability of no stance is what the other three leave. Empty praise and concern read as no
    marks at all. Raises ``InvalidRowsError`` with every fault, ``StatestanceError`` for a bad file.
    """
    path, faults, found = Path(path), list[Fault](), list[Prediction]()
    for line, raw in read_rows(path, faults.append, needed=[(name,) for name in COLUMNS if name not in _LATER]):
        if path.suffix == ".csv":
            raw |= {n: _list_cell(raw[n]) for n in _LATER if n in raw}
            raw |= {n: raw[n][1:] for n in _TEXTS if raw.get(n, "")[:1] == "'" and _FORMULA.match(raw[n])}
        try:
            row = _Row.model_validate(raw)
        except ValidationError as error:
            for item in error.errors():
                name = str(item["loc"][0])
                value = "missing" if item["type"] == "missing" else repr(item["input"])
                faults.append(Fault(str(path), line, name, value, item["msg"], _REMEDY))
            continue
        spans = _spans(row)
        if problems := list(_problems(row, spans)):
            faults += [Fault(str(path), line, name, repr(raw.get(name)), what, _REMEDY) for name, what in problems]
        else:
            found.append(_prediction(row, tuple(spans or ()), Origin(str(path), f"line {line}")))
    if faults:
        raise InvalidRowsError(faults, "a file of predictions")
    return found


def _list_cell(cell: str) -> Any:
    try:
        return json.loads(cell)
    except ValueError:
        return cell


def _spans(row: _Row) -> list[Span] | None:
    """Where the sentences stand in the text; None if they do not."""
    spans, at = list[Span](), 0
    for sentence in row.sentences:
        start = row.text.find(sentence, at)
        if start < 0:
            return None
        at = start + len(sentence)
        spans.append(Span(start, at))
    return spans


def _problems(row: _Row, spans: list[Span] | None) -> Iterator[tuple[str, str]]:
    if spans is None:
        yield "sentences", "not all of them stand in the text, in this order"
    for name, marks in (("praise", row.praise), ("concern", row.concern)):
        if any(not 0 <= m < len(row.sentences) for m in marks):
            yield name, f"out of range for {len(row.sentences)} sentences"
    if row.abstained == bool(row.stance):
        yield "stance", "a stance and abstained exclude each other, and one must hold"
    if row.abstained != bool(row.abstain_reason):
        yield "abstain_reason", "a reason where abstained, and nowhere else"
    if row.p_supportive + row.p_mixed + row.p_critical > 1.00001:
        yield "p_supportive", "the probabilities add up to more than 1"


def _prediction(row: _Row, spans: tuple[Span, ...], origin: Origin) -> Prediction:
    reason = row.abstain_reason
    one = Intervention(
        id=row.id,
        text=row.text,
        debate=row.debate,
        target=row.target,
        speaker=row.speaker,
        speaker_iso3=row.speaker_iso3,
        on_behalf_of=row.on_behalf_of,
        sentences=spans,
        origin=origin,
        left_out=reason.removeprefix(LEFT_OUT) if reason.startswith(LEFT_OUT) else "",
    )
    given = (row.p_supportive, row.p_mixed, row.p_critical)
    return Prediction(
        one,
        Stance(row.stance) if row.stance else None,
        row.confidence,
        (*given, max(0.0, round(1.0 - sum(given), 6))),
        Marks(tuple(row.praise), tuple(row.concern)) if row.praise or row.concern else None,
        reason,
        tuple(row.prediction_set),
    )
