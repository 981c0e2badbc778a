"""Two annotations of one text → one: what both say is kept, and where they differ somebody decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statestance.curation.annotations import MARKS, NOT_AN_INTERVENTION, Annotation, read, shared
from statestance.domain import Marks, StatestanceError

HOW = "adjudicated"
"""The column that says how a row came by its label: ``AGREED``, or who decided."""
AGREED = "agreed"
_LABELS = ("praise", "concern", "stance", "not_an_intervention", HOW)


@dataclass(frozen=True, slots=True)
class Dispute:
    """One question on which two annotations differ.

    ``mark`` is of one 0-based ``sentence``; it is "" where the labels of the whole differ in kind (a stance
    without marks, not an intervention, sentences cut otherwise): then one annotation is taken whole.
    """

    first: Annotation
    second: Annotation
    mark: str = ""
    sentence: int = 0


Decide = Callable[[Dispute], bool | None]
"""Whether the first annotation is right; None leaves the row open."""


@dataclass(slots=True)
class State:
    """How far the adjudication is. ``rows`` are ready to be written, in the order of the first file.

    ``todo`` rows wait for their turn, those in ``open`` (ids) had it and stay undecided, and those in ``alone``
    have one annotation.
    """

    rows: list[dict[str, Any]]
    agreed: int
    decided: int
    todo: int
    open: list[str]
    alone: list[str]


def disputes(first: Annotation, second: Annotation) -> tuple[Dispute, ...]:
    """Every question on which two annotations of one text differ."""
    if first.outcome == second.outcome and first.marks is None and second.marks is None:
        return ()
    if first.marks is None or second.marks is None or first.sentences != second.sentences:
        return (Dispute(first, second),)
    return tuple(
        Dispute(first, second, mark, n)
        for n in range(len(first.sentences))
        for mark in MARKS
        if first.carries(mark, n) != second.carries(mark, n)
    )


def by_third(third: Mapping[str, Annotation]) -> Decide:
    """Decide by a third annotation; where it has no row, or says neither, the dispute stays open."""

    def decide(dispute: Dispute) -> bool | None:
        one = third.get(dispute.first.id)
        if one is None or (dispute.mark and (one.marks is None or one.sentences != dispute.first.sentences)):
            return None
        if dispute.mark:
            return one.carries(dispute.mark, dispute.sentence) == dispute.first.carries(dispute.mark, dispute.sentence)
        labels = [(a.outcome, a.marks, a.sentences if a.marks else ()) for a in (one, dispute.first, dispute.second)]
        return True if labels[0] == labels[1] else False if labels[0] == labels[2] else None

    return decide


def earlier(path: Path) -> dict[str, Annotation]:
    """What was decided before, of a file that ``adjudicate`` wrote; nothing where there is none yet."""
    if not path.exists() or not path.stat().st_size:
        return {}
    rows = read(path)
    foreign = next((one for one in rows.values() if HOW not in one.raw), None)
    if foreign is not None:
        raise StatestanceError(
            f"expected a file that `data adjudicate` began; found a row without {HOW!r} at {foreign.place}; "
            "name another output"
        )
    return {number: one for number, one in rows.items() if one.raw[HOW] != AGREED}


def adjudicate(
    first: Mapping[str, Annotation],
    second: Mapping[str, Annotation],
    decide: Decide,
    *,
    by: str,
    done: Mapping[str, Annotation],
) -> Iterator[State]:
    """Go through two annotations; yields the state first, and after each row whose turn it was.

    ``done`` are decisions of an earlier run, kept as they are; ``by`` says in each new row who decided it.
    """
    state = State([], 0, 0, 0, [], [])
    pairs = shared([first, second])
    _same_texts(first, done)
    todo = list[tuple[int, Sequence[Dispute]]]()
    slots = list[dict[str, Any] | None]()
    for one, other in pairs:
        found = disputes(one, other) if one and other else ()
        row: dict[str, Any] | None = None
        if one is None or other is None:
            state.alone += [only.id for only in (one, other) if only]
        elif not found:
            row = _row(one, one, AGREED)
            state.agreed += 1
        elif one.id in done:
            row = dict(done[one.id].raw)
            state.decided += 1
        else:
            todo.append((len(slots), found))
        slots.append(row)
    state.todo = len(todo)
    state.rows = [row for row in slots if row is not None]
    yield state
    for at, questions in todo:
        decided = _decided(questions, decide)
        state.todo -= 1
        if decided is None:
            state.open.append(questions[0].first.id)
        else:
            slots[at] = _row(questions[0].first, decided, by)
            state.decided += 1
            state.rows = [row for row in slots if row is not None]
        yield state


def _same_texts(first: Mapping[str, Annotation], done: Mapping[str, Annotation]) -> None:
    if done:
        shared([first, {number: one for number, one in done.items() if number in first} or done])


def _decided(found: Sequence[Dispute], decide: Decide) -> Annotation | None:
    """The annotation that the decisions make, or None if one of them is left open."""
    first, second = found[0].first, found[0].second
    marks = {mark: set(getattr(first.marks, mark, ())) for mark in MARKS}
    for dispute in found:
        answer = decide(dispute)
        if answer is None:
            return None
        if not dispute.mark:
            return first if answer else second
        if not answer:
            marks[dispute.mark] ^= {dispute.sentence}
    made = Marks(tuple(sorted(marks["praise"])), tuple(sorted(marks["concern"])))
    outcome = str(made.stance or "none")
    return Annotation(first.id, first.place, first.text, first.sentences, outcome, made, first.raw)


def _row(base: Annotation, label: Annotation, how: str) -> dict[str, Any]:
    """The row of ``base`` with the label of another annotation of its text."""
    row = {name: value for name, value in base.raw.items() if name not in _LABELS} | {"id": base.id}
    if label.outcome == NOT_AN_INTERVENTION:
        return row | {"not_an_intervention": True, HOW: how}
    if label.marks is not None:
        row |= {"sentences": list(label.sentences)}
        row |= {mark: list(getattr(label.marks, mark)) for mark in MARKS}
    return row | {"stance": label.outcome, HOW: how}
