"""The count of a debate: how many States and interventions took each stance, and how sure that is."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from statestance.domain import Intervention, Prediction, StatestanceError
from statestance.stance import NO_STANCE, Stance, decide
from statestance.text import groups, states
from statestance.text.names import fold

Joint = Literal["one", "members"]
LEVEL = 0.9
REGIONAL = ("african", "asia-pacific", "eastern-european", "grulac", "weog")
"""The regional groups of the United Nations: every member State is in exactly one."""
OTHER = "in no regional group"
_LONG = 512


@dataclass(frozen=True, slots=True)
class Count:
    """How many took one stance.

    ``counted`` adds up the decided stances. ``expected``, ``low`` and ``high`` are the mean and the
    central 90 % interval of the count that the calibrated probabilities imply (Poisson-binomial),
    abstentions among them. The interval holds the model's doubt about each text, taken as independent
    between texts; it knows nothing of a model that is wrong throughout.
    """

    counted: int
    expected: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Tally:
    """The count of one or more debates, once by State and once by intervention.

    By State, what a State said in one debate counts once, under the one rule: any praise, any concern.
    ``states`` includes the ``joint`` speakers, groups whose statement counts as that of one speaker.
    ``undecided`` are States none of whose interventions got a stance. ``abstained`` and ``left_out``
    are interventions and other turns by reason. ``by_group`` holds counts by State for each UN regional
    group that spoke: keys "supportive", "mixed", "critical", "none".
    """

    debates: int
    states: int
    joint: int
    interventions: int
    by_state: dict[Stance, Count]
    by_intervention: dict[Stance, Count]
    undecided: int
    abstained: dict[str, int]
    left_out: dict[str, int]
    by_group: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Position:
    """Where one speaker stands in one debate: its interventions as one, under the one rule.

    ``key`` is the State's ISO3 code, the folded name of a speaker without one, or "group: " and a group's key;
    ``rows`` are the 0-based numbers of its interventions among the predictions. ``probabilities`` are those
    of the three stances; what they lack of 1 is that of none.
    """

    debate: str
    key: str
    rows: tuple[int, ...]
    stance: Stance | None
    probabilities: tuple[float, float, float]

    @property
    def is_group(self) -> bool:
        return self.key.startswith(_GROUP)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed count by State beside ours; ``inside``: it lies in the 90 % interval."""

    stance: Stance
    claimed: int
    count: Count

    @property
    def inside(self) -> bool:
        return self.count.low <= self.claimed <= self.count.high


@dataclass(frozen=True, slots=True)
class _Unit:
    """One stance to count. States heard through the very same statements are one event of that ``weight``."""

    stance: Stance | None
    probabilities: tuple[float, float, float]
    weight: int = 1


def poisson_binomial(probabilities: Sequence[float], weights: Sequence[int] | None = None) -> npt.NDArray[np.float64]:
    """P(count = k), k = 0 to n, where independent event i adds weight i (1 unless given) to the count.

    Exact by convolution (of long parts through FFT: absolute error about 1e-15); float64 of shape (n + 1,).
    """
    masses = []
    for p, weight in zip(probabilities, weights or [1] * len(probabilities), strict=True):
        mass = np.zeros(weight + 1)
        mass[0], mass[-1] = 1.0 - p, p
        masses.append(mass)
    while len(masses) > 1:  # neighbours first, so that long convolutions are few
        odd = [masses.pop()] if len(masses) % 2 else []
        masses = [_convolve(a, b) for a, b in zip(masses[::2], masses[1::2], strict=True)] + odd
    return masses[0] if masses else np.ones(1)


