"""How States moved between debates on one State."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from made_up import one, unsure
from statestance.domain import StatestanceError
from statestance.report import Facts, comparison
from statestance.report.comparison import CONCERN, ONCE, PRAISE, RETURNED, SAME, compare

FACTS = Facts(date="2026-11-25")
FIRST = [
    one("Norway", "supportive"), one("Chile", "critical"), one("Ghana", "mixed"), one("Peru", "critical"),
    one("Japan", "none"),
]  # fmt: skip
LATER = [
    one("Norway", "critical", debate="d2"), one("Chile", "mixed", debate="d2"), one("Ghana", "mixed", debate="d2"),
    one("Fiji", "supportive", debate="d2"), one("Japan", "mixed", debate="d2"),
]  # fmt: skip


def test_moves_are_between_stances_and_silence_is_none() -> None:
    found = compare([("a", FIRST), ("b", LATER)], facts=FACTS)
    moves = {t.name: t.move for t in found.tracks}
    assert moves == {"Norway": CONCERN, "Chile": PRAISE, "Ghana": SAME, "Peru": ONCE, "Japan": ONCE, "Fiji": ONCE}
    (shift,) = found.shifts
    assert (shift.both, shift.praise, shift.concern) == (3, 1, 1)
    assert shift.sentence == (
        "Of 3 speakers with a stance in d1 and in d2, 1 moved towards praise, 1 towards concern "
        "and 1 kept the same stance."
    )
    fiji = next(t for t in found.tracks if t.name == "Fiji")
    assert fiji.cells[0] is None and fiji.cells[1] is not None


def test_a_move_has_the_probability_of_its_direction() -> None:
    found = compare([("a", [one("Norway", "supportive", sure=0.9)]), ("b", LATER)], facts=FACTS)
    sure = next(t.sure for t in found.tracks if t.name == "Norway")
    third = 0.1 / 3
    later = 0.06 / 3
    # supportive before and less after, or mixed before and critical after
    assert sure == pytest.approx(0.9 * (0.94 + later) + third * 0.94)


THIRD = [one("Norway", "supportive", debate="d3"), one("Fiji", "critical", debate="d3")]


def test_of_three_debates_all_that_is_said_goes_from_each_speakers_first_stance_to_its_last() -> None:
    found = compare([("a", FIRST), ("b", LATER), ("c", THIRD)], facts=FACTS)
    assert [(s.before, s.after) for s in found.shifts] == [("d1", "d2"), ("d2", "d3")]
    assert found.sentence == (
        "Of 4 speakers with a stance in more than one of the 3 debates, from the first stance of each to its last, "
        "1 moved towards praise, 1 towards concern, 1 moved and returned and 1 kept the same stance."
    )
    assert {move: [t.name for t in tracks] for move, tracks in found.movers} == {
        PRAISE: ["Chile"], CONCERN: ["Fiji"], RETURNED: ["Norway"],
    }  # fmt: skip
    assert dict(found.moves) == {
        CONCERN: "↓ towards concern (1)", RETURNED: "↔ moved and returned (1)", SAME: "= unchanged (1)",
        PRAISE: "↑ towards praise (1)", ONCE: "· one stance only (2)",
    }  # fmt: skip
    page = BeautifulSoup(comparison.render(found), "html.parser")
    assert "Norway + supportive → to − critical → to + supportive" in [
        " ".join(li.get_text(" ").split()) for li in page.select("#movers li")
    ]
    assert [" ".join(li.get_text().split()) for li in page.select(".steps li")] == list(found.steps)
    assert [row["data-change"] for row in page.select("tr.item")][-1] == "", "Peru has no move to sort by"


def test_of_two_debates_the_sentence_is_that_of_the_step() -> None:
    found = compare([("a", FIRST), ("b", LATER)], facts=FACTS)
    assert found.sentence == found.shifts[0].sentence and found.steps == ()


def test_nobody_who_spoke_twice_is_said_so() -> None:
    rows = [("a", [one("Norway", "mixed")]), ("b", [one("Fiji", "mixed", debate="d2")])]
    found = compare([*rows, ("c", [one("Peru", "mixed", debate="d3")])], facts=FACTS)
    assert found.sentence == "Nobody took a stance in more than one of the 3 debates."


def test_debates_of_one_name_are_told_apart_by_their_files() -> None:
    found = compare([("a", FIRST), ("b", [one("Norway", "mixed")])], facts=FACTS)
    assert [c.name for c in found.columns] == ["d1 (a)", "d1 (b)"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("a", FIRST)], "at least two debates"),
        ([("a", []), ("b", FIRST)], "at least two debates"),
        ([("a", FIRST), ("b", [one("Norway", "mixed", target="Orvania")])], "found Orvania (b), Vellmora (a)"),
        ([("a", FIRST), ("a", FIRST)], "found d1 (a) twice"),
    ],
)
def test_what_cannot_be_compared_is_refused(files: list[tuple[str, list[object]]], said: str) -> None:
    with pytest.raises(StatestanceError, match="expected") as error:
        compare(files, facts=FACTS)  # type: ignore[arg-type]
    assert said in str(error.value)


def test_unnamed_speakers_of_two_debates_are_not_one() -> None:
    found = compare([("a", [one("", "mixed")]), ("b", [one("", "critical", debate="d2")])], facts=FACTS)
    assert [t.move for t in found.tracks] == [ONCE, ONCE]


def test_the_page_is_a_heat_map_with_filters() -> None:
    found = compare([("a", FIRST), ("b", [*LATER, unsure("Peru", "mixed", debate="d2")])], facts=FACTS)
    page = BeautifulSoup(comparison.render(found), "html.parser")
    rows = page.select("table.heat tr.item")
    assert [r.th.get_text() for r in rows] == sorted(t.name for t in found.tracks)  # type: ignore[union-attr]
    norway = next(r for r in rows if r["data-name"] == "Norway")
    assert [c["class"] for c in norway.select("td.cell")] == [["cell", "is-supportive"], ["cell", "is-critical"]]
    assert norway["data-move"] == CONCERN and page.select_one("#filter-move") and page.select_one("#sort")


def test_who_moved_is_named_with_the_way_it_went() -> None:
    found = compare([("a", FIRST), ("b", LATER)], facts=FACTS)
    assert [(move, [t.name for t in tracks]) for move, tracks in found.movers] == [
        (PRAISE, ["Chile"]),
        (CONCERN, ["Norway"]),
    ]
    page = BeautifulSoup(comparison.render(found), "html.parser")
    said = [" ".join(li.get_text(" ").split()) for li in page.select("#movers li")]
    assert said == ["Chile − critical → to ± mixed", "Norway + supportive → to − critical"]
    still = compare([("a", [one("Norway", "mixed")]), ("b", [one("Norway", "mixed", debate="d2")])], facts=FACTS)
    assert not BeautifulSoup(comparison.render(still), "html.parser").select("#movers, nav a[href='#movers']")
