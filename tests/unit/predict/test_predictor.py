"""Rows of every kind in, predictions in the same order out; and where the champion is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import model_parts
from statestance.domain import Intervention, StatestanceError, join_sentences
from statestance.predict import Predictor, load, predictor
from statestance.predict.predictor import as_intervention
from statestance.stance import Stance
from statestance.text.masking import Masked

PRAISE, CONCERN, NEITHER = "Chile commended the reform.", "Chile regretted the arrests.", "Chile thanked the chair."


class Scorer:
    """Scores by two words, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[Masked]] = []

    def score(self, texts: list[Masked]) -> list[Any]:
        self.asked.append(list(texts))
        parts = [[t.text[s.start : s.end] for s in t.sentences] for t in texts]
        return [np.array([[8.0 if w in s else -8.0 for w in ("commended", "regretted")] for s in p]) for p in parts]


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Predictor, Scorer]:
    scorer = Scorer()
    monkeypatch.setattr(predictor, "open_scorer", lambda *_, **__: scorer)
    return Predictor(model_parts.skops_bundle(tmp_path / "m", {}, unit="sentence")), scorer


def test_rows_of_every_kind_are_answered_in_order(served: tuple[Predictor, Scorer]) -> None:
    rows = [
        PRAISE,
        {"text": CONCERN, "id": 7, "debate": "d", "target": "Orvania", "speaker": "Chile"},
        {"sentences": [PRAISE, CONCERN]},
        Intervention("own", NEITHER),
        Intervention("bare", f"{NEITHER} {PRAISE}"),
    ]
    found = served[0].predict(rows)
    assert [p.stance for p in found] == [Stance.SUPPORTIVE, Stance.CRITICAL, Stance.MIXED, None, Stance.SUPPORTIVE]
    assert [p.intervention.id for p in found] == ["1", "7", "3", "own", "bare"]
    marks = found[2].marks
    assert marks is not None and (marks.praise, marks.concern) == ((0,), (1,))
    bare = found[4].marks
    assert bare is not None and bare.praise == (1,)


def test_texts_that_are_one_after_masking_are_scored_once(served: tuple[Predictor, Scorer]) -> None:
    rows = [{"text": f"{s} commended the reform.", "speaker": s} for s in ("Chile", "Ghana", "Japan")]
    found = served[0].predict([*rows, CONCERN])
    assert [len(texts) for texts in served[1].asked] == [2]
    assert "Chile" not in served[1].asked[0][0].text
    assert [p.stance for p in found] == [Stance.SUPPORTIVE] * 3 + [Stance.CRITICAL]
    assert [p.intervention.speaker_iso3 for p in found[:3]] == ["CHL", "GHA", "JPN"]


def test_a_stream_is_read_no_further_than_its_block(served: tuple[Predictor, Scorer]) -> None:
    taken: list[int] = []

    def rows() -> Any:
        for number in range(1200):
            taken.append(number)
            yield CONCERN if number % 3 else PRAISE

    stream = served[0].stream(rows())
    assert not taken
    next(stream)
    assert len(taken) < 600
    rest = list(stream)
    assert len(rest) == 1199 and rest[-1].intervention.id == "1200"
    assert [p.stance is Stance.SUPPORTIVE for p in rest] == [n % 3 == 0 for n in range(1, 1200)]


def test_no_rows_no_predictions(served: tuple[Predictor, Scorer]) -> None:
    assert served[0].predict([]) == []


@pytest.mark.parametrize(
    "row", [{}, {"text": None}, {"text": "  "}, {"text": 4}, "", {"text": float("nan")}, {"sentences": []}]
)
def test_a_row_without_text_is_named(row: Any) -> None:
    with pytest.raises(StatestanceError, match="expected text in row 3; found text = "):
        as_intervention(row, 3)


def test_empty_cells_are_empty_fields() -> None:
    row = {"text": PRAISE, "id": float("nan"), "speaker": None, "debate": np.nan, "on_behalf_of": "a group", "x": 1}
    found = as_intervention(row, 5)
    assert (found.id, found.speaker, found.debate, found.on_behalf_of) == ("5", "", "", "a group")


def test_a_code_that_is_given_goes_before_the_one_of_the_name() -> None:
    assert as_intervention({"text": PRAISE, "speaker": "Chile", "speaker_iso3": "GHA"}, 1).speaker_iso3 == "GHA"
    assert as_intervention({"text": PRAISE, "speaker": "Chile"}, 1).speaker_iso3 == "CHL"


def test_given_sentences_are_kept_and_others_are_found() -> None:
    halves = ["Chile commended", "the reform. It asked why."]
    given, split = as_intervention({"sentences": halves}, 1), as_intervention(" ".join(halves), 1)
    assert given.sentences == join_sentences(halves)[1]
    assert given.text == split.text and split.sentence_texts == ("Chile commended the reform.", "It asked why.")
    kept = Intervention("i", given.text, sentences=given.sentences)
    assert as_intervention(kept, 1) is kept


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from sklearn.dummy import DummyClassifier

    model = DummyClassifier(strategy="prior").fit([[0]] * 4, [0, 1, 2, 3])
    model_parts.skops_bundle(tmp_path / "build" / "bundles" / "tiny", {"document": model}, name="picked")
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    return tmp_path


def test_the_champion_is_found_from_below_the_project(project: Path) -> None:
    (project / "build" / "champion.json").write_text(json.dumps({"bundle": "build/bundles/tiny"}))
    found = load()
    assert found.manifest.name == "picked"
    np.testing.assert_allclose(found.predict([PRAISE])[0].probabilities, 0.25)


def test_a_model_is_loaded_from_its_folder(project: Path) -> None:
    assert load(project / "build" / "bundles" / "tiny").manifest.name == "picked"
    assert load("../../build/bundles/tiny").manifest.name == "picked"


def test_without_a_champion_the_ways_out_are_named(project: Path) -> None:
    with pytest.raises(StatestanceError, match=r"expected a champion .*make repro.*--model"):
        load("champion")


def test_a_model_that_is_none_is_named(project: Path) -> None:
    with pytest.raises(StatestanceError, match="found 'champoin'; check --model"):
        load("champoin")
