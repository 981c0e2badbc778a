"""Tables to debates: blocks of rows, each row one intervention."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from statestance.domain import Intervention, Origin, Span, StatestanceError, join_sentences
from statestance.text import sentences, states
from statestance.transcripts.attribution import Context, Who, is_target, of_name
from statestance.transcripts.debate import Debate, LeftOut
from statestance.transcripts.document import fold
from statestance.transcripts.readers import tables
from statestance.transcripts.readers.tables import Meter, Record, Rejected
from statestance.transcripts.target import given_context

BLOCK = 2000
"""Rows of a streamed table in one ``Debate``."""


def blocks(
    path: Path,
    target: str = "",
    size: int = BLOCK,
    *,
    skip: int = 0,
    tolerant: bool = False,
    meter: Meter | None = None,
) -> Iterator[Debate]:
    """The rows of a table in debates of at most ``size`` records each, from the block number ``skip`` on.

    A bad row is an error, or with ``tolerant`` is one of ``Debate.rejected``.
    """
    context, number = given_context(target), skip * size
    records = tables.records(path, number, meter)
    while block := list(islice(records, size)):
        found = [_turn(path, n, record, context) for n, record in enumerate(block, number + 1)]
        rejected = tuple(one for one in found if isinstance(one, Rejected))
        if rejected and not tolerant:
            raise StatestanceError(rejected[0].reason)
        turns = tuple(one for one in found if isinstance(one, Intervention))
        number += len(block)
        shared = context.target or _only({t.target for t in turns})
        yield Debate(path.stem, shared, context.target_iso3 or states.iso3(shared), "table", str(path), turns, rejected)
    if not number:
        raise StatestanceError(
            f"expected interventions in the table {path}; found no rows; add rows under the column names"
        )


def _only(values: set[str]) -> str:
    return next(iter(values)) if len(values) == 1 else ""


def _turn(path: Path, number: int, record: Record, context: Context) -> Intervention | Rejected:
    if isinstance(record, Rejected):
        return record
    place, row = record
    try:
        return _intervention(path, number, place, row, context)
    except StatestanceError as error:
        return Rejected(place, str(error), row)


def _intervention(path: Path, number: int, place: str, row: dict[str, Any], context: Context) -> Intervention:
    cells = {
        n: _cell(path, place, n, row[n])
        for n in ("id", "debate", "target", "speaker", "speaker_iso3", "on_behalf_of")
        if n in row
    }
    text, spans = _text(path, place, row)
    under_review = context if context.target else given_context(cells.get("target", ""))
    speaker = cells.get("speaker", "")
    iso3 = cells.get("speaker_iso3", "") or states.iso3(speaker)
    who = Who(speaker, iso3) if states.iso3(speaker) or not speaker else _printed(speaker, under_review)
    if iso3:
        who = replace(who, iso3=iso3, left_out="")
    left_out = str(LeftOut.EMPTY if not text else who.left_out)
    if text and is_target(speaker, who.iso3, under_review):
        left_out = LeftOut.DELEGATION
    return Intervention(
        id=cells.get("id", "") or f"{path.stem}-{number}",
        text=text,
        debate=cells.get("debate", "") or path.stem,
        target=under_review.target,
        speaker=speaker,
        speaker_iso3=who.iso3,
        on_behalf_of=cells.get("on_behalf_of", "") or who.on_behalf_of,
        sentences=spans,
        origin=Origin(str(path), place),
        left_out=str(left_out),
    )


@lru_cache(maxsize=4096)
def _printed(speaker: str, context: Context) -> Who:
    """Who a name is that is no State's alone: "Ms. N. (Norway)", "Sweden (on behalf of …)", "The Chair", an NGO."""
    return of_name(speaker[:400], context) or Who(speaker)


def _cell(path: Path, place: str, name: str, value: object) -> str:
    if isinstance(value, str):
        return _whole(path, place, name, value.strip())
    if isinstance(value, int | float) and math.isfinite(value):
        return str(int(value)) if value == int(value) else str(value)
    raise StatestanceError(f"expected text in {path}, {place}, field {name}; found {value!r:.80}; write text there")


def _whole(path: Path, place: str, name: str, value: str) -> str:
    """The text, if it is one: JSON can hold half a character, which no file can."""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise StatestanceError(
                f"expected text that UTF-8 can hold in {path}, {place}, field {name}; "
                f"found {value[error.start : error.end]!r}; mend that character"
            ) from error
    return value


def _text(path: Path, place: str, row: dict[str, Any]) -> tuple[str, tuple[Span, ...]]:
    """The text of a row and its sentences: the row's own ones, else split."""
    own = row.get("sentences")
    if isinstance(own, str) and own.lstrip().startswith("["):
        try:
            own = json.loads(own)
        except (ValueError, RecursionError):
            own = None
    if own is not None:
        if not isinstance(own, list) or not all(isinstance(s, str) for s in own):
            raise StatestanceError(
                f"expected a list of texts in {path}, {place}, field sentences; found {own!r:.80}; write a JSON list"
            )
        folded = [s for s in (fold(_whole(path, place, "sentences", s)) for s in own) if s]
        if folded:
            return join_sentences(folded)
    value = row.get("text", "")
    if not isinstance(value, str):
        raise StatestanceError(f"expected text in {path}, {place}, field text; found {value!r:.80}; write text there")
    text = fold(_whole(path, place, "text", value).replace("\x00", " "))
    return text, sentences.split(text)
