"""Masked texts do not change with the States: thousands of swaps of speaker and of target."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from statestance.domain import Intervention, join_sentences
from statestance.text.invented import wording
from statestance.text.masking import mask
from statestance.text.states import iso3, mentions, states

SHARED = Path(__file__).parents[3] / ".." / "shared"


@dataclass(frozen=True)
class Name:
    """How a country is written: its name, whether with "the", its adjective, its people."""

    name: str
    the: bool
    adjective: str
    people: str


def _names(table: str) -> list[Name]:
    rows = [line.strip().split(" | ") for line in table.strip().splitlines()]
    return [
        Name(name.removeprefix("the "), name.startswith("the "), adjective, people) for name, adjective, people in rows
    ]


REAL = _names("""
    Poland | Polish | Poles
    Albania | Albanian | Albanians
    the Netherlands | Dutch | Netherlanders
    the Philippines | Philippine | Filipinos
    the United Arab Emirates | Emirati | Emiratis
    the United States | American | Americans
    the United Kingdom | British | Britons
    Côte d’Ivoire | Ivorian | Ivorians
    Cote d'Ivoire | Ivorian | Ivorians
    Viet Nam | Vietnamese | Vietnamese
    Switzerland | Swiss | Swiss
    Honduras | Honduran | Hondurans
    the Niger | Nigerien | Nigeriens
    Nigeria | Nigerian | Nigerians
    Guinea-Bissau | Bissau-Guinean | Bissau-Guineans
    Equatorial Guinea | Equatorial Guinean | Equatorial Guineans
    Timor-Leste | Timorese | Timorese
    the Lao People’s Democratic Republic | Lao | Laotians
    the Democratic People's Republic of Korea | North Korean | North Koreans
    the Democratic Republic of the Congo | Congolese | Congolese
    Bolivia (Plurinational State of) | Bolivian | Bolivians
    the Netherlands (Kingdom of the) | Dutch | Dutchmen
    the former Yugoslav Republic of Macedonia | Macedonian | Macedonians
    the Russian Federation | Russian | Russians
    Trinidad and Tobago | Trinidadian | Tobagonians
    Saudi Arabia | Saudi | Saudis
    the European Union | EU | EU
    Eswatini | Swazi | Swazis
    Türkiye | Turkish | Turks
    UKRAINE | Ukrainian | Ukrainians
""")
INVENTED = _names("""
    Morvania | Morvanian | Morvanians
    Kestara | Kestaran | Kestarans
    Ombelu | Ombelian | Ombelians
    Draskin | Draskinese | Draskinese
    Ostenmark | Ostenish | Ostenmarkers
    Ilvany | Ilvanian | Ilvanians
    Uthara | Utharan | Utharans
    the Tolmarene Republic | Tolmarene | Tolmarenes
    the Fenmoor Islands | Fenmoor | Fenmoor Islanders
    Brinland | Brinish | Brinlanders
    Arovel | Arovelian | Arovelians
    Zembe | Zembian | Zembians
