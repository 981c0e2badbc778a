"""Scores of graphs and of scikit-learn models, against plain computations on the same texts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import model_parts
from statestance import bundle
from statestance.domain import Span, StatestanceError
from statestance.predict.scorers import OnnxScorer, SkopsScorer, filled, merge_windows, open_scorer
from statestance.probability import FloatArray
from statestance.text.masking import Masked
from statestance.text.sentences import split

WORDS = ("praised", "regretted", "the", "law", ".")
# Rows for the special tokens, then for the words. The frame of a window weighs nothing.
DOCUMENT = np.array([[0.0] * 4] * 7 + [[6, 0, -2, 0], [-2, 0, 6, 0], [0, 0, 0, 0.5], [0, 0, 0, 1], [0, 0, 0, 0]])
SENTENCE = np.array([[0.0] * 2] * 7 + [[9, -3], [-3, 9], [-1, -1], [-2, -2], [-3, -3]])


def _text(content: str) -> Masked:
    return Masked(content, split(content))


def _softmax(logits: FloatArray) -> FloatArray:
    return np.exp(logits) / np.exp(logits).sum()


def _scorer(folder: Path, unit: str, **changes: Any) -> Any:
    pytest.importorskip("onnx")
    table = SENTENCE if unit == "sentence" else DOCUMENT
    model_parts.onnx_bundle(folder / "m", WORDS, table, unit=unit, **{"max_length": 16, "stride": 4} | changes)
    return open_scorer(folder / "m", bundle.read(folder / "m"), threads=1)


def _numbers(content: str) -> list[int]:
    return [7 + WORDS.index(w) for w in content.replace(".", " .").split()]


def test_a_text_in_one_window_is_the_softmax_of_its_graph(tmp_path: Path) -> None:
    scorer = _scorer(tmp_path, "document")
    assert isinstance(scorer, OnnxScorer)
    contents = ["praised the law.", "regretted the law.", "the law.", "praised.", "the the the law."]
    for content, found in zip(contents, scorer.score([_text(c) for c in contents]), strict=True):
        rows = DOCUMENT[[2, *_numbers(content), 3]]
        np.testing.assert_allclose(np.exp(found), _softmax(rows.mean(axis=0)), rtol=1e-5)


@pytest.mark.parametrize("width", [16, 80, 384, 2048])
def test_batches_of_a_width_come_in_few_shapes(width: int) -> None:
    most = max(1, 1024 // width)
    rows = set()
    for count in range(1, most + 1):
        ids = np.arange(count * width).reshape(count, width)
        feed = filled({"input_ids": ids, "pool": np.ones((count, 3, width), dtype=np.float32)})
        rows.add(len(feed["input_ids"]))
        assert count <= len(feed["input_ids"]) == len(feed["pool"]) <= max(1, 2 * count - 1)
        np.testing.assert_array_equal(feed["input_ids"][:count], ids)
    assert len(rows) <= 1 + most.bit_length()


def test_the_graph_is_given_batches_that_are_filled_up(tmp_path: Path) -> None:
    given: list[int] = []

    def run(feed: Any) -> FloatArray:
        given.append(len(feed["input_ids"]))
        return np.zeros((*feed["pool"].shape[:2], 2))

    _scorer(tmp_path, "sentence")
    scorer = open_scorer(tmp_path / "m", bundle.read(tmp_path / "m"), run=run)
    for count in (1, 3, 33):
        assert len(scorer.score([_text("the law.")] * count)) == count
    assert given == [1, 4, 64]


def test_a_batch_that_is_filled_up_scores_its_own_rows(tmp_path: Path) -> None:
    scorer = _scorer(tmp_path, "sentence")
    texts = [_text("praised " * n + "the law.") for n in range(1, 12)]
    together = scorer.score(texts)
    for text, found in zip(texts, together, strict=True):
        np.testing.assert_allclose(found, scorer.score([text])[0], rtol=1e-6)


def test_praise_in_one_window_and_concern_in_another_is_mixed(tmp_path: Path) -> None:
    content = "praised " * 14 + "regretted " * 14
    (found,) = _scorer(tmp_path, "document", stride=0).score([_text(content)])
    assert int(found.argmax()) == 1 and np.exp(found[1]) > 0.9


def test_sentences_score_the_mean_of_their_tokens_wherever_they_stand(tmp_path: Path) -> None:
    sentences = ["Law praised.", "The law.", "Regretted the law.", "The law the law."] * 4
    sentences = [s.lower() for s in sentences]
    content = " ".join(sentences)
    ends = np.cumsum([len(s) + 1 for s in sentences])
    spans = tuple(Span(int(e) - len(s) - 1, int(e) - 1) for s, e in zip(sentences, ends, strict=True))
    alone, found = _scorer(tmp_path, "sentence").score([_text("the law."), Masked(content, spans)])
    expected = [SENTENCE[_numbers(s)].mean(axis=0) for s in sentences]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    np.testing.assert_allclose(alone, [expected[1]], rtol=1e-5)


def test_a_sentence_longer_than_a_window_scores_by_its_most_telling_part(tmp_path: Path) -> None:
    content = "the " * 40 + "praised " * 14 + "the " * 40
    (found,) = _scorer(tmp_path, "sentence", stride=0).score([Masked(content, (Span(0, len(content) - 1),))])
    # 14 tokens a window; 40 = 2 * 14 + 12, so that 12 of the praising words stand in one.
    np.testing.assert_allclose(found, [[(12 * 9 - 2) / 14, -1.0]], rtol=1e-5)


def test_a_sentence_without_a_token_says_nothing(tmp_path: Path) -> None:
    (found,) = _scorer(tmp_path, "sentence").score([Masked("praised.\u2028 ", (Span(0, 8), Span(8, 9)))])
    assert found.shape == (2, 2)
    np.testing.assert_array_equal(found[1], [-20.0, -20.0])


@pytest.mark.parametrize("unit", ["document", "sentence"])
def test_a_text_scores_the_same_alone_and_in_company(tmp_path: Path, unit: str) -> None:
    scorer = _scorer(tmp_path, unit)
    texts = [_text("praised the law. regretted the law. " * n) for n in range(1, 9)] + [_text("law.")]
    together = scorer.score(texts)
    for text, found in zip(texts, together, strict=True):
        np.testing.assert_allclose(scorer.score([text])[0], found, atol=1e-5)
    assert scorer.score([]) == []


def test_merging_one_window_changes_nothing() -> None:
    window = np.log(np.array([[0.1, 0.2, 0.3, 0.4]]))
    np.testing.assert_array_equal(merge_windows(window), window[0])


@pytest.mark.parametrize(
    ("windows", "outcome"),
    [
        (((0.9, 0.05, 0.02, 0.03), (0.02, 0.05, 0.9, 0.03)), 1),
        (((0.9, 0.05, 0.02, 0.03), (0.03, 0.02, 0.02, 0.93)), 0),
        (((0.03, 0.02, 0.92, 0.03), (0.03, 0.02, 0.02, 0.93)), 2),
        (((0.03, 0.02, 0.02, 0.93), (0.03, 0.02, 0.02, 0.93)), 3),
        (((0.02, 0.94, 0.02, 0.02), (0.03, 0.02, 0.02, 0.93)), 1),
    ],
    ids=["praise and concern", "praise", "concern", "nothing", "mixed once"],
)
def test_windows_merge_by_their_marks(windows: tuple[tuple[float, ...], ...], outcome: int) -> None:
    found = merge_windows(np.log(np.array(windows)))
    assert int(found.argmax()) == outcome
    assert np.exp(found).sum() == pytest.approx(1)
    np.testing.assert_allclose(merge_windows(np.log(np.array(windows[::-1]))), found)


def _fitted(classes: list[int]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts = ["praised the law", "regretted the law", "the law", "praised and regretted"][: len(classes)]
    return make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, classes)


def test_a_class_that_training_lacked_gets_no_chance(tmp_path: Path) -> None:
    model = _fitted([0, 2, 3])
    folder = model_parts.skops_bundle(tmp_path / "m", {"document": model})
    (found,) = open_scorer(folder, bundle.read(folder)).score([_text("praised the law")])
    np.testing.assert_allclose(np.exp(found)[[0, 2, 3]], model.predict_proba(["praised the law"])[0], rtol=1e-9)
    assert np.exp(found)[1] == pytest.approx(1e-6)


def test_sentences_of_several_texts_keep_to_their_text(tmp_path: Path) -> None:
    models = {"praise": _fitted([1, 0, 0, 1]), "concern": _fitted([0, 1, 0, 1])}
    folder = model_parts.skops_bundle(tmp_path / "m", models, unit="sentence")
    texts = [_text("praised the law. The law."), Masked("", ()), _text("regretted the law.")]
    scorer = SkopsScorer(folder, bundle.read(folder))
    found = scorer.score(texts)
    assert [f.shape for f in found] == [(2, 2), (0, 2), (1, 2)]
    for column, mark in enumerate(("praise", "concern")):
        chances = models[mark].predict_proba(["praised the law.", "The law.", "regretted the law."])[:, 1]
        logits = np.concatenate([f[:, column] for f in found])
        np.testing.assert_allclose(1 / (1 + np.exp(-logits)), chances, rtol=1e-9)
    assert scorer.score([]) == []
    assert [f.shape for f in scorer.score([Masked("", ())])] == [(0, 2)]


def test_a_type_that_is_not_known_is_refused(tmp_path: Path) -> None:
    from sklearn.pipeline import FunctionTransformer, make_pipeline

    model = make_pipeline(FunctionTransformer(np.save), _fitted([0, 1, 2, 3]))
    folder = model_parts.skops_bundle(tmp_path / "m", {"document": model})
    with pytest.raises(StatestanceError, match=r"expected only known types in .*model\.skops.*do not use this file"):
        SkopsScorer(folder, bundle.read(folder))


def test_without_skops_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skops", None)
    with pytest.raises(StatestanceError, match=r"'tiny'.*statestance\[baselines\]"):
        SkopsScorer(tmp_path, model_parts.manifest())
