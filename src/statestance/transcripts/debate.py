"""A debate that was read: its turns, and why some of them are not interventions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from statestance.domain import Intervention, Origin
from statestance.text import sentences
from statestance.transcripts.document import fold
from statestance.transcripts.readers.tables import Rejected


class LeftOut(StrEnum):
    """Why a turn is not an intervention."""

    CHAIR = "chair"
    DELEGATION = "delegation of the State under review"
    NGO = "NGO"
    UN_BODY = "UN body"
    EXPERT = "expert"
    INSTITUTION = "national human rights institution"
    PROCEDURE = "procedure"
    FRONT = "front matter"
    RECOMMENDATIONS = "recommendation list"
    ANNEX = "annex"
    UNATTRIBUTED = "unattributed"
    FOOTNOTE = "footnote"
    UNREADABLE = "page without text"
    EMPTY = "no text"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn as a layout finds it. ``number`` names it inside its debate; "" asks for its rank."""

    text: str
    place: str
    speaker: str = ""
    speaker_iso3: str = ""
    on_behalf_of: str = ""
    left_out: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Debate:
    """A transcript, read: its turns in order, the layout it was read in, the State under review.

    ``rejected`` are the rows of a table that could not be read, where the reader was told to go on.
    """

    name: str
    target: str
    target_iso3: str
    layout: str
    file: str
    turns: tuple[Intervention, ...]
    rejected: tuple[Rejected, ...] = ()

    @property
    def interventions(self) -> tuple[Intervention, ...]:
        return tuple(t for t in self.turns if not t.left_out)

    @property
    def left_out(self) -> Counter[str]:
        return Counter(t.left_out for t in self.turns if t.left_out)


def build(turns: Iterable[Turn], *, name: str, target: str, target_iso3: str, layout: str, file: str) -> Debate:
    """Give every turn its id, its folded text and its sentences."""
    turns = list(turns)
    own = {turn.number for turn in turns}
    made, used = [], set[str]()
    for rank, turn in enumerate(turns, 1):
        number = turn.number or str(rank)
        while number in used or (not turn.number and number in own):
            number += "x"
        used.add(number)
        text = fold(turn.text)
        made.append(
            Intervention(
                id=f"{name}-{number}",
                text=text,
                debate=name,
                target=target,
                speaker=turn.speaker,
                speaker_iso3=turn.speaker_iso3,
                on_behalf_of=turn.on_behalf_of,
                sentences=sentences.split(text),
                origin=Origin(file, turn.place),
                left_out=str(turn.left_out or ("" if text else LeftOut.EMPTY)),
            )
        )
    return Debate(name, target, target_iso3, layout, file, tuple(made))
