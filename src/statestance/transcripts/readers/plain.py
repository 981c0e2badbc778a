"""Plain text and Markdown."""

from __future__ import annotations

import re
from pathlib import Path

from statestance.domain import StatestanceError
from statestance.transcripts.decode import decode
from statestance.transcripts.document import Document, numbered

_MAX = 64 * 1024 * 1024
_MAX_LINES = 2_000_000
_OTHERS = {
    b"%pdf-": "a PDF file",
    b"pk\x03\x04": "a zip archive, as .docx and .xlsx files are",
    b"{\\rtf": "a rich text (RTF) document",
    b"\xd0\xcf\x11\xe0": "an old Office document (.doc, .xls)",
    b"<!doctype html": "an HTML page",
    b"<html": "an HTML page",
}
_PICTURE = re.compile(r"!\[[^\]\n]{0,300}\]\([^()\n]{0,500}\)")
_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\([^()\n]{1,500}\)")


def read(path: Path) -> Document:
    """The lines of a text file in any of the encodings that ``decode`` knows."""
    size = path.stat().st_size
    if size > _MAX:
        raise _too_big(path, f"{_MAX:,} bytes", f"{size:,}")
    data = path.read_bytes()
    kind = next((kind for start, kind in _OTHERS.items() if data[:1024].lstrip().lower().startswith(start)), "")
    if kind:
        raise StatestanceError(f"expected plain text in {path}; found {kind}; mend the ending of its name")
    text = decode(data, str(path)).replace("\f", "\n")
    if path.suffix.lower() in (".md", ".markdown"):
        text = _LINK.sub(r"\1", _PICTURE.sub("", text))
    count = text.count("\n")
    if count > _MAX_LINES:
        raise _too_big(path, f"{_MAX_LINES:,} lines", f"{count:,}")
    return Document(str(path), path.stem, numbered(text.split("\n")))


def _too_big(path: Path, most: str, found: str) -> StatestanceError:
    return StatestanceError(
        f"expected a transcript of at most {most}; found {found} in {path}; split it, or make it a table with "
        f"one intervention a row"
    )
