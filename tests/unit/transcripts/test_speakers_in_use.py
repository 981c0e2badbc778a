"""Names of speakers as people write them, told apart and given to the right State."""

from __future__ import annotations

import time
from pathlib import Path

import docx as word
import pytest
from transcript_files import column, pdf

from statestance.domain import StatestanceError
from statestance.transcripts import Debate, LeftOut, read, stream
from statestance.transcripts.attribution import Context, of_name
from statestance.transcripts.blocs import group

CONTEXT = Context("Vardania")

HANG = 120  # seconds: no measure of speed, but a pattern that backtracks without end would take hours


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def told(debate: Debate) -> list[tuple[str, str, str]]:
    return [(t.speaker_iso3, t.on_behalf_of, t.text) for t in debate.interventions]


@pytest.mark.parametrize(
    ("printed", "iso3"),
    [
        ("LE REPRÉSENTANT DU MALI", "MLI"),
        ("El representante de Alemania", "DEU"),
        ("H.E. Mr. Juan Prado, Ambassador of Peru", "PER"),
        ("Ms. Ada Obi, Minister of Justice of Nigeria", "NGA"),
        ("Ms. Ada Obi, Permanent Representative of Nigeria to the United Nations", "NGA"),
        ("Ms. Georgia Ellis (Chad)", "TCD"),
        ("Mr. Chad Jordan (Georgia)", "GEO"),
        ("President Prado (Peru)", "PER"),
    ],
)
def test_the_state_of_a_person(printed: str, iso3: str) -> None:
    who = of_name(printed, CONTEXT)
    assert who is not None and (who.iso3, who.left_out) == (iso3, "")


@pytest.mark.parametrize("printed", ["CHAIR (Jordan)", "The Acting President (Georgia)", "Vice-Chair (Chad)"])
def test_the_state_of_a_chair_does_not_speak(printed: str) -> None:
    who = of_name(printed, CONTEXT)
    assert who is not None and (who.iso3, who.left_out) == ("", LeftOut.CHAIR)


def test_an_office_of_no_state_is_nobody() -> None:
    assert of_name("Mr. N. Prado, Minister of Lamps", CONTEXT) is None
    own = of_name("Mr. Orlo, Minister of Lamps of Vardania", CONTEXT)
    assert own is not None and own.left_out == LeftOut.DELEGATION


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("Union européenne", "European Union"),
        ("Unión Europea", "European Union"),
        ("Groupe des États d’Afrique", "African Group"),
        ("Movimiento de los Países No Alineados", "Non-Aligned Movement"),
        ("European Union and its 27 member States", "European Union"),
        ("member States of the Organization of Islamic Cooperation", "Organization of Islamic Cooperation"),
        ("Friends of the Lamp", None),
    ],
)
def test_groups_in_headers(printed: str, name: str | None) -> None:
    known = group(printed)
    assert (known.name if known else None) == name


def test_a_script_with_persons_and_states_is_no_verbatim_record(tmp_path: Path) -> None:
    text = "Ms. Lee (Peru): One.\n\nMr. Obi (Chad): Two.\n\nGUINEA: Three.\nNIGER: Four.\nNIGERIA: Five.\nCONGO: Six.\n"
    debate = read(write(tmp_path / "d.txt", text))
    assert debate.layout == "script"
    assert told(debate) == [
        ("PER", "", "One."), ("TCD", "", "Two."), ("GIN", "", "Three."), ("NER", "", "Four."), ("NGA", "", "Five."),
        ("COG", "", "Six."),
    ]  # fmt: skip


def test_forms_of_names_in_markdown(tmp_path: Path) -> None:
    text = (
        "# Interactive dialogue on Vardania\n\n**Norway** (on behalf of the European Union): One.\n\n"
        "**Vardania** (State under review): Ours.\n\n*Ghana*: Two.\n\n1. **Togo** — Three.\n\n2. Benin: Four.\n\n"
        "3. Lamps: five of them.\n\n- **Chile**: Six.\n"
    )
    debate = read(write(tmp_path / "d.md", text))
    assert told(debate) == [
        ("NOR", "European Union", "One."), ("GHA", "", "Two."), ("TGO", "", "Three."),
        ("BEN", "", "Four. 3. Lamps: five of them."), ("CHL", "", "Six."),
    ]  # fmt: skip
    assert [t.text for t in debate.turns if t.left_out == LeftOut.DELEGATION] == ["Ours."]


