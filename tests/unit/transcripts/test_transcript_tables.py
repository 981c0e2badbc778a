"""Tables with one intervention a row, whole and in blocks."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from statestance.domain import StatestanceError
from statestance.transcripts import LeftOut, read, stream
from statestance.transcripts.table import BLOCK

ROWS: list[dict[str, Any]] = [
    {
        "id": "a-1",
        "debate": "a",
        "target": "Mondara",
        "speaker": "Norway",
        "on_behalf_of": "",
        "text": "We thank, and “ask”. Twice.",
    },
    {"id": "a-2", "debate": "a", "target": "Mondara", "speaker": "Mondara", "on_behalf_of": "", "text": "We\nanswer."},
    {
        "id": "b-1",
        "debate": "b",
        "target": "Sweden",
        "speaker": "Ghana",
        "on_behalf_of": "African Group",
        "text": "Café; one.",
    },
    {"id": "b-2", "debate": "b", "target": "Sweden", "speaker": "Sweden", "on_behalf_of": "", "text": "Ours."},
    {"id": "b-3", "debate": "b", "target": "Sweden", "speaker": "Peru", "on_behalf_of": "", "text": " "},
]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    ending = path.suffix
    if ending in (".csv", ".tsv"):
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]), delimiter="\t" if ending == ".tsv" else ",")
            writer.writeheader()
            writer.writerows(rows)
    elif ending == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    elif ending == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        import openpyxl

        book = openpyxl.Workbook()
        book.active.append(list(rows[0]))
        for row in rows:
            book.active.append(list(row.values()))
        book.save(path)
    return path


ENDINGS = [".csv", ".tsv", ".jsonl", ".parquet", ".xlsx"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_kind_of_table_reads_alike(tmp_path: Path, ending: str) -> None:
    debate = read(write(tmp_path / f"t{ending}", ROWS))
    assert (debate.layout, debate.name, debate.target) == ("table", "t", "")
    assert [
        (t.id, t.debate, t.target, t.speaker, t.speaker_iso3, t.on_behalf_of, t.text, t.left_out) for t in debate.turns
    ] == [
        ("a-1", "a", "Mondara", "Norway", "NOR", "", "We thank, and “ask”. Twice.", ""),
        ("a-2", "a", "Mondara", "Mondara", "", "", "We answer.", LeftOut.DELEGATION),
        ("b-1", "b", "Sweden", "Ghana", "GHA", "African Group", "Café; one.", ""),
        ("b-2", "b", "Sweden", "Sweden", "SWE", "", "Ours.", LeftOut.DELEGATION),
        ("b-3", "b", "Sweden", "Peru", "PER", "", "", LeftOut.EMPTY),
    ]
    assert debate.turns[0].sentence_texts == ("We thank, and “ask”.", "Twice.")


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_columns_are_named_where_none_holds_text(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"t{ending}", [{"speaker": "Norway", "speech": "We thank."}])
    with pytest.raises(StatestanceError, match=r"`text`.*columns speaker, speech"):
        read(path)


@pytest.mark.parametrize("ending", ENDINGS)
def test_rows_without_names_get_numbers_and_the_target_is_overridable(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"t{ending}", [{"text": "One.", "State": "Norway"}, {"text": "Two.", "State": "Chad"}])
    debate = read(path, target="Norway")
    assert [(t.id, t.debate, t.speaker_iso3, t.left_out) for t in debate.turns] == [
        ("t-1", "t", "NOR", LeftOut.DELEGATION), ("t-2", "t", "TCD", ""),
    ]  # fmt: skip
    assert (debate.target, debate.target_iso3) == ("Norway", "NOR")


def test_given_sentences_are_kept(tmp_path: Path) -> None:
    rows = [{"sentences": ["One. And", "two."]}, {"text": "ignored? No.", "sentences": ["ignored?", "No."]}]
    debate = read(write(tmp_path / "t.jsonl", rows))
    assert [t.sentence_texts for t in debate.turns] == [("One. And", "two."), ("ignored?", "No.")]
    debate = read(write(tmp_path / "t.csv", [{"text": "x", "sentences": json.dumps(["One. And", "two."])}]))
    assert debate.turns[0].sentence_texts == ("One. And", "two.")


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_big_tables_come_in_blocks(tmp_path: Path, ending: str) -> None:
    rows = [{"text": f"Norway noted {n}.", "speaker": "Norway"} for n in range(2 * BLOCK + 10)]
    path = write(tmp_path / f"t{ending}", rows)
    blocks = list(stream([path]))
    assert [len(b.turns) for b in blocks] == [BLOCK, BLOCK, 10]
    assert len({t.id for b in blocks for t in b.turns}) == len(rows)
    assert [t.text for b in blocks for t in b.turns] == [r["text"] for r in rows]
    assert len(read(path).turns) == len(rows)


def test_semicolons_and_windows_code_pages_are_read(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("speaker;text\nCôte d’Ivoire;Un été – déjà.\n".encode("cp1252"))
    assert [(t.speaker_iso3, t.text) for t in read(tmp_path / "t.csv").turns] == [("CIV", "Un été – déjà.")]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.csv", b"", "no rows"),
        ("t.csv", b"text\n", "no rows"),
        ("t.csv", b"text,text\na,b\n", "line 1.*text twice"),
        ("t.csv", b"text\na,b\n", "line 2.*quote"),
        ("t.jsonl", b'{"text": "a"}\n[1]\n', "line 2"),
        ("t.jsonl", b'{"text": "a"}\n{"text": \n', "line 2"),
        ("t.jsonl", b'{"text": 3}\n', "line 1, field text"),
        ("t.jsonl", b'{"text": "a", "speaker": ["x"]}\n', "line 1, field speaker"),
        ("t.jsonl", b'{"text": "a", "sentences": [1]}\n', "line 1, field sentences"),
        ("t.jsonl", b'{"text": "a", "id": NaN}\n', "line 1, field id"),
        ("t.parquet", b"PAR1", "parquet"),
    ],
)
def test_a_bad_table_names_file_line_and_field(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StatestanceError, match=rf"{name}.*") as caught:
        read(tmp_path / name)
    assert __import__("re").search(said, str(caught.value)), str(caught.value)


def test_the_layout_table_needs_a_table(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("Norway: x\n", encoding="utf-8")
    with pytest.raises(StatestanceError, match=r"\.csv"):
        read(tmp_path / "d.txt", layout="table")


def test_every_sheet_with_text_is_read(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["notes"])
    for title in ("May", "June"):
        sheet = book.create_sheet(title)
        sheet.append(["text", "speaker"])
        sheet.append([f"We spoke in {title}.", "Norway"])
    book.save(tmp_path / "t.xlsx")
    assert [(t.text, t.origin and t.origin.place) for t in read(tmp_path / "t.xlsx").turns] == [
        ("We spoke in May.", "May, row 2"),
        ("We spoke in June.", "June, row 2"),
    ]
