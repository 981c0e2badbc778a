"""What a report holds, whatever it is written as."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from statestance.bundle import Manifest
from statestance.domain import Intervention, Marks, Prediction
from statestance.report import wording
from statestance.stance import NO_STANCE, Stance
from statestance.tally import OTHER, REGIONAL, Joint, Position, Tally, positions, tally
from statestance.text import groups, states
from statestance.themes import Theme, ThemeTally, of_sentence, tally_themes, themes


@dataclass(frozen=True, slots=True)
class Facts:
    """How the predictions were made; what is empty or None was not recorded and is said to be so.

    ``model`` is its name and where it comes from, ``measured`` a sentence on its error; ``min_confidence`` and
    ``policy`` say when it abstains. ``date`` is that of the report (ISO 8601); ``sources`` has a line for every
    file read; ``limits`` are sentences.
    """

    model: str = ""
    data_digest: str = ""
    statestance: str = ""
    date: str = ""
    min_confidence: float | None = None
    policy: str = ""
    measured: str = ""
    sources: tuple[str, ...] = ()
    limits: tuple[str, ...] = wording.LIMITS

    @property
    def read(self) -> tuple[str, ...]:
        """What was read, and what a reader should know to find it in the text."""
        return (*self.sources, wording.NAMES) if self.sources else ()

    @classmethod
    def of(
        cls, manifest: Manifest, *, where: str = "", measured: str = "", date: str, sources: Sequence[str] = ()
    ) -> Facts:
        """The facts about a model that comes from ``where``; ``statestance`` is the version that made it."""
        return cls(
            model=f"{manifest.name} ({where})" if where else manifest.name,
            data_digest=manifest.data_digest,
            statestance=manifest.statestance,
            date=date,
            min_confidence=manifest.min_confidence,
            policy=manifest.policy,
            measured=measured,
            sources=tuple(sources),
        )


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an intervention: its 0-based ``number``, and the text that stands ``before`` it."""

    number: int
    before: str
    text: str
    praise: bool
    concern: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One intervention as it is shown. ``row`` is its 0-based number among the given predictions.

    ``state`` is the speaker's ISO3 code or its name as printed, ``name`` what a reader calls it; ``group`` its
    regional group. ``rest`` is the text behind the last sentence; ``by_hand`` whether the stance is somebody's.
    """

    row: int
    prediction: Prediction
    state: str
    name: str
    group: str
    sentences: tuple[Sentence, ...]
    rest: str
    themes: tuple[Theme, ...]
    by_hand: bool = False

    @property
    def stance(self) -> Stance | None:
        return self.prediction.stance

    @property
    def outcome(self) -> str:
        return str(self.stance or NO_STANCE)

    @property
    def asks(self) -> bool:
        """Whether it waits for a human: it has no stance, and nobody said that it has none."""
        return self.stance is None and self.prediction.abstain_reason != wording.BY_HAND

    @property
    def unsure(self) -> bool:
        """Whether it is counted though the model was unsure, and nobody read it yet."""
        return self.stance is not None and self.grade == wording.LOW

    @property
    def on_behalf_of(self) -> str:
        return self.prediction.intervention.on_behalf_of

    @property
    def certainty(self) -> str:
        """How sure the stance is, in words: "confidence 0.97, high"."""
        if self.by_hand:
            return "corrected by hand"
        return f"confidence {self.prediction.confidence:.2f}, {self.grade}"

    @property
    def grade(self) -> str:
        return "by hand" if self.by_hand else wording.certainty(self.prediction.confidence)


@dataclass(frozen=True, slots=True)
class Debate:
    """One debate of a report, with its own count."""

    name: str
    target: str
    tally: Tally
    entries: tuple[Entry, ...]
    positions: tuple[Position, ...] = ()

    @property
    def sentence(self) -> str:
        return wording.sentence(self.tally, self.target, *_by_hand(self.entries, self.positions))


@dataclass(frozen=True, slots=True)
class Report:
    """A report on one or more debates; ``tally`` and ``themes`` are over all of them.

    ``entries`` are the interventions in the given order, those with no stance too; ``positions`` the
    speakers, named by ``names`` in the same order.
    """

    title: str
    target: str
    debates: tuple[Debate, ...]
    tally: Tally
    themes: ThemeTally
    entries: tuple[Entry, ...]
    positions: tuple[Position, ...]
    names: tuple[str, ...]
    joint: Joint
    facts: Facts = field(default_factory=Facts)

    @property
    def sentence(self) -> str:
        """What a press officer could say."""
        return wording.sentence(self.tally, self.target, *_by_hand(self.entries, self.positions))

    @property
    def corrected(self) -> int:
        """How many interventions have the stance that somebody gave."""
        return sum(e.by_hand for e in self.entries)

    @property
    def decided(self) -> tuple[Entry, ...]:
        return tuple(e for e in self.entries if e.stance is not None)

    @property
    def abstained(self) -> tuple[Entry, ...]:
        return tuple(e for e in self.entries if e.stance is None)

    @property
    def asking(self) -> tuple[Entry, ...]:
        """Those with no stance that nobody has read."""
        return tuple(e for e in self.entries if e.asks)

    @property
    def unsure(self) -> tuple[Entry, ...]:
        """What is counted though the model was unsure, the least sure first."""
        return tuple(sorted((e for e in self.entries if e.unsure), key=lambda e: e.prediction.confidence))


def build(
    predictions: Iterable[Prediction],
    *,
    facts: Facts,
    title: str = "",
    joint: Joint = "one",
    by_hand: Collection[int] = (),
) -> Report:
    """Gather the report on predictions; turns that are no interventions are counted, and not shown.

    ``by_hand`` are the 0-based numbers of the predictions that somebody corrected.
    """
    rows = list(predictions)
    entries = tuple(
        _entry(number, p, number in by_hand) for number, p in enumerate(rows) if not p.intervention.left_out
    )
    found = positions(rows, joint)
    targets = _distinct(_target(p.intervention) for p in rows if not p.intervention.left_out)
    target = targets[0] if len(targets) == 1 else ""
    debates = _debates(rows, entries, found, joint)
    corrected = sum(e.by_hand for e in entries)
    return Report(
        title=title or wording.title(target, len(debates)),
        target=target,
        debates=debates,
        tally=tally(rows, joint),
        themes=tally_themes(rows),
        entries=entries,
        positions=found,
        names=tuple(name_of(p, rows[p.rows[0]].intervention) for p in found),
        joint=joint,
        facts=replace(facts, limits=wording.limits(facts.limits, corrected, len(entries))),
    )


def _by_hand(entries: Sequence[Entry], found: Iterable[Position]) -> tuple[int, int]:
    """How many interventions were corrected, and how many speakers have no stance by somebody's word alone."""
    settled = {e.row for e in entries if e.stance is None and not e.asks}
    return sum(e.by_hand for e in entries), sum(settled.issuperset(p.rows) for p in found)


