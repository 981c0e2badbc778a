"""Baselines: majority, complement naive Bayes, logistic regression, linear SVM, sentiment lexicon.

Each answers with probabilities, and each can be given the whole text or, as the evidence model is, the
sentences with their marks (``unit: sentence``), so that the comparison is fair.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from statestance.domain import StatestanceError
from statestance.learners.common import Examples, Exported, LearnerConfig, Log, Prepared
from statestance.text.lexicon import lexicon_features

_FOLDS = 5
# Masking tokens such as [SPEAKER] are words of their own.
_TOKEN = r"(?u)\[[a-z]+\]|\b\w\w+\b"


class Config(LearnerConfig):
    """One baseline. ``c`` is the inverse regularisation strength, ``alpha`` the naive Bayes smoothing."""

    model: Literal["majority", "complement_nb", "logistic", "linear_svm", "lexicon"]
    unit: Literal["document", "sentence"] = "document"
    word_ngrams: tuple[int, int] = (1, 2)
    char_ngrams: tuple[int, int] = (3, 5)
    min_df: int = Field(2, ge=1)
    c: float = Field(10.0, gt=0)
    alpha: float = Field(0.5, gt=0)
    class_weights: Literal["balanced", "none"] = "balanced"


def _vectors(config: Config) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    words = TfidfVectorizer(
        ngram_range=config.word_ngrams,
        min_df=config.min_df,
        sublinear_tf=True,
        token_pattern=_TOKEN,
        dtype=np.float32,
    )
    characters = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=config.char_ngrams,
        min_df=config.min_df,
        sublinear_tf=True,
        dtype=np.float32,
    )
    return make_union(words, characters)


def _estimator(config: Config, seed: int) -> Any:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import ComplementNB
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import LinearSVC

    weights = None if config.class_weights == "none" else "balanced"
    logistic = LogisticRegression(C=config.c, class_weight=weights, max_iter=2000, random_state=seed)
    if config.model == "majority":
        return DummyClassifier(strategy="prior")
    if config.model == "lexicon":
        return make_pipeline(StandardScaler(), logistic)
    if config.model == "complement_nb":
        return make_pipeline(_vectors(config), ComplementNB(alpha=config.alpha))
    if config.model == "logistic":
        return make_pipeline(_vectors(config), logistic)
    margin = LinearSVC(C=config.c, class_weight=weights, random_state=seed)
    # A margin is no probability: Platt scaling over folds of the training side makes it one.
    return make_pipeline(_vectors(config), CalibratedClassifierCV(margin, method="sigmoid", cv=_FOLDS, ensemble=False))


def _fit(config: Config, seed: int, texts: list[str], classes: list[int], learned: str) -> Any:
    """Fit one model; ``learned`` says in an error what the classes are of."""
    counts = Counter(classes)
    if len(counts) < 2:
        raise StatestanceError(f"expected two sides of {learned} to learn from; found one; add labelled rows")
    if config.model == "linear_svm" and min(counts.values()) < _FOLDS:
        raise StatestanceError(
            f"expected {_FOLDS} training examples of every side of {learned} for linear_svm; "
            f"found {min(counts.values())} of one; add labelled rows or take `model: logistic`"
        )
    return _estimator(config, seed).fit(_inputs(config, texts), classes)


def _inputs(config: Config, texts: list[str]) -> Any:
    return lexicon_features(texts) if config.model == "lexicon" else texts


def _sentences(side: Examples) -> tuple[list[str], np.ndarray[Any, Any]]:
    """The sentences of every row with marks, and (N, 2) of 0/1: praise, concern."""
    texts: list[str] = []
    marks: list[tuple[bool, bool]] = []
    for row, masked in zip(side.rows, side.texts, strict=True):
        if row.marks is None:
            continue
        texts += [masked.text[s.start : s.end] for s in masked.sentences]
        marks += [(i in row.marks.praise, i in row.marks.concern) for i in range(len(masked.sentences))]
    if not texts:
        raise StatestanceError(
            "expected sentence marks for `unit: sentence`; found rows with a stance only; use `unit: document`"
        )
    return texts, np.array(marks, dtype=np.int64)


def train(config: Config, data: Prepared, out: Path, *, seed: int, log: Log, checkpoints: Path) -> dict[str, Any]:
    """Fit on the training side and write ``model.skops`` into ``out``. Baselines have no epochs to log."""
    from sklearn.metrics import f1_score
    from skops import io as skops_io

    models = {}
    if config.unit == "document":
        texts = [t.text for t in data.train.texts]
        models["document"] = _fit(config, seed, texts, data.train.outcomes, "the outcome")
        answers = models["document"].predict(_inputs(config, [t.text for t in data.dev.texts]))
        score = f1_score(data.dev.outcomes, answers, average="macro", zero_division=0.0)
        log({"dev_outcome_macro_f1": float(score)}, 1)
    else:
        sentences, marks = _sentences(data.train)
        dev_sentences, dev_marks = _sentences(data.dev)
        for column, mark in enumerate(("praise", "concern")):
            models[mark] = _fit(config, seed, sentences, marks[:, column].tolist(), f"the mark {mark!r}")
            found = models[mark].predict(_inputs(config, dev_sentences))
            log({f"dev_{mark}_f1": float(f1_score(dev_marks[:, column], found, zero_division=0.0))}, 1)
    skops_io.dump(models, out / "model.skops")
    return {"device": "cpu"}


def export(config: Config, trained: Path, folder: Path) -> Exported:
    """Put the model into a bundle folder."""
    import shutil

    shutil.copyfile(trained / "model.skops", folder / "model.skops")
    features: Literal["text", "lexicon"] = "lexicon" if config.model == "lexicon" else "text"
    return Exported("skops", config.unit, features)
