"""Writers of the files that the tests read back: PDF pages, Word documents, broken archives."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

Placed = tuple[float, float, str, float, bool]
"""x and y from the top left in points, text, size, bold."""


def pdf(path: Path, pages: Sequence[Sequence[Placed]]) -> Path:
    page = canvas.Canvas(str(path), pagesize=A4)
    for placed in pages:
        for x, y, text, size, bold in placed:
            page.setFont("Helvetica-Bold" if bold else "Helvetica", size)
            page.drawString(x, A4[1] - y, text)
        page.showPage()
    page.save()
    return path


def column(
    lines: Sequence[str], *, x: float = 72, top: float = 100, leading: float = 13, size: float = 10
) -> list[Placed]:
    """Lines under one another; an empty line leaves a gap; "**" around a beginning makes it bold."""
    placed: list[Placed] = []
    y = top
    for line in lines:
        if line.startswith("**"):
            bold, _, rest = line[2:].partition("**")
            placed.append((x, y, bold, size, True))
            if rest:
                placed.append((x + len(bold) * size * 0.62, y, rest.strip(), size, False))
        elif line:
            placed.append((x, y, line, size, False))
        y += leading
    return placed


def docx(path: Path, paragraphs: Sequence[str]) -> Path:
    """A Word document; "# " makes a heading, "**" around a beginning makes it bold."""
    import docx as word

    document = word.Document()
    for text in paragraphs:
        if text.startswith("# "):
            document.add_heading(text[2:], level=1)
            continue
        paragraph = document.add_paragraph()
        if text.startswith("**"):
            bold, _, text = text[2:].partition("**")
            paragraph.add_run(bold).bold = True
        paragraph.add_run(text)
    document.save(str(path))
    return path


def zip_bomb(path: Path, inner: str, megabytes: int) -> Path:
    """An archive that unpacks to a great many blanks."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(inner, "w", force_zip64=True) as entry:
            for _ in range(megabytes):
                entry.write(b" " * 1_048_576)
    return path


def pictures(path: Path, pages: Sequence[Sequence[Placed] | None]) -> Path:
    """A PDF whose pages are text, or (None) a picture as a scanner makes it."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    page = canvas.Canvas(str(path), pagesize=A4)
    for placed in pages:
        if placed is None:
            page.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, *A4)
        for x, y, text, size, bold in placed or ():
            page.setFont("Helvetica-Bold" if bold else "Helvetica", size)
            page.drawString(x, A4[1] - y, text)
        page.showPage()
    page.save()
    return path


def typeset(path: Path, paragraphs: Sequence[str], *, columns: int = 1) -> Path:
    """A PDF of justified paragraphs with running headers, page numbers and a footnote on every page."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

    style = ParagraphStyle("body", fontName="Times-Roman", fontSize=10, leading=12, alignment=4, spaceAfter=6)

    def furniture(page: canvas.Canvas, document: BaseDocTemplate) -> None:
        page.setFont("Times-Bold", 9)
        page.drawString(60, A4[1] - 40, "A/HRC/99/3")
        page.setFont("Times-Roman", 8)
        page.drawString(60, 30, str(document.page))
        page.drawRightString(530, 30, "GE.31-10008")
        page.setFont("Times-Roman", 7)
        page.drawString(60, 60, f"{document.page} See the extranet of the Working Group.")

    width = (A4[0] - 120 - (columns - 1) * 20) / columns
    frames = [
        Frame(60 + n * (width + 20), 80, width, A4[1] - 140, leftPadding=0, rightPadding=0) for n in range(columns)
    ]
    document = BaseDocTemplate(str(path), pagesize=A4)
    document.addPageTemplates([PageTemplate(frames=frames, onPage=furniture)])
    document.build([Paragraph(text.replace("&", "&amp;").replace("<", "&lt;"), style) for text in paragraphs])
    return path
