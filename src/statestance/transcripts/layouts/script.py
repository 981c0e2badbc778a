"""Play scripts: "NORWAY: …", "**Norway** …", "[00:12:31] Norway …", "## Norway", "Norway – …"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from statestance.transcripts.attribution import Context, Who, of_name, state_at
from statestance.transcripts.debate import LeftOut, Turn
from statestance.transcripts.document import Document, Line
from statestance.transcripts.layouts.flow import Head, gather

_TIME = r"(?:[\[(<]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?[\])>]?\s*(?:[-–—]\s*)?)"
_BULLET = r"(?:(?:[-•>]{1,2}\s+)+|>>+\s*)"
_HEAD = re.compile(
    rf"\s*{_BULLET}?(?P<time>{_TIME})?(?:"
    r"\*\*(?P<bold>[^*\n]{2,160}?)\s*:?\s*\*\*[ \t]*(?::|[–—]|-(?=\s))?"
    r"|\*(?P<italic>[^*\n]{2,160}?)\s*:?\s*\*[ \t]*:"
    r"|__(?P<under>[^_\n]{2,160}?)\s*:?\s*__[ \t]*:?"
    r"|(?P<heading>#{1,6}\s+[^\n:]{2,160})$"
    r"|(?P<plain>[^\W\d_][^:\n]{1,160}?)\s*:(?=\s|$|\*)"
    r")\s*"
)
_DASHED = re.compile(rf"\s*{_BULLET}?(?P<time>{_TIME})?(?P<name>[^\W\d_][^:\n–—]{{1,80}}?)(?:\s*[–—]|\s+-)\s+")
_TIMED = re.compile(rf"\s*{_BULLET}?(?P<time>{_TIME})(?=\w|\*\*\w)")
_NUMBERED = re.compile(r"\s*\d{1,3}[.)]\s+(?=\S)")
_TAIL = re.compile(r"\s*(?P<tail>\([^()\n]{2,120}\)|,[^:\n]{2,120}?)\s*:\s*")
_STAMPED = re.compile(
    r"\s*(?:\*\*)?(?P<name>[^\W\d_][^:\n\[(*]{1,80}?(?:\([^():\n]{2,60}\))?)(?:\*\*)?"
    r"\s{0,20}(?:[\[(]\d{1,2}:\d{2}(?::\d{2})?[\])]\s{0,20}(?::|$)|\s\d{1,2}:\d{2}(?::\d{2})?\s{0,20}(?::\s|$))\s*"
)
_DOTTED = re.compile(r"\s*(?P<name>[A-ZÀ-Þ][A-ZÀ-Þ '’()&,-]{2,80})\.\s+(?=\S)")
_BRACKETED = re.compile(
    rf"\s*{_BULLET}?{_TIME}?(?:\[(?P<square>[^\W\d_][^\[\]:\n]{{1,80}})\]|\((?P<round>[^\W\d_][^():\n]{{1,80}})\))"
    r"\s*:?\s+(?=\S)"
)
_TITLED = re.compile(r"(?:Mr|Mrs|Ms|Dr|Prof|Mme|Sra?)\.?\s+[A-ZÀ-Þ]")
_NAMELESS = re.compile(
    r"(?:(?:an?|the|other|next|first|last|new|unknown|unidentified|unnamed|male|female|another)\s+){0,3}"
    r"(?:speaker|voice|participant|delegate|panell?ist|narrator|audience member|member of the audience)"
    r"(?:[\s_#]*(?:\d{1,3}|[A-Z]))?",
    re.I,
)
_UNKNOWN = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Dr|Prof)\.?\s+)?(?:[A-ZÀ-Þ][\w.'’-]*\s*){1,5}(?:[(,].{2,80})?$|[A-ZÀ-Þ .'’()/&,-]{3,80}$"
)


def head(line: Line, context: Context) -> Head | None:
    """The speaker named at the start of a line, and the words that follow."""
    text = line.text
    numbered = _NUMBERED.match(text)
    if numbered:
        # Lists have labels of other kinds too.
        found = _marked(text[numbered.end() :], context) or _dashed(text[numbered.end() :], context)
        return found if found and found[0].left_out not in (LeftOut.UNATTRIBUTED, LeftOut.FRONT) else None
    for find in (_stamped, _marked, _bracketed, _dashed, _dotted, _timed):
        found = find(text, context)
        if found is not None:
            return found
    return None


def _marked(text: str, context: Context) -> Head | None:
    match = _HEAD.match(text)
    if match is None:
        return None
    printed = (match["bold"] or match["italic"] or match["under"] or match["heading"] or match["plain"]).strip("# ")
    who, rest = of_name(printed, context), text[match.end() :]
    bold = match["plain"] is None
    tail = _TAIL.match(rest) if bold and who is not None else None
    if tail is not None and (whole := of_name(printed + tail["tail"], context)) is not None:
        return whole, rest[tail.end() :]
    if who is None:
        if match["heading"]:
            return Who(left_out=LeftOut.FRONT), printed
        if _NAMELESS.fullmatch(printed):
            return Who(printed, left_out=LeftOut.UNATTRIBUTED), rest
        shown = match["time"] or (bold and len(printed) <= 80) or printed.isupper() or _TITLED.match(printed)
        if not (shown and _UNKNOWN.match(printed)) or _is_label(printed):
            return None
        who = Who(printed, left_out=LeftOut.UNATTRIBUTED)
    return who, _with_name(printed, rest) if bold and not match["heading"] else rest


def _stamped(text: str, context: Context) -> Head | None:
    """A time after the name: "Norway (00:12): …", or "Norway  00:12" above the words."""
    match = _STAMPED.match(text)
    if match is None:
        return None
    printed = match["name"].strip()
    who = of_name(printed, context)
    if who is None and _NAMELESS.fullmatch(printed):
        who = Who(printed, left_out=LeftOut.UNATTRIBUTED)
    return None if who is None else (who, text[match.end() :])


def _dotted(text: str, context: Context) -> Head | None:
    """ "NORWAY. …"."""
    match = _DOTTED.match(text)
    who = of_name(match["name"], context) if match else None
    return None if match is None or who is None or not who.iso3 else (who, text[match.end() :])


def _bracketed(text: str, context: Context) -> Head | None:
    """ "[Chile] …" or, as subtitles have it, "(CHILE) …"."""
    match = _BRACKETED.match(text)
    if match is None or not (match["square"] or match["round"].isupper()):
        return None
    who = of_name(match["square"] or match["round"], context)
    return None if who is None else (who, text[match.end() :])


def _dashed(text: str, context: Context) -> Head | None:
    match = _DASHED.match(text)
    if match is None:
        return None
    who = of_name(match["name"], context)
    whole = who is not None and who.speaker and len(who.speaker) >= len(match["name"].strip()) - 4
    return (who, text[match.end() :]) if who is not None and whole else None


def _timed(text: str, context: Context) -> Head | None:
    """A time, then a State's name: "[00:12:31] Norway thanked …" or "[00:12:31] Norway Thank you …"."""
    match = _TIMED.match(text)
    found = state_at(text[match.end() :], context) if match else None
    if match is None or found is None:
        return None
    printed, rest = text[match.end() : match.end() + found[2]], text[match.end() + found[2] :]
    who = of_name(printed, context)
    return None if who is None or re.match(r"['’]", rest) else (who, _with_name(printed, rest.lstrip()))


