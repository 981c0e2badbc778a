"""Who speaks: names in headers, heads of reported paragraphs."""

from __future__ import annotations

import pytest

from statestance.transcripts.attribution import Context, Who, of_name
from statestance.transcripts.debate import LeftOut
from statestance.transcripts.reported import of_paragraph

INVENTED = Context("Mondara", "")
KNOWN = Context("Sweden", "SWE")


@pytest.mark.parametrize(
    ("printed", "iso3", "group"),
    [
        ("NORWAY", "NOR", ""),
        ("The Netherlands (Kingdom of the)", "NLD", ""),
        ("Mr. Hansen (Norway)", "NOR", ""),
        ("Norway (Mr. Hansen)", "NOR", ""),
        ("Representative of the Republic of Korea", "KOR", ""),
        ("The distinguished delegate of Chad", "TCD", ""),
        ("Ambassador of Jordan", "JOR", ""),
        ("Norway's delegate", "NOR", ""),
        ("The Norwegian delegation", "NOR", ""),
        ("Pakistan (on behalf of OIC)", "PAK", "Organization of Islamic Cooperation"),
        ("Sweden, on behalf of the Nordic-Baltic States", "SWE", "Nordic-Baltic countries"),
        ("Ghana, speaking on behalf of the African Group", "GHA", "African Group"),
        ("Brazil (on behalf of a group of friends)", "BRA", "a group of friends"),
        ("Norway and Iceland", "NOR", "Norway and Iceland"),
        ("Fiji, Tonga and Samoa", "FJI", "Fiji, Tonga and Samoa"),
        ("Bosnia and Herzegovina", "BIH", ""),
        ("European Union", "EUU", ""),
        ("Côte d’Ivoire (parle en français)", "CIV", ""),
        ("**Türkiye**", "TUR", ""),
        ("Burma", "MMR", ""),
        ("Les Pays-Bas", "NLD", ""),
        ("Estados Unidos de América", "USA", ""),
    ],
)
def test_names_in_headers(printed: str, iso3: str, group: str) -> None:
    who = of_name(printed, INVENTED)
    assert who is not None
    assert (who.iso3, who.on_behalf_of, who.left_out) == (iso3, group, "")


@pytest.mark.parametrize(
    ("printed", "reason"),
    [
        ("Mondara", LeftOut.DELEGATION),
        ("MONDARA (concluding remarks)", LeftOut.DELEGATION),
        ("Delegation of Mondara", LeftOut.DELEGATION),
        ("Iceland, speaking as the country concerned", LeftOut.DELEGATION),
        ("The President", LeftOut.CHAIR),
        ("Vice-Chair", LeftOut.CHAIR),
        ("Le Président", LeftOut.CHAIR),
        ("La Presidenta", LeftOut.CHAIR),
        ("Moderator", LeftOut.CHAIR),
        ("Special Rapporteur on roads", LeftOut.EXPERT),
        ("UNICEF", LeftOut.UN_BODY),
        ("Office of the High Commissioner", LeftOut.UN_BODY),
        ("UN Women", LeftOut.UN_BODY),
        ("Amnesty International", LeftOut.NGO),
        ("International Federation of Ferry Pilots", LeftOut.NGO),
        ("National Human Rights Commission of Mondara", LeftOut.INSTITUTION),
    ],
)
def test_speakers_that_are_left_out(printed: str, reason: LeftOut) -> None:
    who = of_name(printed, INVENTED)
    assert who is not None
    assert who.left_out == reason


@pytest.mark.parametrize(
    "printed", ["", "The road", "Norway House", "Mr. Jordan", "Note", "First", "Norway said that it was late and"]
)
def test_what_is_nobodys_name(printed: str) -> None:
    assert of_name(printed, INVENTED) is None


@pytest.mark.parametrize(
    ("text", "iso3", "group"),
    [
        ("Norway welcomed the plan.", "NOR", ""),
        ("The Democratic People’s Republic of Korea noted it.", "PRK", ""),
        ("Niger and Nigeria asked about piers.", "NER", "Niger and Nigeria"),
        ("The representative of Norway asked about piers.", "NOR", ""),
        ("While noting the plan, Dominica asked for more.", "DMA", ""),
        ("Despite the roads built in Mondara, the Dominican Republic was concerned about the piers.", "DOM", ""),
        ("Concerning the piers, the delegation of Guinea-Bissau asked for a date.", "GNB", ""),
        ("On behalf of the African Group, Equatorial Guinea noted it.", "GNQ", "African Group"),
        ("Egypt, on behalf of the Arab Group, welcomed the plan.", "EGY", "League of Arab States"),
        ("Saudia Arabia noted the plan.", "SAU", ""),
        ("The United Sates of America noted the plan.", "USA", ""),
        ("The former Yugoslav Republic of Macedonia noted it.", "MKD", ""),
    ],
)
def test_heads_of_reported_paragraphs(text: str, iso3: str, group: str) -> None:
    who = of_paragraph(text, INVENTED, answers=True)
    assert (who.iso3, who.on_behalf_of, who.left_out) == (iso3, group, "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Mondara thanked the speakers.", LeftOut.DELEGATION),
        ("In response to Norway, the delegation said that the piers were old.", LeftOut.DELEGATION),
        ("On the question that Norway asked, the Minister had no answer.", LeftOut.DELEGATION),
        ("In conclusion, Mondara thanked Norway.", LeftOut.DELEGATION),
        ("Forty delegations made statements, Norway among them.", LeftOut.PROCEDURE),
        ("During the interactive dialogue, 12 delegations spoke.", LeftOut.PROCEDURE),
        ("Mondara was commended for its piers.", LeftOut.PROCEDURE),
        ("The President recalled the time limit.", LeftOut.CHAIR),
        ("Norway’s piers were the model.", LeftOut.UNATTRIBUTED),
        ("Schools were open.", LeftOut.UNATTRIBUTED),
    ],
)
def test_reported_paragraphs_that_are_no_interventions(text: str, reason: LeftOut) -> None:
    assert of_paragraph(text, INVENTED, answers=True).left_out == reason


def test_the_state_under_review_by_any_of_its_names() -> None:
    for printed in ("SWEDEN", "Kingdom of Sweden", "Suède", "Ms. Lind (Sweden)"):
        who = of_name(printed, KNOWN)
        assert who is not None and who.left_out == LeftOut.DELEGATION
    assert of_paragraph("While thanking Norway, Sweden noted it.", KNOWN).left_out == LeftOut.DELEGATION
    assert of_paragraph("While thanking Sweden, Norway noted it.", KNOWN) == Who("Norway", "NOR")
