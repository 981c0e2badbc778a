"""Masking: which State speaks, and about which, must not sway a stance; so their names give way to tokens.

Exact invariance is the aim: with any other State as speaker or as target, in the fields and in the text,
the masked text is the same byte for byte. Hence articles before a name go with it, "an" before a mention
becomes "a", and every possessive reads "'s".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from statestance.domain import Intervention, Span
from statestance.text import groups
from statestance.text.invented import Wording, wording
from statestance.text.names import APOSTROPHES, fold, pattern
from statestance.text.states import at_start, iso3, scan

SPEAKER = "[SPEAKER]"
TARGET = "[TARGET]"
STATE = "[STATE]"
TOKENS = (SPEAKER, TARGET, STATE)


@dataclass(frozen=True, slots=True)
class Masked:
    """A masked text, and where the intervention's sentences stand in it (same number, same order)."""

    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Roles:
    """Who is who in one intervention: codes of States, and the words for what the table does not know."""

    target: frozenset[str]
    speaker: frozenset[str]
    wordings: tuple[tuple[str, Wording], ...]


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    token: str
    demonym: bool


# Offices that open a turn without being a State; their words must stay.
_OFFICES = frozenset(
    (
        "president",
        "chair",
        "chairman",
        "chairperson",
        "moderator",
        "secretariat",
        "secretary",
        "commissioner",
        "speaker",
    )
)


def mask(intervention: Intervention) -> Masked:
    """Replace the mentions of speaker, target and other States in an intervention by ``TOKENS``.

    The target wins where speaker and target are the same. A speaker that is not given is the State that
    the text opens with.
    """
    text, speaker, code = intervention.text, intervention.speaker, intervention.speaker_iso3
    if not speaker and not code:
        opening = at_start(text)
        speaker, code = opening[:2] if opening else ("", "")
    roles = _roles(intervention.target, speaker, code, intervention.on_behalf_of)
    pieces: list[str] = []
    spans: list[Span] = []
    length = at = 0
    for sentence in intervention.sentences:
        gap = _masked(text[at : sentence.start], roles)
        part = _masked(text[sentence.start : sentence.end], roles)
        spans.append(Span(length + len(gap), length + len(gap) + len(part)))
        pieces += gap, part
        length, at = spans[-1].end, sentence.end
    pieces.append(_masked(text[at:], roles))
    return Masked("".join(pieces), tuple(spans))


@lru_cache(maxsize=16384)
def _roles(target: str, speaker: str, speaker_iso3: str, on_behalf_of: str) -> _Roles:
    targets, target_words = _who(target)
    speakers, speaker_words = _who(speaker)
    behalf, behalf_words = _who(on_behalf_of)
    codes = (speakers | behalf | {speaker_iso3}) - {""}
    words = [(TARGET, w) for w in target_words] + [(SPEAKER, w) for w in (*speaker_words, *behalf_words)]
    return _Roles(targets, frozenset(codes), tuple(words))


def _who(name: str) -> tuple[frozenset[str], tuple[Wording, ...]]:
    """The codes of the States that a field names, and the words for what the table of States lacks."""
    if not name.strip():
        return frozenset(), ()
    code = iso3(name)
    group = groups.group(name)
    words = (_literal(group.names),) if group else ()
    if code:
        covered = name.strip() == code or any(end - start >= len(name.strip()) for start, end, _, _ in scan(name))
        return frozenset((code,)), words if covered or group else (_literal((name,)),)
    if group:
        return frozenset(), words
    codes = frozenset(c for _, _, isos, _ in scan(name) for c in isos[:1])
    if codes or set(fold(name).split()) & _OFFICES:
        return codes, ()
    if not name.strip()[0].isupper() or len(name.split()) > 4:
        return frozenset(), (_literal((name,)),)
    return frozenset(), (wording(name),)


