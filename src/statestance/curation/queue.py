"""What to label next: texts that the model is unsure of, unlike each other and what is labelled, from many debates.

Uncertainty with diversity, as in Zhdanov (2019), "Diverse mini-batch active learning"; chosen one by one, so that
each choice sees those before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from statestance.curation.tasks import Suggestion, Task, text_key
from statestance.domain import Intervention, Prediction, StatestanceError
from statestance.stance import OUTCOMES
from statestance.text.masking import mask

NEAR = 0.85
"""Cosine of two texts' weighted words, State names masked, from which one of them is enough."""
_BLOCK = 1000

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Picked:
    """What to label, the most telling first; and how many texts were not asked about, by reason."""

    tasks: tuple[Task, ...]
    candidates: int
    labelled: int
    repeated: int
    alike: int


def uncertainty(prediction: Prediction) -> float:
    """The entropy of the calibrated probabilities, as a share of the most that it can be."""
    chances = np.array(prediction.probabilities)
    chances = chances[chances > 0]
    return float(-(chances * np.log(chances)).sum() / np.log(len(OUTCOMES)))


def pick(predictions: Iterable[Prediction], count: int, *, labelled: Sequence[Intervention], model: str) -> Picked:
    """Choose up to ``count`` interventions to label next.

    Each is worth its uncertainty, times its distance to the nearest text labelled or chosen, divided by one more
    than the number chosen of its debate. Texts at least ``NEAR`` to one of those are passed over.
    """
    known = {text_key(one.text) for one in labelled}
    pool, labelled_already, repeated = _pool(predictions, known)
    if not pool:
        return Picked((), labelled_already + repeated, labelled_already, repeated, 0)
    worth = np.array([uncertainty(p) for p in pool])
    vectors, nearest = _vectors([p.intervention for p in pool], labelled)
    debates = np.unique([p.intervention.debate for p in pool], return_inverse=True)[1]
    open_, taken = np.ones(len(pool), dtype=bool), np.zeros(debates.max() + 1)
    chosen = list[int]()
    while len(chosen) < count and (open_ & (nearest < NEAR)).any():
        value = worth * (1 - nearest) / (1 + taken[debates])
        best = int(np.where(open_ & (nearest < NEAR), value, -1.0).argmax())
        chosen.append(best)
        open_[best] = False
        taken[debates[best]] += 1
        nearest = np.maximum(nearest, (vectors @ vectors[best].T).toarray().ravel())
    alike = int((open_ & (nearest >= NEAR)).sum())
    tasks = tuple(_task(pool[i], float(worth[i]), model) for i in chosen)
    return Picked(tasks, len(pool) + labelled_already + repeated, labelled_already, repeated, alike)


def _pool(predictions: Iterable[Prediction], known: Collection[str]) -> tuple[list[Prediction], int, int]:
    """What may be asked about: every text once, none that is labelled; and how many fell to each of the two."""
    pool, seen, labelled, repeated = list[Prediction](), set[str](), 0, 0
    for p in predictions:
        key = text_key(p.intervention.text)
        if p.intervention.left_out or not p.intervention.sentences:
            continue
        if key in known:
            labelled += 1
        elif key in seen:
            repeated += 1
        else:
            seen.add(key)
            pool.append(p)
    return pool, labelled, repeated


def _vectors(pool: Sequence[Intervention], labelled: Sequence[Intervention]) -> tuple[Any, _Floats]:
    """TF-IDF rows (N, V) of the pool, and the largest cosine (N,) of each to a labelled text."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError as error:
        raise StatestanceError(
            "expected scikit-learn, to choose texts unlike each other; found none; pip install 'statestance[baselines]'"
        ) from error
    # Masked: the same words by another State are no new text. One letter or digit is a word too, so none is empty.
    masked = [mask(one).text for one in (*pool, *labelled)]
    vectors = TfidfVectorizer(sublinear_tf=True, token_pattern=r"\S+").fit_transform(masked)
    own, known = vectors[: len(pool)], vectors[len(pool) :]
    nearest = np.zeros(len(pool))
    if labelled:
        for at in range(0, len(pool), _BLOCK):
            nearest[at : at + _BLOCK] = (own[at : at + _BLOCK] @ known.T).max(axis=1).toarray().ravel()
    return own, nearest


def _task(prediction: Prediction, worth: float, model: str) -> Task:
    one, marks = prediction.intervention, prediction.marks
    chances = tuple(round(float(p), 6) for p in prediction.probabilities)
    suggested = Suggestion(
        model=model,
        probabilities=(chances[0], chances[1], chances[2], chances[3]),
        praise=marks.praise if marks else None,
        concern=marks.concern if marks else None,
    )
    # The same number in another debate, or in another round, is another text.
    digest = hashlib.sha256(text_key(one.text).encode()).hexdigest()[:8]
    return Task(replace(one, id=f"{one.id}-{digest}", origin=None), suggested, round(worth, 4))
