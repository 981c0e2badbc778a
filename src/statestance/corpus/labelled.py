"""The labelled intervention, and how it is written down."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statestance.domain import Intervention, Marks
from statestance.stance import NO_STANCE, OUTCOMES, Stance


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled intervention. ``marks`` is None where only a stance was given."""

    intervention: Intervention
    stance: Stance | None
    marks: Marks | None = None
    register: str = ""
    forum: str = ""
    source: str = ""
    split: str = ""

    @property
    def outcome(self) -> int:
        """The number of the label in ``stance.OUTCOMES``."""
        return OUTCOMES.index(self.stance or NO_STANCE)


def as_row(row: Labelled) -> dict[str, Any]:
    """The row as it is written in a labelled file."""
    one, sentences = row.intervention, list(row.intervention.sentence_texts)
    fields: dict[str, Any] = {
        "id": one.id,
        "debate": one.debate,
        "forum": row.forum,
        "register": row.register,
        "target": one.target,
        "speaker": one.speaker,
        "speaker_iso3": one.speaker_iso3,
        "on_behalf_of": one.on_behalf_of or None,
    }
    if one.text != " ".join(sentences):
        fields["text"] = one.text
    if sentences:
        fields["sentences"] = sentences
    if row.marks is not None:
        fields |= {"praise": list(row.marks.praise), "concern": list(row.marks.concern)}
    return fields | {"stance": str(row.stance or NO_STANCE), "source": row.source, "split": row.split}


def write_jsonl(path: Path, rows: Iterable[Labelled]) -> None:
    """Write labelled rows as JSONL that ``load`` reads back unchanged."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for row in rows:
            out.write(json.dumps(as_row(row), ensure_ascii=False) + "\n")
