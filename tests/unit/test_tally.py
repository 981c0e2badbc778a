"""The count of a debate: by State, by intervention, by group, and the interval of each count."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statestance.domain import Intervention, Prediction, StatestanceError
from statestance.stance import OUTCOMES, Stance, decide
from statestance.tally import OTHER, Joint, compare, interval, poisson_binomial, tally

SURE: dict[str, tuple[float, float, float, float]] = {
    "supportive": (1.0, 0.0, 0.0, 0.0),
    "mixed": (0.0, 1.0, 0.0, 0.0),
    "critical": (0.0, 0.0, 1.0, 0.0),
    "none": (0.0, 0.0, 0.0, 1.0),
}


def says(outcome: str, speaker: str = "", iso3: str = "", **fields: Any) -> Prediction:
    """A prediction of an outcome, sure of it unless ``probabilities`` says otherwise."""
    probabilities = fields.pop("probabilities", SURE[outcome])
    one = Intervention("i", "Text.", fields.pop("debate", "d"), speaker=speaker, speaker_iso3=iso3, **fields)
    stance = Stance(outcome) if outcome != "none" else None
    return Prediction(one, stance, max(probabilities), probabilities, abstain_reason="" if stance else "no_stance")


def counted(predictions: list[Prediction], joint: Joint = "one") -> tuple[int, int, int]:
    found = tally(predictions, joint).by_state
    return found[Stance.SUPPORTIVE].counted, found[Stance.MIXED].counted, found[Stance.CRITICAL].counted


SHARES = st.lists(st.floats(0, 1), max_size=9)


@settings(deadline=None)
@given(SHARES, st.data())
def test_poisson_binomial_is_the_sum_over_all_outcomes(shares: list[float], data: st.DataObject) -> None:
    weights = data.draw(st.lists(st.integers(1, 4), min_size=len(shares), max_size=len(shares)))
    brute = np.zeros(sum(weights) + 1)
    for happened in itertools.product((0, 1), repeat=len(shares)):
        chance = math.prod(p if h else 1 - p for p, h in zip(shares, happened, strict=True))
        brute[sum(w * h for w, h in zip(weights, happened, strict=True))] += chance
    assert poisson_binomial(shares, weights) == pytest.approx(brute, abs=1e-12)


@pytest.mark.parametrize("n", [1, 40, 3000, 20_000])
def test_poisson_binomial_of_equal_shares_is_binomial(n: int) -> None:
    mass = poisson_binomial([0.3] * n)
    k = np.arange(n + 1)
    log_choose = math.lgamma(n + 1) - np.array([math.lgamma(i + 1) + math.lgamma(n - i + 1) for i in k])
    assert mass == pytest.approx(np.exp(log_choose + k * math.log(0.3) + (n - k) * math.log(0.7)), abs=1e-9)
    assert mass.sum() == pytest.approx(1) and mass.min() >= 0


@settings(deadline=None)
@given(SHARES)
def test_the_interval_is_the_shortest_that_leaves_a_twentieth_beyond_each_end(shares: list[float]) -> None:
    mass = poisson_binomial(shares)
    low, high = interval(mass)
    assert 0 <= low <= high <= len(shares)
    assert mass[:low].sum() <= 0.05 + 1e-9 and mass[high + 1 :].sum() <= 0.05 + 1e-9
    assert mass[: low + 1].sum() > 0.05 - 1e-9 and mass[high:].sum() > 0.05 - 1e-9


def test_certain_predictions_leave_no_interval() -> None:
    found = tally([says("supportive", f"S{n}") for n in range(17)] + [says("mixed", f"M{n}") for n in range(10)])
    count = found.by_state[Stance.SUPPORTIVE]
    assert (count.counted, count.expected, count.low, count.high) == (17, 17, 17, 17)
    assert (found.states, found.interventions, found.debates, found.undecided) == (27, 27, 1, 0)


def test_the_interval_counts_what_was_abstained_from() -> None:
    unsure = [says("none", f"S{n}", probabilities=(0.5, 0.0, 0.0, 0.5)) for n in range(20)]
    found = tally(unsure)
    count = found.by_state[Stance.SUPPORTIVE]
    assert (count.counted, count.expected) == (0, 10)
    assert (count.low, count.high) == (6, 14)  # the binomial of 20 halves
    assert (found.undecided, found.abstained) == (20, {"no_stance": 20})


def test_a_state_that_speaks_twice_counts_once_under_the_one_rule() -> None:
    twice = [says("supportive", "Norland"), says("critical", "Norland"), says("none", "Ostria")]
    found = tally(twice)
    assert (found.states, found.interventions, found.undecided) == (2, 3, 1)
    assert [found.by_state[s].counted for s in Stance] == [0, 1, 0]
    assert [found.by_intervention[s].counted for s in Stance] == [1, 0, 1]


PROBABILITIES = st.lists(st.integers(0, 20), min_size=4, max_size=4).filter(any)


@settings(deadline=None)
@given(st.lists(PROBABILITIES, min_size=1, max_size=5))
def test_several_interventions_combine_as_all_their_outcomes_do(weights: list[list[int]]) -> None:
    vectors = [[w / sum(row) for w in row] for row in weights]
    brute = dict.fromkeys((*Stance, None), 0.0)
    for outcomes in itertools.product(range(4), repeat=len(vectors)):
        names = {OUTCOMES[o] for o in outcomes}
        stance = decide(bool(names & {"supportive", "mixed"}), bool(names & {"critical", "mixed"}))
        brute[stance] += math.prod(v[o] for v, o in zip(vectors, outcomes, strict=True))
    rows = [says("none", "Norland", probabilities=(v[0], v[1], v[2], v[3])) for v in vectors]
    found = tally(rows).by_state
    assert [found[s].expected for s in Stance] == pytest.approx([brute[s] for s in Stance], abs=1e-12)


def test_one_state_in_two_debates_counts_in_each() -> None:
    found = tally([says("supportive", "Norland", debate="a"), says("critical", "Norland", debate="b")])
    assert (found.debates, found.states) == (2, 2)
    assert [found.by_state[s].counted for s in Stance] == [1, 0, 1]


def test_a_state_is_known_by_its_code_else_by_its_folded_name() -> None:
    assert tally([says("mixed", "Norland"), says("mixed", " the NORLAND ")]).states == 1
    assert tally([says("mixed", "Turkey", "TUR"), says("mixed", "Türkiye", "TUR")]).states == 1


def test_speakers_without_a_name_are_not_taken_for_one() -> None:
    rows = [Prediction(Intervention(f"i{n}", "Text."), Stance.MIXED, 1, SURE["mixed"]) for n in range(3)]
    assert tally(rows).states == 3


def test_turns_left_out_are_counted_apart() -> None:
    found = tally([says("supportive", "Norland"), says("none", left_out="chair"), says("none", left_out="chair")])
    assert (found.interventions, found.states, found.left_out) == (1, 1, {"chair": 2})
    assert found.abstained == {}


def test_nothing_at_all_is_a_tally_of_zeros() -> None:
    found = tally([])
    assert (found.states, found.interventions, found.by_group) == (0, 0, {})
    assert [(c.counted, c.low, c.high) for c in found.by_state.values()] == [(0, 0, 0)] * 3


def test_a_joint_statement_is_one_speaker_or_that_of_its_members() -> None:
    rows = [
        says("critical", "Denmark", "DNK", on_behalf_of="the Nordic countries"),
        says("supportive", "Norway", "NOR"),
    ]
    one = tally(rows, "one")
    assert (one.states, one.joint) == (2, 1)
    assert counted(rows, "one") == (1, 0, 1)
    # Denmark, Finland, Iceland, Sweden critical; Norway, which praised too, mixed.
    members = tally(rows, "members")
    assert (members.states, members.joint, members.interventions) == (5, 0, 2)
    assert counted(rows, "members") == (0, 1, 4)


def test_a_group_that_speaks_itself_is_a_joint_statement() -> None:
    rows = [says("mixed", "Baltic States")]
    assert tally(rows, "one").joint == 1
    assert counted(rows, "members") == (0, 3, 0)


def test_states_that_a_joint_statement_lists_are_its_members() -> None:
    rows = [says("mixed", "Chile", "CHL", on_behalf_of="Argentina, Chile and Peru")]
    assert counted(rows, "members") == (0, 3, 0)


def test_a_group_whose_members_are_unknown_stays_one_speaker() -> None:
    rows = [says("mixed", "Chile", "CHL", on_behalf_of="a group of like-minded delegations")]
    found = tally(rows, "members")
    assert (found.states, found.joint) == (1, 1)


def test_the_state_under_review_is_no_member_of_a_statement_about_it() -> None:
    rows = [says("supportive", "Finland", "FIN", on_behalf_of="Nordic countries", target="Iceland")]
    assert counted(rows, "members") == (4, 0, 0)


def test_members_of_one_statement_stand_or_fall_together() -> None:
    half = (0.5, 0.0, 0.0, 0.5)
    rows = [says("supportive", "Denmark", "DNK", on_behalf_of="Nordic countries", probabilities=half)]
    count = tally(rows, "members").by_state[Stance.SUPPORTIVE]
    assert (count.counted, count.expected, count.low, count.high) == (5, 2.5, 0, 5)


def test_every_state_counts_in_one_regional_group() -> None:
    rows = [
        says("supportive", "Kenya", "KEN"),
        says("mixed", "Ghana", "GHA"),
        says("critical", "France", "FRA"),
        says("none", "Norland"),
    ]
    assert tally(rows).by_group == {
        "African Group": {"supportive": 1, "mixed": 1, "critical": 0, "none": 0},
        "Western European and Others Group": {"supportive": 0, "mixed": 0, "critical": 1, "none": 0},
        OTHER: {"supportive": 0, "mixed": 0, "critical": 0, "none": 1},
    }


@pytest.mark.parametrize(
    "claim", ["17 supportive, 10 mixed", "17 States supportive and 10 MIXED", "10 mixed;17 supportive"]
)
def test_a_claim_is_held_against_each_interval(claim: str) -> None:
    rows = [says("supportive", f"S{n}", probabilities=(0.9, 0.1, 0.0, 0.0)) for n in range(18)]
    rows += [says("mixed", f"M{n}") for n in range(2)]
    found = {c.stance: c for c in compare(tally(rows), claim)}
    assert found[Stance.SUPPORTIVE].inside and found[Stance.SUPPORTIVE].count.counted == 18
    assert not found[Stance.MIXED].inside and found[Stance.MIXED].claimed == 10


@pytest.mark.parametrize("claim", ["", "many supportive", "3 supportive, 4 supportive", "3 positive", "3 supportive,"])
def test_a_claim_that_cannot_be_read_says_how_to_write_one(claim: str) -> None:
    with pytest.raises(StatestanceError, match="expected counts such as '17 supportive, 10 mixed'"):
        compare(tally([]), claim)


def test_ten_thousand_interventions_are_counted_in_a_moment() -> None:
    rows = [says("supportive", f"S{n}", probabilities=(0.8, 0.1, 0.1, 0.0)) for n in range(10_000)]
    count = tally(rows).by_intervention[Stance.SUPPORTIVE]
    # Normal approximation: 8000 ± 1.645 × 40.
    assert (count.low, count.high) == (pytest.approx(7934, abs=2), pytest.approx(8066, abs=2))
