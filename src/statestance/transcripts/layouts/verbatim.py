"""UN verbatim records: "Mr. N. (Brazil) (spoke in Portuguese): …", "The President: …"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from statestance.transcripts.attribution import OFFICE, Context, Who, of_name
from statestance.transcripts.debate import LeftOut, Turn
from statestance.transcripts.document import Document, Line, plain
from statestance.transcripts.furniture import without_furniture
from statestance.transcripts.layouts import script
from statestance.transcripts.layouts.flow import Head, gather

_TITLE = (
    r"(?:(?:El|La|Le)\s+)?(?:H\.\s?E\.\s+)?(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Dame|Lord|Lady|Archbishop|"
    r"Monsignor|Msgr|Cardinal|Prince|Princess|"
    r"King|Queen|Sheikh|Judge|Ambassador|Baroness|Nana|M|Mme|Mlle|Sr|Sra|Srta|Mgr|Père|Father|Reverend|Rev|"
    r"President|Prime Minister|Chief|Crown Prince)\.?\s+"
)
_PERSON = re.compile(
    rf"(?P<person>{_TITLE}[^():]{{1,80}}?)\s*\((?P<state>[^()]{{2,80}}(?:\([^()]{{2,60}}\)[^()]{{0,30}})?)\)"
    r"(?P<more>(?:\s*\([^()]{2,80}\))*(?:\s*,\s*[^:]{2,160})?)\s*:\s*"
)
_OFFICER = re.compile(
    r"(?P<officer>(?:The|Le|La|El)\s+(?:(?:Acting|Temporary|Deputy|Vice)[- ])?"
    r"(?:President|Vice-President|Chair|Chairman|Chairperson|Chairwoman|Co-Chairs?|Secretary-General|"
    r"Secretary|Moderator|Président|Présidente|"
    r"Presidente|Presidenta|Secretario General|Secrétaire général)"
    r"(?:\s+(?:par intérim|interin[oa]))?(?:\s*\([^()]{2,60}\)){0,2})\s*:\s*"
)
_OFFICE_OF = re.compile(rf"(?P<office>{OFFICE.pattern}[^():]{{2,60}}(?:\([^()]{{2,60}}\))?)\s*:\s+", re.I)
_UNPLACED = re.compile(
    rf"(?P<person>{_TITLE}[A-ZÀ-Þ][\w.'’-]*(?:\s+[A-ZÀ-Þ][\w.'’-]*){{0,4}})(?:\s*\([^()]{{2,60}}\))?\s*:\s+"
)
_BEGINS = re.compile(
    rf"(?:{_TITLE}[^():]{{1,80}}\(|(?:The|Le|La|El) (?:Acting )?(?:President|Chair|Président|Secret)[^:]{{0,80}}\()"
)


def _head(line: Line, context: Context) -> Head | None:
    text = line.text.strip()
    match = _PERSON.match(text)
    if match is not None:
        who = of_name(match["state"] + _behalf(match["more"]), context)
        if who is None:
            who = of_name(match["person"], context) or Who(match["person"].strip(), left_out=LeftOut.UNATTRIBUTED)
        return who, text[match.end() :]
    match = _OFFICE_OF.match(text)
    who = of_name(match["office"], context) if match is not None else None
    if match is not None and who is not None:
        return who, text[match.end() :]
    match = _OFFICER.match(text)
    if match is not None:
        name = re.sub(r"\s*\(.*", "", match["officer"])
        reason = LeftOut.UN_BODY if "ecret" in name else LeftOut.CHAIR
        return Who(name, left_out=reason), text[match.end() :]
    match = _UNPLACED.match(text)
    if match is not None:
        # A guest of the meeting: whom he speaks for was said when he was introduced.
        return Who(match["person"], left_out=LeftOut.UNATTRIBUTED), text[match.end() :]
    return None


def _behalf(more: str) -> str:
    """What follows the brackets of a name, without the language that was spoken."""
    return re.sub(r"\([^()]*\)", "", more)


def recognise(document: Document) -> float:
    """How surely the document is a verbatim record, 0 to 1: two speakers or more, named as such records do."""
    heads = [h for line in _lines(document.lines) if (h := _head(line, Context()))]
    people = sum(bool(who.iso3 or who.on_behalf_of) for who, _ in heads)
    if not (people >= 2 or (people and len(heads) >= 2)):
        return 0.0
    # Between them a script has "NORWAY: …" too, which a record never has.
    scripted = (script.head(line, Context()) for line in document.lines)
    return 0.9 if sum(bool(h and (h[0].iso3 or h[0].on_behalf_of)) for h in scripted) <= people + 1 else 0.3


def turns(document: Document, context: Context) -> Iterator[Turn]:
    """The turns, each from its speaker's name to the next name."""
    yield from gather(_lines(document.lines), lambda line: _head(line, context))


def _lines(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines without furniture and bold marks; a speaker's name broken over two lines is whole again."""
    waiting: Line | None = None
    for line in without_furniture([plain(line) for line in lines]):
        text = line.text.replace("*", "") if "*(" in line.text else line.text
        if waiting is not None:
            whole = f"{waiting.text.rstrip()} {text.lstrip()}"
            joins = text.strip() and (_PERSON.match(whole.strip()) or _OFFICER.match(whole.strip()))
            text, place = (whole, waiting.place) if joins else (text, line.place)
            if not joins:
                yield waiting
            line, waiting = Line(text, place), None
        if len(text) < 160 and ":" not in text and _BEGINS.match(text.strip()):
            waiting = Line(text, line.place)
            continue
        yield Line(text, line.place)
    if waiting is not None:
        yield waiting
