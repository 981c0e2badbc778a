"""Fit the linear model that may answer before the encoder: sentence marks from n-grams of token numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from statestance.learners.common import Examples
from statestance.text.encoding import TextEncoder, place_sentences
from statestance.text.ngrams import BUCKETS, FIRST_PASS, hashed


def fit(side: Examples, reader: TextEncoder, out: Path, *, c: float) -> bool:
    """Write weights (BUCKETS + 1, 2) in half precision, the last row the intercept; False where there is no mark.

    Logistic regression with inverse regularisation strength ``c``, on the sentences of rows with sentence marks.
    An n-gram counts 1 / sqrt(n) in a sentence of n of them.
    """
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    known = [n for n, row in enumerate(side.rows) if row.marks is not None]
    windows = reader.windows([side.texts[n].text for n in known])
    places = place_sentences(windows, [[(s.start, s.end) for s in side.texts[n].sentences] for n in known])
    sentences: list[tuple[int, ...]] = []
    marks: list[tuple[bool, bool]] = []
    for window, some in zip(windows, places, strict=True):
        given = side.rows[known[window.text]].marks
        assert given is not None
        for place in some:
            sentences.append(window.ids[place.first : place.end])
            marks.append((place.sentence in given.praise, place.sentence in given.concern))
    gold = np.array(marks, dtype=bool).reshape(-1, 2)
    # One class alone teaches nothing.
    if not (gold.any(axis=0) & ~gold.all(axis=0)).all():
        return False
    grams = hashed(sentences)
    counts = np.diff(grams.starts)
    values = np.repeat(1 / np.sqrt(counts), counts)
    matrix = csr_matrix((values, grams.buckets, grams.starts), shape=(len(sentences), BUCKETS))
    weights: npt.NDArray[np.float64] = np.zeros((BUCKETS + 1, 2))
    for column in range(2):
        model = LogisticRegression(C=c, max_iter=1000).fit(matrix, gold[:, column])
        weights[:-1, column], weights[-1, column] = model.coef_[0], model.intercept_[0]
    np.save(out / FIRST_PASS, weights.astype(np.float16), allow_pickle=False)
    return True
