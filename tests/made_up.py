"""Predictions on invented States, for the tests of reports."""

from __future__ import annotations

from dataclasses import replace

from statestance.domain import Intervention, Marks, Prediction, join_sentences
from statestance.stance import Stance
from statestance.text import states

PRAISE = "It welcomed the new schools."
CONCERN = "It regretted the arrest of journalists."
PLAIN = "It asked about the timetable."
_PLACE = {Stance.SUPPORTIVE: 0, Stance.MIXED: 1, Stance.CRITICAL: 2, None: 3}
_SENTENCES = {
    "supportive": ([PRAISE, PLAIN], Marks((0,))),
    "mixed": ([PRAISE, CONCERN, PLAIN], Marks((0,), (1,))),
    "critical": ([PLAIN, CONCERN], Marks((), (1,))),
    "none": ([PLAIN], Marks()),
}


def one(
    speaker: str, outcome: str, *, debate: str = "d1", target: str = "Vellmora", for_: str = "", sure: float = 0.94,
    texts: list[str] | None = None, reason: str = "no_stance",
) -> Prediction:  # fmt: skip
    """A prediction; ``sure`` is its confidence, ``texts`` other sentences than the usual ones."""
    sentences, marks = _SENTENCES[outcome]
    text, spans = join_sentences(texts or sentences)
    stance = marks.stance
    chances = [(1 - sure) / 3] * 4
    chances[_PLACE[stance]] = sure
    said = Intervention(
        f"{debate}-{speaker}", text, debate=debate, target=target, speaker=speaker, on_behalf_of=for_,
        speaker_iso3=states.iso3(speaker), sentences=spans,
    )  # fmt: skip
    probabilities = (chances[0], chances[1], chances[2], chances[3])
    return Prediction(said, stance, sure, probabilities, marks, "" if stance else reason)


def unsure(speaker: str, leaning: str, *, debate: str = "d1", sure: float = 0.5) -> Prediction:
    """An intervention from which the model abstained, though it leans to a stance."""
    return replace(one(speaker, leaning, debate=debate, sure=sure), stance=None, abstain_reason="low_confidence")
