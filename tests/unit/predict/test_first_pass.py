"""The linear model before the encoder: it answers what it is sure of, and the encoder reads the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import model_parts
from statestance import bundle
from statestance.bundle import FirstPass
from statestance.domain import StatestanceError
from statestance.predict import Predictor
from statestance.predict.first_pass import unscaled
from statestance.text.masking import mask
from statestance.text.ngrams import BUCKETS, FIRST_PASS, hashed

WORDS = ("good", "bad", "word", "other", ".")
GOOD, BAD = (len(model_parts.SPECIAL) + n for n in range(2))
# The encoder of these tests finds praise everywhere and concern nowhere.
TABLE = np.tile([9.0, -9.0], (len(model_parts.SPECIAL) + len(WORDS), 1))


def _weights() -> np.ndarray[Any, Any]:
    """Concern wherever the word "bad" stands, neither without it; praise nowhere."""
    weights = np.full((BUCKETS + 1, 2), 0.0, dtype=np.float16)
    weights[-1] = -9.0
    weights[hashed([[BAD]]).buckets[0], 1] = 60.0
    return weights


def _bundle(folder: Path, weights: Any = None, **changes: Any) -> Path:
    given = {"unit": "sentence", "max_length": 24, "stride": 4, "first_pass": FirstPass(sure=0.99)} | changes

    def fill(to: Path) -> None:
        model_parts.tokenizer(to / "tokenizer.json", WORDS)
        model_parts.graph(to / "model.onnx", TABLE, unit="sentence")
        if weights is not None:
            np.save(to / FIRST_PASS, weights)

    bundle.write(folder, model_parts.manifest(engine="onnx", **given), fill)
    return folder


def _stances(predictor: Predictor, texts: list[str]) -> list[str | None]:
    return [p.stance for p in predictor.predict(texts)]


def test_it_answers_where_it_is_sure_and_the_encoder_answers_the_rest(tmp_path: Path) -> None:
    folder = _bundle(tmp_path / "m", _weights(), first_pass=FirstPass(praise=(1.0, 9.2), sure=0.99))
    texts = ["good word .", "bad word .", "good bad ."]
    plain, fast = Predictor(folder), Predictor(folder, fast=True)
    assert _stances(plain, texts) == ["supportive"] * 3
    # With the shift, praise is a toss-up to it (logit 0.2), so that it is sure of nothing.
    assert _stances(fast, texts) == ["supportive"] * 3
    sure = Predictor(_bundle(tmp_path / "sure", _weights()), fast=True)
    assert _stances(sure, texts) == [None, "critical", "critical"]


def test_its_evidence_is_its_own(tmp_path: Path) -> None:
    fast = Predictor(_bundle(tmp_path / "m", _weights()), fast=True)
    [found] = fast.predict([{"sentences": ["word word .", "bad word .", "good ."]}])
    assert found.marks is not None
    assert (found.marks.praise, found.marks.concern) == ((), (1,))


def test_a_text_of_several_windows_is_left_to_the_encoder(tmp_path: Path) -> None:
    folder = _bundle(tmp_path / "m", _weights())
    long = "bad word other . " * 12
    [logits] = unscaled(folder, bundle.read(folder), [mask(p.intervention) for p in Predictor(folder).predict([long])])
    assert logits.shape == (0, 2)
    assert _stances(Predictor(folder, fast=True), [long, "bad ."]) == ["supportive", "critical"]


def test_an_answer_does_not_hang_on_its_neighbours(tmp_path: Path) -> None:
    fast = Predictor(_bundle(tmp_path / "m", _weights()), fast=True)
    texts = ["bad .", "good word .", "other bad word .", "bad word other . " * 12, "."]
    together = fast.predict(texts)
    for text, found in zip(texts, together, strict=True):
        [alone] = fast.predict([text])
        assert alone.probabilities == pytest.approx(found.probabilities, abs=1e-9)


def test_a_model_without_one_says_so(tmp_path: Path) -> None:
    with pytest.raises(StatestanceError, match="expected a model with a first pass for --fast; found none"):
        Predictor(_bundle(tmp_path / "m", first_pass=None), fast=True)


def test_a_bundle_that_promises_one_must_hold_it(tmp_path: Path) -> None:
    with pytest.raises(StatestanceError, match=FIRST_PASS):
        Predictor(_bundle(tmp_path / "m"))


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    folder = _bundle(tmp_path / "m", np.zeros((8, 2), dtype=np.float16))
    with pytest.raises(StatestanceError, match=r"expected weights of shape \(262145, 2\)"):
        Predictor(folder, fast=True)


def test_weights_that_need_pickle_are_refused(tmp_path: Path) -> None:
    folder = _bundle(tmp_path / "m", np.array([{"run": "this"}], dtype=object))
    with pytest.raises(StatestanceError, match="expected weights"):
        Predictor(folder, fast=True)


def test_prediction_sets_are_refused_beside_it(tmp_path: Path) -> None:
    fast = Predictor(_bundle(tmp_path / "m", _weights()), fast=True)
    with pytest.raises(StatestanceError, match="--coverage; leave one of the two out"):
        fast.with_sets(0.9)
