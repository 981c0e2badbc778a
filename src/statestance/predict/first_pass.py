"""The first of two: a linear model on n-grams that answers where it is sure, so that the encoder reads less."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from statestance.bundle import Manifest, MarkScaling
from statestance.domain import StatestanceError
from statestance.predict.decision import probabilities
from statestance.probability import FloatArray
from statestance.text.encoding import Place, TextEncoder, Window, place_sentences
from statestance.text.masking import Masked
from statestance.text.ngrams import BUCKETS, FIRST_PASS, hashed

NO_TOKENS = -20.0
"""The logits of a sentence without a single token (only marks that the tokenizer drops): it says nothing."""


class FirstPass:
    """Sentence logits in place of the encoder's, on the encoder's own scale, for the texts that it is sure of."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        if manifest.first_pass is None or not isinstance(manifest.calibration, MarkScaling):
            raise StatestanceError(
                f"expected a model with a first pass for --fast; found none in the model {manifest.name!r}; "
                "leave --fast out, or choose an evidence model"
            )
        self._settings, self._calibration = manifest.first_pass, manifest.calibration
        self._weights = weights_of(folder)

    def answers(
        self, windows: Sequence[Window], places: Sequence[Sequence[Place]], sentences: Sequence[int]
    ) -> dict[int, FloatArray]:
        """Logits (S, 2) of the texts that it answers, by number; ``sentences`` holds how many each text has.

        A text of several windows is left to the encoder.
        """
        scales = np.array([self._settings.praise, self._settings.concern])
        scaled = {
            number: scales[:, 0] * logits + scales[:, 1]
            for number, logits in sentence_logits(self._weights, windows, places, sentences).items()
        }
        return {
            number: logits
            for number, logits in scaled.items()
            if probabilities(logits, self._calibration).max() >= self._settings.sure
        }


def unscaled(folder: Path, manifest: Manifest, texts: Sequence[Masked]) -> list[FloatArray]:
    """Unscaled logits (S, 2) of each text; none (0, 2) for a text that is left to the encoder."""
    encoder = TextEncoder(folder / "tokenizer.json", max_length=manifest.max_length, stride=manifest.stride)
    windows = encoder.windows([t.text for t in texts])
    places = place_sentences(windows, [[(s.start, s.end) for s in t.sentences] for t in texts])
    found = sentence_logits(weights_of(folder), windows, places, [len(t.sentences) for t in texts])
    return [found.get(number, np.zeros((0, 2))) for number in range(len(texts))]


def weights_of(folder: Path) -> FloatArray:
    """The weights (BUCKETS + 1, 2) in a bundle; the last row is the intercept."""
    path = folder / FIRST_PASS
    try:
        weights: FloatArray = np.load(path, allow_pickle=False).astype(np.float64)
    except (OSError, ValueError) as error:
        raise StatestanceError(f"expected weights in {path}; found: {error}; export the model again") from error
    if weights.shape != (BUCKETS + 1, 2):
        raise StatestanceError(
            f"expected weights of shape {(BUCKETS + 1, 2)} in {path}; found {weights.shape}; export the model again"
        )
    return weights


def sentence_logits(
    weights: FloatArray,
    windows: Sequence[Window],
    places: Sequence[Sequence[Place]],
    sentences: Sequence[int],
) -> dict[int, FloatArray]:
    """Unscaled logits (S, 2) of the sentences of each text that is one window, by the text's number."""
    alone = np.bincount([w.text for w in windows], minlength=len(sentences)) == 1
    chosen = [(w, p) for w, p in zip(windows, places, strict=True) if alone[w.text] and p]
    grams = hashed([window.ids[place.first : place.end] for window, some in chosen for place in some])
    counts = np.diff(grams.starts)
    if not len(counts):
        return {}
    # Every sentence has at least the n-gram of its edges, so no stretch is empty.
    sums = np.add.reduceat(weights[grams.buckets], grams.starts[:-1], axis=0)
    rows = sums / np.sqrt(counts)[:, None] + weights[-1]
    found, start = {}, 0
    for window, some in chosen:
        logits = np.full((sentences[window.text], 2), NO_TOKENS)
        logits[[place.sentence for place in some]] = rows[start : start + len(some)]
        found[window.text] = logits
        start += len(some)
    return found
