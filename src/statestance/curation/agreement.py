"""How far annotators agree: Cohen's kappa, Fleiss' kappa, Krippendorff's alpha, by stance and by mark.

Cohen (1960) for each pair; Fleiss (1971) over the items that everybody labelled; Krippendorff (2004), nominal,
over all items that two or more labelled. Computed by NLTK.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from statestance.curation.annotations import MARKS, Annotation, shared
from statestance.domain import StatestanceError

STANCE = "stance"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two annotators over the items that both labelled. ``kappa`` is None where chance alone explains all."""

    first: str
    second: str
    items: int
    differ: int
    kappa: float | None

    @property
    def raw(self) -> float:
        return 1 - self.differ / self.items if self.items else 0.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """One question put to all annotators: ``stance`` of an intervention, ``praise`` or ``concern`` of a sentence.

    ``items`` have two labels or more. A figure is None where only one label was ever given.
    """

    question: str
    items: int
    pairs: tuple[Pair, ...]
    fleiss: float | None
    alpha: float | None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An item with different labels: ``sentence`` is 0-based, None for the stance of the whole."""

    id: str
    question: str
    sentence: int | None
    text: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """Figures and disagreements, and how many rows only one annotator has."""

    agreements: tuple[Agreement, ...]
    disagreements: tuple[Disagreement, ...]
    alone: int


@dataclass(frozen=True, slots=True)
class _Item:
    """What every annotator (by name) who has the item said of it."""

    row: str
    sentence: int | None
    text: str
    labels: Mapping[str, Hashable]


def measure(raters: Mapping[str, Mapping[str, Annotation]]) -> Report:
    """Compare what several annotators, by name, said of the same texts."""
    if len(raters) < 2:
        raise StatestanceError(
            f"expected two annotators or more; found {len(raters)}; give another file, or one with the columns "
            "second_praise and second_concern"
        )
    rows = [dict(zip(raters, row, strict=True)) for row in shared(list(raters.values()))]
    told = [{name: one for name, one in row.items() if one is not None} for row in rows]
    questions = {STANCE: _stances(told)} | {mark: _marks(told, mark) for mark in MARKS}
    agreements = [_agreement(question, items, tuple(raters)) for question, items in questions.items() if items]
    differ = [
        Disagreement(item.row, question, item.sentence, item.text, {k: str(v) for k, v in item.labels.items()})
        for question, items in questions.items()
        for item in items
        if len(set(item.labels.values())) > 1
    ]
    place = {number: at for at, number in enumerate(dict.fromkeys(one.id for row in told for one in row.values()))}
    differ.sort(key=lambda d: place[d.id])
    return Report(tuple(agreements), tuple(differ), sum(len(row) == 1 for row in told))


def _stances(rows: Sequence[Mapping[str, Annotation]]) -> list[_Item]:
    found = []
    for row in rows:
        if len(row) > 1:
            one = next(iter(row.values()))
            found.append(_Item(one.id, None, one.text, {name: a.outcome for name, a in row.items()}))
    return found


def _marks(rows: Sequence[Mapping[str, Annotation]], mark: str) -> list[_Item]:
    """Every sentence that two annotators or more marked or left unmarked, who cut the text alike."""
    found = []
    for row in rows:
        marked = {name: one for name, one in row.items() if one.marks is not None}
        if len(marked) < 2 or len({one.sentences for one in marked.values()}) > 1:
            continue
        one = next(iter(marked.values()))
        for number, sentence in enumerate(one.sentences):
            labels = {name: mark if a.carries(mark, number) else f"no {mark}" for name, a in marked.items()}
            found.append(_Item(one.id, number, sentence, labels))
    return found


def _agreement(question: str, items: Sequence[_Item], names: Sequence[str]) -> Agreement:
    pairs = []
    for first, second in combinations(names, 2):
        both = [item for item in items if first in item.labels and second in item.labels]
        differ = sum(item.labels[first] != item.labels[second] for item in both)
        kappa = _task(both, (first, second)).kappa() if _varies(both, (first, second)) else None
        pairs.append(Pair(first, second, len(both), differ, kappa))
    full = [item for item in items if len(item.labels) == len(names)]
    return Agreement(
        question,
        len(items),
        tuple(pairs),
        # NLTK's multi-pi is Fleiss' kappa.
        fleiss=_task(full, names).pi() if _varies(full, names) else None,
        alpha=_task(items, names).alpha() if _varies(items, names) else None,
    )


def _varies(items: Sequence[_Item], names: Sequence[str]) -> bool:
    return len({item.labels[name] for item in items for name in names if name in item.labels}) > 1


def _task(items: Sequence[_Item], names: Sequence[str]) -> Any:
    try:
        from nltk.metrics.agreement import AnnotationTask
    except ImportError as error:
        raise StatestanceError(
            "expected nltk for the figures of agreement; found none; pip install 'statestance[train]'"
        ) from error
    return AnnotationTask([(n, at, item.labels[n]) for at, item in enumerate(items) for n in names if n in item.labels])