def test_nameless_speakers_and_stage_directions_end_a_turn(tmp_path: Path) -> None:
    text = (
        "[00:00:31] Norway: We see.\n[00:01:02] Sweden: We join.\nAnd we stay.\n[00:02:00] (applause)\n"
        "[00:02:31] Unknown speaker: Who?\n[00:03:00] Speaker 2: Me.\n[00:04:00] Denmark: Good.\n"
    )
    debate = read(write(tmp_path / "d.txt", text))
    assert told(debate) == [("NOR", "", "We see."), ("SWE", "", "We join. And we stay."), ("DNK", "", "Good.")]
    assert [(t.speaker, t.text) for t in debate.turns if t.left_out] == [
        ("", "[00:02:00] (applause)"), ("Unknown speaker", "Who?"), ("Speaker 2", "Me."),
    ]  # fmt: skip


def test_bracketed_names_in_subtitles(tmp_path: Path) -> None:
    cues = ["[Chile] One.", "two.", "(BULGARIA) Three.", "(and four)", "[music]"]
    text = "".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\n{cue}\n\n" for n, cue in enumerate(cues, 1))
    debate = read(write(tmp_path / "d.srt", text))
    assert told(debate) == [("CHL", "", "One. two."), ("BGR", "", "Three. (and four)")]


def test_verbatim_record_with_offices_and_dates_in_its_furniture(tmp_path: Path) -> None:
    text = (
        "Mr. Kim (Republic of Korea): One.\n\nA/91/PV.14 03/10/2034\n\ntwo.\n\n"
        "The representative of Germany: Three.\n\n"
        "La Présidente par intérim : Quatre.\n\n03/10/2034 A/91/PV.14\n\nMs. Lee (Peru): The Government of Chile has "
        "two aims: lamps and wicks.\n"
    )
    debate = read(write(tmp_path / "d.txt", text))
    assert debate.layout == "verbatim"
    assert told(debate) == [
        ("KOR", "", "One. two."), ("DEU", "", "Three."),
        ("PER", "", "The Government of Chile has two aims: lamps and wicks."),
    ]  # fmt: skip
    assert debate.left_out == {LeftOut.CHAIR: 1}


SUMMARY = (
    "Agenda item 72: Situation in Vardania (continued) (A/C.3/91/L.4)\n\n"
    "1. Ms. Diaz (Colombia) said that the lamps were few.\n\n2. Ms. Diaz also noted the wicks.\n\n"
    "3. Mr. Orlo (Vardania) said that his country had lamps.\n\n4. It was so decided.\n\n"
    "5. Ms. Diaz said that she agreed.\n\n6. Ms. Unseen said that she did not.\n"
)


def test_summary_record_knows_a_person_again(tmp_path: Path) -> None:
    debate = read(write(tmp_path / "d.txt", SUMMARY))
    assert (debate.layout, debate.target) == ("summary", "Vardania")
    assert told(debate) == [
        ("COL", "", "Ms. Diaz (Colombia) said that the lamps were few. Ms. Diaz also noted the wicks."),
        ("COL", "", "Ms. Diaz said that she agreed."),
    ]
    assert [(t.left_out, t.text) for t in debate.turns if t.left_out != LeftOut.PROCEDURE and t.left_out] == [
        (LeftOut.DELEGATION, "Mr. Orlo (Vardania) said that his country had lamps."),
        (LeftOut.EXPERT, "Ms. Unseen said that she did not."),
    ]
    assert [t.text for t in debate.turns if t.left_out == LeftOut.PROCEDURE][-1] == "It was so decided."


ROWS = [("Norway", "Lamps are bright."), ("Ms. Obi (Nigeria)", "Lamps are dim."), ("Chair", "Next."),
        ("Sweden (on behalf of the Nordic countries)", "Lamps."), ("Vardania", "We answer.")]  # fmt: skip
