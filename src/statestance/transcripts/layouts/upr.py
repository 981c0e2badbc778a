"""Reports of the Working Group on the Universal Periodic Review (A/HRC/…, 2008 on).

Numbered paragraphs; the interventions stand in "B. Interactive dialogue and responses by the State
under review", mingled with the delegation's answers. What stands elsewhere is kept as left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from statestance.transcripts.attribution import Context, Who, state_at
from statestance.transcripts.debate import LeftOut, Turn
from statestance.transcripts.document import Document, Line, fold, plain
from statestance.transcripts.furniture import without_footnotes, without_furniture
from statestance.transcripts.reported import of_paragraph

_HEADINGS = (
    ("introduction", re.compile(r"(?:I\s?\.?\s+)?Introduction\W*$", re.I)),
    ("proceedings", re.compile(r"(?:I\s?\.?\s+)?Summary of the proceedings of the review process\W*$", re.I)),
    ("presentation", re.compile(r"(?:A\s?\.?\s+)?Presentation by the State\s+under review\W*$", re.I)),
    (
        "dialogue",
        re.compile(r"(?:B\s?\.?\s+)?Interactive dialogue and responses by the State\s+under review\W*$", re.I),
    ),
    (
        "conclusions",
        re.compile(r"(?:II\s?\.?\s+)?Conclusions and\s?/?\s?(?:or )?\s?recommendations[\s*:.]{0,4}\d?$", re.I),
    ),
    ("annex", re.compile(r"(?:Annex|Appendix)(?:\s+[IVX]+)?(?:\s+Composition of the delegation)?\W*$", re.I)),
)
_ELSEWHERE = {
    "front": LeftOut.FRONT,
    "introduction": LeftOut.PROCEDURE,
    "proceedings": LeftOut.PROCEDURE,
    "presentation": LeftOut.DELEGATION,
    "conclusions": LeftOut.RECOMMENDATIONS,
    "annex": LeftOut.ANNEX,
}
_NOT_STATES = frozenset({LeftOut.UNATTRIBUTED, LeftOut.EXPERT, LeftOut.UN_BODY, LeftOut.NGO, LeftOut.INSTITUTION})
_NUMBER = re.compile(r"(?P<number>\d{1,3})\s?\.(?!\d)\s*")
_MISPRINTED = re.compile(r"(?P<number>\d{1,3})(?:,\s*| )(?=[A-Z])")
_MISSED = 3
"""Paragraph numbers in a row that a report may lack."""


@dataclass(frozen=True, slots=True)
class _Paragraph:
    number: str
    section: str
    place: str
    text: str


def recognise(document: Document) -> float:
    """How surely the document is a Working Group report, 0 to 1."""
    if any(_section(line) == "dialogue" for line in document.lines):
        return 1.0
    numbered, opened, bare = 0, 0, False
    for line in document.lines:
        text = line.text.lstrip("*# \t")
        match = _NUMBER.match(text)
        if match is not None:
            numbered, bare, text = numbered + 1, True, text[match.end() :]
        if bare and text.strip():
            opened, bare = opened + (state_at(text, Context()) is not None), False
    return 0.7 if opened >= 3 and opened > 0.3 * numbered else 0.0


def turns(document: Document, context: Context) -> Iterator[Turn]:
    """Every numbered paragraph of the report, in order."""
    answering = False
    for paragraph in _paragraphs(document):
        if paragraph.section != "dialogue":
            reason = _ELSEWHERE[paragraph.section]
            yield Turn(paragraph.text, paragraph.place, left_out=reason, number=paragraph.number)
            continue
        who = of_paragraph(fold(paragraph.text[:3000]), context, answers=True)
        if who.left_out in _NOT_STATES and answering:
            # Answers run over several paragraphs, of which only the first names the delegation.
            who = Who(left_out=LeftOut.DELEGATION)
        elif who.left_out in _NOT_STATES:
            # States alone have the floor in this dialogue; others are what an answer begins with.
            who = Who(left_out=LeftOut.UNATTRIBUTED)
        answering = who.left_out == LeftOut.DELEGATION
        if who.left_out:
            yield Turn(paragraph.text, paragraph.place, who.speaker, who.iso3, "", who.left_out, paragraph.number)
        else:
            yield from _apart(paragraph, who, context)


def _apart(paragraph: _Paragraph, who: Who, context: Context) -> Iterator[Turn]:
    """The turn of a paragraph, or its turns where a lost number ran two States together."""
    lines = paragraph.text.split("\n")
    start, letter = 0, ""
    before = lines[0]
    for at in range(1, len(lines)):
        other = _other(lines[at], before, who, context)
        before = lines[at] if lines[at].strip() else before
        if other is not None:
            yield _turn(paragraph, lines[start:at], who, letter)
            start, who, letter = at, other, chr(ord(letter or "a") + 1)
    yield _turn(paragraph, lines[start:], who, letter)


def _turn(paragraph: _Paragraph, lines: list[str], who: Who, letter: str) -> Turn:
    return Turn(
        "\n".join(lines),
        paragraph.place,
        who.speaker,
        who.iso3,
        who.on_behalf_of,
        who.left_out,
        paragraph.number + letter,
    )


def _other(line: str, before: str, who: Who, context: Context) -> Who | None:
    """The State that begins to speak on a line of its own after a finished sentence, if another one does."""
    head = state_at(line, context) if before.rstrip().endswith(".") else None
    if head is None:
        return None
    other = of_paragraph(fold(line), context, answers=True)
    same = other.iso3 == who.iso3 if other.iso3 else other.speaker == who.speaker
    speaks = re.match(r"\s+(?:also\s+)?[a-z]+(?:ed|d)\b|\s+(?:made|said|asked)\b", line[head[2] :])
    return None if same or other.left_out or not speaks else other


def _paragraphs(document: Document) -> Iterator[_Paragraph]:
    """The numbered paragraphs; what stands before the first and in the annex comes as one piece each."""
    headed = any(_section(line) == "dialogue" for line in document.lines)
    section, number, parts, place = "front" if headed else "dialogue", 0, list[str](), ""
    lines = [plain(line) for line in document.lines]
    for line in without_furniture(list(without_footnotes(lines, _NUMBER))):
        heading = _section(line)
        opened = None if heading else _opens(line, number, section)
        if heading or opened:
            yield from _paragraph(section, number, place, parts)
            parts, place = [], ""
        if heading:
            section = heading
            number = 0 if heading in ("introduction", "annex") else number
        elif opened:
            number, place = int(opened["number"]), f"paragraph {opened['number']}"
            parts = [line.text.lstrip()[opened.end() :]]
        else:
            place = place or (line.place if line.text.strip() else "")
            parts.append(line.text)
    yield from _paragraph(section, number, place, parts)


def _paragraph(section: str, number: int, place: str, parts: list[str]) -> Iterator[_Paragraph]:
    text = "\n".join(parts)
    if not text.strip():
        return
    if place.startswith("paragraph") and number:
        yield _Paragraph(str(number), section, place, text)
    elif section in ("front", "introduction", "proceedings"):
        yield _Paragraph("", "front", place, text)
    else:
        yield _Paragraph("", section, place, text)


def _section(line: Line) -> str:
    text = line.text.strip().lstrip("#* ")
    if not 5 <= len(text) <= 100:
        return ""
    folded = fold(text)
    return next((name for name, pattern in _HEADINGS if pattern.match(folded)), "")


def _opens(line: Line, number: int, section: str) -> re.Match[str] | None:
    """A line that opens the next paragraph; in the lists of section II numbers begin anew, so none there."""
    text = line.text.lstrip()
    match = _NUMBER.match(text)
    if section in ("front", "annex"):
        return None
    if match is None:
        misprinted = _MISPRINTED.match(text)
        return misprinted if misprinted and int(misprinted["number"]) == number + 1 and number else None
    step = int(match["number"]) - number
    if number == 0 and section == "dialogue":
        return match
    return match if 1 <= step <= (1 if section == "conclusions" else _MISSED) else None
