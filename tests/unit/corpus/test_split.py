"""Splits: no debate on two sides, a like mix on every side, nothing repeated, the same for one seed."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statestance.corpus.labelled import Labelled
from statestance.corpus.split import SPLITS, assign, check_debates, deduplicate, report
from statestance.domain import Intervention, StatestanceError
from statestance.stance import OUTCOMES, Stance

pytest.importorskip("sklearn", reason="needs the train extra")

TEXTS = {
    "supportive": "Norland welcomed the {} new clinics that had been opened since the last review",
    "mixed": "Ostria praised the {} new schools but was worried that {} teachers had lost their posts",
    "critical": "Sudonia deplored the {} arrests of editors and asked for their release in the year",
    "none": "Westmark asked how the {} offices of the registry would be staffed once the programme had ended",
}


def labelled(number: int, debate: str, outcome: str = "supportive", split: str = "", text: str = "") -> Labelled:
    text = text or " ".join(f"{word}{number}" for word in TEXTS[outcome].split())
    stance = Stance(outcome) if outcome != "none" else None
    return Labelled(Intervention(id=f"r{number}", text=text, debate=debate), stance, source="test", split=split)


@st.composite
def corpora(draw: st.DrawFn) -> list[Labelled]:
    """Debates of uneven size and mix, some of which declare their side."""
    sizes = draw(st.lists(st.integers(1, 12), min_size=25, max_size=60))
    sides = draw(st.lists(st.sampled_from(["", "", "", *SPLITS]), min_size=len(sizes), max_size=len(sizes)))
    rows: list[Labelled] = []
    for debate, (size, side) in enumerate(zip(sizes, sides, strict=True)):
        outcomes = draw(st.lists(st.sampled_from(OUTCOMES), min_size=size, max_size=size))
        rows += [labelled(len(rows) + n, f"d{debate}", o, side) for n, o in enumerate(outcomes)]
    return rows


@settings(max_examples=40, deadline=None)
@given(rows=corpora(), seed=st.integers(0, 2**32 - 1))
def test_no_debate_is_on_two_sides_and_no_row_is_lost_or_changed(rows: list[Labelled], seed: int) -> None:
    found = assign(rows, dev=0.1, test=0.15, seed=seed)
    assert [replace(r, split="") for r in found] == [replace(r, split="") for r in rows]
    sides = defaultdict(set)
    for row in found:
        sides[row.intervention.debate].add(row.split)
    assert all(len(s) == 1 and s <= set(SPLITS) for s in sides.values())
    assert all(after.split == before.split for before, after in zip(rows, found, strict=True) if before.split)
    assert assign(rows, dev=0.1, test=0.15, seed=seed) == found


def corpus(debates: int = 120, per_debate: int = 20) -> list[Labelled]:
    """Debates that each lean to one outcome, so that only a stratified split mixes well."""
    return [
        labelled(d * per_debate + n, f"d{d}", OUTCOMES[d % 4] if n % 3 else OUTCOMES[n % 4])
        for d in range(debates)
        for n in range(per_debate)
    ]


def unlike(rows: list[Labelled]) -> float:
    """How far the mixes of dev and test are from the mix of the whole: the mean difference of shares."""
    whole, apart = Counter(r.outcome for r in rows), []
    for side in ("dev", "test"):
        part = [r for r in rows if r.split == side]
        mix = Counter(r.outcome for r in part)
        apart += [abs(mix[n] / len(part) - whole[n] / len(rows)) for n in range(4)]
    return sum(apart) / len(apart)


def drawn_blindly(rows: list[Labelled], seed: int) -> list[Labelled]:
    debates = sorted({r.intervention.debate for r in rows})
    random.Random(seed).shuffle(debates)
    dev, test = len(debates) // 10, len(debates) * 15 // 100
    sides = {d: "dev" if n < dev else "test" if n < dev + test else "train" for n, d in enumerate(debates)}
    return [replace(r, split=sides[r.intervention.debate]) for r in rows]


def test_every_side_has_its_share_and_a_like_mix() -> None:
    rows, seeds = corpus(), range(8)
    found = [assign(rows, dev=0.1, test=0.15, seed=seed) for seed in seeds]
    for one in found:
        for side, share in (("train", 0.75), ("dev", 0.1), ("test", 0.15)):
            assert sum(r.split == side for r in one) / len(rows) == pytest.approx(share, abs=0.02)
    blind = sum(unlike(drawn_blindly(rows, seed)) for seed in seeds)
    assert sum(map(unlike, found)) < 0.6 * blind


def test_seeds_draw_different_splits() -> None:
    rows = corpus(40, 5)
    drawn = {tuple(r.split for r in assign(rows, dev=0.1, test=0.15, seed=seed)) for seed in range(4)}
    assert len(drawn) == 4


def test_a_row_without_a_split_follows_its_debate() -> None:
    rows = [labelled(1, "d1", split="test"), labelled(2, "d1"), *corpus(30, 4)[4:]]
    rows = [rows[0], rows[1], *(r for r in rows[2:] if r.intervention.debate != "d1")]
    assert assign(rows, dev=0.1, test=0.1, seed=0)[1].split == "test"


def test_another_source_moves_no_row_and_a_small_one_is_for_training() -> None:
    first = corpus(40, 5)
    more = [
        replace(r, source="more", intervention=replace(r.intervention, debate=f"m{n // 5}"))
        for n, r in enumerate(first)
    ]
    small = [labelled(900 + n, "s1") for n in range(3)]
    small = [replace(r, source="small") for r in small]
    alone = assign(first, dev=0.1, test=0.15, seed=3)
    together = assign([*first, *more, *small], dev=0.1, test=0.15, seed=3)
    assert together[: len(first)] == alone
    assert {r.split for r in together[len(first) : -3]} == set(SPLITS)
    assert {r.split for r in together[-3:]} == {"train"}


def test_few_debates_split_coarsely_and_too_few_are_refused() -> None:
    few = [labelled(n, f"d{n}", OUTCOMES[n % 4]) for n in range(24)]
    assert {r.split for r in assign(few, dev=0.1, test=0.15, seed=1)} == set(SPLITS)
    with pytest.raises(StatestanceError, match="expected enough debates to split; found 2 with 2 rows"):
        assign(few[:2], dev=0.1, test=0.15, seed=1)
    assert {r.split for r in assign(few[:2], dev=0, test=0, seed=1)} == {"train"}


@pytest.mark.parametrize("shares", [(0.5, 0.5), (-0.1, 0.2), (1.0, 0.0)])
def test_shares_that_leave_no_train_split_are_refused(shares: tuple[float, float]) -> None:
    with pytest.raises(StatestanceError, match="leave a train split"):
        assign(corpus(30, 2), dev=shares[0], test=shares[1], seed=0)


def test_a_debate_declared_on_two_sides_is_refused() -> None:
    rows = [labelled(1, "d1", split="train"), labelled(2, "d1", split="test")]
    with pytest.raises(StatestanceError, match=r"found \['d1'\] on several"):
        check_debates(rows)
    with pytest.raises(StatestanceError, match="every debate on one side"):
        assign(rows, dev=0.1, test=0.1, seed=0)


LONG = "Norland welcomed the opening of twelve rural clinics and the training of four hundred nurses"


def test_deduplicate_keeps_the_first_and_names_what_it_repeats() -> None:
    pytest.importorskip("datasketch", reason="needs the train extra")
    rows = [labelled(1, "a", text=LONG), labelled(2, "b", "critical"), labelled(3, "c", text=LONG + " coast")]
    found = deduplicate(rows, near_duplicate=0.8)
    assert [r.intervention.id for r in found.rows] == ["r1", "r2"]
    assert found.repeats == (("r3", "r1"),)


def test_deduplicate_keeps_test_before_dev_before_train() -> None:
    pytest.importorskip("datasketch", reason="needs the train extra")
    rows = [
        labelled(1, "a", text=LONG, split="train"),
        labelled(2, "b", text=LONG, split="dev"),
        labelled(3, "c", text=LONG, split="test"),
        labelled(4, "d", text=LONG),
    ]
    found = deduplicate(rows, near_duplicate=0.8)
    assert [r.intervention.id for r in found.rows] == ["r3"]
    assert {old for old, kept in found.repeats} == {"r1", "r2", "r4"}
    assert all(kept == "r3" for _, kept in found.repeats)


def test_the_report_counts_every_row() -> None:
    rows = assign(corpus(40, 5), dev=0.1, test=0.15, seed=3)
    found = report(rows, [("x", "y")], 7)
    assert (found["left_out_as_repeats"], found["left_out_as_no_interventions"]) == (1, 7)
    sides = [found[side]["test"] for side in SPLITS]  # type: ignore[index]
    assert sum(s["rows"] for s in sides) == 200
    assert sum(s["debates"] for s in sides) == 40
    assert sum(sum(s["outcomes"].values()) for s in sides) == sum(s["stance_only"] for s in sides) == 200
