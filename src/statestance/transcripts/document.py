"""What a reader hands to a layout: the lines of a file, with the place where each one stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line, or one paragraph, of a file. An empty text parts paragraphs.

    Headings keep the "# " and bold words the "**" of Markdown, whatever the file's type.
    """

    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Document:
    """The lines of one file; ``file`` is its path as given, ``stem`` its name without ending.

    ``unread`` names the places that hold no text to read, such as scanned pages; ``footnotes`` are what was
    taken for the footnotes of a page, by their smaller type.
    """

    file: str
    stem: str
    lines: tuple[Line, ...]
    title: str = ""
    unread: tuple[str, ...] = ()
    footnotes: tuple[Line, ...] = ()


def fold(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def is_label(text: str) -> bool:
    """Whether the first cell of a table's row may name the speaker of the others."""
    return 2 < len(text) <= 100 and "\n" not in text.strip() and text.strip()[-1] not in ".;!?" and "*" not in text


_MARKS = re.compile(r"^\s*(?:#{1,6}\s+|>\s+)")


def numbered(texts: Sequence[str]) -> tuple[Line, ...]:
    """Lines that know their 1-based number."""
    return tuple(Line(text, f"line {number}") for number, text in enumerate(texts, 1))


def bold_head(head: str, rest: str) -> str:
    """A line that opens with bold words, in Markdown; words stay apart that stood apart, or would run together."""
    room = " " if rest[:1].isspace() or rest[:1].isalnum() else ""
    return f"**{fold(head)}**{room}{rest.lstrip()}"


def plain(line: Line) -> Line:
    """A line without its Markdown marks of headings, bold and quotation."""
    if not any(mark in line.text for mark in "*#>"):
        return line
    text = _MARKS.sub("", line.text).replace("**", "")
    return Line(text, line.place)
