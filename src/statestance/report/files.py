"""A report or a comparison as a file, in the format of the path's ending; whole or not at all."""

from __future__ import annotations

from pathlib import Path

from statestance.domain import StatestanceError
from statestance.predict.table import check_place, replacing
from statestance.report import comparison, html, markdown, workbook
from statestance.report.comparison import Comparison
from statestance.report.content import Report

ENDINGS = (".html", ".md", ".xlsx")


def check(path: Path) -> Path:
    """Return the path of a report that ``write`` can write; raise ``StatestanceError`` for any other."""
    if path.suffix.lower() not in ENDINGS:
        raise StatestanceError(
            f"expected a report ending in {', '.join(ENDINGS)}; found {path}; name it, say, {path.stem}.html"
        )
    return check_place(path)


def write(content: Report | Comparison, path: Path) -> None:
    """Write a report; an earlier file stays as it was if that fails."""
    kind = check(path).suffix.lower()
    with replacing(path) as part:
        if kind == ".xlsx":
            book = workbook.render(content) if isinstance(content, Report) else workbook.render_comparison(content)
            book.save(part)
        elif kind == ".md":
            text = markdown.render(content) if isinstance(content, Report) else markdown.render_comparison(content)
            part.write_text(text, encoding="utf-8", errors="replace")
        else:
            text = html.render(content) if isinstance(content, Report) else comparison.render(content)
            part.write_text(text, encoding="utf-8", errors="replace")
