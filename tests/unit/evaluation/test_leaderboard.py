"""The leaderboard shows every model and calls the champion by its name."""

from __future__ import annotations

import re
from typing import Any

import pytest

import model_parts
from statestance.domain import Marks
from statestance.evaluation import measure, of_predictions
from statestance.evaluation.compare import Difference
from statestance.evaluation.leaderboard import Entry, markdown
from statestance.stance import OUTCOMES

MARKS = (Marks((0,), ()), Marks((0,), (1,)), Marks((), (1,)), Marks())


def _record(period: int, *, marks: bool) -> dict[str, Any]:
    rows = [model_parts.labelled(n, n % 4, debate=f"d{n % 6}", marks=MARKS[n % 4]) for n in range(48)]
    found = []
    for n, row in enumerate(rows):
        answer = (row.outcome + 1) % 4 if n % period == 0 else row.outcome
        found.append(model_parts.answered(row, model_parts.sure(answer), marks=MARKS[answer] if marks else None))
    return measure(of_predictions(rows, found), resamples=100, seed=1)


@pytest.fixture(scope="module")
def page() -> str:
    entries = [
        Entry(
            name,
            "any",
            {"dev": _record(dev, marks=marks), "test": _record(test, marks=marks)},
            1234.4,
            56_780_000,
            "cpu",
        )
        for name, dev, test, marks in (("plain", 3, 5, False), ("marking", 7, 4, True), ("guess", 2, 2, False))
    ]
    gaps = {"plain": Difference(0.0123, -0.02, 0.04), "guess": Difference(-0.25, -0.3, -0.2)}
    cards = [{"version": "2031.1", "metrics": {"real": _record(9, marks=True), "composed": _record(11, marks=False)}}]
    return markdown(entries, gaps, best="marking", metric="macro_f1", cards=cards)


def _tables(page: str) -> list[list[list[str]]]:
    blocks = re.findall(r"(?:^\|.*\n?)+", page, re.MULTILINE)
    return [[[c.strip() for c in line.strip("|").split("|")] for line in b.strip().splitlines()] for b in blocks]


def test_every_model_has_its_row_in_the_order_of_dev(page: str) -> None:
    headlines, quality, counts, *_ = _tables(page)
    for table in (headlines, quality, counts):
        assert [row[0].strip("*") for row in table[2:]] == ["marking", "plain", "guess"]
    for table in _tables(page):
        assert len({len(row) for row in table}) == 1, table[0]


def test_the_champion_stands_out_and_the_others_stand_beside_it(page: str) -> None:
    headlines = _tables(page)[0]
    champion, plain, guess = headlines[2:]
    assert champion[0] == "**marking**" and champion[5] == "champion"
    assert plain[5] == "+0.012 [-0.020, +0.040]: no clear difference"
    assert guess[5] == "-0.250 [-0.300, -0.200]: differs"
    assert plain[6:] == ["1,234 s", "56.8 MB"]


def test_figures_are_those_of_the_records(page: str) -> None:
    test = _record(5, marks=False)
    headlines, quality, counts, tallies, classes, slices, _ = _tables(page)
    figure = test["headline"]["macro_f1"]
    assert headlines[3][2] == f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"
    assert quality[3][8:] == ["–"] * 4 and quality[2][-2].startswith("1.000 [")
    surest = test["headline"]["accuracy_surest"]
    assert quality[3][7] == f"{surest['value']:.3f} [{surest['low']:.3f}, {surest['high']:.3f}]"
    assert tallies[3] == ["plain", "0", *["–"] * 7]
    assert counts[3][1] == f"{test['count_error_per_debate']['supportive']['mean_error']:+.2f}"
    champion = _record(4, marks=True)
    assert [row[0] for row in classes[2:]] == list(OUTCOMES)
    assert [[int(c) for c in row[5:]] for row in classes[2:]] == [
        list(champion["confusion"][outcome].values()) for outcome in OUTCOMES
    ]
    assert [row[0] for row in slices[2:]] == list(champion["slices"])


def test_released_models_stand_apart_with_real_and_composed_text_by_name(page: str) -> None:
    released = _tables(page)[-1]
    ece = _record(9, marks=True)["headline"]["ece"]
    assert [row[:4] for row in released[2:]] == [["2031.1", "real", "48", "6"], ["2031.1", "composed", "48", "6"]]
    assert released[2][9] == f"{ece['value']:.3f} [{ece['low']:.3f}, {ece['high']:.3f}]"
    assert released[3][7:9] == ["–", "–"]


def test_nothing_is_left_unfilled(page: str) -> None:
    assert not re.search(r"\{|\}|None|nan", page)
    assert "dev\n48 interventions in 6 debates, test 48 in 6" in page
