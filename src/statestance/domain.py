"""The types that every other module speaks: interventions, their marks, and predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from statestance.stance import Stance, decide


class StatestanceError(Exception):
    """An error a user can mend: what was expected, what was found and where, the probable fix."""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range ``[start, end)`` of characters in an intervention's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a text was found: the file, and the place in it ("line 12", "paragraph 25", "page 3")."""

    file: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """0-based numbers of the sentences that praise, and of those that voice concern."""

    praise: tuple[int, ...] = ()
    concern: tuple[int, ...] = ()

    @property
    def stance(self) -> Stance | None:
        return decide(bool(self.praise), bool(self.concern))


@dataclass(frozen=True, slots=True)
class Intervention:
    """What one State, or one group of States, says about the State under review in one turn.

    ``sentences`` are spans of ``text``, in order and disjoint. ``speaker`` is as printed;
    ``speaker_iso3`` is its ISO 3166-1 alpha-3 code, or "" where there is none. ``left_out`` is
    empty for an intervention; for a turn that is not one it holds the reason.
    """

    id: str
    text: str
    debate: str = ""
    target: str = ""
    speaker: str = ""
    speaker_iso3: str = ""
    on_behalf_of: str = ""
    sentences: tuple[Span, ...] = ()
    origin: Origin | None = None
    left_out: str = ""

    def __post_init__(self) -> None:
        ends = [(0, 0), *((s.start, s.end) for s in self.sentences), (len(self.text),) * 2]
        if any(a[1] > b[0] or b[0] > b[1] for a, b in pairwise(ends)):
            raise ValueError(f"sentences of {self.id!r} overlap or leave its text: {self.sentences}")

    @property
    def sentence_texts(self) -> tuple[str, ...]:
        return tuple(self.text[s.start : s.end] for s in self.sentences)


@dataclass(frozen=True, slots=True)
class Prediction:
    """The stance of one intervention, as served.

    ``probabilities`` follow ``stance.OUTCOMES`` and sum to 1. ``marks`` is None for a model that
    does not read sentences; else ``decide`` over them gives the likeliest outcome, also where the stance is
    withheld for low confidence. ``stance`` is None exactly where ``abstain_reason`` is not empty.
    """

    intervention: Intervention
    stance: Stance | None
    confidence: float
    probabilities: tuple[float, float, float, float]
    marks: Marks | None = None
    abstain_reason: str = ""
    prediction_set: tuple[str, ...] = field(default=())

    @property
    def abstained(self) -> bool:
        return self.stance is None


def join_sentences(sentences: Sequence[str]) -> tuple[str, tuple[Span, ...]]:
    """Join sentences by one space; return the text and the span of each sentence in it."""
    spans, at = [], 0
    for sentence in sentences:
        spans.append(Span(at, at + len(sentence)))
        at += len(sentence) + 1
    return " ".join(sentences), tuple(spans)
