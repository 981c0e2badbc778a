"""Plain text and Markdown."""

from __future__ import annotations

import re
from pathlib import Path

from statestance.domain import StatestanceError
from statestance.transcripts.decode import decode
from statestance.transcripts.document import Document, numbered

_MAX = 64 * 1024 * 1024
_MAX_LINES = 2_000_000
_PICTURE = re.compile(r"!\[[^\]\n]{0,300}\]\([^()\n]{0,500}\)")
_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\([^()\n]{1,500}\)")


def read(path: Path) -> Document:
    """The lines of a text file in any of the encodings that ``decode`` knows."""
    size = path.stat().st_size
    if size > _MAX:
        raise _too_big(path, f"{_MAX:,} bytes", f"{size:,}")
    text = decode(path.read_bytes(), str(path)).replace("\f", "\n")
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
