"""Every type of file, and what makes each of them hard to read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from transcript_files import column, docx, pdf, pictures

from statestance.domain import StatestanceError
from statestance.transcripts import LeftOut, read

SCRIPT = ["# Debate on Mondara", "**NORWAY** We thank the hall.", "It has two doors.", "**Sweden:** We agree."]
TOLD = [("NOR", "We thank the hall. It has two doors."), ("SWE", "We agree.")]


def told(path: Path, **options: str) -> list[tuple[str, str]]:
    return [(t.speaker_iso3, t.text) for t in read(path, **options).interventions]


def furniture(page: int) -> list[tuple[float, float, str, float, bool]]:
    return [
        (72, 40, "A/HRC/99/1", 9, False),
        (72, 52, "Report on the roads of Mondara", 9, False),
        (300, 810, str(page), 9, False),
        (72, 810, "GE.31-12345", 9, False),
    ]


def test_docx_keeps_headings_bold_names_and_tables(tmp_path: Path) -> None:
    assert told(docx(tmp_path / "d.docx", SCRIPT)) == TOLD
    import docx as word

    document = word.Document()
    table = document.add_table(rows=2, cols=1)
    table.rows[0].cells[0].text, table.rows[1].cells[0].text = "Norway: In a table.", "Sweden: In it too."
    document.save(str(tmp_path / "t.docx"))
    assert told(tmp_path / "t.docx") == [("NOR", "In a table."), ("SWE", "In it too.")]


def test_docx_numbers_that_word_counts_itself(tmp_path: Path) -> None:
    import docx as word

    document = word.Document()
    for text in ("Norway noted the plan.", "Sweden asked when it began.", "Ghana thanked Mondara."):
        document.add_paragraph(text, style="List Number")
    document.save(str(tmp_path / "n.docx"))
    debate = read(tmp_path / "n.docx", target="Mondara")
    assert (debate.layout, [t.id for t in debate.interventions]) == ("upr", ["n-1", "n-2", "n-3"])


def test_pdf_in_one_column(tmp_path: Path) -> None:
    assert told(pdf(tmp_path / "d.pdf", [column(SCRIPT)])) == TOLD


def test_pdf_without_furniture_footnotes_and_hyphens(tmp_path: Path) -> None:
    first = [
        "B. Interactive dialogue and responses by the State under review", "",
        "1. During the dialogue, 3 delegations made statements.", "",
        "2. Norway welcomed the new road and the "
        "inter-", "national ferry. It asked about the well-", "being of sailors.", "",
        "3. The delegation of Mondara said that well-being mattered.", "",
        "4. Sweden noted the gaps in the coop-",
    ]  # fmt: skip
    second = ["eration between harbours. Sweden made recommendations.", "", "5. Ghana commended the well-being plan."]
    notes = [(72.0, 740.0, "1", 6.0, False), (80.0, 742.0, "This note is no part of the paragraph.", 7.5, False)]
    call = [(72 + 10 * 30.0, 100 + 13 * 4 - 3.0, "1", 6.0, False)]
    path = pdf(tmp_path / "r.pdf", [furniture(1) + column(first) + notes + call, furniture(2) + column(second)])
    debate = read(path, target="Mondara")
    assert debate.layout == "upr"
    assert told(path, target="Mondara") == [
        ("NOR", "Norway welcomed the new road and the international ferry. It asked about the well-being of sailors."),
        ("SWE", "Sweden noted the gaps in the cooperation between harbours. Sweden made recommendations."),
        ("GHA", "Ghana commended the well-being plan."),
    ]
    assert debate.left_out[LeftOut.DELEGATION] == 1
    notes = [t for t in debate.turns if "note" in t.text and "no part" in t.text]
    assert notes, "a footnote is kept in sight"
    assert {t.left_out for t in notes} == {LeftOut.FOOTNOTE}
    assert not any("Report on the roads" in t.text or "GE.31" in t.text for t in debate.turns)


def test_pdf_in_two_columns_under_a_title_across(tmp_path: Path) -> None:
    left = ["Mr. Smith (Ghana): We thank "
            "the", "chair for this meeting, and we are", "pleased.", "", "Ms. Hansen (Norway): This speech",
            "starts in the left column and "
            "it", "goes on in the", "second one after", "the break of", "columns, with"]  # fmt: skip
    right = ["some more words to fill it up and", "to end here.", "", "The President: I thank Norway.", "",
             "Ms. Li (China): We have little to", "say today.", "We say it", "in this", "column."]  # fmt: skip
    title = [(72.0, 80.0, "The situation in Mondara, with a long title across both of the columns", 11.0, True)]
    path = pdf(tmp_path / "v.pdf", [title + column(left, top=120) + column(right, x=320, top=120)])
    assert told(path) == [
        ("GHA", "We thank the chair for this meeting, and we are pleased."),
        ("NOR", "This speech starts in the left column and it goes on in the second one after the break of columns, "
                "with some more words to fill it up and to end here."),
        ("CHN", "We have little to say today. We say it in this column."),
    ]  # fmt: skip
    assert read(path).target == "Mondara"


def test_a_scanned_pdf_says_so(tmp_path: Path) -> None:
    with pytest.raises(StatestanceError, match=r"1 pages without any.*text recognition"):
        read(pictures(tmp_path / "scan.pdf", [None]))


def test_a_scanned_page_among_others_is_left_out_by_name(tmp_path: Path) -> None:
    debate = read(pictures(tmp_path / "mixed.pdf", [column(SCRIPT), None]))
    assert [(t.left_out, t.origin and t.origin.place) for t in debate.turns if not t.text] == [
        (LeftOut.UNREADABLE, "page 2")
    ]
    assert len(debate.interventions) == 2


def test_html_in_a_declared_encoding_and_without_a_main_element(tmp_path: Path) -> None:
    head = '<html><head><meta charset="windows-1252"></head><body>'
    page = f"{head}<p><b>Norway:</b> Un été.<br>Sweden: Höst.</p></body></html>"
    (tmp_path / "p.html").write_bytes(page.encode("cp1252"))
    assert told(tmp_path / "p.html") == [("NOR", "Un été."), ("SWE", "Höst.")]


def test_deep_html_is_read_without_recursion(tmp_path: Path) -> None:
    (tmp_path / "p.html").write_text("<div>" * 3000 + "<p>Norway: One.</p><p>Sweden: Two.</p>", encoding="utf-8")
    assert told(tmp_path / "p.html") == [("NOR", "One."), ("SWE", "Two.")]


@pytest.mark.parametrize("name", ["d.doc", "d.rtf", "d", "d.pptx"])
def test_an_unknown_ending_names_the_known_ones(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("Norway: x", encoding="utf-8")
    with pytest.raises(StatestanceError, match=r"\.docx.*\.pdf.*convert it"):
        read(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b" \n\r\n\t", b"\xef\xbb\xbf", b"\x00\x00"])
def test_an_empty_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "d.txt").write_bytes(content)
    with pytest.raises(StatestanceError, match=r"d\.txt"):
        read(tmp_path / "d.txt")


def test_missing_files_and_folders_are_errors(tmp_path: Path) -> None:
    with pytest.raises(StatestanceError, match="no such file"):
        read(tmp_path / "none.txt")
    with pytest.raises(StatestanceError, match="a folder"):
        read(tmp_path)


@pytest.mark.parametrize("name", ["d.pdf", "d.docx", "d.xlsx", "d.parquet"])
def test_a_file_of_another_kind_under_that_ending_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(os.urandom(3000))
    with pytest.raises(StatestanceError, match=rf"d\.{name[2:]}"):
        read(tmp_path / name)