TOLD = [
    ("NOR", "", "Lamps are bright. More."), ("NGA", "", "Lamps are dim. More."),
    ("SWE", "Nordic countries", "Lamps. More."),
]  # fmt: skip


def test_speaker_and_words_in_the_cells_of_a_page(tmp_path: Path) -> None:
    rows = "".join(f"<tr><td>{a}</td><td><p>{b}</p><p>More.</p></td></tr>" for a, b in ROWS)
    page = f"<html><title>Debate on Vardania</title><body><table>{rows}</table></body></html>"
    debate = read(write(tmp_path / "d.html", page))
    assert (debate.layout, told(debate)) == ("script", TOLD)
    assert debate.left_out == {LeftOut.CHAIR: 1, LeftOut.DELEGATION: 1}


def test_speaker_and_words_in_the_cells_of_a_document(tmp_path: Path) -> None:
    document = word.Document()
    document.add_heading("Debate on Vardania", 0)
    table = document.add_table(rows=0, cols=2)
    for name, words in ROWS:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, f"{words}\nMore."
    document.save(str(tmp_path / "d.docx"))
    assert told(read(tmp_path / "d.docx")) == TOLD


def test_speakers_of_a_table_are_read_as_headers_are(tmp_path: Path) -> None:
    rows = "".join(f'"{name}",{words},Vardania\n' for name, words in ROWS)
    path = write(
        tmp_path / "d.csv", f"speaker,text,target\n{rows}Amnesty International,Ours.,Vardania\n,Whose?,Vardania\n"
    )
    debate = read(path)
    assert [(t.speaker_iso3, t.on_behalf_of) for t in debate.interventions] == [
        ("NOR", ""), ("NGA", ""), ("SWE", "Nordic countries"), ("", ""),
    ]  # fmt: skip
    assert debate.left_out == {LeftOut.CHAIR: 1, LeftOut.DELEGATION: 1, LeftOut.NGO: 1}


def test_a_short_last_page_keeps_its_columns(tmp_path: Path) -> None:
    def two(left: list[str], right: list[str]) -> list[tuple[float, float, str, float, bool]]:
        return column(left, x=60) + column(right, x=320)

    many = [f"Here stands line {n} of the left half" for n in range(12)]
    pages = [
        two(["Mr. Costa (Brazil): We begin.", *many], ["Ms. Lee (Peru): We go on.", *many]),
        two(["Mr. Obi (Chad): We come", "to an end."], ["Ms. Diop (Mali): We come", "to another."]),
    ]
    debate = read(pdf(tmp_path / "d.pdf", pages))
    assert told(debate)[2:] == [("TCD", "", "We come to an end."), ("MLI", "", "We come to another.")]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n1 0 obj", "a PDF file"),
        (b"PK\x03\x04\x14\x00", "a zip archive"),
        (b"{\\rtf1 NORWAY: One.}", "a rich text"),
        (b"\n<!DOCTYPE html><p>Norway: One.</p>", "an HTML page"),
    ],
)
def test_other_kinds_of_files_named_as_text_are_named(tmp_path: Path, data: bytes, kind: str) -> None:
    path = tmp_path / "d.txt"
    path.write_bytes(data)
    with pytest.raises(StatestanceError, match=rf"expected plain text in .*d\.txt; found {kind}.*; mend"):
        read(path)


BODY = "<p>Norway said that the lamps were bright.</p><p>Peru said that they were not.</p>"


@pytest.mark.parametrize(
    "page",
    [
        f"<form id='aspnetForm'><input name='q'>{BODY}</form>",
        f"<div class='page has-sidebar nav-open'>{BODY}<form><p>Search here</p></form></div>",
        f"<ul><li><a href='#'>Chile</a></li><li><a href='#'>Contact us</a></li></ul>{BODY}",
    ],
)
def test_wrappers_of_a_page_stay_and_menus_go(tmp_path: Path, page: str) -> None:
    debate = read(write(tmp_path / "d.html", f"<html><body>{page}</body></html>"))
    assert [(t.speaker_iso3, t.left_out, t.text) for t in debate.turns] == [
        ("NOR", "", "Norway said that the lamps were bright."), ("PER", "", "Peru said that they were not."),
    ]  # fmt: skip


