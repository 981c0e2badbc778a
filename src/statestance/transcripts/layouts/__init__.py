"""Layouts: how the turns of a transcript are told from one another, one module a layout."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from statestance.transcripts.attribution import Context
from statestance.transcripts.debate import Turn
from statestance.transcripts.document import Document
from statestance.transcripts.layouts import press, script, subtitles, summary, upr, verbatim


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout: ``recognise`` scores a document 0 to 1, ``turns`` reads it."""

    name: str
    recognise: Callable[[Document], float]
    turns: Callable[[Document, Context], Iterator[Turn]]


BY_NAME = {
    layout.name: layout
    for layout in (
        Layout("upr", upr.recognise, upr.turns),
        Layout("verbatim", verbatim.recognise, verbatim.turns),
        Layout("summary", summary.recognise, summary.turns),
        Layout("press", press.recognise, press.turns),
        Layout("script", script.recognise, script.turns),
        Layout("subtitles", subtitles.recognise, subtitles.turns),
    )
}
LAYOUTS: tuple[str, ...] = ("auto", *BY_NAME, "table")
"""What ``--layout`` may name."""
