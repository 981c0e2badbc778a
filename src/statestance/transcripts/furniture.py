"""Page furniture and footnotes, taken out of the lines of a paginated document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from statestance.text import states
from statestance.transcripts.document import Line

_SYMBOL = r"[A-Z]{1,4}/\s?(?:[A-Z0-9.\-]{1,20}/){0,8}[A-Z0-9.\-]{1,20}(?:\s?\(.{1,20}\))?"
_FURNITURE = re.compile(
    rf"\s*(?:United Nations\s+|GENERAL\s+)?{_SYMBOL}(?:\s+(?:page\s+\d+|\d{{1,2}} [A-Z]\w+\s+\d{{4}}))?\s*$"
    r"|\s*GE\.\d[\d\-]*(?:\s*\(E\))?(?:\s+\d{6}){0,4}\s*$"
    r"|\s*\d{2}-\d{5}(?:\s*\([A-Z]\))?(?:\s+\d{1,3}/\d{1,3})?\s*$"
    r"|\s*\d{1,3}/\d{1,3}\s+\d{2}-\d{5}(?:\s*\([A-Z]\))?\s*$"
    r"|\s*\*?\d{6,8}\*\s*$"
    rf"|\s*(?:{_SYMBOL}\s+)?\d{{1,2}}/\d{{1,2}}/\d{{4}}(?:\s+{_SYMBOL})?\s*$"
    r"|\s*(?:page|-)?\s*\d{1,4}\s*(?:(?:/|of)\s*\d{1,4}|-)?\s*$",
    re.I,
)
_RUNNING = re.compile(
    rf"(?:\d{{1,3}}(?:/\d{{1,3}})?\s+)?{_SYMBOL}\b|.*\b{_SYMBOL}(?:\s+\d{{1,3}})?\s*$|.*\b\d{{2}}-\d{{5}}\b"
)


def is_furniture(text: str) -> bool:
    """Whether a line is a document symbol, a job number or a page number, and nothing else."""
    return len(text) < 200 and _FURNITURE.match(text := " ".join(text.split())) is not None and len(text) < 80


def _mask(text: str) -> str:
    return re.sub(r"\d+", "9", " ".join(text.split()))


def without_furniture(lines: Sequence[Line]) -> list[Line]:
    """The lines without symbols, page numbers, and headers that carry a symbol and recur."""
    recurring = Counter(_mask(line.text) for line in lines if 5 < len(line.text) < 160)
    kept = []
    for line in lines:
        short = 5 < len(line.text) < 160 and recurring[_mask(line.text)] > 1
        if not (is_furniture(line.text) or (short and _RUNNING.match(line.text))):
            kept.append(line)
    return kept


_MARKED = re.compile(r"\s*(?:(?P<number>\d{1,2})\s*\t|\*{1,4}(?:\s*\t|\s+)(?!\*))\s*(?=\S)")
_BARE = re.compile(r"\s*(?P<number>\d{1,2})\s*$")
_SPACED = re.compile(r"\s*(?P<number>\d{1,2})\s(?=[A-Z])")
_ENDS = re.compile(r"[.;:!?)][”\"’]?\s*$")
_LONGEST = 12


def without_footnotes(lines: Sequence[Line], paragraph: re.Pattern[str]) -> Iterator[Line]:
    """The lines without footnotes that stand in the midst of them, where a page ended.

    ``paragraph`` matches a line that opens a numbered paragraph: no footnote goes on beyond it.
    """
    at, last, blank = 0, 0, 2
    while at < len(lines):
        number = _footnote(lines, at, last, blank)
        if number is None:
            text = lines[at].text
            blank = blank + 1 if not text.strip() else 0
            yield lines[at]
            at += 1
            continue
        last = number or last
        at, blank = _footnote_end(lines, at, paragraph), 2


def _footnote(lines: Sequence[Line], at: int, last: int, blank: int) -> int | None:
    """The number of the footnote that a line opens (0: it has none), or None for no footnote."""
    text = lines[at].text
    marked = _MARKED.match(text)
    if marked:
        return int(marked["number"] or 0)
    if blank < 2:
        return None
    bare = _BARE.match(text)
    if bare and int(bare["number"]) == last + 1 and at + 1 < len(lines) and lines[at + 1].text[:1].isupper():
        return int(bare["number"])
    spaced = _SPACED.match(text)
    if spaced and int(spaced["number"]) == last + 1 and not _next_paragraph(lines, at, int(spaced["number"]) + 1):
        return int(spaced["number"])
    return 0 if _is_list_of_states(text) else None


def _next_paragraph(lines: Sequence[Line], at: int, number: int) -> bool:
    """Whether the next numbered paragraph after a line has that number: then the line opens the one before."""
    for line in lines[at + 1 : at + 12]:
        found = re.match(r"\s*(\d{1,3})\s?\.(?!\d)", line.text)
        if found:
            return int(found[1]) == number
    return False


def _is_list_of_states(text: str) -> bool:
    """A line of nothing but names of States, as footnotes give those that could not speak."""
    if text.count(",") < 3:
        return False
    named = sum(m.end - m.start for m in states.mentions(text))
    return named + 2 * text.count(",") > 0.75 * len(text.strip())


def _footnote_end(lines: Sequence[Line], at: int, paragraph: re.Pattern[str]) -> int:
    """The number of the first line after a footnote."""
    first = lines[at].text
    text = "" if _BARE.match(first) else first
    at += 1
    for _ in range(_LONGEST):
        if at >= len(lines) or paragraph.match(lines[at].text.lstrip()):
            break
        line = lines[at].text.strip()
        if not line or (text and _ENDS.search(text) and not line.startswith(("http", "www."))):
            break
        text = f"{text} {line}"
        at += 1
    return at
