"""Names and demonyms of countries that no table knows."""

from __future__ import annotations

import pytest

from statestance.text.invented import wording


@pytest.mark.parametrize(
    ("name", "demonyms"),
    [
        ("Morvania", "Morvanian Morvanians Morvan Morvanese"),
        ("Kestara", "Kestaran Kestarans Kestarian Kestarese"),
        ("Ombelu", "Ombelian Ombeluan Ombelus"),
        ("Draskin", "Draskinese Draskinian Draskini"),
        ("Ostenmark", "Ostenmarker Ostenmarkers Ostenish"),
        ("Brinland", "Brinlander Brinlandic Brinish"),
        ("Tolmarene Republic", "Tolmarene Tolmarenes"),
        ("Republic of Kestara", "Kestaran"),
        ("Kestara (Federal Republic of)", "Kestarans"),
        ("Fenmoor Islands", "Fenmoor Fenmoorian"),
        ("Sunna Vale", "Sunna Valean"),
    ],
)
def test_demonyms_are_derived(name: str, demonyms: str) -> None:
    pattern = wording(name).demonyms
    assert pattern is not None
    words = [demonyms] if name == "Sunna Vale" else demonyms.split()
    assert [w for w in words if not pattern.fullmatch(w)] == []


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Kestara", "Kestara, KESTARA and Kestaran", ["Kestara", "KESTARA"]),
        ("The Fenmoor Islands", "the Fenmoor Islands; the Islands; islands", ["Fenmoor Islands", "Islands"]),
        ("Tamber Coast", "the Coast of Ivra; the Coast’s towns; Gold Coast", ["Coast"]),
        ("Tolmarene Republic", "the Republic; the Tolmarene Republic", ["Tolmarene Republic"]),
    ],
)
def test_names(name: str, text: str, found: list[str]) -> None:
    assert wording(name).names.findall(text) == found


@pytest.mark.parametrize("word", ["Morva", "Morvanity", "Morning", "morvanian", "XMorvanian"])
def test_other_words_are_left_alone(word: str) -> None:
    found = wording("Morvania")
    assert found.demonyms is not None
    assert not found.names.search(word)
    assert not found.demonyms.search(word)


def test_a_short_name_derives_little() -> None:
    found = wording("Ur").demonyms
    assert found is not None
    assert found.findall("Uran Urs Urn Urish Urge") == ["Uran", "Urs"]