def test_a_page_of_nothing_but_navigation_is_no_transcript(tmp_path: Path) -> None:
    menu = "<ul><li><a>Home</a></li><li><a>Norway</a></li><li><a>Contact us</a></li></ul>"
    with pytest.raises(StatestanceError, match="found an empty file"):
        read(write(tmp_path / "d.html", f"<html><body><div>{menu}</div></body></html>"))


def test_names_with_a_time_and_names_with_a_full_stop(tmp_path: Path) -> None:
    text = (
        "Norway (00:12): One.\n\nSweden  01:10\nTwo: they are.\n\nSpeaker 3 (02:00): Three.\n\nPERU. Four.\n\n"
        "NOTHING. At all.\n\n**Mali** [03:00]:\nFive. We met at 10:30.\n"
    )
    debate = read(write(tmp_path / "d.txt", text))
    assert told(debate) == [
        ("NOR", "", "One."), ("SWE", "", "Two: they are."), ("PER", "", "Four. NOTHING. At all."),
        ("MLI", "", "Five. We met at 10:30."),
    ]  # fmt: skip
    assert [(t.left_out, t.text) for t in debate.turns if t.left_out] == [(LeftOut.UNATTRIBUTED, "Three.")]


def test_press_release_by_offices_and_bodies_that_bear_the_name_of_a_state(tmp_path: Path) -> None:
    paragraphs = [
        "JUAN PRADO (Dominican Republic) said that lamps were dear.",
        "The speaker for Guinea said that oil was dear.",
        "Iran’s representative said that wicks were dear.",
        "Also taking the floor were representatives of Canada and Chad.",
        "Ms. LEE (Dominica) said, on behalf of the Caribbean Community (CARICOM), that lamps were few.",
        "China Society for Lamp Studies said that lamps were many.",
        "Norway National Human Rights Institution said that lamps were few.",
        "South Africa said that lamps were few.",
    ]
    debate = read(write(tmp_path / "d.txt", "\n\n".join(paragraphs)))
    assert [(t.speaker_iso3, t.on_behalf_of, str(t.left_out)) for t in debate.turns] == [
        ("DOM", "", ""), ("GIN", "", ""), ("IRN", "", ""), ("", "", LeftOut.PROCEDURE),
        ("DMA", "Caribbean Community", ""), ("", "", LeftOut.NGO), ("", "", LeftOut.INSTITUTION), ("ZAF", "", ""),
    ]  # fmt: skip
    assert [t.text for t in debate.turns] == paragraphs


def test_files_of_one_name_in_two_folders_are_two_debates(tmp_path: Path) -> None:
    for year in ("2031", "2032"):
        (tmp_path / year).mkdir()
        write(tmp_path / year / "session.txt", "Norway: One.\nPeru: Two.\n")
    debates = list(stream([tmp_path]))
    assert [d.name for d in debates] == ["session", "session-2"]
    assert len({t.id for d in debates for t in d.turns}) == 4


@pytest.mark.parametrize("piece", ["<ul><li>", "<table><tr><td>x<td>", "<form>", "<div class='nav'>x"])
def test_deeply_nested_pages_are_read_in_time(tmp_path: Path, piece: str) -> None:
    path = write(tmp_path / "d.html", f"<html><body><p>Norway: One.</p><p>Peru: Two.</p>{piece * 20_000}")
    started = time.process_time()
    debate = read(path)
    assert [t.speaker_iso3 for t in debate.interventions][:2] == ["NOR", "PER"]
    assert time.process_time() - started < HANG


def test_endless_blanks_after_a_name_are_read_in_time(tmp_path: Path) -> None:
    started = time.process_time()
    debate = read(write(tmp_path / "d.txt", "NORWAY" + " " * 2_000_000 + ": x\nPERU: y\n"))
    assert debate.interventions[-1].speaker_iso3 == "PER"
    assert time.process_time() - started < HANG
