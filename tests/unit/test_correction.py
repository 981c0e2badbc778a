"""Corrected counts: as the literature's peers compute them, and nearer the truth where the mix has shifted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statestance.bundle import Doubt
from statestance.correction import ENOUGH, acc, correct, emq
from statestance.domain import Intervention, Prediction
from statestance.probability import FloatArray
from statestance.stance import OUTCOMES, Stance
from statestance.tally import Joint, tally

SHARES = np.array([0.25, 0.25, 0.25, 0.25])
RATES = np.array([[0.9, 0.08, 0.02, 0.0], [0.1, 0.8, 0.1, 0.0], [0.02, 0.18, 0.8, 0.0], [0.1, 0.0, 0.0, 0.9]])


def doubt(shares: FloatArray = SHARES, rates: FloatArray = RATES) -> Doubt:
    return Doubt.model_validate({"scores": [0.5], "shares": shares.tolist(), "rates": rates.tolist()})


def texts(mix: FloatArray, count: int, seed: int, spread: float = 1.3) -> tuple[FloatArray, FloatArray]:
    """Outcomes drawn by a mix, and probabilities that are calibrated at the mix ``SHARES``."""
    chance = np.random.default_rng(seed)
    gold = chance.choice(4, size=count, p=mix)
    seen = spread * np.eye(4)[gold] + chance.normal(size=(count, 4))
    posterior = np.exp(spread * seen) * SHARES
    return gold, posterior / posterior.sum(axis=1, keepdims=True)


def said(chances: FloatArray, debate: str = "d", **fields: Any) -> list[Prediction]:
    found = []
    for number, row in enumerate(chances):
        best = int(row.argmax())
        stance = Stance(OUTCOMES[best]) if best < 3 else None
        one = Intervention(str(number), "Text.", debate, speaker=f"S{number}", **fields)
        a, b, c, d = (float(p) for p in row)
        found.append(Prediction(one, stance, float(row[best]), (a, b, c, d), None, "" if stance else "no_stance"))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_emq_is_that_of_quapy(seed: int) -> None:
    aggregative = pytest.importorskip("quapy.method.aggregative", reason="quapy is not installed")
    mix = np.random.default_rng(seed).dirichlet(np.ones(4))
    shares = np.array([0.4, 0.3, 0.2, 0.1])
    _, chances = texts(mix, 300, seed)
    theirs, _ = aggregative.EMQ.EM(shares, chances, epsilon=1e-7)
    assert emq(chances, shares)[0] == pytest.approx(theirs, abs=2e-3)


@pytest.mark.parametrize("seed", range(6))
def test_acc_is_that_of_quapy(seed: int) -> None:
    aggregative = pytest.importorskip("quapy.method.aggregative", reason="quapy is not installed")
    answered = np.random.default_rng(seed).dirichlet(np.full(4, 0.7))
    theirs = aggregative.ACC.solve_adjustment(RATES.T, answered, method="inversion", solver="minimize")
    assert acc(answered[None, :], RATES)[0] == pytest.approx(theirs, abs=2e-3)


simplex = st.lists(st.integers(0, 50), min_size=4, max_size=4).filter(any).map(lambda w: np.array(w) / sum(w))


@settings(deadline=None)
@given(simplex, simplex)
def test_acc_gives_a_mix_and_none_explains_the_answers_better(answered: FloatArray, other: FloatArray) -> None:
    (found,) = acc(answered[None, :], RATES)
    assert found.sum() == pytest.approx(1) and found.min() >= 0
    missed, others = (float(((m @ RATES - answered) ** 2).sum()) for m in (found, other))
    assert missed <= others + 1e-9


@settings(deadline=None)
@given(simplex)
def test_acc_undoes_the_confusion_exactly(mix: FloatArray) -> None:
    assert acc((mix @ RATES)[None, :], RATES)[0] == pytest.approx(mix, abs=1e-6)


def test_resamples_are_solved_as_if_each_stood_alone() -> None:
    _, chances = texts(np.array([0.7, 0.2, 0.05, 0.05]), 40, 1)
    weights = np.random.default_rng(2).multinomial(40, np.full(40, 1 / 40), size=3).astype(float)
    together = emq(chances, SHARES, weights)
    for row, mix in zip(weights, together, strict=True):
        repeated = np.repeat(chances, row.astype(int), axis=0)
        assert emq(repeated, SHARES)[0] == pytest.approx(mix, abs=1e-3)


MIX = np.array([0.80, 0.12, 0.02, 0.06])


def test_a_shifted_mix_is_counted_better_than_uncorrected() -> None:
    off: dict[str, list[float]] = {"expected": [], "emq": []}
    for seed in range(25):
        gold, chances = texts(MIX, 60, seed)
        rows, true = said(chances), [int((gold == k).sum()) for k in range(3)]
        plain, better = tally(rows).by_state, correct(rows, doubt(), "emq").by_state
        for name, counts in (("expected", plain), ("emq", better)):
            off[name].append(float(np.mean([abs(counts[s].expected - t) for s, t in zip(Stance, true, strict=True)])))
    assert np.mean(off["emq"]) < 0.7 * np.mean(off["expected"])


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = []
    for seed in range(80):
        gold, chances = texts(MIX, 60, seed + 100)
        found = correct(said(chances), doubt(), "emq").by_state
        held += [found[s].low <= (gold == k).sum() <= found[s].high for k, s in enumerate(Stance)]
    assert 0.85 <= np.mean(held) <= 0.99


@pytest.mark.parametrize("method", ["emq", "acc"])
def test_where_the_mix_explains_itself_the_expected_count_is_that_of_the_mix(method: Any) -> None:
    """The corrected probabilities add up to the estimated mix: the fixed point of EMQ, and the solution of ACC."""
    _, chances = texts(np.array([0.5, 0.3, 0.15, 0.05]), 400, 3)
    found = correct(said(chances), doubt(), method).by_intervention
    answered = np.bincount(chances.argmax(axis=1), minlength=4) / 400
    (mix,) = emq(chances, SHARES) if method == "emq" else acc(answered[None, :], RATES)
    assert [found[s].expected for s in Stance] == pytest.approx(400 * mix[:3], abs=0.1)


@pytest.mark.parametrize("joint", ["one", "members"])
def test_a_small_debate_is_counted_as_it_is_and_said_to_be(joint: Joint) -> None:
    _, chances = texts(MIX, ENOUGH - 1, 1)
    rows = said(chances[:5], on_behalf_of="Nordic countries") + said(chances[5:])
    found, plain = correct(rows, doubt(), "emq", joint), tally(rows, joint)
    assert found.as_it_is == 1
    for ours, theirs in ((found.by_state, plain.by_state), (found.by_intervention, plain.by_intervention)):
        for stance in Stance:
            assert ours[stance].counted == theirs[stance].counted
            assert ours[stance].expected == pytest.approx(theirs[stance].expected, abs=1e-9)
            assert abs(ours[stance].low - theirs[stance].low) <= 1
            assert abs(ours[stance].high - theirs[stance].high) <= 1


def test_every_debate_is_corrected_for_its_own_mix() -> None:
    _, kind = texts(np.array([0.9, 0.05, 0.02, 0.03]), 50, 1)
    _, harsh = texts(np.array([0.05, 0.1, 0.8, 0.05]), 50, 2)
    one, other = said(kind, "a"), said(harsh, "b")
    alone = [correct(rows, doubt(), "emq").by_state for rows in (one, other)]
    both = correct(one + other, doubt(), "emq").by_state
    for stance in Stance:
        assert both[stance].expected == pytest.approx(sum(a[stance].expected for a in alone), abs=1e-6)
        assert both[stance].counted == sum(a[stance].counted for a in alone)


def test_the_same_predictions_give_the_same_intervals_and_turns_left_out_do_not_count() -> None:
    _, chances = texts(MIX, 40, 6)
    rows = said(chances)
    extra = said(chances[:3], left_out="chair")
    assert correct(rows, doubt(), "acc") == correct(rows + extra, doubt(), "acc")


@pytest.mark.parametrize("method", ["emq", "acc"])
def test_sure_answers_and_no_answers_at_all_are_no_trouble(method: Any) -> None:
    sure = np.tile(np.eye(4)[[0, 0, 0, 3]], (10, 1))
    found = correct(said(sure), doubt(rates=np.eye(4)), method).by_state[Stance.SUPPORTIVE]
    assert (found.counted, found.low, found.high) == (30, 30, 30)
    assert correct([], doubt(), method).by_state[Stance.MIXED].high == 0


@pytest.mark.parametrize("method", ["emq", "acc"])
def test_what_a_person_set_is_counted_as_it_was_set(method: Any) -> None:
    """Rates by which the model takes one mixed text of five for another stance are not the person's."""
    checked = np.tile(np.eye(4)[[1, 1, 0, 2]], (10, 1))
    alone = correct(said(checked), doubt(), method).by_state
    _, chances = texts(MIX, 60, 4)
    rest = correct(said(chances), doubt(), method).by_state
    both = correct(said(np.vstack([checked, chances])), doubt(), method).by_state
    for stance, there in zip(Stance, (10, 20, 10), strict=True):
        assert alone[stance].expected == pytest.approx(there, abs=1e-3)
        if method == "acc":  # EMQ takes the mix of the whole debate, what is known of it included
            assert both[stance].expected == pytest.approx(there + rest[stance].expected, abs=1e-6)
