"""Labelled files: what is accepted, and that everything wrong with one is reported at once."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statestance.corpus import load, read, write_jsonl
from statestance.corpus.faults import SHOWN, InvalidRowsError
from statestance.domain import StatestanceError
from statestance.stance import OUTCOMES, Stance

SHARED = Path(__file__).parents[3] / "../shared"
LISTS = ("sentences", "praise", "concern")
Row = dict[str, Any]


def as_jsonl(path: Path, rows: list[Row]) -> Path:
    path = path.with_suffix(".jsonl")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def as_csv(path: Path, rows: list[Row]) -> Path:
    path = path.with_suffix(".csv")
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, names)
        writer.writeheader()
        for row in rows:
            writer.writerow({n: json.dumps(v) if n in LISTS and not isinstance(v, str) else v for n, v in row.items()})
    return path


def as_parquet(path: Path, rows: list[Row]) -> Path:
    path = path.with_suffix(".parquet")
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


WRITERS = [pytest.param(w, id=w.__name__[3:]) for w in (as_jsonl, as_csv, as_parquet)]
Writer = Callable[[Path, list[Row]], Path]

GOOD = ["Norland welcomed the new clinics.", "It was concerned about the arrests of editors."]
OTHER = "Sudonia asked how the harbour court would be staffed in its second year of work."


def row(number: int, **fields: Any) -> Row:
    text = [
        f"Delegation {number} welcomed clinic number {number}.",
        f"It regretted arrest number {number * 7} of {number}.",
    ]
    return {
        "id": f"r{number}",
        "debate": f"d{number % 3}",
        "register": "summary",
        "text": " ".join(text),
        "sentences": text,
        "praise": [0],
        "concern": [1],
        "stance": "mixed",
        "split": "train",
    } | fields


FAULTY = [
    row(1),
    row(2, stance="favourable"),
    row(3, praise=[0, 5]),
    row(4, concern=[1, 1]),
    row(5, stance="critical"),
    row(6, text="Quite another text."),
    row(7, id="r1"),
    row(8, register="spoken"),
    row(9, split="validation"),
    row(10, sentences=["Delegation 10 welcomed it.", " "], text=None),
    row(11, text=row(1)["text"], sentences=row(1)["sentences"], praise=[0], concern=[], stance="supportive"),
    row(12),
]
EXPECTED = [
    (2, "stance", "'favourable'", "write supportive, mixed, critical or none"),
    (3, "praise", "[0, 5]", "use numbers from 0 to 1"),
    (4, "concern", "[1, 1]", "name each sentence once"),
    (5, "stance", "critical", "mend the marks or the stance"),
    (6, "text", "'Quite another text.'", "leave text out, or mend it"),
    (7, "id", "r1", "give every row its own id"),
    (8, "register", "'spoken'", "write summary or verbatim"),
    (9, "split", "'validation'", "write train, dev or test"),
    (10, "sentences", "['Delegation 10 welcomed it.', ' ']", "none of them empty"),
    (11, "stance", "supportive", "decide which label is right"),
]


@pytest.mark.parametrize("write", WRITERS)
def test_ten_different_faults_are_all_reported_with_place_value_and_remedy(write: Writer, tmp_path: Path) -> None:
    path = write(tmp_path / "faulty", FAULTY)
    header = path.suffix == ".csv"
    with pytest.raises(InvalidRowsError) as caught:
        load(path)
    found = caught.value.faults
    assert [(f.line - header, f.field, f.value) for f in found] == [e[:3] for e in EXPECTED]
    for fault, (line, field, value, remedy) in zip(found, EXPECTED, strict=True):
        assert remedy in fault.remedy
        assert f"{path}:{line + header}: {field} = {value}: " in str(caught.value)


def test_one_row_with_several_faults_reports_each(tmp_path: Path) -> None:
    path = as_jsonl(tmp_path / "one", [row(1, stance="pro", praise=[0, 9], split="x", text="Other.")])
    with pytest.raises(InvalidRowsError) as caught:
        load(path)
    assert sorted(f.field for f in caught.value.faults) == ["praise", "split", "stance", "text"]


@pytest.mark.parametrize("write", WRITERS)
def test_text_and_stance_are_a_labelled_file(write: Writer, tmp_path: Path) -> None:
    rows = [{"text": f"{GOOD[0]} Number {n}.", "stance": outcome} for n, outcome in enumerate(OUTCOMES)]
    found = load(write(tmp_path / "plain", rows))
    assert [OUTCOMES[r.outcome] for r in found] == list(OUTCOMES)
    assert all(r.marks is None and r.intervention.sentences for r in found)
    # Each row is a debate of its own, so that a split never separates what belongs together.
    assert len({r.intervention.debate for r in found}) == len({r.intervention.id for r in found}) == 4


@pytest.mark.parametrize("write", WRITERS)
def test_marks_alone_give_the_stance(write: Writer, tmp_path: Path) -> None:
    marks = [([0], []), ([0], [1]), ([], [1]), ([], [])]
    rows = [
        {"sentences": [f"{GOOD[0]} {n}", f"{GOOD[1]} {n}"], "praise": p, "concern": c} for n, (p, c) in enumerate(marks)
    ]
    found = load(write(tmp_path / "marks", rows))
    assert [r.stance for r in found] == [Stance.SUPPORTIVE, Stance.MIXED, Stance.CRITICAL, None]
    assert found[1].intervention.sentence_texts == (f"{GOOD[0]} 1", f"{GOOD[1]} 1")


@pytest.mark.parametrize("write", WRITERS)
def test_rows_that_are_no_interventions_are_left_out_and_counted(write: Writer, tmp_path: Path) -> None:
    rows = [
        {
            "id": "a-1",
            "report": "alba2010",
            "text": GOOD[0],
            "stance": "supportive",
            "not_an_intervention": None,
        },
        {"id": "a-2", "report": "alba2010", "text": OTHER, "stance": None, "not_an_intervention": True},
    ]
    found = read(write(tmp_path / "labelled", rows))
    assert found.not_interventions == 1
    assert [(r.intervention.id, r.intervention.debate) for r in found.rows] == [("a-1", "alba2010")]


def test_text_may_differ_from_its_sentences_in_space_alone(tmp_path: Path) -> None:
    spaced = f"{GOOD[0]}\n  {GOOD[1]} "
    marks = {"sentences": GOOD, "praise": [0], "concern": [1]}
    (one,) = load(as_jsonl(tmp_path / "spaced", [{"text": spaced, **marks}]))
    assert one.intervention.text == spaced
    assert one.intervention.sentence_texts == tuple(GOOD)
    with pytest.raises(InvalidRowsError, match="differs from the sentences"):
        load(as_jsonl(tmp_path / "other", [{"text": spaced.replace("clinics", "clinic"), **marks}]))


def test_a_null_stance_with_empty_marks_is_no_stance(tmp_path: Path) -> None:
    (one,) = load(as_jsonl(tmp_path / "null", [{"sentences": [OTHER], "praise": [], "concern": [], "stance": None}]))
    assert one.stance is None and OUTCOMES[one.outcome] == "none"


@pytest.mark.parametrize(
    ("fields", "field", "problem"),
    [
        ({"text": "One."}, "stance", "neither marks nor a stance"),
        ({"text": " ", "stance": "mixed"}, "text", "no text"),
        ({"stance": "mixed"}, "text", "no text"),
        (
            {"text": "One.", "stance": "mixed", "praise": [0], "concern": [0]},
            "concern",
            "marks without sentences",
        ),
        ({"sentences": ["One."], "praise": [0]}, "concern", "one kind of mark without the other"),
        ({"sentences": ["One."], "praise": [True], "concern": []}, "praise[0]", "valid integer"),
        ({"sentences": ["One."], "praise": [-1], "concern": []}, "praise", "out of range"),
        ({"text": 7, "stance": "mixed"}, "text", "valid string"),
        ({"text": "half \ud800", "stance": "mixed"}, "text", "surrogate"),
    ],
)
def test_a_fault_names_its_field(fields: Row, field: str, problem: str, tmp_path: Path) -> None:
    path = as_jsonl(tmp_path / "fault", [row(1), fields])
    with pytest.raises(InvalidRowsError) as caught:
        load(path)
    assert any(f.line == 2 and f.field == field and problem in f.problem for f in caught.value.faults)


@pytest.mark.parametrize("write", WRITERS)
def test_near_duplicates_across_declared_splits_are_an_error(write: Writer, tmp_path: Path) -> None:
    long = "Ostria welcomed the opening of twelve rural clinics and the training of four hundred nurses " * 2
    rows = [
        {"text": long, "stance": "supportive", "split": "train"},
        {"text": long + "each year", "stance": "supportive", "split": "test"},
        {"text": OTHER, "stance": "none", "split": "dev"},
    ]
    with pytest.raises(InvalidRowsError) as caught:
        load(write(tmp_path / "leak", rows))
    (fault,) = caught.value.faults
    assert "alike to line" in fault.problem and "of the train split" in fault.problem
    rows[1]["split"] = "train"
    assert len(load(write(tmp_path / "no-leak", rows))) == 3


def test_csv_names_the_first_line_of_a_row_and_its_odd_cells(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text('text,stance\n"One\nand two.",pro\n\n"Three.",mixed,more\n"Four.",mixed\n', encoding="utf-8")
    with pytest.raises(InvalidRowsError) as caught:
        load(path)
    assert [(f.line, f.field) for f in caught.value.faults] == [(2, "stance"), (5, "(row)")]


def test_csv_marks_that_are_no_list_are_one_fault(tmp_path: Path) -> None:
    path = tmp_path / "marks.csv"
    path.write_text('sentences,praise,concern\n"[""One.""]",0;1,[]\n', encoding="utf-8")
    with pytest.raises(InvalidRowsError) as caught:
        load(path)
    assert [(f.field, f.value) for f in caught.value.faults] == [("praise", "'0;1'")]


@pytest.mark.parametrize("write", [as_csv, as_parquet])
def test_a_table_without_the_columns_is_one_fault_each_not_one_a_row(write: Writer, tmp_path: Path) -> None:
    path = write(tmp_path / "columns", [{"speech": f"Text {n}.", "side": "pro"} for n in range(40)])
    with pytest.raises(InvalidRowsError) as caught:
        load(path)
    assert [f.problem for f in caught.value.faults] == [
        "no column text or sentences",
        "no column stance or praise",
    ]
    assert caught.value.faults[0].value == "speech, side"


def test_columns_of_one_name_are_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("text,stance,text\nOne.,mixed,Two.\n", encoding="utf-8")
    with pytest.raises(InvalidRowsError, match="2 columns are called text"):
        load(path)


def test_broken_lines_are_named_and_do_not_hide_the_others(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    good = b'{"text": "One.", "stance": "mixed"}\n'
    path.write_bytes(b"\xef\xbb\xbf" + good + b'{"text": \n' + b"[1]\n" + b'{"text": "caf\xe9"}\n' + b"\n" + good)
    with pytest.raises(InvalidRowsError) as caught:
        load(path)
    found = [(f.line, f.problem.split(" (")[0]) for f in caught.value.faults]
    assert found == [(2, "not JSON"), (3, "not a JSON object"), (4, "not UTF-8")]
    assert caught.value.faults[2].value == "byte 0xe9"


@pytest.mark.parametrize("name", ["empty.csv", "empty.jsonl", "header.csv"])
def test_a_file_without_rows_is_an_error(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("text,stance\n" if name == "header.csv" else "", encoding="utf-8")
    with pytest.raises(StatestanceError, match=r"no labelled rows|no column text"):
        load(path)


def test_files_that_cannot_be_read_say_so(tmp_path: Path) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 is not enough")
    (tmp_path / "latin.csv").write_bytes(b"text,stance\nDelegu\xe9,mixed\n")
    for name, message in (
        ("bad.parquet", "expected a readable .parquet file"),
        ("latin.csv", "byte 0xe9"),
        ("missing.csv", "found none; check the path"),
        ("notes.xlsx", "expected a .jsonl, .csv or .parquet file"),
    ):
        with pytest.raises(StatestanceError, match=message):
            load(tmp_path / name)


def test_the_message_is_cut_and_the_faults_are_not(tmp_path: Path) -> None:
    path = as_jsonl(tmp_path / "many", [row(n, stance="pro") for n in range(SHOWN + 30)])
    with pytest.raises(InvalidRowsError, match=r"and 30 more") as caught:
        load(path)
    assert len(caught.value.faults) == SHOWN + 30


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1).filter(lambda s: s.strip())
SENTENCES = st.lists(WORDS, min_size=1, max_size=4)


@st.composite
def labelled_rows(draw: st.DrawFn) -> list[Row]:
    rows, seen = [], set()
    for number in range(draw(st.integers(1, 5))):
        sentences = draw(SENTENCES)
        text = " ".join(sentences)
        key = " ".join(text.split()).casefold()
        if key in seen:
            continue
        seen.add(key)
        one: Row = {"id": f"{number}", "target": draw(st.text(max_size=5).filter(lambda s: s.isprintable()))}
        if draw(st.booleans()):
            numbers = st.sets(st.integers(0, len(sentences) - 1))
            one |= {"sentences": sentences, "praise": sorted(draw(numbers)), "concern": sorted(draw(numbers))}
        else:
            one |= {"text": text, "stance": draw(st.sampled_from(OUTCOMES))}
        rows.append(one)
    return rows


@settings(max_examples=60, deadline=None)
@given(rows=labelled_rows())
def test_written_rows_read_back_unchanged(rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("round")
    first = load(as_jsonl(folder / "rows", rows))
    again = folder / "rows.jsonl"
    write_jsonl(again, first)
    assert load(again) == first


@settings(max_examples=150, deadline=None)
@given(
    data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode),
    ending=st.sampled_from(["csv", "jsonl"]),
)
def test_any_bytes_are_read_or_refused_by_a_clear_error(
    data: bytes, ending: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / f"file.{ending}"
    path.write_bytes(data)
    with pytest.raises(StatestanceError, match="expected"):
        load(path)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "rows", "left_out", "outcomes"),
    [
        ("corpus/composed.jsonl", 3600, 0, (1122, 1207, 922, 349)),
        ("upr/labelled.jsonl", 1395, 153, (807, 353, 155, 80)),
    ],
)
def test_the_shared_files_are_valid(name: str, rows: int, left_out: int, outcomes: tuple[int, ...]) -> None:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"no {name} beside the project")
    found = read(path)
    counts = Counter(r.outcome for r in found.rows)
    assert (len(found.rows), found.not_interventions) == (rows, left_out)
    assert tuple(counts[n] for n in range(4)) == outcomes
