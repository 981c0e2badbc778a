"""What a report says of a debate: the sentence, who spoke, what stands apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_up import one, unsure
from statestance.predict.table import left_out
from statestance.report import Facts, build, figures, measured, wording
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


def test_what_is_counted_though_the_model_was_unsure_is_for_a_human_the_least_sure_first() -> None:
    rows = [one("Norway", "mixed", sure=0.72), one("Chile", "critical", sure=0.56), one("Peru", "mixed", sure=0.75)]
    rows += [one("Ghana", "none", sure=0.5), one("Fiji", "critical", sure=0.4)]
    report = build(rows, facts=FACTS, by_hand=[4])
    assert [e.name for e in report.unsure] == ["Chile", "Norway"], "not who has no stance, nor who was read by hand"
    assert [e.name for e in report.asking] == ["Ghana"]


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
    stated = dict(wording.made(Facts(model="evidence")))
    assert stated["Model"] == "evidence"
    assert stated["Measured error"] == stated["Digest of the training data"] == "not recorded"


def test_of_saved_predictions_one_line_says_that_their_model_is_not_known() -> None:
    made = wording.made(Facts(date="2026-11-25"))
    assert [name for name, _ in made] == ["Model", "Date of this report", "Confidence"]
    assert made[0][1] == "the saved predictions do not say which model made them"


EXPORTED = "abstain below the confidence from which stances on dev are right at a rate of 0.95"


@pytest.mark.parametrize(
    ("least", "policy", "said"),
    [
        (0.0, EXPORTED, "only where it finds neither praise nor concern; on the development debates its stances were "
         "right at a rate of 0.95 without more abstaining"),
        (0.62, EXPORTED, "where it finds neither praise nor concern, and below a confidence of 0.62, chosen so that on "
         "the development debates its stances are right at a rate of 0.95"),
        (0.6, "by hand", "where it finds neither praise nor concern, and below a confidence of 0.60 (by hand)"),
        (0.0, "", "only where it finds neither praise nor concern"),
        (None, "", "not recorded"),
    ],
)  # fmt: skip
def test_when_the_model_abstains_is_said_without_contradiction(least: float | None, policy: str, said: str) -> None:
    made = dict(wording.made(Facts(model="evidence", min_confidence=least, policy=policy)))
    assert made["The model gives no stance"] == said


def test_what_was_read_is_said_once_and_in_plain_words() -> None:
    left_out = {"front matter": 1, "recommendation list": 53, "chair": 5}
    assert wording.read("d.txt", "upr", 12, left_out) == (
        "d.txt: layout upr; kept 12 interventions; left out 59 other passages: 53 × paragraph of the closing list of "
        "recommendations, 5 × chair, 1 × text before the debate"
    )
    assert wording.read("d.txt", "script", 1, {}) == "d.txt: layout script; kept 1 intervention"


def test_a_reader_is_told_that_names_are_those_of_today() -> None:
    read = Facts(sources=("d.txt: layout upr; kept 1 intervention",)).read
    assert len(read) == 2 and "names that the United Nations use today" in read[1]
    assert Facts().read == ()


def test_the_first_limit_is_what_the_intervals_do_not_hold() -> None:
    assert "90 % intervals" in wording.LIMITS[0] and "do not hold its systematic error" in wording.LIMITS[0]


def test_where_people_corrected_the_limit_on_whose_the_stances_are_says_so_wherever_it_stands() -> None:
    rows = [one("Norway", "mixed"), one("Chile", "critical")]
    assert build(rows, facts=FACTS).facts.limits == wording.LIMITS
    for limits in (wording.LIMITS, wording.LIMITS[::-1], ("Another limit.",)):
        found = build(rows, facts=Facts(limits=limits), by_hand=[1]).facts.limits
        changed = [(old, new) for old, new in zip(limits, found, strict=True) if old != new]
        assert len(changed) == (len(limits) > 1)
        for old, new in changed:
            assert old.startswith("The stances are a model's, not") and "1 of 2 interventions corrected by hand" in new


def test_the_measured_error_is_that_on_real_debates() -> None:
    per_class = {"supportive": {"precision": 0.96}, "mixed": {"precision": 0.93}, "critical": {"precision": 0.8}}
    right = {"value": 0.925, "low": 0.9, "high": 0.95}
    real = {"rows": 40, "debates": 3, "headline": {"accuracy_answered": right}, "per_class": per_class}
    said = measured.sentence({"metrics": {"composed": {}, "real": real}}).replace("\u00a0", " ")
    assert said == (
        "on 40 interventions of 3 real debates that it had never seen, 7.5 % of its answers were wrong by the labels "
        "(95 % interval: 5.0 % to 10.0 %): 4 % of those it called supportive, 7 % of those it called mixed and 20 % of "
        "those it called critical"
    )
    assert measured.sentence({}) == measured.sentence({"metrics": {"composed": real}}) == ""
