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
from statestance.apps.server.corrections import Corrections
from statestance.domain import Marks, Prediction, StatestanceError
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


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Corrections]:
    found = Corrections(tmp_path)
    yield found
    found.close()


def put(held: Corrections, row: int, stance: Stance | None = None, marks: Marks | None = None) -> None:
    held.put(PREDICTIONS[row], stance, marks, "keywords")


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


def test_the_same_words_have_one_label_wherever_they_are_said(held: Corrections) -> None:
    put(held, 0, Stance.CRITICAL)
    again = as_intervention({"text": TEXTS[0].replace(" ", "  ").upper(), "debate": "other"}, 7)
    held.put(Keywords().predict([again])[0], Stance.MIXED, None, "keywords")
    (row,) = corpus.load(held.path)
    assert row.stance == Stance.MIXED
    assert held.apply(PREDICTIONS[0]).stance == Stance.MIXED


def test_debates_of_one_name_do_not_share_ids(held: Corrections) -> None:
    for text in TEXTS:
        one = as_intervention({"id": "debate-1", "text": text, "debate": "debate"}, 1)
        held.put(Keywords().predict([one])[0], Stance.MIXED, None, "keywords")
    assert len(corpus.load(held.path)) == 3


def test_a_correction_taken_back_is_gone(held: Corrections) -> None:
    put(held, 0, Stance.CRITICAL)
    put(held, 1, Stance.MIXED)
    held.remove(PREDICTIONS[0].intervention)
    held.remove(PREDICTIONS[2].intervention)
    assert [r.stance for r in corpus.load(held.path)] == [Stance.MIXED]
    assert held.apply(PREDICTIONS[0]) is PREDICTIONS[0]


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
    now = held.apply(PREDICTIONS[0])
    assert (now.stance, now.marks, now.abstain_reason) == expected
    assert (now.confidence, sum(now.probabilities)) == (1.0, 1.0)


def test_they_outlive_the_server_and_follow_the_text(tmp_path: Path) -> None:
    first = Corrections(tmp_path)
    put(first, 0, marks=Marks((), (1,)))
    put(first, 1, Stance.MIXED)
    first.close()
    second = Corrections(tmp_path)
    assert len(second) == 2
    assert second.apply(PREDICTIONS[0]).stance == Stance.CRITICAL
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
    assert held.apply(PREDICTIONS[0]).stance == Stance.CRITICAL
    assert held.apply(PREDICTIONS[1]) is PREDICTIONS[1]


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
    for row, said, back in acts:
        if back:
            held.remove(PREDICTIONS[row].intervention)
        else:
            put(held, row, *((None, said) if isinstance(said, Marks) else (said, None)))
    shown: list[Prediction] = [held.apply(p) for p in PREDICTIONS if held.find(p.intervention)]
    text = held.path.read_text(encoding="utf-8") if held.path.exists() else ""
    assert text == held.text()
    if text:
        on_disk = {r.intervention.text: (r.stance, r.marks) for r in corpus.load(held.path)}
        assert on_disk == {p.intervention.text: (p.stance, p.marks) for p in shown}
    else:
        assert not shown
    held.close()
