"""PDF files with a text layer: pages to lines in reading order, without furniture and footnotes."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil
from pathlib import Path

from statestance.domain import StatestanceError
from statestance.transcripts.document import Document, Line
from statestance.transcripts.furniture import is_furniture
from statestance.transcripts.readers.glyphs import words_of
from statestance.transcripts.readers.guard import readable
from statestance.transcripts.readers.page import Row, rows_of

_MAX = 128 * 1024 * 1024
_MAX_STREAM = 192 * 1024 * 1024
_MAX_PAGES = 5_000
_MAX_ROWS = 500_000
_EDGE = 0.13
_FURTHER = 40


def read(path: Path) -> Document:
    """The lines of a PDF; "place" is the page. Raises on a scan, which holds pictures of text only."""
    kind, fix = "a PDF file", "open it and save it again, or save it as text"
    with readable(path, kind, fix):
        _check(path)
        pages, bare, title = _pages(path)
    if not any(pages):
        raise StatestanceError(
            f"expected a PDF with text in {path}; found {len(pages)} pages without any, as scanned ones are; "
            "run text recognition on it first (such as ocrmypdf)"
        )
    body_size = _body_size(pages)
    running = _running(pages)
    lines: list[Line] = []
    footnotes: list[Line] = []
    for number, rows in enumerate(pages, 1):
        kept, notes = _kept(rows, body_size, running)
        lines += _lines(kept, number)
        if notes:
            footnotes.append(Line(" ".join(row.text for row in notes), f"page {number}"))
    unread = tuple(f"page {n}" for n in bare)
    return Document(str(path), path.stem, tuple(_joined(lines)), title, unread, tuple(footnotes))


def _pages(path: Path) -> tuple[list[list[Row]], list[int], str]:
    """The rows of every page, the numbers of the pages that hold pictures only, the title."""
    import pypdfium2

    pages: list[list[Row]] = []
    bare: list[int] = []
    total, usual = 0, None
    with pypdfium2.PdfDocument(path) as pdf:
        title = pdf.get_metadata_value("Title")
        if len(pdf) > _MAX_PAGES:
            raise StatestanceError(
                f"expected a PDF file of at most {_MAX_PAGES:,} pages; found {len(pdf):,} in {path}; split it"
            )
        for number in range(len(pdf)):
            page = pdf[number]
            text_page = page.get_textpage()
            words = words_of(page, text_page)
            rows, gutter = rows_of(words, page.get_width(), page.get_height(), usual)
            usual = gutter or usual
            if not rows and next(page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]), None) is not None:
                bare.append(number + 1)
            pages.append(rows)
            total += len(rows)
            if total > _MAX_ROWS:
                raise StatestanceError(
                    f"expected a PDF file of at most {_MAX_ROWS:,} lines; found more by page {number + 1} of "
                    f"{path}; split it"
                )
            text_page.close()
            page.close()
    return pages, bare, title


def _check(path: Path) -> None:
    """Raise on what is no PDF, and on streams that unpack to more than memory should hold."""
    size = path.stat().st_size
    if size > _MAX:
        raise StatestanceError(f"expected a PDF file of at most {_MAX:,} bytes; found {size:,} in {path}; split it")
    data = path.read_bytes()
    if b"%PDF-" not in data[:1024]:
        raise StatestanceError(
            f"expected a PDF file at {path}; found a file that does not begin as one; mend its ending"
        )
    for match in re.finditer(rb"stream\r?\n(?=[\x08\x18\x28\x38\x48\x58\x68\x78][\x01\x5e\x9c\xda])", data):
        if _unpacked(memoryview(data)[match.end() :]) > _MAX_STREAM:
            raise StatestanceError(
                f"expected a PDF file whose streams unpack to at most {_MAX_STREAM:,} bytes; found a bigger "
                f"one at byte "
                f"{match.start()} of {path}; save it as text"
            )


def _unpacked(data: memoryview) -> int:
    """Bytes that a zlib stream unpacks to, counted in small steps."""
    unpacker, total, at = zlib.decompressobj(), 0, 0
    try:
        while not unpacker.eof and total <= _MAX_STREAM and at < len(data):
            chunk = data[at : at + 65536]
            at += len(chunk)
            total += len(unpacker.decompress(chunk, 1 << 24))
            while unpacker.unconsumed_tail and total <= _MAX_STREAM:
                total += len(unpacker.decompress(unpacker.unconsumed_tail, 1 << 24))
    except zlib.error:
        pass
    return total


def _body_size(pages: Sequence[Sequence[Row]]) -> float:
    sizes: Counter[float] = Counter()
    for rows in pages:
        for row in rows:
            sizes[round(row.size * 2) / 2] += len(row.text)
    return sizes.most_common(1)[0][0]


def _running(pages: Sequence[Sequence[Row]]) -> set[tuple[str, int]]:
    """Texts, digits aside, that recur at one height near the edge of many pages, with that height."""
    edges = ({_place(row) for row in rows if _at_edge(row) and not row.text[:1].islower()} for rows in pages)
    seen = Counter(key for keys in edges for key in keys)
    enough = max(2, ceil(0.4 * len(pages)))
    return {key for key, count in seen.items() if count >= enough}


def _place(row: Row) -> tuple[str, int]:
    return re.sub(r"\d+", "9", row.text.replace("*", "")).strip(), round(row.y0 / 4)


def _at_edge(row: Row) -> bool:
    return row.top < _EDGE or row.bottom > 1 - _EDGE


def _kept(rows: Sequence[Row], body_size: float, running: set[tuple[str, int]]) -> tuple[list[Row], list[Row]]:
    """The rows of a page without running headers, footers and page numbers: its text, and the footnotes at its foot."""
    kept = [r for r in rows if not (_at_edge(r) and (_place(r) in running or is_furniture(r.text)))]
    gone: set[int] = set()
    for column in {r.column for r in kept}:
        for at in range(len(kept) - 1, -1, -1):
            if kept[at].column != column:
                continue
            if kept[at].size > 0.93 * body_size or kept[at].top < 0.4:
                break
            gone.add(at)
    return [r for i, r in enumerate(kept) if i not in gone], [r for i, r in enumerate(kept) if i in gone]


def _lines(rows: Sequence[Row], page: int) -> Iterator[Line]:
    gaps = sorted(b.y0 - a.y1 for a, b in pairwise(rows) if a.column == b.column and b.y0 > a.y1 - 2)
    usual = gaps[len(gaps) // 2] if gaps else 0.0
    previous: Row | None = None
    for row in rows:
        new = previous is not None and row.column == previous.column and row.y0 - previous.y1 > usual + 0.35 * row.size
        if new or (previous is not None and row.heading != previous.heading):
            yield Line("", f"page {page}")
        yield Line(f"# {row.text.replace('**', '')}" if row.heading else row.text, f"page {page}")
        previous = row


_HYPHEN = re.compile(r"(?P<head>[^\W\d_]+)-$")
_ALWAYS_HYPHENED = frozenset(("self", "ill", "well", "non", "half", "cross"))
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def _joined(lines: Sequence[Line]) -> Iterator[Line]:
    """Words broken at a line's end made whole; the hyphen stays where the text elsewhere writes it."""
    words = Counter(w.casefold() for line in lines for w in _WORD.findall(line.text))
    carried = ""
    for at, line in enumerate(lines):
        text = carried + line.text.replace("\xad", "") if not line.text.endswith("\xad") else carried + line.text
        carried = ""
        match = _HYPHEN.search(text) if text.endswith("-") else None
        following = next((n.text for n in lines[at + 1 : at + 1 + _FURTHER] if n.text), "")
        tail = _WORD.match(following)
        if text.endswith("\xad") and following:
            carried, text = _cut(text[:-1])
        elif match and tail:
            hyphen = _hyphen(match["head"], tail[0], words)
            head, text = _cut(text[:-1])
            carried = head + hyphen
        yield Line(text, line.place)
    if carried:
        yield Line(carried, lines[-1].place)


def _hyphen(head: str, tail: str, words: Counter[str]) -> str:
    """What joins a word broken at a line's end: "-" where the hyphen is its own, "" where the break made it."""
    if not tail[0].islower():
        return "-"
    whole, kept = words[f"{head}{tail}".casefold()], words[f"{head}-{tail}".casefold()]
    # Each half counts once for the break itself.
    both = not whole and words[head.casefold()] > 1 and words[tail.casefold()] > 1
    own = not whole and head.casefold() in _ALWAYS_HYPHENED and len(tail) > 4
    return "-" if kept > whole or both or own else ""


def _cut(text: str) -> tuple[str, str]:
    """The last word of a line, and what stands before it."""
    before, space, word = text.rpartition(" ")
    return word, before if space else ""
