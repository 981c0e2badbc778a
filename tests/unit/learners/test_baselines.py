"""Baselines learn, and the model that is served is the model that was fitted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from pydantic import ValidationError

import invented_rows
import model_parts
from statestance import bundle
from statestance.corpus import load
from statestance.domain import StatestanceError
from statestance.learners import baselines
from statestance.learners.baselines import Config
from statestance.learners.common import Prepared, examples, prepared
from statestance.predict import Predictor
from statestance.probability import sigmoid
from statestance.text.lexicon import lexicon_features

MODELS = ("majority", "complement_nb", "logistic", "linear_svm", "lexicon")
# Short n-grams keep the fits to moments.
FAST = {"word_ngrams": (1, 1), "char_ngrams": (3, 3)}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("data")
    invented_rows.write(folder / "train.jsonl", invented_rows.rows(120))
    invented_rows.write(folder / "dev.jsonl", invented_rows.rows(40, seed=9))
    return prepared(folder)


def _train(config: Config, data: Prepared, out: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, dict[str, float]]:
    """Train; return the fitted models as they were before they were written, and what was logged."""
    kept, logged, dump = [], {}, skops.io.dump
    monkeypatch.setattr(skops.io, "dump", lambda models, path: (kept.append(models), dump(models, path)))
    out.mkdir()
    told = baselines.train(
        config, data, out, seed=3, log=lambda m, step: logged.update(m), checkpoints=out.parent / "checkpoints"
    )
    assert told == {"device": "cpu"}
    return kept[0], logged


@pytest.mark.parametrize("unit", ["document", "sentence"])
@pytest.mark.parametrize("model", MODELS)
def test_what_is_served_is_what_was_fitted(
    data: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Any, unit: Any
) -> None:
    config = Config(model=model, unit=unit, **FAST)
    fitted, _ = _train(config, data, tmp_path / "trained", monkeypatch)
    told = []
    given = model_parts.manifest(unit, features="lexicon" if model == "lexicon" else "text")
    bundle.write(tmp_path / "m", given, lambda to: told.append(baselines.export(config, tmp_path / "trained", to)))
    assert (told[0].engine, told[0].unit, told[0].features) == ("skops", unit, given.features)
    scores = Predictor(tmp_path / "m").scores([r.intervention for r in data.dev.rows])
    inputs = lexicon_features if model == "lexicon" else list
    if unit == "document":
        expected = fitted["document"].predict_proba(inputs([t.text for t in data.dev.texts]))
        np.testing.assert_allclose(np.exp(scores), np.maximum(expected, 1e-6), atol=1e-9, rtol=0)
        return
    sentences = [t.text[s.start : s.end] for t in data.dev.texts for s in t.sentences]
    assert [len(s) for s in scores] == [len(t.sentences) for t in data.dev.texts]
    for column, mark in enumerate(("praise", "concern")):
        expected = np.clip(fitted[mark].predict_proba(inputs(sentences))[:, 1].astype(float), 1e-6, 1 - 1e-6)
        found = sigmoid(np.concatenate(scores)[:, column])
        np.testing.assert_allclose(found, expected, atol=1e-9, rtol=0)


@pytest.mark.parametrize("model", ["complement_nb", "logistic", "linear_svm"])
def test_word_models_learn_what_is_easy(
    data: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Any
) -> None:
    _, logged = _train(Config(model=model, **FAST), data, tmp_path / "d", monkeypatch)
    assert logged["dev_outcome_macro_f1"] > 0.5
    monkeypatch.undo()
    _, logged = _train(Config(model=model, unit="sentence", **FAST), data, tmp_path / "s", monkeypatch)
    assert logged["dev_praise_f1"] > 0.9 and logged["dev_concern_f1"] > 0.9


def test_the_majority_answers_with_the_shares_of_the_labels(
    data: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted, logged = _train(Config(model="majority"), data, tmp_path / "d", monkeypatch)
    np.testing.assert_allclose(fitted["document"].predict_proba(["any text"]), [[0.25] * 4])
    assert logged == {"dev_outcome_macro_f1": pytest.approx(0.1)}


def test_training_twice_gives_one_model(data: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [t.text for t in data.dev.texts]
    for model in ("logistic", "linear_svm"):
        found = []
        for number in range(2):
            fitted, _ = _train(Config(model=model, **FAST), data, tmp_path / f"{model}{number}", monkeypatch)
            monkeypatch.undo()
            found.append(fitted["document"].predict_proba(texts))
        np.testing.assert_array_equal(found[0], found[1])


def test_masking_tokens_are_words_of_their_own(data: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted, _ = _train(Config(model="complement_nb", **FAST), data, tmp_path / "d", monkeypatch)
    words = fitted["document"][0].transformer_list[0][1].vocabulary_
    assert "[speaker]" in words and "speaker" not in words


def test_class_weights_can_be_left_out() -> None:
    weighted, plain = (
        baselines._estimator(Config(model="logistic", class_weights=w), 1)[-1] for w in ("balanced", "none")
    )
    assert (weighted.class_weight, plain.class_weight) == ("balanced", None)


def test_sentence_models_need_marks_on_both_sides(tmp_path: Path) -> None:
    plain = examples(load(invented_rows.write(tmp_path / "p.jsonl", invented_rows.rows(8, marks=False))))
    with pytest.raises(StatestanceError, match=r"expected sentence marks .*use `unit: document`"):
        baselines.train(
            Config(model="logistic", unit="sentence"), Prepared(plain, plain), tmp_path, seed=1,
            log=lambda *_: None, checkpoints=tmp_path,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("model", "unit", "stances", "message"),
    [
        ("logistic", "document", {"supportive"}, "two sides of the outcome"),
        ("majority", "sentence", {"supportive"}, "two sides of the mark 'concern'"),
        ("linear_svm", "document", {"supportive", "critical"}, "expected 5 training examples .* found 3 of one"),
    ],
)
def test_too_few_classes_or_rows_are_told(
    tmp_path: Path, model: Any, unit: Any, stances: set[str], message: str
) -> None:
    rows = load(invented_rows.write(tmp_path / "r.jsonl", invented_rows.rows(12)))
    side = examples([r for r in rows if r.stance in stances])
    with pytest.raises(StatestanceError, match=message):
        baselines.train(
            Config(model=model, unit=unit, **FAST), Prepared(side, side), tmp_path, seed=1,
            log=lambda *_: None, checkpoints=tmp_path,
        )  # fmt: skip


def test_rows_without_marks_are_passed_over_by_sentence_models(tmp_path: Path) -> None:
    marked = load(invented_rows.write(tmp_path / "m.jsonl", invented_rows.rows(8)))
    plain = load(invented_rows.write(tmp_path / "p.jsonl", invented_rows.rows(8, seed=2, marks=False)))
    texts, marks = baselines._sentences(examples(plain + marked))
    expected, expected_marks = baselines._sentences(examples(marked))
    assert texts == expected
    np.testing.assert_array_equal(marks, expected_marks)
    assert marks.sum(axis=0).tolist() == [4, 4]


@pytest.mark.parametrize("wrong", [{"model": "forest"}, {"c": 0}, {"alpha": -1}, {"min_df": 0}, {"colour": 1}])
def test_a_config_with_a_wrong_value_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Config(**{"model": "logistic"} | wrong)
