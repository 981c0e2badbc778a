"""The record of an evaluation: whole, JSON-able, the same for a seed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import invented_rows
import model_parts
from statestance.bundle import Doubt
from statestance.domain import Marks, StatestanceError
from statestance.evaluation import Outcomes, measure, of_predictions, on_file
from statestance.evaluation.measure import reliability
from statestance.predict import Predictor

MARKS = (Marks((0,), ()), Marks((0,), (1,)), Marks((), (1,)), Marks())


def outcomes(
    count: int = 160, debates: int = 16, *, seed: int = 1, right: float = 0.75, marks: bool = False
) -> Outcomes:
    """Answers that are right at a rate."""
    chance = np.random.default_rng(seed)
    rows, found = [], []
    for number in range(count):
        gold = number % 4
        answer = gold if chance.random() < right else int(chance.integers(4))
        words = " ".join(["word"] * (10, 60, 100)[number % 3])
        row = model_parts.labelled(
            number, gold, debate=f"d{number % debates}", text=words,
            register=("summary", "verbatim", "")[number % 5 % 3],
            marks=MARKS[gold] if marks else None,
        )  # fmt: skip
        rows.append(row)
        sure = model_parts.sure(answer, float(chance.uniform(0.4, 0.98)))
        found.append(model_parts.answered(row, sure, marks=MARKS[answer] if marks else None))
    return of_predictions(rows, found)


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _numbers(part)
    else:
        yield value


def test_the_record_survives_json_and_has_four_digits() -> None:
    record = measure(outcomes(marks=True), resamples=200, seed=7)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    numbers = list(_numbers(record))
    assert len(numbers) > 60 and all(n == round(n, 4) for n in numbers)
    assert any(isinstance(n, float) and n * 1000 % 1 for n in numbers)
    assert "-0.0" not in {str(n) for n in numbers}


def test_intervals_repeat_for_a_seed_hold_the_value_and_differ_for_another() -> None:
    first, again, other = (measure(outcomes(), resamples=300, seed=s)["headline"] for s in (7, 7, 8))
    assert first == again != other
    for name, figure in first.items():
        assert figure["low"] <= figure["high"]
        # Being an absolute value, the calibration error of a resample tends to be the larger.
        if name != "ece":
            assert figure["low"] <= figure["value"] <= figure["high"], name
    assert first["macro_f1"]["low"] < first["macro_f1"]["value"] < first["macro_f1"]["high"]
    assert {n: f["value"] for n, f in first.items()} == {n: f["value"] for n, f in other.items()}


def test_intervals_are_by_debate_not_by_row() -> None:
    """Debates that are all right or all wrong make the interval wide; each half right leaves it no width."""
    rows = [model_parts.labelled(n, 0, debate=f"d{n % 10}") for n in range(200)]
    clumped = [model_parts.answered(r, model_parts.sure(0 if n % 10 < 5 else 2)) for n, r in enumerate(rows)]
    even = [model_parts.answered(r, model_parts.sure(0 if n < 100 else 2)) for n, r in enumerate(rows)]
    wide, narrow = (
        measure(of_predictions(rows, p), resamples=300, seed=1)["headline"]["accuracy"] for p in (clumped, even)
    )
    assert wide["value"] == narrow["value"] == 0.5
    assert wide["high"] - wide["low"] > 0.4
    assert narrow["low"] == narrow["high"] == 0.5


def test_counts_confusion_and_slices_add_up() -> None:
    one = outcomes()
    record = measure(one, resamples=100, seed=7)
    assert (record["rows"], record["debates"]) == (160, 16)
    confusion = np.array([list(row.values()) for row in record["confusion"].values()])
    expected = np.zeros((4, 4), dtype=int)
    np.add.at(expected, (one.gold, one.answer), 1)
    np.testing.assert_array_equal(confusion, expected)
    assert [c["rows"] for c in record["per_class"].values()] == expected.sum(axis=1).tolist() == [40] * 4
    for kind in ("register", "length"):
        assert sum(s["rows"] for n, s in record["slices"].items() if n.startswith(kind)) == 160
    assert {"register: summary", "register: verbatim", "register: unknown"} < record["slices"].keys()
    words = np.array([len(r.intervention.text.split()) for r in one.rows])
    short = one.part(words <= 40)
    assert record["slices"]["length: up to 40 words"] == {
        "rows": int((words <= 40).sum()),
        **{k: measure(short, resamples=100, seed=1)["headline"][k]["value"] for k in ("macro_f1", "accuracy")},
    }


def test_written_and_real_text_have_figures_of_their_own() -> None:
    rows = [replace(model_parts.labelled(n, 0), source="upr" if n < 5 else "composed") for n in range(20)]
    found = [model_parts.answered(r, model_parts.sure(1 if n < 5 else 0)) for n, r in enumerate(rows)]
    slices = measure(of_predictions(rows, found), resamples=100, seed=1)["slices"]
    assert (slices["source: upr"]["rows"], slices["source: upr"]["accuracy"]) == (5, 0.0)
    assert (slices["source: composed"]["rows"], slices["source: composed"]["accuracy"]) == (15, 1.0)
    assert not any(name.startswith("source") for name in measure(outcomes(), resamples=100, seed=7)["slices"])


def test_count_errors_are_per_debate_and_signed() -> None:
    pairs = [("a", 0, 0), ("a", 0, 1), ("a", 3, 1), ("b", 2, 0), ("b", 1, 1)]
    rows = [model_parts.labelled(n, gold, debate=d) for n, (d, gold, _) in enumerate(pairs)]
    found = [model_parts.answered(r, model_parts.sure(a)) for r, (_, _, a) in zip(rows, pairs, strict=True)]
    errors = measure(of_predictions(rows, found), resamples=100, seed=1)["count_error_per_debate"]
    assert errors == {
        "supportive": {"mean_error": 0.0, "mean_absolute_error": 1.0},
        "mixed": {"mean_error": 1.0, "mean_absolute_error": 1.0},
        "critical": {"mean_error": -0.5, "mean_absolute_error": 0.5},
    }


@pytest.mark.parametrize("marks", [True, False])
def test_evidence_is_measured_only_where_both_sides_have_it(marks: bool) -> None:
    headline = measure(outcomes(marks=marks), resamples=100, seed=1)["headline"]
    assert ({"praise_f1", "concern_f1"} <= headline.keys()) is marks
    if marks:
        assert 0.5 < headline["praise_f1"]["value"] < 1


def test_a_part_holds_the_chosen_rows_alone() -> None:
    one = outcomes()
    part = one.part(one.debate == 3)
    assert len(part.rows) == 10 and len({r.intervention.debate for r in part.rows}) == 1
    np.testing.assert_array_equal(part.debate, 0)
    np.testing.assert_array_equal(part.gold, one.gold[one.debate == 3])
    np.testing.assert_array_equal(part.probabilities, one.probabilities[one.debate == 3])


def test_nothing_to_measure_is_told() -> None:
    with pytest.raises(StatestanceError, match="expected labelled rows to measure on"):
        of_predictions([], [])


def test_reliability_bins_account_for_every_row() -> None:
    one = outcomes()
    bins = reliability(one)
    assert sum(b["rows"] for b in bins) == 160
    assert sum(b["rows"] * b["accuracy"] for b in bins) == pytest.approx((one.gold == one.answer).sum())
    assert sum(b["rows"] * b["confidence"] for b in bins) == pytest.approx(one.probabilities.max(axis=1).sum())
    assert [b["confidence"] for b in bins] == sorted(b["confidence"] for b in bins)


DOUBT = Doubt.model_validate({"scores": [0.1, 0.3, 0.5, 0.8], "shares": [0.25] * 4, "rates": np.eye(4).tolist()})


def test_the_surest_nine_tenths_are_measured_whatever_the_order_of_the_rows() -> None:
    """Of 20 answers 16 are sure and right; the four of 0.5, three of them wrong, share the two places left."""
    rows = [model_parts.labelled(n, 0, debate=f"d{n % 2}") for n in range(20)]
    found = [model_parts.answered(r, model_parts.sure(0, 0.9)) for r in rows[:16]]
    found += [model_parts.answered(r, model_parts.sure(0 if n == 0 else 1, 0.5)) for n, r in enumerate(rows[16:])]
    for order in (range(20), range(19, -1, -1)):
        one = of_predictions([rows[i] for i in order], [found[i] for i in order])
        figure = measure(one, resamples=100, seed=1)["headline"]["accuracy_surest"]
        assert figure["value"] == round((16 + 0.5) / 18, 4)


def test_prediction_sets_are_measured_where_the_model_has_scores() -> None:
    """The rank of 90 % lies beyond four scores, so that sets rule nothing out; of nine it is the largest."""
    one = outcomes()
    assert "set_coverage" not in measure(one, resamples=100, seed=1)["headline"]
    everything = measure(one, resamples=100, seed=1, doubt=DOUBT)["headline"]
    assert (everything["set_coverage"]["value"], everything["set_size"]["value"]) == (1.0, 4.0)
    scores = [0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.3, 0.3, 0.45]
    found = measure(one, resamples=100, seed=1, doubt=DOUBT.model_copy(update={"scores": tuple(scores)}))["headline"]
    inside = one.probabilities >= 0.55 - 1e-6
    assert found["set_coverage"]["value"] == round(float(inside[np.arange(160), one.gold].mean()), 4)
    assert found["set_size"]["value"] == round(float(inside.sum(axis=1).mean()), 4)


def test_counts_are_measured_on_debates_that_are_whole() -> None:
    """Debate a: 25 rows, of which 3 supportive ones are surely taken for mixed; b is too small to be counted."""
    labels = [("a", 0)] * 15 + [("a", 1)] * 6 + [("a", 2)] * 2 + [("a", 3)] * 2 + [("b", 0)] * 19
    rows = [model_parts.labelled(n, gold, debate=d) for n, (d, gold) in enumerate(labels)]
    answers = [1] * 3 + [gold for _, gold in labels[3:25]] + [2] * 19
    found = [model_parts.answered(r, model_parts.sure(a, 1.0)) for r, a in zip(rows, answers, strict=True)]
    plain = measure(of_predictions(rows, found), resamples=100, seed=1)["tally"]
    assert plain == {
        "debates": 1,
        "counted": {"mean_absolute_error": {"value": 2.0, "low": 2.0, "high": 2.0}},
        "expected": {
            "mean_absolute_error": {"value": 2.0, "low": 2.0, "high": 2.0},
            "interval_holds": {"value": 0.3333, "low": 0.3333, "high": 0.3333},
        },
    }
    both = measure(of_predictions(rows, found), resamples=100, seed=1, doubt=DOUBT)["tally"]
    assert both.keys() == {"debates", "counted", "expected", "emq", "acc"} and both["expected"] == plain["expected"]
    assert measure(outcomes(), resamples=100, seed=1)["tally"] == {"debates": 0}


@pytest.fixture
def served(tmp_path: Path) -> Predictor:
    from sklearn.dummy import DummyClassifier

    model = DummyClassifier(strategy="prior").fit([[0]] * 10, [0] * 4 + [1] * 3 + [2] * 2 + [3])
    return Predictor(model_parts.skops_bundle(tmp_path / "m", {"document": model}))


def test_a_file_is_measured_whole_and_by_its_splits(tmp_path: Path, served: Predictor) -> None:
    rows = [row | {"split": "test" if n < 16 else "train"} for n, row in enumerate(invented_rows.rows(40, debates=8))]
    path = invented_rows.write(tmp_path / "rows.jsonl", rows)
    record = on_file(path, served, resamples=100)
    assert {name: r["rows"] for name, r in record.items()} == {"all": 40, "train": 24, "test": 16}
    assert record["all"]["headline"]["accuracy_4"]["value"] == 0.25
    assert on_file(path, served.folder, resamples=100) == record


def test_a_file_of_one_split_is_measured_once(tmp_path: Path, served: Predictor) -> None:
    rows = [row | {"split": "test"} for row in invented_rows.rows(16)]
    assert on_file(invented_rows.write(tmp_path / "r.jsonl", rows), served, resamples=100).keys() == {"all"}
