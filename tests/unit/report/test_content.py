"""What a report says of a debate: the sentence, who spoke, what stands apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_up import one, unsure
from statestance.predict.table import left_out
from statestance.report import Facts, build, figures, wording
from statestance.stance import OUTCOMES
from statestance.tally import Count, tally

FACTS = Facts(date="2026-11-25")


def test_the_sentence_names_every_stance_and_its_interval() -> None:
    rows = [one("Norway", "supportive"), one("Chile", "supportive"), one("Ghana", "mixed"), one("Peru", "none")]
    said = build(rows, facts=FACTS).sentence
    assert said.startswith("2 of 4 States were supportive of Vellmora, 1 was mixed and none was critical (90\u00a0% ")
    assert said.endswith("; 1 got no stance.")


def test_the_sentence_tells_who_took_no_stance_from_who_got_none() -> None:
    rows = [one("Norway", "mixed"), one("Peru", "none"), one("Ghana", "none", reason="by_hand")]
    rows += [one("Chile", "none", reason="by_hand"), one("Chile", "none")]
    said = build(rows, facts=FACTS, by_hand=[0, 2, 3]).sentence
    assert said.endswith(
        "; 1 was read by hand and took no stance; 2 got no stance; 3 of 5 interventions corrected by hand."
    )
    # Saved predictions say who was read, not how many were corrected.
    assert build([rows[2]], facts=FACTS).sentence.endswith("; 1 was read by hand and took no stance.")


def test_groups_and_several_debates_are_not_called_states() -> None:
    joint = [one("Norway", "supportive"), one("Egypt", "critical", for_="the African Group")]
    assert "1 of 2 speakers (1 State and 1 group of States) was supportive" in build(joint, facts=FACTS).sentence
    twice = [one("Norway", "supportive", debate=d) for d in ("d1", "d2")]
    report = build(twice, facts=FACTS)
    assert "2 of 2 appearances of States in 2 debates were supportive of Vellmora" in report.sentence
    assert [d.sentence.startswith("1 of 1 State was supportive") for d in report.debates] == [True, True]


def test_turns_that_are_no_interventions_keep_their_number_and_are_not_shown() -> None:
    chair = left_out(replace(one("The President", "none").intervention, left_out="chair"))
    report = build([chair, one("Norway", "mixed"), one("Peru", "none")], facts=FACTS)
    assert [e.row for e in report.entries] == [1, 2]
    assert [e.row for e in report.decided] == [1] and [e.row for e in report.abstained] == [2]
    assert report.tally.left_out == {"chair": 1}


def test_positions_follow_the_count() -> None:
    rows = [one("Norway", "supportive"), one("Norway", "critical"), one("Egypt", "mixed", for_="the African Group")]
    report = build(rows, facts=FACTS)
    counts = tally(rows)
    assert dict(zip(report.names, (str(p.stance) for p in report.positions), strict=True)) == {
        "Norway": "mixed",
        "African Group": "mixed",
    }
    assert counts.states == len(report.positions) and counts.by_state[report.positions[0].stance].counted == 2  # type: ignore[index]


def test_an_abstention_says_what_the_model_leans_to() -> None:
    assert "leans to critical" in wording.why_abstained(unsure("Norway", "critical"))
    assert "neither praise nor concern" in wording.why_abstained(one("Norway", "none"))
    assert "odd reason" in wording.why_abstained(one("Norway", "none", reason="odd_reason"))


@pytest.mark.parametrize(("confidence", "word"), [(0.9, "high"), (0.899, "fair"), (0.75, "fair"), (0.74, "low")])
def test_a_confidence_has_a_word(confidence: float, word: str) -> None:
    assert wording.certainty(confidence) == word


def test_no_intervention_at_all_is_a_report_too() -> None:
    assert build([], facts=FACTS).sentence == "No State spoke."


def test_the_text_of_an_intervention_is_kept_to_the_letter() -> None:
    p = one("Norway", "mixed")
    gaps = replace(p, intervention=replace(p.intervention, text=p.intervention.text + "  \n(end)"))
    (entry,) = build([gaps], facts=FACTS).entries
    assert "".join(s.before + s.text for s in entry.sentences) + entry.rest == gaps.intervention.text


@given(st.lists(st.integers(0, 300), min_size=4, max_size=4), st.integers(0, 2000))
def test_stacked_bars_never_leave_their_width(numbers: list[int], largest: int) -> None:
    segments = figures.stack(dict(zip(OUTCOMES, numbers, strict=True)), largest)
    assert sum(s.count for s in segments) == sum(numbers)
    assert all(s.width > 0 for s in segments) and all(s.x + s.width <= 100.02 for s in segments)
    assert [s.outcome for s in segments] == [o for o, n in zip(OUTCOMES, numbers, strict=True) if n]


def test_a_bar_holds_its_interval() -> None:
    found = figures.bar(Count(17, 16.2, 15, 18), 27)
    assert found.low < found.width < found.high <= 100


def test_what_was_not_recorded_is_said_to_be_so() -> None:
    assert dict(wording.made(Facts()))["Model"] == "not recorded"
    stated = dict(wording.made(Facts(model="evidence", min_confidence=0.6, policy="precision 0.95 on dev")))
    assert stated["Model"] == "evidence"
    assert stated["The model gives no stance"] == (
        "where it finds neither praise nor concern, and below confidence 0.60 (precision 0.95 on dev)"
    )
    always = dict(wording.made(Facts(model="evidence", min_confidence=0.0)))
    assert always["The model gives no stance"] == "where it finds neither praise nor concern, at no confidence else"
