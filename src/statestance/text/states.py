"""States: the table of their names and demonyms, and where a text names them.

The table holds the 193 members of the United Nations, the two observers (Holy See, State of Palestine)
and what else speaks or is spoken of in debates: the European Union, under the pseudo-code "EUU", the Cook
Islands, Niue, Kosovo ("XKX", as the World Bank and others write) and Taiwan ("TWN"). A row says under
which names texts refer to an entity; it takes no position on its status.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from statestance.text import groups
from statestance.text.names import fold, pattern


@dataclass(frozen=True, slots=True)
class State:
    """One State: ISO 3166-1 alpha-3 code, the UN's short name, its other names, its English demonyms.

    ``names`` starts with ``name``; after the English names (official, common, former, inverted) follow
    the French and Spanish ones, which only headers of turns and ``iso3`` read.
    """

    iso3: str
    name: str
    names: tuple[str, ...]
    demonyms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """Where a text names a State: ``text[start:end]``. ``demonym``: by its adjective or its people's name."""

    start: int
    end: int
    iso3: str
    demonym: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """What a phrase can mean: the States that share it, the likeliest first."""

    isos: tuple[str, ...]
    demonym: bool


@cache
def _table() -> dict[str, dict[str, Any]]:
    raw = files("statestance.text").joinpath("data/states.json").read_text(encoding="utf-8")
    table: dict[str, dict[str, Any]] = json.loads(raw)
    return table


@cache
def states() -> Mapping[str, State]:
    """Return every State by its ISO3 code."""
    found = {}
    for code, row in _table().items():
        names = (row["name"], *row["names"], *row["french_spanish"])
        found[code] = State(code, row["name"], names, tuple(row["demonyms"]))
    return MappingProxyType(found)


@cache
def _by_fold() -> dict[str, str]:
    table = _table()
    found: dict[str, str] = {}
    for kind in ("name", "names", "french_spanish"):
        for code, row in table.items():
            for name in [row[kind]] if kind == "name" else row[kind]:
                found.setdefault(fold(name), code)
    # File names and keys run the words together ("bosniaandherzegovina").
    return {name.replace(" ", ""): code for name, code in found.items()} | found


def iso3(name: str) -> str:
    """Return the code of the State of that name (English, French, Spanish) or ISO3 code; "" where unknown.

    In names, case, accents, punctuation and a leading article do not matter; codes are in capitals.
    """
    known, code = _by_fold(), name.strip()
    return known.get(fold(name)) or (code if code in _table() else "")


@cache
def _known() -> dict[str, _Known]:
    """Every English name and demonym, and the capitalised names, with what they mean."""
    meanings: dict[str, list[str]] = {}
    demonyms = set()
    for part in ("names", "demonyms", "shared"):
        for code, row in _table().items():
            names = [row["name"], *row["names"]] if part == "names" else row.get(part, [])
            for name in names:
                meanings.setdefault(name, []).append(code)
                if part == "demonyms":
                    demonyms.add(name)
                elif len(name) > 3:
                    meanings.setdefault(name.upper(), []).append(code)
    return {name: _Known(tuple(dict.fromkeys(isos)), name in demonyms) for name, isos in meanings.items()}


_WORD = re.compile(r"(?<![^\W_])(?:[^\W\d_a-z][^\W\d_]*|former|ni)(?![^\W_])")
# Words that hold the name of a State without naming it.
_NOT_BEFORE = re.compile(r"\b(?:Latin|Central|South|North|West|Ibero|Inter|New|Lake|River|Gulf of|Sea of)[\s-]$", re.I)
_BEFORE_MATTERS = re.compile(r"Americans?|Indians?|Guinea|Mexico|Jordan|Chad|China|Oman|Japan")
_NOT_AFTER = {
    "American": re.compile(r"\s+(?:Convention|Declaration|States|Commission|Court|[Cc]ontinent|Samoa)"),
    "Central African": re.compile(r"\s+(?:States|Economic|CFA)"),
    "Indian": re.compile(r"\s+Ocean"),
    "US": re.compile(r"\s?\$"),
    "Niger": re.compile(r"\s+(?:Delta|River|Basin)"),
    "Jordan": re.compile(r"\s+(?:Valley|River)"),
}
# Given names and family names too.
_PERSONAL = frozenset(("Georgia", "Jordan", "Chad"))
_TITLE = re.compile(
    r"\b(?:Mr|Mrs|Ms|Mx|Miss|Dr|Prof|Sir|Dame|Lord|Lady|Judge|Ambassador|Professor|Doctor|Sheikh|Rev)\.?\s+"
    r"(?:[A-Z](?:\.|[\w’'-]*)\s+)*$"
)
_GIVEN = re.compile(r"[^\W\d_][,;]?\s+[A-Z][a-z]+\s+$")
_FAMILY = re.compile(r"\s+[A-Z][a-z]+")


