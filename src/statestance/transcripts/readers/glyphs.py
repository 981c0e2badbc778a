"""The words of a PDF page, from the boxes of its characters as PDFium gives them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_BREAKS = frozenset((0, 9, 10, 13, 32, 0xA0, 0x2002, 0x2003, 0x2009, 0x200B))
_HYPHENS = {0x02: "-", 0xFFFE: "-", 0x2010: "-", 0x2011: "-"}
_MAX_CHARS = 200_000
"""Characters that a page may have; no page that people read has more."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word. Coordinates in points; ``top`` and ``bottom`` are counted from the top of the page."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    bold: bool
    spaced: bool
    """Whether a blank stands before it in the file."""


@dataclass(slots=True)
class _Box:
    text: str
    index: int
    x0: float
    x1: float
    y0: float
    y1: float
    origin: float


def words_of(page: Any, text_page: Any) -> list[Word]:
    """The upright words of a page, in the order of its content. ``page`` and ``text_page`` are pypdfium2's."""
    import pypdfium2.raw as raw

    height = page.get_height()
    return [
        Word(
            "".join(b.text for b in run),
            run[0].x0,
            run[-1].x1,
            height - max(b.y1 for b in run),
            height - min(b.y0 for b in run),
            max(b.y1 - b.y0 for b in run),
            _is_bold(raw, text_page.raw, run[0].index),
            spaced,
        )
        for run, spaced in _runs(raw, text_page.raw)
    ]


def _runs(raw: Any, text_page: Any) -> Iterator[tuple[list[_Box], bool]]:
    """Characters that stand beside one another without a space, and whether a blank came before them."""
    run: list[_Box] = []
    spaced = blank = False
    for box in _boxes(raw, text_page):
        if run and (not box.text or _apart(run[-1], box)):
            yield run, spaced
            run = []
        if not box.text:
            blank = True
            continue
        if not run:
            spaced, blank = blank, False
        run.append(box)
    if run:
        yield run, spaced


def _apart(left: _Box, right: _Box) -> bool:
    size = min(left.y1 - left.y0, right.y1 - right.y0)
    gap = right.x0 - left.x1
    raised = (
        abs(left.origin - right.origin) > 0.2 * size or abs((left.y1 - left.y0) - (right.y1 - right.y0)) > 0.2 * size
    )
    return gap > 0.2 * size or gap < -0.6 * size or raised


def _boxes(raw: Any, text_page: Any) -> Iterator[_Box]:
    """The characters in order; one with an empty text stands for a break."""
    rect, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    for index in range(min(raw.FPDFText_CountChars(text_page), _MAX_CHARS)):
        code = raw.FPDFText_GetUnicode(text_page, index)
        if code in _BREAKS or raw.FPDFText_IsGenerated(text_page, index) == 1:
            yield _Box("", index, 0, 0, 0, 0, 0)
            continue
        if abs(raw.FPDFText_GetCharAngle(text_page, index)) % 6.2832 > 0.05:
            continue
        if not raw.FPDFText_GetLooseCharBox(text_page, index, rect):
            continue
        raw.FPDFText_GetCharOrigin(text_page, index, x, y)
        text = _HYPHENS.get(code) or (chr(code) if 32 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "")
        yield _Box(text, index, rect.left, rect.right, rect.bottom, rect.top, y.value)


def _is_bold(raw: Any, text_page: Any, index: int) -> bool:
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    raw.FPDFText_GetFontInfo(text_page, index, name, 128, flags)
    font = name.value.decode("ascii", errors="ignore").casefold()
    return "bold" in font or "black" in font or raw.FPDFText_GetFontWeight(text_page, index) >= 650
