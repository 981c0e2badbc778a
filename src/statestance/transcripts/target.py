"""The State under review: from the title of a transcript, or its file's name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from statestance.text import states
from statestance.transcripts.attribution import Context
from statestance.transcripts.document import Document, fold, plain

_OPENING = 20_000
_NAME = (
    r"(?P<name>(?:the )?(?:former )?[A-ZÀ-Þ][^\s.,;:|*]*(?: (?:[A-ZÀ-Þ][^\s.,;:|*]*|of|the|and|"
    r"d['’]Ivoire|\([^)\n]{2,60}\)))*)"
)
_BEFORE = (
    r"[Tt]he [Rr]eview of",
    r"[Aa]dopted the (?:present |draft )?report on",
    r"(?:[Ss]tate|[Cc]ountry) under [Rr]eview\s*[:–—-]",
    r"(?:[Cc]oncerned [Cc]ountry|[Cc]ountry [Cc]oncerned|[Tt]arget)\s*[:–—-]",
    r"(?i:universal periodic review|UPR)\s*(?:of|:|–|—|-)",
    r"(?i:report of the working group on the universal periodic review)\W*",
    r"(?i:consideration of (?:the )?(?:\w+ ){0,4}reports? (?:of|submitted by))",
    r"(?i:(?:interactive )?dialogue (?:on|with|about|concerning)"
    r"(?: the (?:human rights )?situation (?:of human rights )?in)?)",
    r"(?i:(?:the )?(?:human rights )?situation (?:of human rights )?in)",
    r"(?i:(?:debate|discussion) (?:on|about))",
    r"(?i:report of)",
)
"""What stands before the name in titles, the surest first."""
_AFTER = r",? speaking as (?:a|the) (?:concerned (?:country|State)|(?:country|State) concerned|State under review)"
_IN_TITLE = (*(re.compile(rf"{before}\s*{_NAME}") for before in _BEFORE), re.compile(_NAME + _AFTER))


def given_context(target: str) -> Context:
    """The State under review that somebody named, by its name or its ISO 3166-1 alpha-3 code."""
    target = target.strip()
    if re.fullmatch("[A-Z]{3}", target):
        state = states.states().get(target)
        return Context(state.name if state else target, target if state else "")
    return Context(target, states.iso3(target) if target else "")


def find(document: Document, given: str = "") -> Context:
    """The State under review: the given one, else one that title, text or file name show, else none.

    A name that is no State's counts only where the title's words leave no doubt.
    """
    if given.strip():
        return given_context(given)
    opening, invented = _opening(document), ""
    for text, known_only in ((opening, False), (fold(opening), True)):
        for candidate in _candidates(text):
            name = _trimmed(candidate)
            head = states.at_start(name)
            code, name = (head[1], head[0]) if not states.iso3(name) and head and head[1] else (states.iso3(name), name)
            if code:
                return Context(name, code)
            invented = invented or ("" if known_only else name)
    stem = re.sub(r"[\d_.\-]+", " ", document.stem).strip()
    code = states.iso3(stem) if stem else ""
    if code and not invented:
        return Context(states.states()[code].name, code)
    return Context(invented, "")


def _trimmed(name: str) -> str:
    """A name without its article and without what follows it in brackets, where that is no part of it."""
    name = re.sub(r"^the\s+|\s+(?:of|the|and)$", "", name.strip(), flags=re.I)
    while not states.iso3(name) and (shorter := re.sub(r"\s*\([^)]*\)$", "", name)) != name:
        name = shorter
    return name


def _candidates(opening: str) -> Iterator[str]:
    for pattern in _IN_TITLE:
        found = pattern.search(opening)
        if found and not _GENERAL.match(found["name"]):
            yield found["name"]


_GENERAL = re.compile(
    r"(?:the\s+)?(?:United Nations|Human Rights|Working Group|Council|General Assembly|Secretary|High "
    r"Commissioner|Special|Independent|"
    r"Agenda|Item|Report|Interactive|Universal|Annex|Introduction|Middle East|Africa\b|Note|Review|UPR|State|"
    r"Mr|Ms|Mrs|Human|Group|Committee|Country)",
)


def _opening(document: Document) -> str:
    """The beginning of a document, its title first; lines stay apart, white space in them is folded."""
    parts, size = [document.title], 0
    for line in document.lines:
        parts.append(fold(plain(line).text[:2000]))
        size += len(parts[-1])
        if size > _OPENING:
            break
    return "\n".join(parts)
