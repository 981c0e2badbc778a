"""Markdown and workbooks: nothing in them acts, and a file is written whole or not at all."""

from __future__ import annotations

import html
import re
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_up import one, unsure
from statestance.domain import StatestanceError
from statestance.report import Facts, Report, build, files, markdown
from statestance.report.comparison import compare

FACTS = Facts(model="evidence", date="2026-11-25", sources=("debate.txt: kept 3 interventions",))
ROWS = [one("Norway", "mixed"), one("Chile", "supportive", debate="d2"), unsure("Ghana", "critical")]


@pytest.fixture
def report() -> Report:
    return build(ROWS, facts=FACTS)


def rows_of(path: Path, sheet: str) -> list[list[object]]:
    return [list(row) for row in openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)]


def test_the_workbook_holds_every_sheet_with_header_and_filters(report: Report, tmp_path: Path) -> None:
    files.write(report, tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames == ["Summary", "States", "Interventions", "For a human", "Themes", "Made"]
    assert all(sheet.freeze_panes == "A2" and sheet.auto_filter.ref for sheet in book)
    head, first, *rest = rows_of(tmp_path / "r.xlsx", "Interventions")
    shown = dict(zip(head, first, strict=True))
    assert (
        shown["Stance"] == "mixed" and shown["Confidence"] == 0.94 and shown["Praise"] == "It welcomed the new schools."
    )
    assert len(rest) == 2 and any("leans to critical" in str(row) for row in rest)
    assert ["Model", "evidence"] in rows_of(tmp_path / "r.xlsx", "Made")
    assert rows_of(tmp_path / "r.xlsx", "Summary")[1][:5] == ["States", 1, 1, 0, 1]
    assert [row[4] for row in [head, first, *rest]] == ["Stance", "mixed", "supportive", "none"]
    states = [row[:5] for row in rows_of(tmp_path / "r.xlsx", "States")[:2]]
    assert [row[2:] for row in states] == [
        ["Code", "Regional group", "Stance"], ["NOR", "Western European and Others Group", "mixed"],
    ]  # fmt: skip


def test_a_sentence_stands_below_the_rows_that_are_filtered(report: Report, tmp_path: Path) -> None:
    moves = compare([("a", [one("Norway", "mixed")]), ("b", [one("Norway", "critical", debate="d2")])], facts=FACTS)
    for content, sheet, start in (
        (report, "Summary", "1 of 3"),
        (report, "Themes", "Sorted"),
        (moves, "Summary", "Of"),
    ):
        files.write(content, tmp_path / "r.xlsx")
        found = openpyxl.load_workbook(tmp_path / "r.xlsx")[sheet]
        last = found.max_row
        assert str(found.cell(last, 1).value).startswith(start) and found.cell(last - 1, 1).value is None
        assert found.auto_filter.ref.endswith(str(last - 2))


def test_what_the_model_was_unsure_of_is_for_a_human_in_the_workbook_and_in_markdown(tmp_path: Path) -> None:
    report = build([*ROWS, one("Peru", "mixed", sure=0.72), one("Fiji", "critical", sure=0.6)], facts=FACTS)
    files.write(report, tmp_path / "r.xlsx")
    assert [[row[2], row[4], row[5]] for row in rows_of(tmp_path / "r.xlsx", "For a human")[1:]] == [
        ["Ghana", "none", 0.5], ["Fiji", "critical", 0.6], ["Peru", "mixed", 0.72],
    ]  # fmt: skip
    said = {row[1]: row[7] for row in rows_of(tmp_path / "r.xlsx", "Interventions")[1:]}
    assert said["Fiji"] == "Counted, but the model was unsure" and said["Norway"] is None
    text = markdown.render(report)
    _, listed = text.split("## Counted, but the model was unsure")
    assert listed.index("- **Fiji**: − critical, confidence 0.60, low") < listed.index("- **Peru**: ± mixed")


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-2", "@cmd", "'=1", "\t=1", "＝1"])
def test_a_text_is_never_a_formula(text: str, tmp_path: Path) -> None:
    files.write(build([one(text, "supportive", texts=[text, "B."], debate=text)], facts=FACTS), tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f"]
    strings = [str(c.value).strip() for c in cells if isinstance(c.value, str)]
    assert text.strip() not in strings and any(text.strip() in s for s in strings)


def test_control_characters_and_endless_texts_fit_a_cell(tmp_path: Path) -> None:
    files.write(
        build([one("Nor\x07way", "supportive", texts=["a" * 40_000, "\x0b."])], facts=FACTS), tmp_path / "r.xlsx"
    )
    texts = [row[-2] for row in rows_of(tmp_path / "r.xlsx", "Interventions")[1:]]
    assert len(str(texts[0])) == 32_767


@given(st.text(st.sampled_from("<>&*_`[](){}#|~!\\.1)-+ \n\r:/@ahtpsw"), max_size=80))
def test_markdown_shows_a_text_and_no_more(text: str) -> None:
    escaped = markdown.escape(text)
    assert "\n" not in escaped and "<" not in escaped and ">" not in escaped and "://" not in escaped
    bare = escaped.replace("\\\\", "")
    for special in "*_`[]|#":
        assert bare.count(special) == bare.count("\\" + special) + (bare.count("&#") if special == "#" else 0)


@given(st.text(st.sampled_from("<>&*_`[](){}#|~!\\.1)-+ /@:htpsw"), max_size=80))
def test_markdown_keeps_a_text_as_it_is(text: str) -> None:
    shown = html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown.escape(text)))
    assert shown == " ".join(text.split()), "and no character is put into an address"


