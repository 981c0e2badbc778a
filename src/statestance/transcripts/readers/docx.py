"""Word documents: paragraphs and table cells in reading order, headings and bold heads marked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from statestance.domain import StatestanceError
from statestance.transcripts.document import Document, Line, bold_head, fold, is_label
from statestance.transcripts.readers.guard import check_zip, readable
from statestance.transcripts.readers.numbering import Numbering

_MAX_PARAGRAPHS = 100_000


def read(path: Path) -> Document:
    """The paragraphs of a .docx file; page headers, footers and footnotes are parts of their own, not read."""
    import docx

    with readable(path, "a .docx document"):
        check_zip(path, "a .docx document")
        document = docx.Document(str(path))
        texts = list(islice(_Reader(document).texts(document.iter_inner_content()), _MAX_PARAGRAPHS + 1))
        title = fold(document.core_properties.title or "")
    if len(texts) > _MAX_PARAGRAPHS:
        raise StatestanceError(
            f"expected a .docx document of at most {_MAX_PARAGRAPHS:,} paragraphs; found more in {path}; split it"
        )
    lines = []
    for number, text in enumerate(texts, 1):
        place = f"paragraph {number}"
        lines += [*(Line(fold(part), place) for part in text.split("\n")), Line("", place)]
    return Document(str(path), path.stem, tuple(lines), title)


class _Reader:
    """The texts of one document; what its styles are is looked up once."""

    def __init__(self, document: Any) -> None:
        self._numbering = Numbering(document)
        self._headings: dict[str | None, bool] = {}

    def texts(self, content: Any) -> Iterator[str]:
        for item in content:
            if hasattr(item, "rows"):
                for row in item.rows:
                    yield from self._row(row)
            elif (text := item.text).strip():
                yield self._numbering.label(item) + self._marked(item, text)

    def _row(self, row: Any) -> Iterator[str]:
        # A merged cell comes once for every column it spans.
        cells = list({cell._tc: cell for cell in row.cells}.values())
        name = cells[0].text.strip() if len(cells) > 1 else ""
        if is_label(name):
            yield f"**{fold(name)}**"
            cells = cells[1:]
        for cell in cells:
            yield from self.texts(cell.iter_inner_content())

    def _marked(self, paragraph: Any, text: str) -> str:
        """The text of a paragraph, a heading after "# ", bold words that open it between "**"."""
        if self._is_heading(paragraph):
            return f"# {fold(text)}"
        head = ""
        for run in paragraph.runs:
            if run.text.strip() and not run.bold:
                break
            head += run.text
        if not head.strip() or not text.startswith(head):
            return text
        return bold_head(head, text[len(head) :])

    def _is_heading(self, paragraph: Any) -> bool:
        style = paragraph._p.style
        if style not in self._headings:
            name = (paragraph.style is not None and paragraph.style.name) or ""
            self._headings[style] = name.startswith(("Heading", "Title"))
        return self._headings[style]
