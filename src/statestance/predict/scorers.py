"""Masked texts → raw scores, by ONNX Runtime or by a scikit-learn model. What the scores mean is decided elsewhere.

A whole-text model gives outcome log-probabilities of shape (4,), in the order of ``stance.OUTCOMES``; a
sentence model gives logits of shape (sentences, 2): praise, concern.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from statestance.bundle import GRAPH, Manifest
from statestance.domain import StatestanceError
from statestance.predict.first_pass import NO_TOKENS, FirstPass
from statestance.predict.runtime import Graph, Run, Runtime, open_graph
from statestance.probability import FloatArray, log_softmax, outcome_of_marks
from statestance.text.encoding import Batch, TextEncoder, Window, place_sentences, pool_matrix
from statestance.text.lexicon import lexicon_features
from statestance.text.masking import Masked

# A literal list, by rule: what a file says it needs is never a reason to trust it.
TRUSTED = [
    "numpy.dtype",
    "scipy.sparse._csr.csr_matrix",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
]

# Padded tokens a batch: what fits the processor's cache is quicker than what fits its memory. Widths go up in
# steps, so that an engine that prepares itself for each shape meets few of them.
_TOKENS, _STEP = 1024, 16


def filled(feed: Mapping[str, Any]) -> dict[str, Any]:
    """A batch with its last row repeated up to as many rows as fit, or half of them, or a quarter, and so on.

    An engine keeps memory for every shape that it has met: with few of them, its memory stays flat.
    """
    count, width = feed["input_ids"].shape
    rows = max(1, _TOKENS // width)
    while (half := -(-rows // 2)) < rows and half >= count:
        rows = half
    more = max(0, rows - count)
    return {name: np.pad(a, [(0, more), *[(0, 0)] * (a.ndim - 1)], mode="edge") for name, a in feed.items()}


class Scorer(Protocol):
    """Scores masked texts, in order."""

    def score(self, texts: Sequence[Masked]) -> list[FloatArray]: ...


def open_scorer(
    folder: Path,
    manifest: Manifest,
    *,
    runtime: Runtime = "onnxruntime",
    threads: int | None = None,
    run: Run | None = None,
    fast: bool = False,
) -> Scorer:
    """Load the model of a checked bundle; ``run`` stands in for its graph, ``fast`` sets its first pass before it."""
    first = FirstPass(folder, manifest) if fast else None
    if manifest.engine == "onnx":
        graph = Graph(run) if run else open_graph(folder / GRAPH, runtime=runtime, threads=threads)
        return OnnxScorer(folder, manifest, graph, first)
    return SkopsScorer(folder, manifest)


def merge_windows(windows: FloatArray) -> FloatArray:
    """One text's outcome log-probabilities (4,) from those of its windows (W, 4).

    A window with praise and another with concern make a mixed text: the marks are merged, by their
    maximum, and the outcome follows from them. Averaging would lose one of the two.
    """
    if len(windows) == 1:
        alone: FloatArray = windows[0]
        return alone
    supportive, mixed, critical, _ = np.exp(windows).T
    joint = outcome_of_marks(float((supportive + mixed).max()), float((critical + mixed).max()))
    result: FloatArray = np.log(np.maximum(joint, 1e-12))
    return result


class OnnxScorer:
    """A fine-tuned encoder as an ONNX graph."""

    def __init__(self, folder: Path, manifest: Manifest, graph: Graph, first: FirstPass | None = None) -> None:
        self._graph, self._first = graph, first
        self._encoder = TextEncoder(folder / "tokenizer.json", max_length=manifest.max_length, stride=manifest.stride)
        self._unit = manifest.unit

    def score(self, texts: Sequence[Masked]) -> list[FloatArray]:
        windows = self._encoder.windows([t.text for t in texts])
        return self._documents(texts, windows) if self._unit == "document" else self._sentences(texts, windows)

    def _batches(self, windows: Sequence[Window]) -> list[Batch]:
        return list(self._encoder.batches(windows, max_tokens=_TOKENS, step=_STEP))

    def _logits(self, feeds: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
        for feed, logits in zip(feeds, self._graph.run_all(map(filled, feeds)), strict=True):
            yield logits[: len(feed["input_ids"])]

    def _documents(self, texts: Sequence[Masked], windows: Sequence[Window]) -> list[FloatArray]:
        batches = self._batches(windows)
        by_text: list[list[FloatArray]] = [[] for _ in texts]
        feeds = [{"input_ids": b.input_ids, "attention_mask": b.attention_mask} for b in batches]
        for batch, logits in zip(batches, self._logits(feeds), strict=True):
            for number, row in zip(batch.windows, log_softmax(logits), strict=True):
                by_text[windows[number].text].append(row)
        return [merge_windows(np.stack(rows)) for rows in by_text]

    def _sentences(self, texts: Sequence[Masked], windows: Sequence[Window]) -> list[FloatArray]:
        spans = [[(s.start, s.end) for s in t.sentences] for t in texts]
        scores = [np.full((len(s), 2), -np.inf) for s in spans]
        places = place_sentences(windows, spans)
        if self._first:
            answered = self._first.answers(windows, places, [len(s) for s in spans])
            for number, logits in answered.items():
                scores[number] = logits
            left = [n for n, w in enumerate(windows) if w.text not in answered]
            windows, places = [windows[n] for n in left], [places[n] for n in left]
        batches = self._batches(windows)
        chosen = [[places[number] for number in b.windows] for b in batches]
        feeds = [
            {
                "input_ids": b.input_ids,
                "attention_mask": b.attention_mask,
                "pool": pool_matrix(some, b.input_ids.shape[1]),
            }
            for b, some in zip(batches, chosen, strict=True)
        ]
        for batch, some, logits in zip(batches, chosen, self._logits(feeds), strict=True):
            for number, sentences, rows in zip(batch.windows, some, logits, strict=True):
                target = scores[windows[number].text]
                for place, row in zip(sentences, rows, strict=False):
                    target[place.sentence] = np.maximum(target[place.sentence], row)
        return [np.where(np.isneginf(s), NO_TOKENS, s) for s in scores]


class SkopsScorer:
    """A scikit-learn model, read by skops without running code from the file."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        try:
            from skops import io as skops_io
        except ImportError as error:
            raise StatestanceError(
                f"expected scikit-learn and skops for the model {manifest.name!r}; found none; "
                "pip install 'statestance[baselines]'"
            ) from error
        path = folder / "model.skops"
        try:
            self._models = skops_io.load(path, trusted=TRUSTED)
        except TypeError as error:
            raise StatestanceError(
                f"expected only known types in {path}; found: {error}; do not use this file"
            ) from error
        self._unit, self._features = manifest.unit, manifest.features

    def _inputs(self, texts: Sequence[str]) -> Any:
        return lexicon_features(texts) if self._features == "lexicon" else list(texts)

    def score(self, texts: Sequence[Masked]) -> list[FloatArray]:
        if not texts:
            return []
        if self._unit == "document":
            return list(np.log(np.maximum(self._documents([t.text for t in texts]), 1e-6)))
        flat = [t.text[s.start : s.end] for t in texts for s in t.sentences]
        if not flat:
            return [np.zeros((0, 2)) for _ in texts]
        columns = [self._models[mark].predict_proba(self._inputs(flat))[:, 1] for mark in ("praise", "concern")]
        probabilities = np.clip(np.stack(columns, axis=1).astype(np.float64), 1e-6, 1 - 1e-6)
        logits = np.log(probabilities / (1 - probabilities))
        ends = np.cumsum([len(t.sentences) for t in texts])
        return [np.asarray(part) for part in np.split(logits, ends[:-1])]

    def _documents(self, texts: Sequence[str]) -> FloatArray:
        """Probabilities (N, 4); a class that the training data lacked gets 0."""
        model = self._models["document"]
        found = model.predict_proba(self._inputs(texts))
        full = np.zeros((len(texts), 4))
        full[:, [int(c) for c in model.classes_]] = found
        return full