def test_markdown_is_pleasant_to_read_as_it_is() -> None:
    assert markdown.escape("statestance 0.1.0, on 2026-11-29 (draft)") == "statestance 0.1.0, on 2026-11-29 (draft)"
    for line in ("- a", "1. a", "12) a", "+ a", "---", "# a"):
        assert "\\" in markdown.escape(line)


def test_the_workbook_asks_about_nothing_that_somebody_read(tmp_path: Path) -> None:
    rows = [one("Ghana", "none", reason="by_hand"), one("Chile", "none")]
    rows += [one("Peru", "mixed", sure=0.6), one("Fiji", "mixed", sure=0.6)]
    report = build(rows, facts=FACTS, by_hand=[0, 2])
    files.write(report, tmp_path / "r.xlsx")
    head, *rest = rows_of(tmp_path / "r.xlsx", "Interventions")
    asked = head.index("Ask a human")
    assert [bool(row[asked]) for row in rest] == [False, True, False, True]
    assert [row[2] for row in rows_of(tmp_path / "r.xlsx", "For a human")[1:]] == ["Chile", "Fiji"]
    _, _, asks = markdown.render(report).partition("## For a human to decide")
    assert [f"**{name}**" in asks for name in ("Ghana", "Chile", "Peru", "Fiji")] == [False, True, False, True]


def test_markdown_has_the_count_the_evidence_and_what_is_for_a_human(report: Report) -> None:
    text = markdown.render(report)
    assert "| + supportive | 1 |" in text and "- + praise: It welcomed the new schools" in text
    assert text.index("## For a human to decide") < text.index("leans to critical")
    assert "- Model: evidence" in text and "- debate.txt: kept 3 interventions" in text


@pytest.mark.parametrize("ending", files.ENDINGS)
def test_a_comparison_has_every_format(ending: str, tmp_path: Path) -> None:
    out = tmp_path / f"c{ending}"
    files.write(
        compare([("a", [one("Norway", "mixed")]), ("b", [one("Norway", "critical", debate="d2")])], facts=FACTS), out
    )
    if ending == ".xlsx":
        header, row, *_ = rows_of(out, "States")
        assert dict(zip(header, row, strict=True))["Move"] == "towards concern"
    else:
        assert "towards concern" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "said"), [("r.docx", "ending in .html"), ("no/r.html", "create it first"), ("d.md", "found a folder")]
)
def test_a_path_that_cannot_be_written_is_refused(name: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "d.md").mkdir()
    with pytest.raises(StatestanceError, match=said):
        files.check(tmp_path / name)


def test_a_report_that_fails_leaves_the_earlier_one(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "r.html"
    out.write_text("earlier")
    monkeypatch.setattr(files.html, "render", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        files.write(report, out)
    assert out.read_text() == "earlier" and [p.name for p in tmp_path.iterdir()] == ["r.html"]
