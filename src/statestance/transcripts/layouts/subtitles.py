"""Subtitles, WebVTT and SRT, whose cues name their speakers: "<v Norway>…", "NORWAY: …", ">> Norway: …"."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from statestance.transcripts.attribution import Context, Who, of_name
from statestance.transcripts.debate import LeftOut, Turn
from statestance.transcripts.document import Document, Line
from statestance.transcripts.layouts import script
from statestance.transcripts.layouts.flow import Head, gather

_TIMES = re.compile(
    r"\s*(?P<start>(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3})\s*-->\s*(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}"
)
_VOICE = re.compile(r"\s*<v(?:\.[\w.]+)?\s+(?P<name>[^>]{1,200})>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|<\d{2}:\d{2}[\d:.]{0,12}>|\{\\[^}]{0,40}\}")
_BLOCK = re.compile(r"(?:WEBVTT|NOTE|STYLE|REGION)\b")


def recognise(document: Document) -> float:
    """1 for subtitles, 0 for others."""
    opening = document.lines[:200]
    times = sum(_TIMES.match(line.text) is not None for line in opening)
    return 1.0 if times and (times >= 2 or opening[0].text.startswith("WEBVTT") or len(opening) < 12) else 0.0


def _cues(document: Document) -> Iterator[Line]:
    """The lines of the cues, each with the time when its cue starts; comments, styles and numbers left aside."""
    start, inside = "", False
    for line in document.lines:
        times = _TIMES.match(line.text)
        if times:
            start, inside = times["start"], True
        elif not line.text.strip():
            inside = False
        elif inside:
            yield Line(line.text, start)


def _head(line: Line, context: Context) -> Head | None:
    voice = _VOICE.match(line.text)
    if voice:
        name = html.unescape(voice["name"]).strip()
        return of_name(name, context) or Who(name, left_out=LeftOut.UNATTRIBUTED), _words(line.text[voice.end() :])
    return script.head(Line(_words(line.text), line.place), context)


def _words(text: str) -> str:
    return html.unescape(_TAG.sub("", text))


def turns(document: Document, context: Context) -> Iterator[Turn]:
    """The turns; cues of one speaker in a row are one."""
    open_name: list[str] = []

    def head(line: Line) -> Head | None:
        found = _head(line, context)
        if found is None:
            return None
        name = found[0].speaker
        if open_name and open_name[0] == name and _VOICE.match(line.text):
            return None
        open_name[:] = [name]
        return found

    lines = (line if _VOICE.match(line.text) else Line(_words(line.text), line.place) for line in _cues(document))
    for turn in gather(lines, head):
        text = "\n".join(_words(part) if "<" in part else part for part in turn.text.split("\n"))
        yield Turn(text, turn.place, turn.speaker, turn.speaker_iso3, turn.on_behalf_of, turn.left_out)
