"""The count of a debate, corrected for its mix of stances where that differs from the mix learned from.

Prior shift: what a stance looks like stays as it was, how often it is taken does not. Probabilities calibrated at
one mix are too low for what is frequent in another. The mix of a debate is estimated from all of its texts, and
every text's probabilities are weighted anew by it. EMQ: Saerens, Latinne and Decaestecker (2002), maximum
likelihood from the probabilities; ACC: Forman (2008), from the answers and the rates of confusion on dev.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from statestance.bundle import Doubt
from statestance.domain import Prediction
from statestance.probability import FloatArray
from statestance.stance import Stance
from statestance.tally import LEVEL, Count, Joint, combined, positions

Method = Literal["emq", "acc"]
ENOUGH = 20
"""Interventions from which a debate tells its own mix; a smaller one is counted as it is."""
_RESAMPLES, _DRAWS = 200, 10
_STEPS, _CLOSE = 1000, 1e-6


@dataclass(frozen=True, slots=True)
class Corrected:
    """Corrected counts: ``expected``, ``low`` and ``high`` of every ``Count`` are of the corrected probabilities.

    The interval is the central 90 % of 2,000 simulated counts: for each of 200 bootstrap resamples of a debate's
    interventions its mix is estimated anew, and every text's stance is drawn ten times from the probabilities
    that follow. So it holds the doubt about the mix and about each text, not that about the model itself.
    ``as_it_is`` debates were too small to be corrected; they are counted with the probabilities as they are.
    """

    method: Method
    by_state: dict[Stance, Count]
    by_intervention: dict[Stance, Count]
    as_it_is: int


def emq(chances: FloatArray, shares: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """The mixes (R, K) under which probabilities (N, K), calibrated at the mix ``shares``, are likeliest.

    ``weights`` (R, N) says how often each text counts in each of R resamples; without it R = 1.
    """
    drawn = np.ones((1, len(chances))) if weights is None else weights
    ratio = np.maximum(chances, 1e-6) / shares
    mixes = np.tile(shares, (len(drawn), 1))
    for _ in range(_STEPS):
        new = mixes * ((drawn / (mixes @ ratio.T)) @ ratio) / drawn.sum(axis=1, keepdims=True)
        done = np.abs(new - mixes).max() < _CLOSE
        mixes = new
        if done:
            break
    return mixes


def acc(answered: FloatArray, rates: FloatArray) -> FloatArray:
    """The mixes (R, K) that explain shares of answers (R, K) best, by least squares on the simplex.

    ``rates`` (K, K) are label x answer. Exact: the best solution is that of the set of labels it does not rule out.
    """
    best, least = np.tile(np.eye(len(rates))[0], (len(answered), 1)), np.full(len(answered), np.inf)
    for size in range(1, len(rates) + 1):
        for labels in combinations(range(len(rates)), size):
            mixes = np.zeros_like(answered)
            mixes[:, labels] = _summing_to_one(rates[list(labels)].T, answered)
            missed = ((mixes @ rates - answered) ** 2).sum(axis=1)
            better = (mixes.min(axis=1) >= -1e-12) & (missed < least - 1e-15)
            best[better], least[better] = np.maximum(mixes[better], 0.0), missed[better]
    result: FloatArray = best / best.sum(axis=1, keepdims=True)
    return result


def _summing_to_one(design: FloatArray, targets: FloatArray) -> FloatArray:
    """Least squares (R, S) of ``design`` (K, S) on ``targets`` (R, K), coefficients adding up to 1."""
    size = design.shape[1]
    system = np.ones((size + 1, size + 1))
    system[:size, :size], system[size, size] = design.T @ design, 0.0
    right = np.vstack([design.T @ targets.T, np.ones((1, len(targets)))])
    found: FloatArray = np.linalg.lstsq(system, right, rcond=None)[0][:size].T
    return found


def reweighted(chances: FloatArray, doubt: Doubt, method: Method, weights: FloatArray) -> FloatArray:
    """Probabilities (R, N, K) of one debate's texts under the mix of each resample; see ``emq`` for ``weights``.

    A text of whose stance there is no doubt, as a person set it, keeps its own.
    """
    shares, rates = np.array(doubt.shares), np.array(doubt.rates)
    if method == "emq":
        found = np.maximum(chances, 1e-6) * (emq(chances, shares, weights) / shares)[:, None, :]
    else:
        answer = chances.argmax(axis=1)
        known = chances.max(axis=1) == 1.0
        # How often the model confuses two stances says nothing of what a person set.
        asked = np.where(known, 0.0, weights)
        answered = asked @ np.eye(len(shares))[answer] / np.maximum(asked.sum(axis=1, keepdims=True), 1.0)
        # A mix can rule out every label that is ever given this answer; then the text keeps its own chances.
        found = acc(answered, rates)[:, None, :] * rates.T[answer]
        found = np.where((found.sum(axis=-1, keepdims=True) > 1e-9) & ~known[:, None], found, chances)
    result: FloatArray = found / found.sum(axis=-1, keepdims=True)
    return result


def correct(
    predictions: Iterable[Prediction], doubt: Doubt, method: Method, joint: Joint = "one", *, seed: int = 7
) -> Corrected:
    """Count predictions as ``tally`` does, every debate corrected for its own mix."""
    debates: dict[str, list[Prediction]] = defaultdict(list)
    for p in predictions:
        if not p.intervention.left_out:
            debates[p.intervention.debate].append(p)
    generator = np.random.default_rng(seed)
    by_state, by_intervention = _Sum(generator), _Sum(generator)
    for several in debates.values():
        chances = np.array([p.probabilities for p in several], dtype=float)
        if len(several) < ENOUGH:
            under = np.tile(chances, (_RESAMPLES + 1, 1, 1))
        else:
            n = len(several)
            drawn = generator.multinomial(n, np.full(n, 1 / n), size=_RESAMPLES)
            under = reweighted(chances, doubt, method, np.vstack([np.ones((1, n)), drawn]))
        places = positions(several, joint)
        # States heard through the very same statements are one event.
        alike = Counter(place.rows for place in places)
        by_state.add(under, list(alike), list(alike.values()), [place.stance for place in places])
        by_intervention.add(under, [(i,) for i in range(len(several))], [1] * len(several), [p.stance for p in several])
    small = sum(len(several) < ENOUGH for several in debates.values())
    return Corrected(method, by_state.counts(), by_intervention.counts(), small)


class _Sum:
    """Counts that add up over debates: what was counted, the mean, and simulated counts."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator
        self._counted: Counter[Stance | None] = Counter()
        self._expected = np.zeros(len(Stance))
        self._simulated = np.zeros((_RESAMPLES * _DRAWS, len(Stance)))

    def add(
        self,
        under: FloatArray,
        events: Sequence[tuple[int, ...]],
        weights: Sequence[int],
        stances: Iterable[Stance | None],
    ) -> None:
        """Add a debate: ``under`` (1 + R, N, K); an event is the texts that are counted as one, so many times."""
        self._counted.update(stances)
        shares = np.stack([combined(under[:, list(rows)]) for rows in events], axis=1)
        times = np.array(weights, dtype=float)
        self._expected += times @ shares[0]
        ends = np.cumsum(shares[1:], axis=-1)
        for number in range(_DRAWS):
            below = self._generator.random((*ends.shape[:2], 1)) < ends
            # The first end that the number lies below names the stance; the differences pick it out.
            first = np.diff(below, axis=-1, prepend=False)
            self._simulated[number * _RESAMPLES : (number + 1) * _RESAMPLES] += times @ first.astype(float)

    def counts(self) -> dict[Stance, Count]:
        tail = (1 - LEVEL) / 2
        low = np.quantile(self._simulated, tail, axis=0, method="inverted_cdf")
        high = np.quantile(self._simulated, 1 - tail, axis=0, method="inverted_cdf")
        return {
            stance: Count(self._counted[stance], float(self._expected[i]), int(low[i]), int(high[i]))
            for i, stance in enumerate(Stance)
        }
