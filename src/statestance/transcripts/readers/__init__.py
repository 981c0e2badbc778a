"""Readers: files to documents or rows, one module a kind of file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from statestance.transcripts.document import Document
from statestance.transcripts.readers import docx, html, pdf, plain, tables

READERS: dict[str, Callable[[Path], Document]] = {
    ".txt": plain.read,
    ".text": plain.read,
    ".md": plain.read,
    ".markdown": plain.read,
    ".vtt": plain.read,
    ".srt": plain.read,
    ".html": html.read,
    ".htm": html.read,
    ".xhtml": html.read,
    ".pdf": pdf.read,
    ".docx": docx.read,
}
"""Which reader reads which ending."""

TABLES = tables.ENDINGS
"""The endings of tables, one intervention a row."""

ENDINGS = frozenset(READERS) | TABLES