""")
# {X} the country, {X.s} its possessive, {X.a} its adjective, {X.an} that with "a", {X.p} its people.
TEMPLATES = """
{S} commended {T} on {T.s} new law. {S.s} delegation asked about prisons.
{S} thanked the Government of {T}. The {S.a} experts had met {T.an} judge and {S.an} lawyer.
Welcoming {T.s} report, {S} regretted that {T.p} were still held. It asked how {O} had been consulted.
{T} had adopted {T.an} charter. {T.s} courts sat again! Did {S} and {O} help?
{S.p} and {T.p} know one another. The {T.a} people, {T}-based groups and pro-{T.a} media spoke (see {O}).
{S}, {T} and {O} signed. {T.an} ship left {S}; {O.an} ship reached {T}.
It was said by {O} that “{T} stands firm”. {S} recommended to {T} (a) to ratify; (b) to report to {O}.
The Republic of {T} had grown. {S} agreed with the Kingdom of {T}; {T} disagreed.
{S} noted that {T.s} neighbours, {O} among them, were pleased. In {T}, the State pays. {S} left.
""".strip().splitlines()


class Slot:
    """One country in a template; at the beginning of a sentence articles have a capital."""

    def __init__(self, name: Name, apostrophe: str) -> None:
        self._name = name
        self._apostrophe = apostrophe
        self.a = name.adjective
        self.an = ("an " if name.adjective[0] in "AEIOU" else "a ") + name.adjective
        self.p = name.people
        self.s = f"{self}{apostrophe}" if name.name[-1] == "s" and apostrophe == "’" else f"{self}{apostrophe}s"

    def __str__(self) -> str:
        return ("the " if self._name.the else "") + self._name.name


def _intervention(template: str, speaker: Name, target: Name, other: Name, apostrophe: str) -> Intervention:
    slots = {key: Slot(name, apostrophe) for key, name in zip("STO", (speaker, target, other), strict=True)}
    sentences = re.split(r"(?<=[.!?]) (?=[A-Z{])", template)
    written = [s.format(**slots) for s in sentences]
    text, spans = join_sentences([re.sub(r"^(?:the|an?)\b", lambda m: m.group().capitalize(), s) for s in written])
    return Intervention("1", text, target=target.name, speaker=speaker.name, sentences=spans)


def test_two_thousand_swaps_over_invented_texts() -> None:
    dice = random.Random(20)
    wrong = []
    for number in range(2000):
        template = TEMPLATES[number % len(TEMPLATES)]
        shown: set[Any] = set()
        for _ in range(2):
            codes: list[str] = ["", "", ""]
            while len(set(codes)) < 3:
                speaker, other = dice.sample(REAL, 2)
                target = dice.choice(REAL + INVENTED)
                codes = [iso3(x.name) or x.name for x in (speaker, target, other)]
                # Two States that share a demonym cannot be told apart by it.
                if len({x.adjective for x in (speaker, target, other)}) < 3:
                    codes = ["", "", ""]
            one = _intervention(template, speaker, target, other, dice.choice("'’"))
            shown.add(mask(one))
        if len(shown) > 1:
            wrong.append(shown)
    assert wrong == []


def _composed() -> list[tuple[dict[str, Any], Intervention]]:
    path = SHARED / "corpus" / "composed.jsonl"
    if not path.is_file():
        pytest.skip("no corpus/composed.jsonl in the shared folder beside the project")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(row, _of_row(row)) for row in rows]


def _of_row(row: dict[str, Any]) -> Intervention:
    text, spans = join_sentences(row["sentences"])
    return Intervention(
        row["id"],
        text,
        target=row["target"],
        speaker=row["speaker"],
        on_behalf_of=row["on_behalf_of"] or "",
        sentences=spans,
    )


WITH_ARTICLE = re.compile(
    r"(?:Republic|Kingdom|States|Emirates|Federation|Islands|Isles|Coast|Union|See|of America)$|Netherlands|"
    r"Philippines|Bahamas|Gambia|Maldives|Comoros|^(?:Republic|State|United|Democratic|Lao) "
)


def _swapped(one: Intervention, old: str, new: str, apostrophe: str) -> Intervention:
    """The intervention with another name written where the old one stood."""
    article = "the " if WITH_ARTICLE.search(new) else ""
    # The possessive of "the Philippines" is "the Philippines’".
    ending = apostrophe if new.endswith("s") else f"{apostrophe}s"

    def write(match: re.Match[str]) -> str:
        written = article + new
        return (written if match.start() else written[0].upper() + written[1:]) + (ending if match.group(1) else "")

    place = re.compile(rf"(?<![\w-])(?:[Tt]he )?{re.escape(old)}(['’]s?(?!\w))?(?!\w)")
    text, spans = join_sentences([place.sub(write, s) for s in one.sentence_texts])
    return replace(one, text=text, sentences=spans)


def _only_by_name(text: str, name: str) -> bool:
    """Whether a text names the country by that name alone, so that a swap of names is complete."""
    code = iso3(name)
    if code:
        return all(text[m.start : m.end] == name for m in mentions(text) if m.iso3 == code)
    stem, demonyms = re.escape(name[:4]), wording(name).demonyms
    whole = len(re.findall(re.escape(name), text))
    others = [m for m in demonyms.findall(text) if m not in name] if demonyms else []
    return not others and len(re.findall(rf"\b{stem}", text)) == whole == len(wording(name).names.findall(text))


@pytest.mark.shared
@pytest.mark.parametrize("field", ["speaker", "target"])
def test_two_thousand_swaps_over_the_composed_statements(field: str) -> None:
    rows, dice = _composed(), random.Random(20)
    invented = sorted({row["target"] for row, _ in rows})
    pool = [s.name for s in states().values()] + (invented if field == "target" else [])
    wrong, done = [], 0
    while done < 2000:
        row, one = dice.choice(rows)
        old, new = row[field], dice.choice(pool)
        elsewhere = {m.iso3 for m in mentions(one.text)} | {iso3(row["speaker"])}
        if new == old or iso3(new) in elsewhere or not _only_by_name(one.text, old) or row["on_behalf_of"]:
            continue
        done += 1
        changed = _swapped(replace(one, **{field: new}), old, new, dice.choice("'’"))
        if mask(changed) != mask(one):
            wrong.append((old, new, mask(one).text, mask(changed).text))
    assert wrong == []


@pytest.mark.shared
def test_no_name_of_a_target_survives_in_the_composed_statements() -> None:
    rows = _composed()
    left = []
    for row, one in rows:
        shown = mask(one).text
        left += [w for w in row["target"].split() if w not in FORMS and re.search(rf"\b{re.escape(w[:4])}", shown)]
    assert left == []


FORMS = ("Republic", "Islands", "Isles", "Union", "Coast")
# Parts of other names, which name no State ("Inter-American", "the Indian Ocean", "San Salvador").
NO_STATE = re.compile(
    r"(?:Inter|Latin|Central|South|North)[- ]Americans?\b|American Convention|Indian Ocean|San Salvador"
)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["corpus/composed.jsonl", "upr/labelled.jsonl"])
def test_no_name_of_a_state_survives(name: str) -> None:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"no {name} in the shared folder beside the project")
    words = {w for s in states().values() for w in (*s.names, *s.demonyms) if len(w) > 3}
    any_name = re.compile(rf"\b(?=[A-ZÀ-Þ])(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})\b")
    left = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = {"target": "", "on_behalf_of": "", **json.loads(line)}
        left += any_name.findall(NO_STATE.sub("", mask(_of_row(row)).text))
    assert left == []
