"""Summary records: "23. Ms. N. (Nigeria) said that …", "24. She asked …"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from statestance.transcripts.attribution import Context, Who, of_name
from statestance.transcripts.debate import LeftOut, Turn
from statestance.transcripts.document import Document, plain
from statestance.transcripts.furniture import without_furniture
from statestance.transcripts.layouts.flow import is_stage
from statestance.transcripts.reported import of_paragraph

_NUMBER = re.compile(r"\s*(?P<number>\d{1,4})\s?[.)](?!\d)\s*")
_TITLE = (
    r"(?:(?:El|La)\s+)?(?:H\.\s?E\.\s+)?(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Dame|Archbishop|Monsignor|Msgr|"
    r"M|Mme|Mlle|Sr|Sra|Judge|Ambassador)\.?\s+"
)
_PERSON = re.compile(
    rf"(?P<person>{_TITLE}[^().,:;]{{1,60}}?(?:\b[A-Z]\.[^().,:;]{{1,40}})?)\s*\((?P<state>[^()]{{2,"
    rf"80}}(?:\([^()]{{2,60}}\)[^()]{{0,30}})?)\)(?P<more>.{{0,300}})",
    re.S,
)
_MEMBER = re.compile(rf"(?P<person>{_TITLE}[A-Z][\w'’-]+(?:[ -][A-Z][\w'’-]+){{0,3}})[,\s]")
_OFFICER = re.compile(
    r"The\s+(?:(?:Acting|Temporary|Deputy|Vice)[- ])?(?:President|Vice-President|Chair|Chairman|Chairperson|"
    r"Chairwoman|Co-Chairs?|Moderator|Secretary)\b"
)


def _who(text: str, context: Context, now: Who, known: dict[str, Who]) -> Who | None:
    """Who begins to speak in a paragraph; None where the last speaker, ``now``, goes on.

    ``known`` holds those whose State was named: later paragraphs name them alone ("Ms. N. added …").
    """
    who = _named(text, context)
    match = _PERSON.match(text)
    if match is not None and who is not None:
        known[_surname(match["person"])] = who
        return who
    member = _MEMBER.match(text)
    again = known.get(_surname(member["person"])) if member is not None else None
    return who if again is None else again if again != now else None


def _surname(person: str) -> str:
    """A person's title and last name."""
    words = person.split()
    return f"{words[0]} {words[-1]}".casefold()


def _named(text: str, context: Context) -> Who | None:
    match = _PERSON.match(text)
    if match is not None:
        more = re.split(r"\b(?:said|asked|stated|noted|welcomed|expressed|commended)\b", match["more"], maxsplit=1)[0]
        who = of_name(match["state"] + (more if more.lstrip().startswith((",", "(")) else ""), context) or of_name(
            match["state"], context
        )
        return who or Who(match["person"], left_out=LeftOut.UNATTRIBUTED)
    if _OFFICER.match(text):
        return Who(_OFFICER.match(text)[0], left_out=LeftOut.CHAIR)  # type: ignore[index]
    member = _MEMBER.match(text)
    if member is not None:
        return Who(member["person"], left_out=LeftOut.EXPERT)
    who = of_paragraph(text, context)
    return None if who.left_out in (LeftOut.UNATTRIBUTED, LeftOut.PROCEDURE) else who


def recognise(document: Document) -> float:
    """How surely the document is a summary record, 0 to 1: numbered paragraphs that name people of States."""
    found = 0
    for line in document.lines:
        text = plain(line).text
        match = _NUMBER.match(text)
        person = _PERSON.match(text[match.end() :]) if match else None
        found += person is not None and of_name(person["state"], Context()) is not None
    return 0.95 if found >= 2 else 0.5 if found else 0.0


def turns(document: Document, context: Context) -> Iterator[Turn]:
    """The turns; paragraphs that name nobody go on with the last speaker's turn."""
    who, number, place, parts = Who(left_out=LeftOut.FRONT), "", "", list[str]()
    fresh, known = True, dict[str, Who]()
    for line in without_furniture([plain(line) for line in document.lines]):
        match = _NUMBER.match(line.text)
        text = line.text[match.end() :] if match else line.text
        stage = is_stage(text)
        begins = None
        if match or (fresh and _PERSON.match(text)):
            begins = None if stage else _who(text, context, who, known)
        if begins is not None or stage or (match and who.left_out == LeftOut.FRONT):
            yield from _turn(who, number, place, parts)
            who = begins or Who(left_out=LeftOut.PROCEDURE if stage else LeftOut.UNATTRIBUTED)
            number = match["number"] if match else ""
            place = f"paragraph {number}" if match else line.place
            parts = []
        elif match and who.left_out == LeftOut.PROCEDURE:
            yield from _turn(who, number, place, parts)
            who, number, place, parts = (
                Who(left_out=LeftOut.UNATTRIBUTED),
                match["number"],
                f"paragraph {match['number']}",
                [],
            )
        parts.append(text)
        place = place or (line.place if text.strip() else "")
        fresh = not line.text.strip()
        if stage:
            yield from _turn(who, number, place, parts)
            who, number, place, parts = Who(left_out=LeftOut.UNATTRIBUTED), "", line.place, []
    yield from _turn(who, number, place, parts)


def _turn(who: Who, number: str, place: str, parts: list[str]) -> Iterator[Turn]:
    text = "\n".join(parts)
    if text.strip():
        yield Turn(text, place, who.speaker, who.iso3, who.on_behalf_of, who.left_out, number)
