"""Saved predictions: exact columns, formats that read back, files that appear whole or not at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statestance.corpus.faults import InvalidRowsError
from statestance.domain import Intervention, Marks, Prediction, StatestanceError, join_sentences
from statestance.predict.table import COLUMNS, LEFT_OUT, as_row, left_out, read, write
from statestance.stance import Stance

ENDINGS = ("csv", "jsonl", "parquet")
TEXT, SPANS = join_sentences(["Norland welcomed the clinics.", "It was worried about the editors."])
ONE = Intervention("d-1", TEXT, "d", "Vellmora", "Norland", "", "the Hill States", SPANS)
MIXED = Prediction(ONE, Stance.MIXED, 0.91234567, (0.05, 0.91234567, 0.02, 0.01765433), Marks((0,), (1,)))
ABSTAINED = Prediction(replace(ONE, id="d-2"), None, 0.4, (0.4, 0.3, 0.2, 0.1), abstain_reason="low_confidence")


def test_the_columns_are_these() -> None:
    assert ", ".join(COLUMNS) == (
        "id, debate, target, speaker, speaker_iso3, on_behalf_of, text, sentences, stance, confidence, "
        "p_supportive, p_mixed, p_critical, praise, concern, abstained, abstain_reason, prediction_set"
    )


def test_a_row_holds_plain_values_in_the_order_of_the_columns() -> None:
    row = as_row(MIXED)
    assert tuple(row) == COLUMNS
    assert row == {
        "id": "d-1",
        "debate": "d",
        "target": "Vellmora",
        "speaker": "Norland",
        "speaker_iso3": "",
        "on_behalf_of": "the Hill States",
        "text": TEXT,
        "sentences": ["Norland welcomed the clinics.", "It was worried about the editors."],
        "stance": "mixed",
        "confidence": 0.912346,
        "p_supportive": 0.05,
        "p_mixed": 0.912346,
        "p_critical": 0.02,
        "praise": [0],
        "concern": [1],
        "abstained": False,
        "abstain_reason": "",
        "prediction_set": [],
    }
    assert type(row["stance"]) is str


def test_a_row_without_marks_or_stance_has_empty_cells() -> None:
    row = as_row(ABSTAINED)
    assert (row["stance"], row["praise"], row["concern"]) == ("", [], [])
    assert (row["abstained"], row["abstain_reason"]) == (True, "low_confidence")


def test_files_hold_lists_as_their_format_can(tmp_path: Path) -> None:
    paths = [tmp_path / f"out.{ending}" for ending in ENDINGS]
    assert [write([MIXED, ABSTAINED], path) for path in paths] == [2, 2, 2]
    with paths[0].open(encoding="utf-8", newline="") as stream:
        first = next(csv.DictReader(stream))
    assert tuple(first) == COLUMNS
    assert (json.loads(first["sentences"])[1], first["praise"], first["abstained"]) == (
        "It was worried about the editors.",
        "[0]",
        "false",
    )
    assert json.loads(paths[1].read_text(encoding="utf-8").splitlines()[0]) == as_row(MIXED)
    table = pq.read_table(paths[2])
    assert tuple(table.column_names) == COLUMNS
    assert table.to_pylist() == [as_row(MIXED), as_row(ABSTAINED)]
    assert table.schema.field("sentences").type == pa.list_(pa.string())
    assert table.schema.field("praise").type == pa.list_(pa.int64())


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_rows_make_a_file_that_reads_back_empty(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"none.{ending}"
    assert write([], path) == 0
    assert read(path) == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_turn_left_out_keeps_its_reason(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"all.{ending}"
    write([left_out(replace(ONE, left_out="delegation of the State under review"))], path)
    (found,) = read(path)
    assert found.abstain_reason == f"{LEFT_OUT}delegation of the State under review"
    assert found.intervention.left_out == "delegation of the State under review"
    assert found.probabilities == (0, 0, 0, 1)


NASTY = [
    "",
    "=1+1",
    "'=1+1",
    "''=x",
    "'quoted'",
    "-5",
    "+x",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\nx",
    "＝x",
    "a,b",
    'q"q',
]
TEXTS = st.sampled_from(NASTY) | st.text(st.characters(codec="utf-8"), max_size=20)


@st.composite
def predictions(draw: st.DrawFn) -> Prediction:
    sentences = draw(st.lists(TEXTS.filter(bool), max_size=4))
    text, spans = join_sentences(sentences)
    fields = {name: draw(TEXTS) for name in ("debate", "target", "speaker", "speaker_iso3", "on_behalf_of")}
    one = Intervention(draw(TEXTS), text, sentences=spans, **fields)
    weights = draw(st.lists(st.integers(0, 1000), min_size=4, max_size=4).filter(any))
    shares = [w / sum(weights) for w in weights]
    numbers = st.sets(st.integers(0, len(sentences) - 1)) if sentences else st.just(set[int]())
    marks = Marks(tuple(sorted(draw(numbers))), tuple(sorted(draw(numbers))))
    stance = draw(st.none() | st.sampled_from(Stance))
    reason = "" if stance else draw(st.sampled_from(["no_stance", "=cmd|' /C calc'!A0"]))
    probabilities = (shares[0], shares[1], shares[2], shares[3])
    possible = tuple(draw(st.permutations([*map(str, Stance), "none"]))[: draw(st.integers(0, 4))])
    return Prediction(one, stance, max(shares), probabilities, marks, reason, possible)


@pytest.mark.parametrize("ending", ENDINGS)
@settings(max_examples=60, deadline=None)
@given(rows=st.lists(predictions(), max_size=4))
def test_what_is_written_reads_back(
    ending: str, rows: list[Prediction], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("round") / f"out.{ending}"
    write(rows, path)
    found = read(path)
    assert [as_row(p) for p in found] == [as_row(p) for p in rows]
    for before, after in zip(rows, found, strict=True):
        assert after.probabilities == pytest.approx(before.probabilities, abs=2e-6)


@pytest.mark.parametrize("text", [t for t in NASTY if t and t[0] in "=-+@\t\r\n＝"])
def test_no_csv_cell_starts_a_formula(text: str, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write([replace(MIXED, intervention=replace(ONE, speaker=text, id=text))], path)
    with path.open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["speaker"] == row["id"] == "'" + text


class StoppedError(Exception):
    pass


def until_stopped(error: BaseException) -> Iterator[Prediction]:
    yield MIXED
    raise error


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("error", [StoppedError(), KeyboardInterrupt(), StatestanceError("bad input")])
def test_a_failure_leaves_the_earlier_output_and_nothing_else(
    ending: str, error: BaseException, tmp_path: Path
) -> None:
    path = tmp_path / f"out.{ending}"
    write([ABSTAINED], path)
    before = path.read_bytes()
    with pytest.raises(type(error)):
        write(until_stopped(error), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", ENDINGS)
def test_text_that_utf8_cannot_hold_is_a_clear_error(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"out.{ending}"
    with pytest.raises(StatestanceError, match="expected text that UTF-8 can hold"):
        write([replace(MIXED, intervention=replace(ONE, speaker="\ud800"))], path)
    assert list(tmp_path.iterdir()) == []


def test_an_output_through_a_link_changes_the_file_behind_it(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    write([ABSTAINED], real)
    real.chmod(0o640)
    link.symlink_to(real)
    write([MIXED], link)
    assert link.is_symlink() and read(real)[0].stance is Stance.MIXED
    assert real.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("out.xlsx", "expected an output ending in .csv, .jsonl, .parquet"),
        ("no-such-folder/out.csv", "expected a folder"),
        ("folder.csv", "expected a file at"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_any_work(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    work = iter([MIXED])
    with pytest.raises(StatestanceError, match=message):
        write(work, tmp_path / name)
    assert next(work) is MIXED


def test_rows_are_written_as_they_come(tmp_path: Path) -> None:
    """At no time are more rows alive than one Parquet row group holds."""
    alive, most = 0, 0

    class Row(Intervention):
        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def many() -> Iterator[Prediction]:
        nonlocal alive, most
        for number in range(5000):
            alive += 1
            most = max(most, alive)
            yield Prediction(Row(str(number), "Text."), None, 0.4, (0.4, 0.3, 0.2, 0.1), None, "low_confidence")

    for ending in ENDINGS:
        assert write(many(), tmp_path / f"out.{ending}") == 5000
    assert most < 10


def changed(tmp_path: Path, **fields: Any) -> Path:
    path = tmp_path / "changed.jsonl"
    path.write_text(json.dumps(as_row(MIXED) | fields) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("fields", "field", "problem"),
    [
        ({"stance": "positive"}, "stance", "Input should be"),
        ({"confidence": 1.5}, "confidence", "less than or equal to 1"),
        ({"p_mixed": "high"}, "p_mixed", "valid number"),
        ({"p_mixed": 1.0, "p_critical": 0.9}, "p_supportive", "add up to more than 1"),
        ({"praise": [2]}, "praise", "out of range for 2 sentences"),
        ({"sentences": ["Another."]}, "sentences", "not all of them stand in the text"),
        ({"abstained": True}, "stance", "exclude each other"),
        ({"abstain_reason": "why"}, "abstain_reason", "nowhere else"),
        ({"prediction_set": ["neutral"]}, "prediction_set", "Input should be"),
        ({"prediction_set": "mixed"}, "prediction_set", "valid list"),
    ],
)
def test_a_fault_in_saved_predictions_names_its_place(
    fields: dict[str, Any], field: str, problem: str, tmp_path: Path
) -> None:
    path = changed(tmp_path, **fields)
    with pytest.raises(InvalidRowsError, match="expected a file of predictions") as caught:
        read(path)
    assert any(f.line == 1 and f.field == field and problem in f.problem for f in caught.value.faults)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_of_something_else_names_the_columns_it_lacks(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"labels.{ending}"
    if ending == "csv":
        path.write_text("text,stance\nOne.,mixed\n", encoding="utf-8")
    else:
        pq.write_table(pa.table({"text": ["One."], "stance": ["mixed"]}), path)
    with pytest.raises(InvalidRowsError) as caught:
        read(path)
    assert {f.problem.removeprefix("no column ") for f in caught.value.faults} == set(COLUMNS) - {
        "text",
        "stance",
        "prediction_set",
    }


SETS = [replace(MIXED, prediction_set=("mixed", "none")), replace(MIXED, prediction_set=("critical",)), ABSTAINED]


@pytest.mark.parametrize("ending", ENDINGS)
def test_prediction_sets_read_back(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"out.{ending}"
    write(SETS, path)
    assert [p.prediction_set for p in read(path)] == [("mixed", "none"), ("critical",), ()]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_from_before_there_were_prediction_sets_is_read(ending: str, tmp_path: Path) -> None:
    path, row = tmp_path / f"old.{ending}", as_row(MIXED)
    del row["prediction_set"]
    if ending == "jsonl":
        path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    elif ending == "parquet":
        pq.write_table(pa.Table.from_pylist([row]), path)
    else:
        cells = {name: json.dumps(v) if isinstance(v, list | bool) else v for name, v in row.items()}
        with path.open("w", encoding="utf-8", newline="") as stream:
            table = csv.DictWriter(stream, list(cells))
            table.writeheader()
            table.writerow(cells)
    (found,) = read(path)
    assert found.prediction_set == () and as_row(found) == as_row(MIXED)
