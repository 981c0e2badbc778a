"""Which layout a document has."""

from __future__ import annotations

from statestance.domain import StatestanceError
from statestance.transcripts.document import Document
from statestance.transcripts.layouts import BY_NAME, LAYOUTS, Layout


def check_name(layout: str) -> None:
    """Raise unless ``layout`` is one of ``LAYOUTS``."""
    if layout not in LAYOUTS:
        raise StatestanceError(
            f"expected a layout among {', '.join(LAYOUTS)}; found {layout!r}; name one of these with --layout"
        )


def layout_of(document: Document) -> Layout:
    """The likeliest layout of a document; raises where none fits."""
    scores: dict[str, float] = {}
    for name, layout in BY_NAME.items():
        scores[name] = layout.recognise(document)
        if scores[name] == 1.0:
            break
    best = max(scores, key=lambda name: scores[name])
    if scores[best] < 0.3:
        raise StatestanceError(
            f"expected a transcript in a known layout ({', '.join(LAYOUTS[1:])}); found none of them in "
            f"{document.file}; "
            "name its layout with --layout, or put one intervention a line as `State: text`"
        )
    return BY_NAME[best]