@cache
def _matcher(first: str) -> re.Pattern[str] | None:
    """The names and demonyms that begin with a word, longest first."""
    phrases = _first_words().get(first)
    if not phrases:
        return None
    longest = sorted(phrases, key=len, reverse=True)
    return re.compile("|".join(f"({pattern(p)})(?![^\\W_])" for p in longest))


@cache
def _first_words() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for phrase in _known():
        word = _WORD.search(phrase)
        if word and word.start() == 0:
            found.setdefault(word.group(), []).append(phrase)
    return {word: tuple(phrases) for word, phrases in found.items()}


def scan(text: str, sure: frozenset[str] = frozenset()) -> Iterator[tuple[int, int, tuple[str, ...], bool]]:
    """Yield (start, end, codes, demonym) for each mention; several codes where States share the name.

    Names of the States in ``sure`` are never taken for a person's, unless a title stands before them.
    """
    at = 0
    first_words = _first_words()
    for word in _WORD.finditer(text):
        if word.start() < at or word.group() not in first_words:
            continue
        matcher = _matcher(word.group())
        found = matcher.match(text, word.start()) if matcher else None
        if not found or not found.lastindex:
            continue
        known = _known()[_phrases(word.group())[found.lastindex - 1]]
        if _names_no_state(text, found.start(), found.end(), personal=sure.isdisjoint(known.isos)):
            continue
        at = found.end()
        yield found.start(), found.end(), known.isos, known.demonym


@cache
def _phrases(first: str) -> tuple[str, ...]:
    return tuple(sorted(_first_words()[first], key=len, reverse=True))


def _names_no_state(text: str, start: int, end: int, *, personal: bool) -> bool:
    name = text[start:end]
    if name in _NOT_AFTER and _NOT_AFTER[name].match(text, end):
        return True
    if not start:
        return False
    if _BEFORE_MATTERS.fullmatch(name) and _NOT_BEFORE.search(text, max(0, start - 12), start):
        return True
    if personal and name in _PERSONAL and _person(text, start, end):
        return True
    return _TITLE.search(text, max(0, start - 40), start) is not None


def _person(text: str, start: int, end: int) -> bool:
    return bool(_FAMILY.match(text, end) or _GIVEN.search(text, max(0, start - 30), start))


def mentions(text: str) -> tuple[Mention, ...]:
    """Return the States that a running text names in English, in order; the longest name counts.

    Names are read as written, with capitals, or all in capitals. Where States share a word ("Congolese")
    the first in the table is given.
    """
    return tuple(Mention(start, end, isos[0], demonym) for start, end, isos, demonym in scan(text))


@cache
def _openings() -> re.Pattern[str]:
    names = {name for state in states().values() for name in state.names}
    exact = {name for group in groups.groups().values() for name in group.names}
    # In any case "US" would be "us", and "CAR" a car.
    exact |= {name for name in names if name.isupper()}
    exact |= {name.upper() for name in exact}
    options = [(name, pattern(name)) for name in exact] + [(n, f"(?i:{pattern(n)})") for n in names - exact]
    longest = "|".join(option for _, option in sorted(options, key=lambda o: (-len(o[0]), o[0])))
    return re.compile(rf"\s*(?:[Tt]he\s+|THE\s+)?({longest})(?![^\W_]|[-‐‑–][^\W\d_])")


def at_start(text: str) -> tuple[str, str, int] | None:
    """Return the State or group that a paragraph opens with: (as printed, ISO3 or "", end of the name).

    A leading article is passed over. A group that is no State of the table has "".
    """
    found = _openings().match(text)
    if not found or not (found.group(1)[0].isupper() or found.group(1).startswith("former")):
        return None
    printed = " ".join(found.group(1).split())
    return printed, iso3(printed), found.end()
