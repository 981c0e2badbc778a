"""One page of a PDF: its words to rows of text, column by column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from statestance.transcripts.readers.glyphs import Word


@dataclass(frozen=True, slots=True)
class Row:
    """A row of text. ``y0``, ``y1`` in points from the top; ``top``, ``bottom`` as shares of the page's height."""

    text: str
    column: int
    y0: float
    y1: float
    top: float
    bottom: float
    size: float
    heading: bool


def rows_of(
    words: Sequence[Word], width: float, height: float, usual: float | None = None
) -> tuple[list[Row], float | None]:
    """The rows of a page in reading order: full-width bands from the top, the columns inside each left first.

    Also the middle of the white band between its columns, None for one column; ``usual``, that of the pages
    before, counts on a page with too few rows to show it.
    """
    if not words:
        return [], None
    rows = _visual_rows(words)
    gutter = _gutter(rows, width) or _usual(rows, usual)
    return [_row(column, part, height) for column, part in _bands(rows, gutter)], gutter


def _visual_rows(words: Sequence[Word]) -> list[list[Word]]:
    """Words that stand at one height, left to right; raised marks go with the row that they overlap."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda w: (w.bottom, w.x0)):
        for row in rows[-3:][::-1]:
            first = max(row, key=lambda w: w.size)
            overlap = min(first.bottom, word.bottom) - max(first.top, word.top)
            if overlap > 0.5 * min(first.bottom - first.top, word.bottom - word.top):
                row.append(word)
                break
        else:
            rows.append([word])
    for row in rows:
        row.sort(key=lambda w: w.x0)
    return sorted(rows, key=lambda r: min(w.top for w in r))


def _bands(rows: Sequence[list[Word]], gutter: float | None) -> Iterator[tuple[int, list[Word]]]:
    if gutter is None:
        yield from ((0, row) for row in rows)
        return
    left: list[list[Word]] = []
    right: list[list[Word]] = []
    for row in rows:
        if any(w.x0 < gutter < w.x1 for w in row) or _gap(row, gutter) < 6:
            yield from ((1, r) for r in left)
            yield from ((2, r) for r in right)
            left, right = [], []
            yield 0, row
            continue
        sides = [w for w in row if w.x1 <= gutter], [w for w in row if w.x0 >= gutter]
        for side, half in zip((left, right), sides, strict=True):
            if half:
                side.append(half)
    yield from ((1, r) for r in left)
    yield from ((2, r) for r in right)


def _gap(row: Sequence[Word], x: float) -> float:
    """The room around ``x`` that a row leaves free."""
    before = max((w.x1 for w in row if w.x1 <= x), default=0.0)
    after = min((w.x0 for w in row if w.x0 >= x), default=1e9)
    return after - before


def _gutter(rows: Sequence[Sequence[Word]], width: float) -> float | None:
    """The middle of the white band between two columns, or None for a page of one."""
    if len(rows) < 6:
        return None
    best, best_score = None, 0.0
    for step in range(30, 71):
        x = width * step / 100
        both = crossed = 0
        for row in rows:
            if any(w.x0 < x < w.x1 for w in row):
                crossed += 1
            elif row[0].x1 <= x <= row[-1].x0:
                if _gap(row, x) >= 9:
                    both += 1
                else:
                    crossed += 1
        if both >= 5 and both > 2.5 * crossed:
            score = both - crossed - abs(step - 50) / 100
            if score > best_score:
                best, best_score = x, score
    return best


def _usual(rows: Sequence[Sequence[Word]], x: float | None) -> float | None:
    """``x``, where some row leaves it free between words and hardly any row crosses it."""
    if x is None:
        return None
    crossed = sum(any(w.x0 < x < w.x1 for w in row) for row in rows)
    both = sum(row[0].x1 <= x <= row[-1].x0 and _gap(row, x) >= 9 for row in rows)
    return x if both > crossed else None


_MARK = re.compile(r"[\d*†‡,\[\]]{1,4}$")


def _row(column: int, words: Sequence[Word], height: float) -> Row:
    size = max(w.size for w in words)
    # Small raised figures are calls of footnotes, not text.
    kept = [w for w in words if not (w.size < 0.8 * size and _MARK.match(w.text))] or list(words)
    y0, y1 = min(w.top for w in kept), max(w.bottom for w in kept)
    bold = [w.bold for w in kept]
    text = _spaced(kept, bold)
    heading = all(bold) and size >= 13
    weight = sum(len(w.text) for w in kept)
    mean = sum(w.size * len(w.text) for w in kept) / weight
    return Row(text, column, y0, y1, y0 / height, y1 / height, mean, heading)


def _spaced(words: Sequence[Word], bold: Sequence[bool]) -> str:
    """The words with spaces where there is room between them; bold words that open the row in "**"."""
    opening = next((i for i, b in enumerate(bold) if not b), len(bold))
    parts: list[str] = []
    for at, word in enumerate(words):
        room = at > 0 and (word.spaced or word.x0 - words[at - 1].x1 > 0.12 * word.size)
        if at == opening and opening:
            parts.append("** " if room or word.text[0].isalnum() else "**")
        elif room:
            parts.append(" ")
        parts.append(word.text)
    text = "".join(parts)
    return f"**{text}" + ("**" if opening == len(words) else "") if opening else text
