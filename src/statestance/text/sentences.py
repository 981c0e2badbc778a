"""Sentences of a text, as spans of it: rules for the prose of debates, reports and records."""

from __future__ import annotations

import re

from statestance.domain import Span

# A mark that may end a sentence, with the quotes and brackets that close with it; a blank line; and the
# semicolon between recommendations run together ("Ratify CAT (Ulvania); Continue the reform (Zelonia)").
_END = re.compile(
    r"(?:(?<![.…])[.…]++|(?<![?!])[?!]++[.…]*+)[\"'”’»›)\]]*+(?=\s)|\n[^\S\n]*\n|(?<=\));(?=\s+[A-Z][a-z]+\s+[a-z])"
)
_BEFORE = re.compile(r"[^\s(\[“‘\"'«]+$")
_NEXT = re.compile(r"[\s\"'“‘«‹(\[—–-]*(\w+)?")
_ENUMERATOR = re.compile(r"\s*\((?:[a-z]{1,2}|[ivx]+|\d{1,2})\)")
_LISTED = re.compile(r"(?:\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]+)\.?\d{0,2})$")
_NUMBER = re.compile(r"\d|(?!I$)[IVXLC]+$")
_INITIALS = re.compile(r"(?:\w\.)*[^\W\d_a-z]$")


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


# Before a number these are abbreviations; else they may be words ("The answer was no.").
_NUMBERED = _words(
    "no nos n° art arts para paras pp p vol vols sect sects fig figs ch chap chaps rec recs res add corr",
    "doc docs",
)
# Always followed by what they belong to.
_LEADING = _words(
    "mr mrs ms mme mlle dr prof hon rev st sr sra dra eng msgr gen lt col capt sgt amb messrs h.e h.r.h h.m",
    "cf c.f v vs e.g i.e viz op cit ibid resp ed eds approx ca",
)
# End a sentence only where the next word plainly begins one.
_SHORT = _words(
    "etc al u.s u.k u.n e.u d.c a.m p.m u.a.e u.s.a d.p.r.k d.r.c inc ltd co corp jr bros dept govt",
    "jan feb mar apr jun jul aug sep sept oct nov dec",
)
_STARTERS = _words(
    "The This That These Those It Its He She We They I You In On At By For From With To As If When While",
    "Where After Before Since Although Though However Moreover Furthermore Finally Regarding Concerning",
    "Our His Her Their There Here Both Such Other Another Some Many All Any Each Every No Not And But Or",
    "So Yet Once Upon Nevertheless Nonetheless Noting Welcoming Despite Under Among Thus Therefore Also",
    "Lastly Turning Delegations Recommendations What How Why Who Which Would Could Is Are Was Were Does Did",
    "Has Have",
)


def split(text: str) -> tuple[Span, ...]:
    """Return the sentences of a text: in order, disjoint, without space around them, nothing left out."""
    spans, start = [], 0
    for end in _ends(text):
        spans.append(_trim(text, start, end))
        start = end
    spans.append(_trim(text, start, len(text)))
    return tuple(s for s in spans if s.start < s.end)


def _trim(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    left = len(part) - len(part.lstrip())
    return Span(start + left, start + max(left, len(part.rstrip())))


def _ends(text: str) -> list[int]:
    ends, start = [], 0
    for mark in _END.finditer(text):
        if mark.group()[0] in "\n;" or _ends_here(text, start, mark):
            ends.append(mark.end())
            start = mark.end()
    return ends


def _ends_here(text: str, start: int, mark: re.Match[str]) -> bool:
    following = _NEXT.match(text, mark.end())
    word = following.group(1) or "" if following else ""
    if not word or word[0].islower() or _ENUMERATOR.match(text, mark.end()):
        return False
    if mark.group()[0] != ".":
        return True
    before = _BEFORE.search(text, max(start, mark.start() - 30), mark.start())
    last = before.group() if before else ""
    if mark.group().startswith("..") or not last:
        return True
    if _LISTED.match(last) and not text[start : mark.start() - len(last)].strip(" \t\r\n("):
        return False
    return _word_ends(last, word, closed=len(mark.group()) > 1)


def _word_ends(last: str, following: str, *, closed: bool) -> bool:
    """Whether a full stop after ``last`` ends the sentence, given the word that follows."""
    low = last.lower()
    if closed:
        return True
    if low in _NUMBERED:
        return not _NUMBER.match(following) and (low == "no" or following in _STARTERS)
    if low in _LEADING:
        return False
    if low in _SHORT or _INITIALS.match(last):
        return following in _STARTERS
    return True
