"""The behaviour tables are what the behaviour tests take them for: enough, consistent, new, about no real State."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from behaviour import changes
from behaviour.scoreboard import Scoreboard, Verdict
from behaviour.tables import (
    FOLDER,
    LEAST,
    SPEAKERS,
    TARGETS,
    Case,
    additions,
    adjective_of,
    capabilities,
    cases,
    doubtful,
    outcome,
    shortfalls,
    thresholds,
)
from statestance.domain import Intervention, Marks, Prediction
from statestance.predict.predictor import as_intervention
from statestance.stance import NO_STANCE, OUTCOMES, Stance, decide
from statestance.text.masking import STATE, TARGET, mask
from statestance.text.states import iso3

ROOT = Path(__file__).parents[2]
COMPOSED = [ROOT / "data/statements/composed.jsonl", ROOT / "../shared/corpus/composed.jsonl"]
PLACEHOLDERS = {"speaker", "target", "target_adjective"}
TABLES = sorted(FOLDER.glob("*.jsonl"))
INVARIANCES = (changes.reordered, changes.typographic)


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def composed() -> list[dict[str, object]]:
    for path in COMPOSED:
        if path.is_file():
            return rows(path)
    pytest.skip("no composed statements here; `make data` fetches them")


def sole(mark: str) -> list[Case]:
    return [case for case in cases() if case.outcome == "mixed" and changes.only(case, mark) is not None]


def test_there_are_enough_capabilities_and_each_has_a_threshold() -> None:
    assert len(TABLES) == len(capabilities()) >= 14
    assert set(thresholds()["minimum_function"]) == set(capabilities())
    assert all(0 < rate <= 1 for kind in thresholds().values() for rate in kind.values())


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_table_is_whole(path: Path) -> None:
    table = rows(path)
    assert len(table) >= LEAST
    for number, row in enumerate(table, 1):
        assert list(row) == ["id", "register", "sentences", "praise", "concern", "outcome"]
        assert row["id"] == f"{path.stem}-{number:02}"
        assert row["register"] in ("summary", "verbatim")
        assert row["outcome"] in OUTCOMES
    assert {row["register"] for row in table} == {"summary", "verbatim"}


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_marks_are_in_range_and_give_the_outcome(path: Path) -> None:
    for row in rows(path):
        sentences, praise, concern = row["sentences"], row["praise"], row["concern"]
        assert isinstance(sentences, list) and isinstance(praise, list) and isinstance(concern, list)
        assert all(sentence.strip() == sentence and sentence for sentence in sentences)
        assert {name for s in sentences for name in re.findall(r"\{(\w*)\}", s)} <= PLACEHOLDERS
        for marks in (praise, concern):
            assert marks == sorted(set(marks)) and all(0 <= i < len(sentences) for i in marks)
        assert row["outcome"] == str(decide(bool(praise), bool(concern)) or NO_STANCE)


def test_no_text_stands_twice() -> None:
    found = Counter(" ".join(case.sentences).casefold() for case in cases())
    assert [text for text, count in found.items() if count > 1] == []


def test_sentence_spans_are_those_of_the_splitter() -> None:
    for case in cases():
        whole = as_intervention(case.row(), 1)
        assert as_intervention({"text": whole.text}, 1).sentence_texts == whole.sentence_texts, case.id


def test_every_outcome_and_both_registers_are_well_represented() -> None:
    outcomes, registers = Counter(c.outcome for c in cases()), Counter(c.register for c in cases())
    assert min(outcomes[one] for one in OUTCOMES) >= 2 * LEAST
    assert min(registers.values()) >= len(cases()) // 5


def test_no_real_state_is_spoken_of() -> None:
    assert [name for name in (*SPEAKERS, *TARGETS) if iso3(name)] == []
    for case in cases():
        masked = mask(as_intervention(case.row(), 1)).text
        assert STATE not in masked, masked
        assert case.target not in masked and adjective_of(case.target) not in masked
        assert (TARGET in masked) == (case.uses("target") or case.uses("target_adjective"))


def test_nothing_is_taken_from_the_composed_statements() -> None:
    known = composed()
    assert {row["target"] for row in known}.isdisjoint((*SPEAKERS, *TARGETS))

    def bare(sentence: str, names: list[str]) -> str:
        for name in sorted(filter(None, names), key=len, reverse=True):
            sentence = sentence.replace(name, "…")
        return sentence.casefold()

    theirs = {
        bare(sentence, [str(row["target"]), str(row["speaker"])])
        for row in known
        for sentence in row["sentences"]  # type: ignore[attr-defined]
    }
    formula = 45  # "It made recommendations." belongs to nobody
    shared = [
        sentence
        for case in cases()
        for sentence in case.row()["sentences"]
        if len(sentence) > formula and bare(sentence, [case.target, case.speaker]) in theirs
    ]
    assert shared == []


def test_additions_are_of_both_registers() -> None:
    assert set(additions()) == {"praise", "concern", "courtesy"}
    for kind in additions().values():
        assert set(kind) == {"summary", "verbatim"} and all(len(options) >= 5 for options in kind.values())


@pytest.mark.parametrize("change", INVARIANCES)
def test_change_touches_enough_cases_and_no_outcome(change: object) -> None:
    changed = [new for case in cases() if (new := change(case))]  # type: ignore[operator]
    assert len(changed) >= LEAST
    originals = {case.id: case for case in cases()}
    assert all(new.outcome == originals[new.id].outcome for new in changed)
    assert all(new.sentences != originals[new.id].sentences for new in changed)


def test_both_spellings_touch_enough_cases() -> None:
    assert sum(bool(changes.american(c)) + bool(changes.with_ise(c)) for c in cases()) >= LEAST
    case = Case("x", "x", "summary", ("{speaker} recognized the Labour centre.",), Marks((0,)), 0)
    american, british = changes.american(case), changes.with_ise(case)
    assert american and american.sentences == ("{speaker} recognized the Labor center.",)
    assert british and british.sentences == ("{speaker} recognised the Labour centre.",)


@pytest.mark.parametrize(("mark", "left"), [("concern", "supportive"), ("praise", "critical")])
def test_enough_mixed_cases_turn_by_one_sentence(mark: str, left: str) -> None:
    found = sole(mark)
    assert len(found) >= LEAST
    for case in found:
        at = changes.only(case, mark)
        assert at is not None
        assert changes.without(case, at).outcome == left


def test_removing_a_sentence_renumbers_the_marks_and_names_the_speaker() -> None:
    case = Case("x", "x", "summary", ("{speaker} praised.", "It asked.", "It deplored."), Marks((0,), (2,)), 0)
    left = changes.without(case, 0)
    assert left.sentences == ("{speaker} asked.", "It deplored.")
    assert left.marks == Marks((), (1,))


def test_adding_a_sentence_marks_it() -> None:
    case = Case("x", "x", "verbatim", ("We praise.",), Marks((0,)), 0)
    assert changes.added(case, "concern", 3).marks == Marks((0,), (1,))
    assert changes.added(case, "courtesy", 3).marks == Marks((0,))


def test_reordering_leaves_out_sentences_that_lean_on_others() -> None:
    free = Case("x", "x", "summary", ("{speaker} praised the law.", "It deplored the raid."), Marks((0,), (1,)), 0)
    turned = changes.reordered(free)
    assert turned and turned.sentences == ("{speaker} deplored the raid.", "It praised the law.")
    assert turned.marks == Marks((1,), (0,))
    leaning = Case("x", "x", "summary", ("{speaker} praised the law.", "It deplored, however, the raid."), Marks(), 0)
    assert changes.reordered(leaning) is None


def test_what_is_held_back_is_told_from_what_is_served() -> None:
    said, chances = Intervention("1", "Aurelle spoke."), (0.4, 0.3, 0.2, 0.1)
    served = Prediction(said, Stance.SUPPORTIVE, 0.4, chances)
    held = Prediction(said, None, 0.4, chances, abstain_reason="low_confidence")
    none = Prediction(said, None, 0.7, (0.1, 0.1, 0.1, 0.7), abstain_reason="no_stance")
    assert [outcome(one) for one in (served, held, none)] == ["supportive", "supportive", NO_STANCE]
    assert [doubtful(one) for one in (served, held, none)] == [False, True, False]


def test_a_capability_under_its_threshold_fails_and_shows_the_cases(tmp_path: Path) -> None:
    good = [Verdict(f"g{i}", "fine", "none", "none") for i in range(LEAST)]
    bad = [Verdict("b1", "the text that failed", "mixed", "critical")]
    board = Scoreboard(model="m")
    board.judge("invariance", "speaker_swapped", good)
    with pytest.raises(AssertionError, match="b1: expected mixed, found critical: the text that failed"):
        board.judge("invariance", "speaker_swapped", good + bad)
    with pytest.raises(AssertionError, match=f"at least {LEAST} cases; found 1"):
        board.judge("invariance", "speaker_swapped", good[:1])
    board.write(tmp_path / "table.json")
    written = json.loads((tmp_path / "table.json").read_text(encoding="utf-8"))
    assert [line["passed"] for line in written["capabilities"]] == [LEAST, LEAST, 1]
    assert written["capabilities"][1]["failed"] == ["b1"]
    assert [line["wrong"] for line in written["capabilities"]] == [0, 1, 0]
    board.write(tmp_path / "table.md")
    last_column = [row.split("|")[-2].strip() for row in (tmp_path / "table.md").read_text().splitlines()[4:]]
    assert last_column == ["the aim", "NO", "NO"]


def test_a_known_shortfall_is_lower_than_its_threshold_and_no_swap_is_excused() -> None:
    for kind, rates in shortfalls().items():
        assert all(rate < thresholds()[kind][capability] for capability, rate in rates.items())
    assert not {"speaker_swapped", "target_swapped"} & set(shortfalls()["invariance"])


def test_a_known_shortfall_is_held_to_its_own_minimum() -> None:
    board = Scoreboard(model="m")
    half = [Verdict(f"g{i}", "t", "none", "none" if i % 2 else "mixed") for i in range(2 * LEAST)]
    board.judge("minimum_function", "reported_good", half)
    assert board.lines[0].rate < board.lines[0].aim
    with pytest.raises(AssertionError, match=r"expected a pass rate of 0\.800"):
        board.judge("minimum_function", "hedge", half)