def _convolve(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    if min(len(a), len(b)) < _LONG:
        return np.convolve(a, b)
    size = len(a) + len(b) - 1
    product: npt.NDArray[np.float64] = np.fft.irfft(np.fft.rfft(a, size) * np.fft.rfft(b, size), size)
    return np.maximum(product, 0.0)


def interval(mass: npt.NDArray[np.float64], level: float = LEVEL) -> tuple[int, int]:
    """The central interval of a count with P(k) = ``mass[k]``: at most (1 - level) / 2 beyond each end."""
    below, tail = np.cumsum(mass), (1.0 - level) / 2
    # The slack keeps rounding in the sum from tipping over an exact tie.
    low, high = np.searchsorted(below, (tail + 1e-12, 1.0 - tail - 1e-12))
    return int(low), int(min(high, len(mass) - 1))


def tally(predictions: Iterable[Prediction], joint: Joint = "one") -> Tally:
    """Add up predictions.

    A joint statement (one with ``on_behalf_of``, or whose speaker is a group) counts for one speaker,
    the group ("one"), or for every State of the group, its speaker among them ("members"); a group whose
    members are unknown stays one speaker.
    """
    spoken: list[Prediction] = []
    left_out: Counter[str] = Counter()
    for p in predictions:
        if p.intervention.left_out:
            left_out[p.intervention.left_out] += 1
        else:
            spoken.append(p)
    heard = _heard(spoken, joint)
    stances = {key: _combined([spoken[n] for n in numbers]) for key, numbers in heard.items()}
    alike = Counter((debate, tuple(numbers)) for (debate, _), numbers in heard.items())
    events = [_combined([spoken[n] for n in numbers], weight) for (_, numbers), weight in alike.items()]
    return Tally(
        debates=len({p.intervention.debate for p in spoken}),
        states=len(heard),
        joint=sum(speaker.startswith(_GROUP) for _, speaker in heard),
        interventions=len(spoken),
        by_state=_counts(events),
        by_intervention=_counts([_combined([p]) for p in spoken]),
        undecided=sum(unit.stance is None for unit in stances.values()),
        abstained=dict(Counter(p.abstain_reason for p in spoken if p.abstained).most_common()),
        left_out=dict(left_out.most_common()),
        by_group=_by_group((speaker, unit.stance) for (_, speaker), unit in stances.items()),
    )


def positions(predictions: Sequence[Prediction], joint: Joint = "one") -> tuple[Position, ...]:
    """Return the stance of every speaker in every debate, in the order in which they first spoke."""
    found = []
    for (debate, key), rows in _heard(predictions, joint).items():
        unit = _combined([predictions[n] for n in rows])
        found.append(Position(debate, key, tuple(rows), unit.stance, unit.probabilities))
    return tuple(found)


_GROUP = "group: "


def _heard(predictions: Sequence[Prediction], joint: Joint) -> dict[tuple[str, str], list[int]]:
    """The numbers of the interventions of every (debate, speaker)."""
    heard: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, p in enumerate(predictions):
        if not p.intervention.left_out:
            for speaker in _speakers(p.intervention, joint):
                heard[p.intervention.debate, speaker].append(number)
    return heard


def _speakers(one: Intervention, joint: Joint) -> Collection[str]:
    """Who is counted for an intervention: ISO3 codes where known, else folded names."""
    own = one.speaker_iso3 or fold(one.speaker) or f"unnamed: {one.id}"
    name = one.on_behalf_of or ("" if one.speaker_iso3 or groups.group(one.speaker) is None else one.speaker)
    if not name:
        return [own]
    known = groups.group(name)
    members = known.members if known else frozenset(m.iso3 for m in states.mentions(name))
    if joint == "one" or not members:
        return [_GROUP + (known.key if known else fold(name))]
    speaker = {one.speaker_iso3} if one.speaker_iso3 else set()
    # No State is counted as a speaker about itself.
    return sorted((members | speaker) - {states.iso3(one.target)}) or [own]


def _combined(several: Sequence[Prediction], weight: int = 1) -> _Unit:
    """One State's interventions as one: any praise, any concern; what was abstained from adds nothing."""
    stances = {p.stance for p in several}
    praise = bool(stances & {Stance.SUPPORTIVE, Stance.MIXED})
    concern = bool(stances & {Stance.CRITICAL, Stance.MIXED})
    stance = decide(praise, concern)
    if len(several) == 1:
        return _Unit(stance, several[0].probabilities[:3], weight)
    first, second, third = (float(s) for s in combined(np.array([p.probabilities for p in several], dtype=float)))
    return _Unit(stance, (first, second, third), weight)


def combined(probabilities: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Probabilities (..., 3) of the stances of texts taken as one, from those of all outcomes of each (..., n, 4)."""
    supportive, _, critical, none = np.moveaxis(probabilities, -1, 0)
    no_concern, no_praise = (supportive + none).prod(axis=-1), (critical + none).prod(axis=-1)
    neither = none.prod(axis=-1)
    shares = (no_concern - neither, 1.0 - no_concern - no_praise + neither, no_praise - neither)
    found: npt.NDArray[np.float64] = np.clip(np.stack(shares, axis=-1), 0.0, 1.0)
    return found


def _counts(units: Sequence[_Unit]) -> dict[Stance, Count]:
    found, weights = {}, [u.weight for u in units]
    for number, stance in enumerate(Stance):
        shares = [u.probabilities[number] for u in units]
        counted = sum(u.weight for u in units if u.stance is stance)
        expected = sum(s * w for s, w in zip(shares, weights, strict=True))
        found[stance] = Count(counted, expected, *interval(poisson_binomial(shares, weights)))
    return found


def _by_group(stances: Iterable[tuple[str, Stance | None]]) -> dict[str, dict[str, int]]:
    table = groups.groups()
    found = {name: Counter[str]() for name in (*(table[key].name for key in REGIONAL), OTHER)}
    for speaker, stance in stances:
        group = next((g.name for g in groups.of(speaker) if g.key in REGIONAL), OTHER)
        found[group][str(stance or NO_STANCE)] += 1
    return {name: {k: row[k] for k in (*map(str, Stance), NO_STANCE)} for name, row in found.items() if row}


_CLAIM = re.compile(r"(\d+)\s+(?:States?\s+)?(supportive|mixed|critical)", re.IGNORECASE)


def compare(tally: Tally, claim: str) -> tuple[Claim, ...]:
    """Hold a claim such as "17 supportive, 10 mixed" against the counts by State."""
    claims: dict[Stance, Claim] = {}
    for part in re.split(r"[,;]|\band\b", claim):
        match = _CLAIM.fullmatch(part.strip())
        stance = Stance(match[2].lower()) if match else None
        if match is None or stance is None or stance in claims:
            raise StatestanceError(
                f"expected counts such as '17 supportive, 10 mixed'; found {part.strip()!r} in {claim!r}; "
                "name each of supportive, mixed, critical at most once"
            )
        claims[stance] = Claim(stance, int(match[1]), tally.by_state[stance])
    return tuple(claims.values())
