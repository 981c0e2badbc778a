"""Meeting summaries and press releases: a paragraph a speaker ("Norway said …", "N. N. (Norway) said …")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from statestance.transcripts.attribution import Context, Who, behalf, of_name, state_at
from statestance.transcripts.debate import LeftOut, Turn
from statestance.transcripts.document import Document, fold, plain
from statestance.transcripts.furniture import without_furniture
from statestance.transcripts.reported import of_paragraph

_PERSON = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Dr|Sir|Dame|H\.\s?E\.)\.?\s+)?[A-ZÀ-Þ][^\s(),:]*(?:\s+(?:[A-ZÀ-Þ][^\s(),:]*|of|de|la|"
    r"del|den|der|van|von|al|bin|el|da|do|dos)){0,8}"
    r"\s*\(\s*(?P<state>[^()]{2,80}(?:\([^()]{2,60}\)[^()]{0,30})?)\s*\)(?P<more>[^.]{0,300})"
)
_GOES_ON = re.compile(
    r"(?:He|She|It|They|The (?:delegation|delegate|speaker|representative|country|Government|statement|"
    r"Group)\b(?! (?:of|for|from)\b)|His|Her|Its|Their|"
    r"Further|Moreover|Finally|In (?:addition|conclusion|closing)|Also|Turning|On (?:the|that)|Regarding|"
    r"Concerning|With regard|As (?:for|to)|"
    r"Nevertheless|However|Thus|Lastly|Additionally|Furthermore|[“\"«a-z(])"
)
_SPEAKING = re.compile(
    r"(?:also )?(?:speaking|taking the floor|the following (?:delegations|speakers|States))\b[^:]{0,160}\b(?:were|was|"
    r"included|spoke)\b|(?:the )?following .{0,60}(?:spoke|took the floor)",
    re.I,
)


_PREDICATE = re.compile(r"\s*[,(]|\s+[a-z]")


def _paragraphs(document: Document) -> Iterator[tuple[str, str, bool]]:
    """(place, text, heading) of each paragraph: lines up to an empty one."""
    place, parts = "", list[str]()
    for line in without_furniture(document.lines):
        heading = line.text.lstrip().startswith("#")
        if not line.text.strip() or heading:
            if parts:
                yield place, fold(" ".join(parts)), False
            parts = []
            if heading:
                yield line.place, fold(plain(line).text), True
            continue
        place = place if parts else line.place
        parts.append(plain(line).text)
    if parts:
        yield place, fold(" ".join(parts)), False


def _single(document: Document) -> Iterator[tuple[str, str, bool]]:
    """The paragraphs; where no empty line parts them, every line is one."""
    found = list(_paragraphs(document))
    body = [p for p in found if not p[2]]
    filled = sum(bool(line.text.strip()) for line in document.lines)
    if len(body) <= 2 < filled and sum(len(p[1]) for p in body) > 60 * filled:
        for line in without_furniture(document.lines):
            if line.text.strip():
                yield line.place, fold(plain(line).text), line.text.lstrip().startswith("#")
        return
    yield from found


def _who(text: str, context: Context) -> Who:
    match = _PERSON.match(text)
    who = of_name(match["state"], context) if match else None
    if match and who is not None:
        group, _ = behalf(match["more"])
        return replace(who, on_behalf_of=group or who.on_behalf_of)
    if _SPEAKING.match(text):
        return Who(left_out=LeftOut.PROCEDURE)
    return of_paragraph(text, context)


def recognise(document: Document) -> float:
    """How surely the document is a meeting summary, 0 to 1, by the paragraphs that open with a State that speaks."""
    texts = [text for _, text, heading in _single(document) if not heading and len(text) > 15]
    found = 0
    for text in texts:
        if len(text) < 160 and of_name(text, Context()) is not None:
            continue  # a name alone, above its words
        head = state_at(text, Context())
        if head is None or _PREDICATE.match(text[head[2] :]):
            found += not _who(text, Context()).left_out
    return min(0.8, 0.3 + found / len(texts)) if found >= 2 or (found and len(texts) <= 3) else 0.0


def turns(document: Document, context: Context) -> Iterator[Turn]:
    """The turns; a paragraph that goes on ("He added …") belongs to the speaker before."""
    who, place, parts = Who(left_out=LeftOut.FRONT), "", list[str]()
    begun = False
    for where, text, heading in _single(document):
        new = Who(left_out=LeftOut.FRONT) if heading else _who(text, context)
        if not begun and new.left_out == LeftOut.UNATTRIBUTED:
            new = Who(left_out=LeftOut.FRONT)
        begun = begun or new.left_out != LeftOut.FRONT
        on = not heading and new.left_out in (LeftOut.UNATTRIBUTED, LeftOut.DELEGATION) and not new.speaker
        if on and parts and who.speaker and _GOES_ON.match(text) and state_at(text, context) is None:
            parts.append(text)
            continue
        yield from _turn(who, place, parts)
        who, place, parts = new, where, [text]
    yield from _turn(who, place, parts)


def _turn(who: Who, place: str, parts: list[str]) -> Iterator[Turn]:
    if parts:
        yield Turn("\n".join(parts), place, who.speaker, who.iso3, who.on_behalf_of, who.left_out)
