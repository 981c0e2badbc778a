"""The reports of the Universal Periodic Review and their labels, joined: every paragraph by its checksum.

The text stays where it was published; a label says which paragraph of which report it means. The paragraph
is the run of lines from its number whose folded text has the label's checksum, so that nothing here decides
where a paragraph ends: page furniture, footnotes and lost numbers make that a matter of opinion.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from statestance.curation.stand_off import StandOff, labelled_row
from statestance.domain import StatestanceError
from statestance.transcripts.document import fold, plain
from statestance.transcripts.furniture import without_footnotes, without_furniture
from statestance.transcripts.readers.plain import read as read_text

FORUM = "Universal Periodic Review, Working Group report"
_NUMBER = re.compile(r"\s*(?P<number>\d{1,3})\s?\.(?!\d)\s*")
_LONGEST = 60
"""Lines of a paragraph, blank ones counted; the longest one labelled has 14."""


class Cause(StrEnum):
    """Why a labelled paragraph cannot be used."""

    NO_REPORT = "the report is not in the folder"
    UNREADABLE = "the report cannot be read"
    NO_PARAGRAPH = "the report has no paragraph of this number"
    OTHER_TEXT = "no text under this number has the checksum of the labelled one: another edition of the report"


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A label without its text; ``detail`` is the error of a report that cannot be read."""

    label: StandOff
    cause: Cause
    detail: str = ""

    def __str__(self) -> str:
        place = f"{self.label.report}.txt, paragraph {self.label.paragraph}"
        return f"{place}: {self.cause}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True, slots=True)
class Joined:
    """Rows for a labelled file in the order of the labels, and the labels that found no text."""

    rows: tuple[dict[str, Any], ...]
    unmatched: tuple[Unmatched, ...]


def join(labels: Sequence[StandOff], reports: Path, source: str = "upr") -> Joined:
    """Find the text of every label in a folder of ``<report>.txt``, by checksum; ``source`` goes into every row.

    Raises ``StatestanceError`` where the folder is missing or no label finds its text.
    """
    if not reports.is_dir():
        raise StatestanceError(
            f"expected the reports in a folder {reports}; found none; run `dvc pull data/upr/reports.dvc` "
            "(it needs a network), or name a local copy with --from"
        )
    by_report: dict[str, list[StandOff]] = defaultdict(list)
    for label in labels:
        by_report[label.report].append(label)
    texts: dict[str, str] = {}
    causes: dict[str, Unmatched] = {}
    for report, members in by_report.items():
        for label, found in _in_report(reports / f"{report}.txt", members):
            if isinstance(found, str):
                texts[label.id] = found
            else:
                causes[label.id] = found
    if not texts:
        example = f"; the first: {next(iter(causes.values()))}" if causes else ""
        raise StatestanceError(
            f"expected reports that the {len(labels)} labels are of in {reports}; found the text of none{example}; "
            "check the folder"
        )
    rows = tuple(
        labelled_row(label, texts[label.id], source, forum=FORUM, register="summary")
        for label in labels
        if label.id in texts
    )
    return Joined(rows, tuple(causes[label.id] for label in labels if label.id in causes))


def _in_report(path: Path, labels: Iterable[StandOff]) -> Iterator[tuple[StandOff, str | Unmatched]]:
    """Each label of a report with its text, or with why there is none."""
    if not path.is_file():
        yield from ((label, Unmatched(label, Cause.NO_REPORT)) for label in labels)
        return
    try:
        lines = [plain(line) for line in read_text(path).lines]
    except StatestanceError as error:
        yield from ((label, Unmatched(label, Cause.UNREADABLE, str(error))) for label in labels)
        return
    # What looks like a footnote may be text; then the checksum is of the lines that keep it.
    readings = [
        [line.text for line in without_furniture(list(without_footnotes(lines, _NUMBER)))],
        [line.text for line in without_furniture(lines)],
    ]
    for label in labels:
        runs = [run for reading in readings for run in _runs(reading, label.paragraph)]
        text = next((text for run in runs for text in run if _digest(text) == label.sha256), None)
        if text is not None:
            yield label, text
        else:
            yield label, Unmatched(label, Cause.OTHER_TEXT if runs else Cause.NO_PARAGRAPH)


def _runs(lines: Sequence[str], number: int) -> Iterator[Iterator[str]]:
    """For each line that opens a paragraph of that number: the folded texts from there on, each a line longer."""
    for at, line in enumerate(lines):
        opened = _NUMBER.match(line)
        if opened and int(opened["number"]) == number:
            yield _growing(line[opened.end() :], lines[at + 1 : at + _LONGEST])


def _growing(first: str, following: Sequence[str]) -> Iterator[str]:
    text = fold(first)
    yield text
    for line in following:
        if line.strip():
            text = fold(f"{text} {line}")
            yield text


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