def _with_name(printed: str, rest: str) -> str:
    """The words after a name; with the name where they go on in its sentence ("Norway thanked …")."""
    if rest.startswith(","):
        return printed + rest
    return f"{printed} {rest}" if rest[:1].islower() else rest


_LABEL = re.compile(
    r"(?:date|time|place|venue|session|meeting|agenda|item|note|nb|source|subject|title|topic|chapter|part|"
    r"section|duration|language|"
    r"annex|document|transcript|target|state under review|country under review|forum|end|start|page|paragraph|"
    r"important|q|a|re|url|https?)\b",
    re.I,
)


def _is_label(printed: str) -> bool:
    return _LABEL.match(printed) is not None


def _prepared(document: Document) -> list[Line]:
    """The lines; a State's name that has a line to itself, above words of other kind, is made a heading."""
    lines = list(document.lines)
    for at, line in enumerate(lines):
        if (at and lines[at - 1].text.strip()) or not _is_name(line.text):
            continue
        following = next((n.text for n in lines[at + 1 : at + 4] if n.text.strip()), "")
        if following and not _is_name(following) and head(Line(following, ""), Context()) is None:
            lines[at] = Line(f"## {line.text.strip()}", line.place)
    return lines


def _is_name(text: str) -> bool:
    if not 2 < len(text.strip()) < 100 or text.strip()[-1] in ".;:!?":
        return False
    found = state_at(text.strip(), Context())
    return found is not None and re.match(r"\s*(?:\(.*\))?$", text.strip()[found[2] :]) is not None


def recognise(document: Document) -> float:
    """How surely the document is a play script, 0 to 1, by the share of its paragraphs that a speaker's name opens."""
    lines = _prepared(document)
    found, stated = 0, 0
    for line in lines:
        opened = head(line, Context())
        if opened is None or (opened[0].left_out == LeftOut.FRONT):
            continue
        found += 1
        stated += not _narrated(line, opened) and bool(opened[0].iso3 or opened[0].on_behalf_of)
    if not stated:
        return 0.0
    blocks = sum(bool(a.text.strip()) and not b.text.strip() for a, b in pairwise([*lines, Line("", "")]))
    return min(0.85, 0.35 + 2 * stated / max(found, blocks))


def _narrated(line: Line, opened: Head) -> bool:
    """Does the name begin the sentence? "**Norway** said …" is how press releases set names; a script gives words."""
    label = _HEAD.match(line.text)
    bare = label is not None and label["plain"] is None and ":" not in label[0]
    return bare and not _TIMED.match(line.text) and opened[1].startswith(opened[0].speaker)


def turns(document: Document, context: Context) -> Iterator[Turn]:
    """The turns, each from its speaker's name to the next name."""
    yield from gather(_prepared(document), lambda line: head(line, context))
