"""Words for a country that no table knows: its names and, by rule, its adjectives and its people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from statestance.text.names import pattern


@dataclass(frozen=True, slots=True)
class Wording:
    """Patterns that find a country's names and its demonyms in a text."""

    names: re.Pattern[str]
    demonyms: re.Pattern[str] | None


_FORMS = (
    "Republic|Federation|Kingdom|Islands?|Isles?|Coast|Union|States?|Confederation|Emirates?|Principality|Territory|"
    "Archipelago|Commonwealth|Realm|Duchy|Sultanate|Empire|Provinces?|Peninsula|Highlands"
)
_FORM_OF = re.compile(rf"^(?:[A-Z][\w’']+\s+)*?(?:{_FORMS})\s+of\s+(?:the\s+)?(.+)$")
_WITH_FORM = re.compile(rf"^(.+?)\s+({_FORMS})$")
_PARENTHESIS = re.compile(r"\s*\(.*?\)")
# Forms that texts use alone for the country ("the Coast"); others are said of any State.
_ALONE = frozenset(("Island", "Islands", "Isle", "Isles", "Coast", "Archipelago", "Peninsula", "Highlands"))
_SUFFIX = r"(?:i?an|n|ean|nian|ese|i|ish|er|ite|ic|ene|ine|ard|enian|ois|eño)"
_ENDING = re.compile(r"(?:ia|ea|io|y|[aeiou])$")
_COMPOUND = re.compile(r"(?:land|mark|stan|haven|ia)$")


@lru_cache(maxsize=4096)
def wording(name: str) -> Wording:
    """Return the patterns for a country's name ("Palmyrene Republic" → also "Palmyrene", "Palmyrenes")."""
    whole = re.sub(r"^[Tt]he\s+", "", name.strip())
    core = _PARENTHESIS.sub("", whole) or whole
    of = _FORM_OF.match(core)
    core = of.group(1) if of else core
    with_form = _WITH_FORM.match(core)
    names = {whole, core, whole.upper(), core.upper()}
    alone, people = "", ""
    if with_form:
        core, form = with_form.groups()
        people = rf"{pattern(core)}\s+{form.rstrip('s')}ers?|"
        if form in _ALONE:
            alone = rf"|(?<=[Tt]he\s){form}(?!\s+of)"
    options = "|".join(pattern(n) for n in sorted(names, key=len, reverse=True))
    found = re.compile(rf"(?<![^\W_])(?:{options}{alone})(?![^\W_])")
    return Wording(found, re.compile(rf"(?<![^\W_])(?:{people}{_derived(core)})(?![^\W_])"))


def _derived(core: str) -> str:
    """A pattern for the words derived from a core name: its stem and a suffix, singular or plural."""
    *first, last = core.split()
    lead = pattern(" ".join(first)) + r"\s+" if first else ""
    if len(last) < 4:
        return rf"{lead}{re.escape(last)}(?:i?an|ese)?s?"
    stem = _ENDING.sub("", last)
    options = [rf"{re.escape(last)}{_SUFFIX}?s?"]
    if stem != last and len(stem) >= 3:
        bare = "?" if last.endswith("ia") and len(stem) >= 4 else ""
        options.append(rf"{re.escape(stem)}{_SUFFIX}{bare}s?")
    root = _COMPOUND.sub("", last)
    if root != last and len(root) >= 4:
        options.append(rf"{re.escape(root)}{_SUFFIX}s?")
    return lead + "(?:" + "|".join(options) + ")"