def _debates(
    rows: Sequence[Prediction], entries: Sequence[Entry], places: Sequence[Position], joint: Joint
) -> tuple[Debate, ...]:
    by_debate: dict[str, list[Prediction]] = {}
    shown: dict[str, list[Entry]] = {}
    own: dict[str, list[Position]] = {}
    for p in rows:
        by_debate.setdefault(p.intervention.debate, []).append(p)
    for entry in entries:
        shown.setdefault(entry.prediction.intervention.debate, []).append(entry)
    for place in places:
        own.setdefault(place.debate, []).append(place)
    found = []
    for name, several in shown.items():
        targets = _distinct(_target(e.prediction.intervention) for e in several)
        target = targets[0] if len(targets) == 1 else ""
        found.append(Debate(name, target, tally(by_debate[name], joint), tuple(several), tuple(own[name])))
    return tuple(found)


def _distinct(names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name]


def _target(one: Intervention) -> str:
    """The State under review, by one name however it is printed."""
    code = states.iso3(one.target)
    return states.states()[code].name if code else one.target.strip()


def region(code: str) -> str:
    """The regional group of a State, by its ISO3 code."""
    return next((g.name for g in groups.of(code) if g.key in REGIONAL), OTHER)


def name_of(position: Position, first: Intervention) -> str:
    """What a reader calls a counted speaker, ``first`` being one of its interventions."""
    if position.key in states.states():
        return states.states()[position.key].name
    if position.is_group:
        known = groups.groups().get(position.key.partition(": ")[2])
        return known.name if known else first.on_behalf_of or first.speaker
    return first.speaker or wording.UNNAMED


def _entry(number: int, prediction: Prediction, by_hand: bool) -> Entry:
    one, marks = prediction.intervention, prediction.marks or Marks()
    known = states.states().get(one.speaker_iso3)
    sentences, at = [], 0
    for n, span in enumerate(one.sentences):
        before, text = one.text[at : span.start], one.text[span.start : span.end]
        sentences.append(Sentence(n, before, text, n in marks.praise, n in marks.concern))
        at = span.end
    keys = {key for s in sentences if s.praise or s.concern for key in of_sentence(s.text)}
    return Entry(
        row=number,
        prediction=prediction,
        state=one.speaker_iso3 or one.speaker,
        name=known.name if known else one.speaker or wording.UNNAMED,
        group=region(one.speaker_iso3),
        sentences=tuple(sentences),
        rest=one.text[at:],
        themes=tuple(t for t in themes() if t.key in keys),
        by_hand=by_hand,
    )
