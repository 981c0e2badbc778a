"""States: names in all their spellings, mentions in running text, and the opening of a paragraph."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statestance.text.states import at_start, iso3, mentions, states


def test_the_table_is_complete() -> None:
    table = states()
    assert len(table) == 200
    assert {"VAT", "PSE", "EUU", "COK", "NIU", "XKX", "TWN"} <= set(table)
    assert all(s.iso3 == code and s.names[0] == s.name for code, s in table.items())
    assert [code for code, s in table.items() if not s.demonyms] == ["EUU", "VAT"]


def test_every_name_leads_back_to_its_state() -> None:
    for code, state in states().items():
        assert iso3(code) == code
        assert [n for n in state.names if iso3(n) != code] == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Venezuela (Bolivarian Republic of)", "VEN"),
        ("Bolivarian Republic of Venezuela", "VEN"),
        ("the former Yugoslav Republic of Macedonia", "MKD"),
        ("Burma", "MMR"),
        ("Turkey", "TUR"),
        ("Türkiye", "TUR"),
        ("TURKIYE", "TUR"),
        ("the Netherlands (Kingdom of the)", "NLD"),
        ("Republic of Korea", "KOR"),
        ("Democratic People’s Republic of Korea", "PRK"),
        ("DPRK", "PRK"),
        ("Congo", "COG"),
        ("the Democratic Republic of the Congo", "COD"),
        ("Guinea", "GIN"),
        ("Guinea-Bissau", "GNB"),
        ("Equatorial Guinea", "GNQ"),
        ("Papua New Guinea", "PNG"),
        ("Niger", "NER"),
        ("Nigeria", "NGA"),
        ("Dominica", "DMA"),
        ("Dominican Republic", "DOM"),
        ("Côte d’Ivoire", "CIV"),
        ("cote d'ivoire", "CIV"),
        ("Ivory Coast", "CIV"),
        ("Vietnam", "VNM"),
        ("Viet Nam", "VNM"),
        ("Swaziland", "SWZ"),
        ("Czech Republic", "CZE"),
        ("Cape Verde", "CPV"),
        ("Lao PDR", "LAO"),
        ("Lao People's Democratic Republic", "LAO"),
        ("Syria", "SYR"),
        ("U.K.", "GBR"),
        ("USA", "USA"),
        ("St. Kitts and Nevis", "KNA"),
        ("São Tomé & Príncipe", "STP"),
        ("Palestine", "PSE"),
        ("The Holy See", "VAT"),
        ("European Union", "EUU"),
        ("Royaume-Uni", "GBR"),
        ("République démocratique du Congo", "COD"),
        ("Países Bajos", "NLD"),
        ("Suiza", "CHE"),
        ("bosniaandherzegovina", "BIH"),
        ("Ulvania", ""),
        ("can", ""),
        ("", ""),
    ],
)
def test_iso3(name: str, code: str) -> None:
    assert iso3(name) == code


def _found(text: str) -> list[tuple[str, str]]:
    return [(text[m.start : m.end], m.iso3) for m in mentions(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Papua New Guinea and Guinea-Bissau met Guinea.", ["PNG", "GNB", "GIN"]),
        ("The Niger thanked Nigeria; Nigerien and Nigerian experts met.", ["NER", "NGA", "NER", "NGA"]),
        ("Dominica wrote to the Dominican Republic.", ["DMA", "DOM"]),
        ("South Sudan, the Sudan and South Africa", ["SSD", "SDN", "ZAF"]),
        ("the Democratic  People's Republic of Korea", ["PRK"]),
        ("the Republic of Korea", ["KOR"]),
        ("UNITED STATES OF AMERICA and CÔTE D’IVOIRE", ["USA", "CIV"]),
        ("the former Yugoslav Republic of Macedonia", ["MKD"]),
        ("Cambodians, the French, the Swiss and a Filipino", ["KHM", "FRA", "CHE", "PHL"]),
        ("a U.S.-led plan and a Cambodia-based court", ["USA", "KHM"]),
        ("Northern Ireland and Ireland", ["GBR", "IRL"]),
        ("the Inter-American Court, the Indian Ocean, the Niger Delta, New Mexico, US$ 5, Lake Chad", []),
        ("turkey, china and chad are common words; Malice and Omanic are none", []),
    ],
)
def test_mentions(text: str, found: list[str]) -> None:
    assert [code for _, code in _found(text)] == found


def test_a_mention_tells_demonyms_from_names() -> None:
    assert [m.demonym for m in mentions("The Cambodian law of Cambodia and CAMBODIA")] == [True, False, False]


@pytest.mark.parametrize(
    "text",
    [
        "It thanked Mr. Jordan.",
        "It thanked Ms. Ada Jordan.",
        "It heard Georgia Smith.",
        "It heard Michael Jordan speak.",
    ],
)
def test_persons_are_no_states(text: str) -> None:
    assert mentions(text) == ()


def test_states_named_like_persons_are_found() -> None:
    text = "Georgia thanked Jordan, and Chad thanked Ms. Tavel. Jordan left."
    assert [code for _, code in _found(text)] == ["GEO", "JOR", "TCD", "JOR"]
    assert _found("Georgia Smith") == [("Georgia", "GEO")]


@pytest.mark.parametrize(
    ("text", "printed", "code"),
    [
        ("Poland welcomed the law.", "Poland", "POL"),
        ("The Democratic People’s Republic of Korea noted", "Democratic People’s Republic of Korea", "PRK"),
        ("  VENEZUELA (BOLIVARIAN REPUBLIC OF): We", "VENEZUELA (BOLIVARIAN REPUBLIC OF)", "VEN"),
        ("Mr. Tavel (Poland) said", None, None),
        ("The former Yugoslav Republic of Macedonia asked", "former Yugoslav Republic of Macedonia", "MKD"),
        ("Royaume-Uni : Nous", "Royaume-Uni", "GBR"),
        ("The Group of African States said", "Group of African States", ""),
        ("The European Union said", "European Union", "EUU"),
        ("Guinea-Bissau asked", "Guinea-Bissau", "GNB"),
        ("Us two, a car and Nigerians", None, None),
        ("Cars and Nigerians", None, None),
        ("poland", None, None),
        ("", None, None),
    ],
)
def test_at_start(text: str, printed: str | None, code: str | None) -> None:
    found = at_start(text)
    if printed is None:
        assert found is None
    else:
        assert found is not None
        assert found[:2] == (printed, code)
        assert text[: found[2]].endswith(printed)


@given(st.text(), st.sampled_from(sorted(states())), st.text())
def test_any_text_can_be_scanned(before: str, code: str, after: str) -> None:
    text = f"{before} {states()[code].name}. {after}"
    spans = [(m.start, m.end) for m in mentions(text)]
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(m.iso3 in states() for m in mentions(text))
    at_start(text)
