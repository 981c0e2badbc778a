"""Corrections on disk: rows that ``corpus`` loads, whatever is corrected, again, and interrupted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from served import Keywords
from statestance import corpus
from statestance.apps.server.corrections import Corrections, keys_of
from statestance.domain import Intervention, Marks, Prediction, StatestanceError
from statestance.predict.predictor import as_intervention
from statestance.stance import Stance

TEXTS = (
    "Norway welcomed the new law. It was concerned about arrests.",
    "Chile commended the plan. It asked for details. It recommended a moratorium.",
    "Ghana thanked the delegation.",
)
PREDICTIONS = Keywords().predict(
    [
        as_intervention({"text": text, "debate": "Vellmora", "target": "Vellmora", "speaker": text.split()[0]}, n)
        for n, text in enumerate(TEXTS)
    ]
)
KEYS = keys_of(p.intervention for p in PREDICTIONS)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Corrections]:
    found = Corrections(tmp_path)
    yield found
    found.close()


def put(held: Corrections, row: int, stance: Stance | None = None, marks: Marks | None = None) -> None:
    held.put(KEYS[row], PREDICTIONS[row], stance, marks, "keywords")


def said(number: int, **fields: str) -> Intervention:
    """An intervention of the same words as all others that this makes, unless ``fields`` say otherwise."""
    usual = {"text": TEXTS[2], "debate": "d", "target": "Vellmora", "speaker": "Ghana", "id": f"d-{number}"}
    return as_intervention(usual | fields, number)


def put_all(held: Corrections, rows: list[Intervention], stances: list[Stance | None]) -> None:
    for key, prediction, stance in zip(keys_of(rows), Keywords().predict(rows), stances, strict=True):
        held.put(key, prediction, stance, None, "keywords")


def test_corrected_marks_are_a_labelled_row_with_the_stance_that_follows(held: Corrections) -> None:
    put(held, 0, marks=Marks((), (1,)))
    (row,) = corpus.load(held.path)
    assert (row.stance, row.marks, row.source) == (Stance.CRITICAL, Marks((), (1,)), "correction")
    one = row.intervention
    assert (one.text, one.debate, one.target, one.speaker_iso3) == (TEXTS[0], "Vellmora", "Vellmora", "NOR")
    assert one.sentence_texts == PREDICTIONS[0].intervention.sentence_texts


def test_a_corrected_stance_is_stored_without_marks(held: Corrections) -> None:
    put(held, 0, Stance.CRITICAL)
    put(held, 1, None)
    first, second = corpus.load(held.path)
    assert (first.stance, first.marks) == (Stance.CRITICAL, None)
    assert (second.stance, second.marks) == (None, None)


def test_what_the_model_said_stands_beside_it(held: Corrections) -> None:
    put(held, 0, marks=Marks((0,), ()))
    row = json.loads(held.path.read_text(encoding="utf-8"))
    assert (row["model"], row["model_stance"]) == ("keywords", "mixed")
    assert (row["model_praise"], row["model_concern"]) == ([0], [1])


def test_the_last_word_counts(held: Corrections) -> None:
    put(held, 0, Stance.CRITICAL)
    put(held, 1, Stance.MIXED)
    put(held, 0, marks=Marks((0,), ()))
    assert [(r.stance, r.marks) for r in corpus.load(held.path)] == [
        (Stance.SUPPORTIVE, Marks((0,), ())),
        (Stance.MIXED, None),
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"speaker": "Chile"},
        {"speaker": "Ghana", "on_behalf_of": "the African Group"},
        {"debate": "D"},
        {"target": "Orsinia"},
        {"target": ""},
        {"text": "Ghana thanked the delegations."},
    ],
)
def test_a_correction_reaches_no_other_intervention(held: Corrections, other: dict[str, str]) -> None:
    rows = [said(1), said(2, **other)]
    put_all(held, rows[:1], [Stance.CRITICAL])
    corrected, alike = keys_of(rows)
    assert corrected in held and alike not in held
    assert held.apply(alike, Keywords().predict(rows)[1]).stance is None


def test_a_correction_is_found_again_in_the_same_debate(held: Corrections) -> None:
    put_all(held, [said(1)], [Stance.CRITICAL])
    # Another speaker came before, and a file of another kind broke the lines otherwise.
    again = [said(1, speaker="Chile"), said(2, text=TEXTS[2].replace(" ", "\n").upper())]
    assert [key in held for key in keys_of(again)] == [False, True]
    put_all(held, again[1:], [Stance.MIXED])
    assert [row.stance for row in corpus.load(held.path)] == [Stance.MIXED]


def test_who_says_the_same_twice_is_corrected_once(tmp_path: Path) -> None:
    rows, held = [said(n) for n in range(3)], Corrections(tmp_path)
    put_all(held, rows[:1], [Stance.CRITICAL])
    held.put(keys_of(rows)[2], Keywords().predict(rows)[2], Stance.MIXED, None, "keywords")
    held.close()
    again = Corrections(tmp_path)
    assert [key in again for key in keys_of(rows)] == [True, False, True]
    again.remove(keys_of(rows)[0])
    assert [key in again for key in keys_of(rows)] == [False, False, True]
    again.close()


def test_the_same_words_may_have_several_labels_which_check_then_asks_about(tmp_path: Path) -> None:
    rows, held = [said(1), said(2, speaker="Chile")], Corrections(tmp_path)
    put_all(held, rows, [Stance.CRITICAL, None])
    held.close()
    again = Corrections(tmp_path)
    shown = [again.apply(key, p).stance for key, p in zip(keys_of(rows), Keywords().predict(rows), strict=True)]
    assert shown == [Stance.CRITICAL, None] and len(again) == 2
    again.close()
    with pytest.raises(StatestanceError, match="the same text is critical on line 1"):
        corpus.load(again.path)


@pytest.mark.parametrize("debate", ["d", "norway2010"])
@pytest.mark.parametrize("text", [TEXTS[2], "Ghana\u2028thanked the\x85 delegation."])
def test_what_the_file_holds_is_found_again(tmp_path: Path, debate: str, text: str) -> None:
    one, held = said(1, debate=debate, target="", text=text), Corrections(tmp_path)
    put_all(held, [one], [Stance.CRITICAL])
    held.close()
    again = Corrections(tmp_path)
    assert keys_of([one])[0] in again and again.text() == again.path.read_text(encoding="utf-8")
    again.close()


def test_a_file_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    row = {"id": "d-1-0a1b2c3d", "debate": "d", "target": "Vellmora", "speaker": "Ghana", "speaker_iso3": "GHA"}
    row |= {"sentences": [TEXTS[2]], "stance": "critical", "source": "correction", "model_stance": "none"}
    (tmp_path / "corrections.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    held = Corrections(tmp_path)
    assert [key in held for key in keys_of([said(1), said(2, speaker="Chile")])] == [True, False]
    held.close()


def test_debates_of_one_name_do_not_share_ids(held: Corrections) -> None:
    for text in TEXTS:
        put_all(held, [said(1, text=text)], [Stance.MIXED])
    put_all(held, [said(1), said(1)], [Stance.MIXED, Stance.MIXED])
    assert len(corpus.load(held.path)) == 4


def test_a_correction_taken_back_is_gone(held: Corrections) -> None:
    put(held, 0, Stance.CRITICAL)
    put(held, 1, Stance.MIXED)
    held.remove(KEYS[0])
    held.remove(KEYS[2])
    assert [r.stance for r in corpus.load(held.path)] == [Stance.MIXED]
    assert held.apply(KEYS[0], PREDICTIONS[0]) is PREDICTIONS[0]


@pytest.mark.parametrize(
    ("stance", "marks", "expected"),
    [
        (Stance.CRITICAL, None, (Stance.CRITICAL, None, "")),
        (None, None, (None, None, "by_hand")),
        (None, Marks((0, 1), ()), (Stance.SUPPORTIVE, Marks((0, 1), ()), "")),
        (None, Marks(), (None, Marks(), "by_hand")),
    ],
)
def test_a_corrected_prediction_is_certain(
    held: Corrections, stance: Stance | None, marks: Marks | None, expected: tuple[object, ...]
) -> None:
    put(held, 0, stance, marks)
    now = held.apply(KEYS[0], PREDICTIONS[0])
    assert (now.stance, now.marks, now.abstain_reason) == expected
    assert (now.confidence, sum(now.probabilities)) == (1.0, 1.0)


def test_they_outlive_the_server_and_follow_the_text(tmp_path: Path) -> None:
    first = Corrections(tmp_path)
    put(first, 0, marks=Marks((), (1,)))
    put(first, 1, Stance.MIXED)
    first.close()
    second = Corrections(tmp_path)
    assert len(second) == 2
    assert second.apply(KEYS[0], PREDICTIONS[0]).stance == Stance.CRITICAL
    put(second, 0, Stance.SUPPORTIVE)
    second.close()
    assert {r.stance for r in corpus.load(tmp_path / "corrections.jsonl")} == {Stance.SUPPORTIVE, Stance.MIXED}


def test_a_second_server_on_the_folder_is_refused(held: Corrections) -> None:
    with pytest.raises(StatestanceError, match="another server"):
        Corrections(held.path.parent)


def test_a_file_that_is_no_corpus_is_refused_with_its_faults(tmp_path: Path) -> None:
    (tmp_path / "corrections.jsonl").write_text('{"text": "A.", "stance": "pro"}\n', encoding="utf-8")
    with pytest.raises(StatestanceError, match=r"corrections\.jsonl:1: stance = 'pro'"):
        Corrections(tmp_path)
    # A folder that was refused is not held.
    (tmp_path / "corrections.jsonl").unlink()
    Corrections(tmp_path).close()


def test_a_crash_at_any_byte_of_a_save_loses_at_most_that_row(tmp_path: Path) -> None:
    whole = Corrections(tmp_path / "whole")
    for row in range(3):
        put(whole, row, Stance.MIXED)
    whole.close()
    data = whole.path.read_bytes()
    ends = [at + 1 for at, byte in enumerate(data) if byte == 10]
    for cut in range(ends[1], len(data) + 1):
        folder = tmp_path / str(cut)
        folder.mkdir()
        (folder / "corrections.jsonl").write_bytes(data[:cut])
        again = Corrections(folder)
        assert len(again) == (3 if cut >= len(data) - 1 else 2)
        put(again, 2, Stance.CRITICAL)
        again.close()
        assert [r.stance for r in corpus.load(again.path)] == [Stance.MIXED, Stance.MIXED, Stance.CRITICAL]


def test_a_save_that_fails_leaves_the_file_as_it_was(held: Corrections, monkeypatch: pytest.MonkeyPatch) -> None:
    put(held, 0, Stance.CRITICAL)
    before = held.path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("statestance.apps.server.corrections.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        put(held, 1, Stance.MIXED)
    with pytest.raises(OSError, match="No space left"):
        put(held, 0, Stance.MIXED)
    assert held.path.read_bytes() == before
    assert held.apply(KEYS[0], PREDICTIONS[0]).stance == Stance.CRITICAL
    assert held.apply(KEYS[1], PREDICTIONS[1]) is PREDICTIONS[1]


_ACTS = st.tuples(
    st.sampled_from(range(3)),
    st.one_of(
        st.none(),
        st.sampled_from([*Stance]),
        st.builds(Marks, st.sampled_from([(), (0,)]), st.sampled_from([(), (0,)])),
    ),
    st.booleans(),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(_ACTS, max_size=12))
def test_whatever_is_done_the_file_says_what_the_server_says(
    acts: list[tuple[int, Stance | Marks | None, bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    held = Corrections(tmp_path_factory.mktemp("held"))
    for row, word, back in acts:
        if back:
            held.remove(KEYS[row])
        else:
            put(held, row, *((None, word) if isinstance(word, Marks) else (word, None)))
    shown: list[Prediction] = [held.apply(key, p) for key, p in zip(KEYS, PREDICTIONS, strict=True) if key in held]
    text = held.path.read_text(encoding="utf-8") if held.path.exists() else ""
    assert text == held.text()
    if text:
        on_disk = {r.intervention.text: (r.stance, r.marks) for r in corpus.load(held.path)}
        assert on_disk == {p.intervention.text: (p.stance, p.marks) for p in shown}
    else:
        assert not shown
    held.close()