@lru_cache(maxsize=1024)
def _literal(names: tuple[str, ...]) -> Wording:
    """The names as they are written; "a group of 14 States" also with "the", and with its article."""
    options = []
    for name in sorted(names, key=len, reverse=True):
        bare = re.sub(r"(?i)^(?:the|an?)\s+", "", name.strip())
        article = r"(?:[Aa]n?\s+)?" if re.match(r"(?i)an?\s", name.strip()) else ""
        options.append(article + pattern(bare))
    return Wording(re.compile(rf"(?<![^\W_])(?:{'|'.join(options)})(?![^\W_])"), None)


def _masked(text: str, roles: _Roles) -> str:
    if not text or text.isspace():
        return text
    pieces: list[str] = []
    at = 0
    for one in _mentions(text, roles):
        start, article = _before(text, at, one)
        end, possessive = _after(text, one)
        pieces += text[at:start], article, one.token, possessive
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


_FORM_WORDS = "Republic|Kingdom|States?|Principality|Sultanate|Federation|Commonwealth|Union|Duchy|Emirate"
_FORM = re.compile(
    r"(?<![^\W_])(?:(?:Islamic|Federal|Federative|Democratic|People['’]s|Socialist|Arab|United|Independent|Grand)\s+)*"
    rf"(?:{_FORM_WORDS})\s+of\s+(?:the\s+)?$"
)
_FORM_BEHIND = re.compile(rf"\s\((?:the\s+)?(?:[A-Z][\w’'-]*\s+)*(?:{_FORM_WORDS})\s+of(?:\s+[Tt]he)?\)")
_ARTICLE = re.compile(r"(?<![^\W_])(?:the|an)\s+$", re.IGNORECASE)
_POSSESSIVE = re.compile(rf"{APOSTROPHES}[sS](?![^\W_])")
_POSSESSIVE_OF_S = re.compile(rf"{APOSTROPHES}(?=\s+\w)")


def _before(text: str, floor: int, one: _Found) -> tuple[int, str]:
    """Where a mention begins with its article and form of State, and the article to write for it."""
    start = one.start
    if start == floor or not text[start - 1].isspace():
        return start, ""
    if not one.demonym:
        form = _FORM.search(text, max(floor, start - 60), start)
        start = form.start() if form else start
    article = _ARTICLE.search(text, max(floor, start - 6), start)
    if not article:
        return start, ""
    first = article.group()[0]
    return article.start(), f"{first} " if first in "aA" else ""


def _after(text: str, one: _Found) -> tuple[int, str]:
    """Where a mention ends with its form of State and its possessive, and the possessive to write for it."""
    behind = None if one.demonym else _FORM_BEHIND.match(text, one.end)
    end = behind.end() if behind else one.end
    possessive = _POSSESSIVE.match(text, end)
    if not possessive and text[end - 1] in "sS":
        possessive = _POSSESSIVE_OF_S.match(text, end)
    return (possessive.end(), "'s") if possessive else (end, "")


def _mentions(text: str, roles: _Roles) -> list[_Found]:
    found = [one for token, words in roles.wordings for one in _worded(text, token, words)]
    taken = [(f.start, f.end) for f in found]
    for start, end, isos, demonym in scan(text, roles.target | roles.speaker):
        if not any(start < b and a < end for a, b in taken):
            found.append(_Found(start, end, _token(isos, roles), demonym))
    found.sort(key=lambda f: (f.start, -f.end))
    kept: list[_Found] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _worded(text: str, token: str, words: Wording) -> Iterator[_Found]:
    for m in words.names.finditer(text):
        yield _Found(m.start(), m.end(), token, False)
    if words.demonyms:
        for m in words.demonyms.finditer(text):
            yield _Found(m.start(), m.end(), token, True)


def _token(isos: tuple[str, ...], roles: _Roles) -> str:
    for code in isos:
        if code in roles.target:
            return TARGET
        if code in roles.speaker:
            return SPEAKER
    return STATE
