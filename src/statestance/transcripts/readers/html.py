"""HTML pages: the main content as lines, without navigation, scripts and footers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from statestance.domain import StatestanceError
from statestance.transcripts.decode import decode
from statestance.transcripts.document import Document, bold_head, fold, is_label, numbered
from statestance.transcripts.readers.guard import readable

_MAX = 64 * 1024 * 1024
_MAX_TAGS = 250_000
"""Each takes some 1.5 kB of memory."""
_GIANT = re.compile(rb"<[a-zA-Z/!][^<>]{65536,}>?")
"""Tags that carry pictures in their attributes."""
_DROPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "svg",
        "math",
        "nav",
        "footer",
        "aside",
        "button",
        "select",
        "input",
        "textarea",
        "head",
        "object",
        "video",
        "audio",
    ]
)
_DROPPED_ROLES = frozenset({"navigation", "banner", "contentinfo", "complementary", "search", "dialog", "menu"})
_DROPPED_NAMES = re.compile(
    r"(?:^|[-_ ])(?:nav|navbar|menu|breadcrumbs?|cookies?|sidebar|share|social|footer|related|pager|skip-link|"
    r"footnotes?)(?:$|[-_ ])",
    re.I,
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "body",
        "caption",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CELLS = ("td", "th")
_NESTED = frozenset({*_CELLS, *_DROPPED, "table", "ul", "ol"})
_MAX_INSIDE = 20
_MAX_MENU = 300
_MAX_WEIGHED = 40
"""Doubtful elements of a page that are weighed against the rest."""
_BOLD = frozenset({"b", "strong"})
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w\-]{2,40})", re.I)


def read(path: Path) -> Document:
    """The lines of a page's main content; "place" counts these lines."""
    from bs4 import BeautifulSoup

    data = path.read_bytes()
    if len(data) > _MAX:
        raise StatestanceError(
            f"expected an HTML page of at most {_MAX:,} bytes; found {len(data):,} in {path}; split it"
        )
    if data.count(b"<") > _MAX_TAGS:
        raise StatestanceError(
            f"expected an HTML page of at most {_MAX_TAGS:,} tags; found {data.count(b'<'):,} in {path}; save "
            f"it as text"
        )
    data = _GIANT.sub(b" ", data)
    with readable(path, "an HTML page"):
        soup = BeautifulSoup(_text(data, str(path)), "html.parser")
        title = fold(soup.title.get_text()) if soup.title else ""
        lines = list(_lines(_main(soup)))
    return Document(str(path), path.stem, numbered(lines), title)


def _text(data: bytes, file: str) -> str:
    """The page in the encoding that it declares, where that reads it; else in the likeliest."""
    declared = _CHARSET.search(data[:4096])
    if declared:
        try:
            return data.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(data, file)


def _main(soup: Any) -> Any:
    """The element that holds the debate: <main>, the longest <article>, or the body."""
    main = soup.find("main") or soup.find(attrs={"role": "main"})
    if main is None:
        articles = soup.find_all("article")
        if len(articles) == 1:
            main = articles[0]
    return main or soup.body or soup


def _lines(root: Any) -> Iterator[str]:
    """Depth-first, without recursion: pages nest as deep as they like."""
    buffer: list[str] = []
    stack: list[tuple[str, Any]] = [("open", root)]
    whole, weighed = _weight(root), 0
    while stack:
        event, node = stack.pop()
        name = getattr(node, "name", None)
        if name is None:
            if type(node).__name__ in ("NavigableString", "CData"):
                buffer.append(node if event == "raw" else str(node))
            continue
        if event == "open" and _is_dropped(node, name):
            continue
        if event == "open" and _is_doubtful(node, name):
            weighed += 1
            if weighed > _MAX_WEIGHED or 2 * _weight(node) < whole:
                continue
        if name == "br" or name in _BLOCKS:
            yield from _flush(buffer, heading=name in _HEADINGS and event == "close")
            if name == "br":
                continue
        if name in _CELLS and (label := _row_label(node, event)):
            yield f"**{label}**"
            yield ""
            continue
        if name in _BOLD and (event == "close" or not "".join(buffer).strip()):
            _bold(buffer, event)
        if event == "open":
            stack.append(("close", node))
            stack.extend(("open", child) for child in reversed(node.contents))
    yield from _flush(buffer, heading=False)


def _row_label(cell: Any, event: str) -> str:
    """The text of a row's first cell where others follow it, and it may name their speaker."""
    if event != "open" or cell.find_previous_sibling(_CELLS) or not cell.find_next_sibling(_CELLS):
        return ""
    inside = _inside(cell, _MAX_INSIDE)
    if len(inside) > _MAX_INSIDE or any(getattr(node, "name", None) in _NESTED for node in inside):
        return ""
    text = fold(cell.get_text(" "))
    return text if is_label(text) else ""


def _bold(buffer: list[str], event: str) -> None:
    """Mark bold words that open a line; a speaker's name often is told from the text by that alone."""
    if event == "open" or (buffer and "".join(buffer).count("**") == 1):
        buffer.append("**")


def _flush(buffer: list[str], *, heading: bool) -> Iterator[str]:
    text = fold("".join(buffer))
    buffer.clear()
    if text.count("**") == 1:
        text = text.replace("**", "")
    opened = re.match(r"\*\*(.*?)\*\*(.*)", text, re.S)
    text = bold_head(opened[1], opened[2]) if opened else text
    if text.strip("* "):
        yield f"# {text.replace('**', '').strip()}" if heading else text.strip()
        yield ""


def _is_dropped(node: Any, name: str) -> bool:
    if name in _DROPPED or _is_menu(node, name) or node.get("hidden") is not None or node.get("aria-hidden") == "true":
        return True
    return (node.get("role") or "") in _DROPPED_ROLES


def _is_doubtful(node: Any, name: str) -> bool:
    """What holds no part of the debate, unless it wraps the whole of it: old pages are one form."""
    names = " ".join([*(node.get("class") or []), node.get("id") or ""])
    return name == "form" or (
        name not in ("body", "main", "html") and bool(names) and _DROPPED_NAMES.search(names) is not None
    )


def _inside(root: Any, most: int) -> list[Any]:
    """What an element holds, at any depth; one more than ``most`` where it is more."""
    found: list[Any] = []
    stack = [root]
    while stack and len(found) <= most:
        for child in getattr(stack.pop(), "contents", ())[: most + 1]:
            found.append(child)
            stack.append(child)
    return found[: most + 1]


def _weight(node: Any) -> int:
    return sum(len(words) for words in node.strings)


def _is_menu(node: Any, name: str) -> bool:
    """A list of nothing but links."""
    if name not in ("ul", "ol"):
        return False
    inside = _inside(node, _MAX_MENU)
    words = [i for i in inside if getattr(i, "name", None) is None and str(i).strip()]
    return 0 < len(inside) <= _MAX_MENU and len(words) > 1 and all(_in_link(i, node) for i in words)


def _in_link(text: Any, end: Any) -> bool:
    parents = islice(text.parents, 5)
    return next((p.name == "a" for p in parents if p.name == "a" or p is end), False)
