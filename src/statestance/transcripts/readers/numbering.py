"""The paragraph numbers of a Word document that are not in its text: Word counts them when it shows the page."""

from __future__ import annotations

from collections import Counter
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class Numbering:
    """Counts the numbered paragraphs of one document, in reading order."""

    def __init__(self, document: Any) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._levels: dict[tuple[str, str], tuple[str, int]] = {}
        self._lists: dict[str, str] = {}
        self._styles: dict[str | None, tuple[str, str] | None] = {}
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):  # a document without lists has no such part
            return
        for abstract in root.iter(f"{_W}abstractNum"):
            for level in abstract.iter(f"{_W}lvl"):
                key = (abstract.get(f"{_W}abstractNumId"), level.get(f"{_W}ilvl"))
                start = _value(level.find(f"{_W}start")) or "1"
                self._levels[key] = (_value(level.find(f"{_W}numFmt")), int(start) if start.isdigit() else 1)
        for number in root.iter(f"{_W}num"):
            self._lists[number.get(f"{_W}numId")] = _value(number.find(f"{_W}abstractNumId"))

    def label(self, paragraph: Any) -> str:
        """The number that Word shows before a paragraph ("25. ", "(a) "), or ""."""
        found = _numbered(paragraph._p) or self._of_style(paragraph)
        if found is None or found[0] not in self._lists:
            return ""
        key = (self._lists[found[0]], found[1])
        kind, start = self._levels.get(key, ("", 1))
        if kind not in ("decimal", "lowerLetter"):
            return ""
        count = start + self._counts[key]
        self._counts[key] += 1
        for deeper in [k for k in self._counts if k[0] == key[0] and k[1] > key[1]]:
            del self._counts[deeper]
        return f"{count}. " if kind == "decimal" else f"({chr(ord('a') + (count - 1) % 26)}) "

    def _of_style(self, paragraph: Any) -> tuple[str, str] | None:
        name = paragraph._p.style
        if name not in self._styles:  # python-docx looks a style up by going through them all
            self._styles[name] = _of_style(paragraph.style)
        return self._styles[name]


def _value(element: Any) -> str:
    return (element.get(f"{_W}val") or "") if element is not None else ""


def _numbered(element: Any) -> tuple[str, str] | None:
    """(list, level) of the numbering that an element's paragraph properties ask for."""
    properties = element.find(f"{_W}pPr")
    numbering = properties.find(f"{_W}numPr") if properties is not None else None
    if numbering is None:
        return None
    return _value(numbering.find(f"{_W}numId")), _value(numbering.find(f"{_W}ilvl")) or "0"


def _of_style(style: Any) -> tuple[str, str] | None:
    """The numbering of a style, or of one that it is based on."""
    for _ in range(10):
        if style is None:
            return None
        found = _numbered(style.element)
        if found is not None:
            return found
        style = style.base_style
    return None
