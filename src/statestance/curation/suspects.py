"""Labels that are likely wrong: those that a model trained on the other debates finds least likely.

Confident learning (Northcutt, Jiang and Chuang 2021), by cleanlab, over cross-validated probabilities of a
logistic regression on masked text: the outcome of each intervention, and each mark of each sentence.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from statestance.corpus import Labelled
from statestance.curation.annotations import MARKS
from statestance.domain import StatestanceError
from statestance.stance import OUTCOMES
from statestance.text.masking import mask

STANCE = "stance"
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label to look at again. ``sentence`` is 0-based, None for the stance of the whole.

    ``confidence`` is the cross-validated probability of the given label, ``likelier`` the model's own answer.
    """

    id: str
    place: str
    question: str
    sentence: int | None
    text: str
    given: str
    likelier: str
    confidence: float


@dataclass(frozen=True, slots=True)
class _Item:
    row: Labelled
    sentence: int | None
    text: str
    masked: str
    label: int


def find(rows: Sequence[Labelled], *, seed: int = 7, tell: Callable[[str], None] = lambda _: None) -> list[Suspect]:
    """The suspected labels of each question, least confident first; ``tell`` is given each question as it begins.

    Raises ``StatestanceError`` if there are too few debates to learn from some and judge others.
    """
    debates = len({row.intervention.debate for row in rows})
    if debates < 2:
        raise StatestanceError(
            f"expected rows of two debates or more, to judge one by the others; found {debates}; add a `debate` column"
        )
    masked = [mask(row.intervention) for row in rows]
    questions: dict[str, tuple[list[_Item], Sequence[str]]] = {
        STANCE: (
            [_Item(r, None, r.intervention.text, m.text, r.outcome) for r, m in zip(rows, masked, strict=True)],
            OUTCOMES,
        )
    }
    for name in MARKS:
        questions[name] = (
            [
                _Item(r, n, r.intervention.sentence_texts[n], m.text[s.start : s.end], int(n in getattr(r.marks, name)))
                for r, m in zip(rows, masked, strict=True)
                if r.marks is not None
                for n, s in enumerate(m.sentences)
            ],
            (f"no {name}", name),
        )
    found = []
    for question, (items, labels) in questions.items():
        tell(question)
        found += list(_of_question(question, items, labels, seed))
    return found


def _of_question(question: str, items: Sequence[_Item], names: Sequence[str], seed: int) -> Iterator[Suspect]:
    known, labels = np.unique([item.label for item in items], return_inverse=True)
    if len(known) < 2 or len({item.row.intervention.debate for item in items}) < 2:
        return
    chances = _cross_validated(items, labels, seed)
    for at in _issues(labels, chances):
        item, likelier = items[at], int(chances[at].argmax())
        if likelier == labels[at]:
            continue  # less sure than its peers, yet the likeliest label is the given one
        one = item.row.intervention
        place = f"{one.origin.file}:{one.origin.place.removeprefix('line ')}" if one.origin else one.id
        yield Suspect(
            one.id,
            place,
            question,
            item.sentence,
            item.text,
            names[item.label],
            names[int(known[likelier])],
            round(float(chances[at][labels[at]]), 4),
        )


def _cross_validated(items: Sequence[_Item], labels: Any, seed: int) -> Any:
    """Probabilities (N, K) of each item by a model that saw no item of its debate."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    debates = [item.row.intervention.debate for item in items]
    count = min(_FOLDS, len(set(debates)), int(np.bincount(labels).max()))
    if count < 2:
        raise StatestanceError(f"expected two rows of one label or more; found {len(items)} rows; add labelled rows")
    folds = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32)
    model = make_pipeline(words, LogisticRegression(C=10, max_iter=1000, random_state=seed))
    with warnings.catch_warnings():
        # A rare outcome may be absent from a fold; its probability there is 0.
        warnings.simplefilter("ignore")
        try:
            return cross_val_predict(
                model, [item.masked for item in items], labels, groups=debates, cv=folds, method="predict_proba"
            )
        except ValueError as error:
            raise StatestanceError(
                f"expected labels of several kinds in every part of the debates; found: {error}; add labelled rows, "
                "or leave the suspects out with --no-suspects"
            ) from error


def _issues(labels: Any, chances: Any) -> list[int]:
    try:
        from cleanlab.filter import find_label_issues
    except ImportError as error:
        raise StatestanceError(
            "expected cleanlab to look for wrong labels; found none; pip install 'statestance[train]', "
            "or leave them out with --no-suspects"
        ) from error
    # Both ways of pruning must agree: the list is for people to read.
    ranked = find_label_issues(labels, chances, return_indices_ranked_by="self_confidence", filter_by="both", n_jobs=1)
    return [int(i) for i in ranked]
