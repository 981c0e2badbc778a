"""What the layouts of continuous records share: turns that run from one speaker's name to the next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from statestance.transcripts.attribution import Who
from statestance.transcripts.debate import LeftOut, Turn
from statestance.transcripts.document import Line

Head = tuple[Who, str]
"""A speaker, and the words that follow the name on its line."""

_STAGE = re.compile(
    r"(?:[\[(<]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?[\])>]?\s*)?"
    r"(?:The meeting (?:was|rose|resumed|is)|The (?:public part of the )?meeting (?:was )?(?:called|rose|"
    r"suspended|resumed|adjourned)|"
    r"It was so decided|There being no objection|A (?:recorded )?vote was taken|In favour:|Against:|"
    r"Abstaining:|Abstentions:|"
    r"The (?:draft resolution|draft decision|amendment|agenda|motion)(?: [A-Z]/[\w./]+)? was (?:adopted|"
    r"rejected|put to the vote)|"
    r"Draft (?:resolution|decision) [A-Z]/[\w./]+ was|Agenda item \d|Programme of work|Organization of work|"
    r"La séance est|Se (?:abre|levanta) la sesión|"
    r"\[?(?:applause|interruption|pause|silence|video|music|inaudible)[^\]]{0,40}\]?$|\((?:applause|"
    r"interruption|pause)\)$)",
    re.I,
)


def is_stage(text: str) -> bool:
    """Whether a line tells of the meeting rather than gives somebody's words."""
    return len(text) < 300 and _STAGE.match(text.strip()) is not None


@dataclass(slots=True)
class _Open:
    """The turn that is being gathered."""

    who: Who = field(default_factory=lambda: Who(left_out=LeftOut.FRONT))
    place: str = ""
    number: str = ""
    parts: list[str] = field(default_factory=list)

    def close(self) -> Iterator[Turn]:
        text = "\n".join(self.parts)
        who = self.who
        if text.strip() or who.speaker:
            yield Turn(text, self.place, who.speaker, who.iso3, who.on_behalf_of, who.left_out, self.number)


def gather(lines: Iterable[Line], head: Callable[[Line], Head | None]) -> Iterator[Turn]:
    """The turns of a record; what stands before the first, and stage directions, are turns left out."""
    current = _Open()
    for line in lines:
        found = head(line)
        if found is not None:
            yield from current.close()
            current = _Open(found[0], line.place, parts=[found[1]])
        elif is_stage(line.text):
            yield from current.close()
            yield Turn(line.text, line.place, left_out=LeftOut.PROCEDURE)
            current = _Open(Who(left_out=LeftOut.UNATTRIBUTED), line.place)
        else:
            if not current.parts:
                if not line.text.strip():
                    continue
                current.place = line.place
            current.parts.append(line.text)
    yield from current.close()
