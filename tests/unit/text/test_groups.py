"""Groups: sizes, memberships that are easily got wrong, names, and consistency with the table of States."""

from __future__ import annotations

import datetime

import pytest

from statestance.text.groups import group, groups, of
from statestance.text.states import states

SIZES = {
    "african": 54,
    "asia-pacific": 54,
    "eastern-european": 23,
    "grulac": 33,
    "weog": 29,
    "asean": 11,
    "eu": 27,
    "oic": 57,
    "arab-league": 22,
    "nam": 121,
    "ldc": 44,
    "lldc": 32,
    "sids": 37,
    "nordic": 5,
    "nordic-baltic": 8,
    "baltic": 3,
    "benelux": 3,
    "caricom": 14,
    "mercosur": 5,
    "gcc": 6,
    "visegrad": 4,
}
REGIONS = ("african", "asia-pacific", "eastern-european", "grulac", "weog")
OUTSIDE = {"VAT", "PSE", "EUU", "COK", "NIU", "XKX", "TWN"}


def test_sizes() -> None:
    assert {key: len(g.members) for key, g in groups().items()} == SIZES


def test_the_regional_groups_hold_every_member_of_the_united_nations_once() -> None:
    members = [code for key in REGIONS for code in groups()[key].members]
    assert len(members) == len(set(members)) == 193
    assert set(members) == set(states()) - OUTSIDE


@pytest.mark.parametrize(
    ("key", "inside", "outside"),
    [
        ("weog", "TUR ISR USA AUS CAN", "CYP JPN EST"),
        ("asia-pacific", "CYP KIR TLS KAZ", "TUR ISR AUS PSE"),
        ("eastern-european", "EST RUS GEO", "KAZ CYP"),
        ("asean", "TLS MMR", "PNG"),
        ("eu", "HRV CYP", "GBR NOR CHE"),
        ("oic", "PSE GUY SUR SYR MOZ", "IND BIH ERI"),
        ("arab-league", "PSE SYR COM MRT", "TUR IRN TCD"),
        ("nam", "SSD BLR AZE PSE FJI", "BRA CHN MEX CYP ARG"),
        ("ldc", "HTI KIR SSD YEM BGD", "BTN STP VUT BWA"),
        ("lldc", "BOL PRY MKD MDA SSD", "SRB CHE HUN"),
        ("sids", "SGP CUB BLZ GNB", "BHR MLT COK"),
        ("caricom", "HTI SUR BLZ", "DOM CUB"),
        ("mercosur", "BOL", "VEN CHL"),
    ],
)
def test_memberships(key: str, inside: str, outside: str) -> None:
    members = groups()[key].members
    assert set(inside.split()) <= members
    assert members.isdisjoint(outside.split())


def test_small_groups_lie_in_the_larger_ones() -> None:
    table = groups()
    assert table["nordic"].members | table["baltic"].members == table["nordic-baltic"].members
    assert table["benelux"].members < table["eu"].members
    assert table["gcc"].members < table["arab-league"].members < table["oic"].members
    assert table["caricom"].members < table["grulac"].members
    assert table["african"].members < table["nam"].members


def test_every_group_has_a_source_a_date_and_known_members() -> None:
    for found in groups().values():
        assert found.source
        assert datetime.date.fromisoformat(found.date) <= datetime.date(2025, 12, 31)
        assert found.members <= set(states())
        assert found.names[0] == found.name


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("OIC", "oic"),
        ("the Organization of the Islamic Conference", "oic"),
        ("Organisation of Islamic Cooperation", "oic"),
        ("the Group of African States", "african"),
        ("African Group", "african"),
        ("the Nordic-Baltic countries", "nordic-baltic"),
        ("Nordic-Baltic States", "nordic-baltic"),
        ("Nordic countries", "nordic"),
        ("Benelux", "benelux"),
        ("caricom", "caricom"),
        ("GRULAC", "grulac"),
        ("Mercosur", "mercosur"),
        ("the Arab Group", "arab-league"),
        ("League of Arab States", "arab-league"),
        ("the Non-Aligned Movement", "nam"),
        ("ASEAN", "asean"),
        ("European Union", "eu"),
        ("LDCs", "ldc"),
    ],
)
def test_names(name: str, key: str) -> None:
    found = group(name)
    assert found is not None
    assert found.key == key


def test_an_unknown_name_is_no_group() -> None:
    assert group("League of Ulvanian Cities") is None
    assert group("") is None


def test_groups_of_a_state() -> None:
    assert [g.key for g in of("SWE")] == ["weog", "eu", "nordic", "nordic-baltic"]
    assert of("ZZZ") == ()
