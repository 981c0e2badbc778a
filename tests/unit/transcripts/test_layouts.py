"""Every layout, on transcripts written in the form of the real thing about a State that does not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from statestance.domain import StatestanceError
from statestance.transcripts import LAYOUTS, Debate, LeftOut, read

FIXTURES = Path(__file__).parents[2] / "fixtures" / "transcripts"


def told(debate: Debate) -> list[tuple[str, str, str]]:
    """(speaker's ISO3 or name, group, text) of every intervention."""
    return [(t.speaker_iso3 or t.speaker, t.on_behalf_of, t.text) for t in debate.interventions]


def reasons(debate: Debate) -> dict[str, int]:
    return dict(debate.left_out)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_working_group_report() -> None:
    debate = read(FIXTURES / "mondara2031.txt")
    assert (debate.layout, debate.target, debate.target_iso3, debate.name) == ("upr", "Mondara", "", "mondara2031")
    assert [(t.id.removeprefix("mondara2031-"), t.speaker_iso3) for t in debate.interventions] == [
        ("8", "SVN"), ("9", "CIV"), ("10", "VEN"), ("11", "GBR"), ("15", "MKD"), ("16", "SWE"), ("17", "GHA"),
        ("18", "IRL"), ("18b", "BIH"), ("19", "JOR"), ("20", "QAT"), ("21", "KOR"),
    ]  # fmt: skip
    assert {t.left_out for t in debate.turns if "1" < t.id.rpartition("-")[2] < "5"} >= {LeftOut.PROCEDURE}
    assert debate.left_out[LeftOut.DELEGATION] == 6  # 5, 6, 12, 13, 14, 22
    assert debate.left_out[LeftOut.RECOMMENDATIONS] == 2
    assert debate.left_out[LeftOut.ANNEX] == 1
    assert not debate.left_out[LeftOut.UNATTRIBUTED]


def test_working_group_report_loses_no_words_to_pages_and_footnotes() -> None:
    texts = {t.id.rpartition("-")[2]: t.text for t in read(FIXTURES / "mondara2031.txt").turns}
    assert texts["9"] == (
        "Côte d’Ivoire welcomed the census – the first since 2009 – and asked about its results in the valleys. "
        "It made a recommendation."
    )
    assert texts["11"].endswith("asked about the calendar of the next survey.")
    assert texts["18b"].startswith("Bosnia and Herzegovina recognized")
    assert "Iceland" not in " ".join(texts.values())


def test_working_group_report_keeps_groups_and_places() -> None:
    by_number = {t.id.rpartition("-")[2]: t for t in read(FIXTURES / "mondara2031.txt").turns}
    assert by_number["17"].on_behalf_of == "African Group"
    assert by_number["17"].origin is not None and by_number["17"].origin.place == "paragraph 17"
    assert by_number["16"].speaker == "Sweden"


def test_verbatim_record() -> None:
    debate = read(FIXTURES / "verbatim.txt")
    assert (debate.layout, debate.target) == ("verbatim", "Mondara")
    assert [(t.speaker_iso3, t.on_behalf_of) for t in debate.interventions] == [
        ("BRA", ""), ("GHA", "African Group"), ("KOR", ""), ("PRK", ""), ("USA", ""),
    ]  # fmt: skip
    brazil, ghana = debate.interventions[:2]
    assert brazil.text.endswith(
        "which was opened again in May. We have read it with care. We shall come back to the road later on."
    )
    assert brazil.text.startswith("I thank the President")
    assert ghana.text == "The group has asked for a second map."
    assert reasons(debate) == {
        LeftOut.FRONT: 1, LeftOut.PROCEDURE: 2, LeftOut.CHAIR: 2, LeftOut.EXPERT: 1, LeftOut.DELEGATION: 1,
        LeftOut.UNATTRIBUTED: 1,
    }  # fmt: skip


def test_verbatim_record_in_french_and_spanish(tmp_path: Path) -> None:
    text = (
        "Le Président : Je donne la parole au Brésil.\n\nM. Prado (Brésil) (parle en portugais) : Merci.\n\n"
        "Mme Diallo (Sénégal), au nom du Groupe africain : Merci aussi.\n\nEl Sr. Gil (España): Gracias.\n"
    )
    debate = read(write(tmp_path / "r.txt", text))
    assert [(t.speaker_iso3, t.text) for t in debate.interventions] == [
        ("BRA", "Merci."), ("SEN", "Merci aussi."), ("ESP", "Gracias."),
    ]  # fmt: skip
    assert reasons(debate) == {LeftOut.CHAIR: 1}


def test_summary_record() -> None:
    debate = read(FIXTURES / "summary.txt")
    assert (debate.layout, debate.target) == ("summary", "Mondara")
    assert told(debate) == [
        ("NGA", "", "Mr. Adeyemi (Nigeria) said that he had read the report on the train and that art. 5 (2) "
                    "was on page 12. "
                    "He asked for a second copy."),
        ("NOR", "Nordic countries", "Ms. Hansen (Norway), speaking on behalf of the Nordic countries, said "
                                    "that they had a copy."),
        ("CHE", "", "Mr. Dubois (Switzerland) said that he had no question."),
    ]  # fmt: skip
    assert [t.id for t in debate.interventions] == ["summary-4", "summary-6", "summary-9"]
    assert reasons(debate) == {
        LeftOut.FRONT: 1, LeftOut.PROCEDURE: 2, LeftOut.CHAIR: 1, LeftOut.DELEGATION: 1, LeftOut.EXPERT: 2,
    }  # fmt: skip


def test_press_release() -> None:
    debate = read(FIXTURES / "press.html")
    assert (debate.layout, debate.target) == ("press", "Mondara")
    assert [(t.speaker_iso3, t.on_behalf_of) for t in debate.interventions] == [
        ("NOR", ""), ("SWE", "Nordic-Baltic countries"), ("EUU", ""), ("GHA", "African Group"), ("JOR", ""),
    ]  # fmt: skip
    assert (
        debate.interventions[0].text
        == "Norway said the ferries were drawn in blue. It asked why. He added that red would be better."
    )
    assert debate.interventions[2].text == "European Union welcomed the scale of the map."
    left = reasons(debate)
    assert (left[LeftOut.NGO], left[LeftOut.UN_BODY], left[LeftOut.EXPERT], left[LeftOut.DELEGATION]) == (1, 1, 1, 1)
    assert LeftOut.UNATTRIBUTED not in left
    everything = " ".join(t.text for t in debate.turns)
    assert "banner" not in everything and "cookies" not in everything and "rights are reserved" not in everything


def test_play_script() -> None:
    debate = read(FIXTURES / "script.md")
    assert (debate.layout, debate.target) == ("script", "Mondara")
    assert told(debate) == [
        ("NOR", "", "We thank the hall: it is warm. It has two doors."),
        ("SWE", "Nordic-Baltic countries", "We agree."),
        ("GHA", "", "Ghana thanked the caretaker."),
        ("PER", "", "Gracias."),
        ("USA", "", "Merci."),
        ("PRK", "", "We came by train."),
        ("TUR", "", "We came on foot."),
    ]
    assert reasons(debate) == {
        LeftOut.FRONT: 1, LeftOut.CHAIR: 1, LeftOut.DELEGATION: 1, LeftOut.NGO: 1, LeftOut.UNATTRIBUTED: 1,
    }  # fmt: skip


def test_subtitles() -> None:
    webvtt, srt = read(FIXTURES / "subtitles.vtt"), read(FIXTURES / "subtitles.srt")
    assert webvtt.layout == srt.layout == "subtitles"
    assert told(webvtt) == [("NOR", "", "We thank the hall & its doors."), ("SWE", "", "They are blue and wide.")]
    assert reasons(webvtt) == {LeftOut.CHAIR: 1}
    assert told(srt) == [("NOR", "", "We thank the hall."), ("CIV", "", "Twenty 24 doors.")]
    assert [t.origin and t.origin.place for t in srt.interventions] == ["00:00:01,000", "01:00:09,000"]


def test_a_person_with_the_name_of_a_state_is_no_speaker(tmp_path: Path) -> None:
    text = "Mr. Jordan (Chad): One.\n\nMs. Georgia Chad (Israel): Two.\n"
    assert [t.speaker_iso3 for t in read(write(tmp_path / "d.txt", text)).interventions] == ["TCD", "ISR"]


def test_the_target_is_never_a_speaker_about_itself(tmp_path: Path) -> None:
    path = write(tmp_path / "d.txt", "Sweden: We thank all.\nNorway: We thank Sweden.\nThe Kingdom of Sweden: Again.\n")
    assert [t.speaker_iso3 for t in read(path, target="Sweden").interventions] == ["NOR"]
    assert [t.speaker_iso3 for t in read(path, target="SWE").interventions] == ["NOR"]
    assert [t.speaker_iso3 for t in read(path).interventions] == ["SWE", "NOR", "SWE"]


def test_a_layout_can_be_forced(tmp_path: Path) -> None:
    path = write(tmp_path / "d.txt", "Norway: We thank all.\nSweden: We agree.\n")
    assert read(path, layout="script").layout == "script"
    with pytest.raises(StatestanceError, match=r"upr.*--layout"):
        read(path, layout="play")


def test_an_unknown_layout_is_an_error_that_names_the_layouts(tmp_path: Path) -> None:
    path = write(tmp_path / "d.txt", "The hall was built of bricks.\n\nIt has two doors.\n")
    with pytest.raises(StatestanceError, match="--layout") as caught:
        read(path)
    assert all(name in str(caught.value) for name in LAYOUTS[1:])


def test_an_extract_of_a_report_needs_no_headings(tmp_path: Path) -> None:
    text = "25. \nNorway noted the plan.\n\n26. \nSweden asked when it began.\n\n27. \nGhana thanked Mondara.\n"
    debate = read(write(tmp_path / "extract.txt", text), target="Mondara")
    assert debate.layout == "upr"
    assert [(t.id, t.speaker_iso3) for t in debate.interventions] == [
        ("extract-25", "NOR"), ("extract-26", "SWE"), ("extract-27", "GHA"),
    ]  # fmt: skip


def test_guests_without_a_state_never_speak_for_the_one_before(tmp_path: Path) -> None:
    text = "Mr. Sol (Chile): One.\n\nMr. Lind: Two.\n\nMs. Orell (spoke in French): Three.\n\nMs. Osei (Ghana): Four.\n"
    debate = read(write(tmp_path / "v.txt", text))
    assert told(debate) == [("CHL", "", "One."), ("GHA", "", "Four.")]
    assert [t.speaker for t in debate.turns if t.left_out == LeftOut.UNATTRIBUTED] == ["Mr. Lind", "Ms. Orell"]
    script = read(write(tmp_path / "s.txt", "Norway: One.\n\nMr. Lind: Two.\n\nJANE ROE: Three.\n\nChad: Four.\n"))
    assert told(script) == [("NOR", "", "One."), ("TCD", "", "Four.")]


def test_markdown_links_are_read_as_their_words(tmp_path: Path) -> None:
    text = "![map](m.png)\n\n[Norway](https://example.org/n): We [thank](x) all.\n\n**[Chad](y)** We too.\n"
    assert told(read(write(tmp_path / "d.md", text))) == [("NOR", "", "We thank all."), ("TCD", "", "We too.")]


@pytest.mark.parametrize("label", ["{}:", "**{}:**", "{} –", "[{}]"])
def test_a_script_may_name_the_speaker_again_behind_the_label(label: str, tmp_path: Path) -> None:
    words = {"Kenya": "noted the law.", "Norway": "regretted the arrests.", "Chile": "asked about courts."}
    text = "".join(f"{label.format(state)} {state} {rest}\n" for state, rest in words.items())
    debate = read(write(tmp_path / "s.txt", text))
    assert debate.layout == "script"
    assert [speaker for speaker, _, _ in told(debate)] == ["KEN", "NOR", "CHL"]
    assert [said.endswith(rest) for (_, _, said), rest in zip(told(debate), words.values(), strict=True)] == [True] * 3


def test_press_paragraphs_with_bold_names_are_no_script(tmp_path: Path) -> None:
    page = (
        "<h1>Council discusses the situation in Mondara</h1><p><b>Norway</b> said that it was late.</p>"
        "<p>In the discussion, speakers agreed.</p><p><b>Sweden</b>, in a joint statement, noted it.</p>"
    )
    debate = read(write(tmp_path / "p.html", page))
    assert debate.layout == "press"
    assert told(debate) == [
        ("NOR", "", "Norway said that it was late."),
        ("SWE", "", "Sweden, in a joint statement, noted it."),
    ]


def test_names_on_lines_of_their_own(tmp_path: Path) -> None:
    text = "The roads of Mondara\n\nNorway\nWe thank all.\n\nSweden (on behalf of the Nordic countries)\n\nWe agree.\n"
    assert told(read(write(tmp_path / "d.txt", text))) == [
        ("NOR", "", "We thank all."),
        ("SWE", "Nordic countries", "We agree."),
    ]
