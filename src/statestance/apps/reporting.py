"""Predictions as a report that people can read, print and hand on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from statestance.domain import Prediction, StatestanceError

if TYPE_CHECKING:
    from statestance.bundle import Manifest
    from statestance.tally import Joint


def check_ending(path: Path) -> Path:
    """Return the path of a report that ``write`` can write; raise ``StatestanceError`` for any other."""
    if path.suffix != ".html":
        raise StatestanceError(f"expected a report ending in .html; found {path}; name it, say, {path.stem}.html")
    if not path.parent.is_dir():
        raise StatestanceError(f"expected a folder for {path}; found no {path.parent}; create it first")
    return path


def write(
    path: Path,
    predictions: Iterable[Prediction],
    *,
    manifest: Manifest | None = None,
    sources: Sequence[str] = (),
    joint: Joint = "one",
) -> None:
    """Write one self-contained HTML file; without a manifest it says that the model was not recorded."""
    from statestance.predict.table import replacing
    from statestance.report import Facts, build, html

    date = datetime.now(UTC).date().isoformat()
    facts = Facts.of(manifest, date=date, sources=sources) if manifest else Facts(date=date, sources=tuple(sources))
    text = html.render(build(predictions, facts=facts, joint=joint))
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")
