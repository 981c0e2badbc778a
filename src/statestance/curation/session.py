"""Labelling one text after the other by single keys: what each key does, with undo; no terminal in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from statestance.curation.tasks import Answer, Task
from statestance.domain import Marks

KEYS = {
    "p": "praise on or off",
    "c": "concern on or off",
    "space": "next sentence",
    "b": "back one sentence",
    "enter": "text done",
    "x": "not an intervention",
    "s": "skip",
    "u": "undo",
    "q": "save and quit",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the labeller stands: the number of the text, the sentence in it, and what is marked so far."""

    task: int
    sentence: int = 0
    praise: frozenset[int] = frozenset()
    concern: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Step:
    """What ``undo`` goes back to: the place, and the text that was answered by leaving it ("" for none)."""

    place: Place
    answered: str = ""


class Session:
    """The state of a labelling session. ``answers`` grows as texts are done; those given are not asked again."""

    def __init__(self, tasks: Sequence[Task], answers: Mapping[str, Answer]) -> None:
        self.tasks = tuple(tasks)
        self.answers = dict(answers)
        self.place = Place(self._open(0))
        self._steps = list[_Step]()

    @property
    def task(self) -> Task | None:
        """The text to label; None when the end is reached."""
        return self.tasks[self.place.task] if self.place.task < len(self.tasks) else None

    def press(self, key: str) -> None:
        """Do what a key of ``KEYS`` says, "q" apart; any other key does nothing."""
        if key == "u":
            self._undo()
            return
        task, place = self.task, self.place
        if task is None:
            return
        last = len(task.intervention.sentences) - 1
        if key == "p":
            self._go(replace(place, praise=place.praise ^ {place.sentence}))
        elif key == "c":
            self._go(replace(place, concern=place.concern ^ {place.sentence}))
        elif key == "b" and place.sentence:
            self._go(replace(place, sentence=place.sentence - 1))
        elif key == "space" and place.sentence < last:
            self._go(replace(place, sentence=place.sentence + 1))
        elif key in ("enter", "space"):
            self._answer(task, Answer(Marks(tuple(sorted(place.praise)), tuple(sorted(place.concern)))))
        elif key == "x":
            self._answer(task, Answer(None))
        elif key == "s":
            self._go(Place(self._open(place.task + 1)))

    def _go(self, place: Place) -> None:
        self._steps.append(_Step(self.place))
        self.place = place

    def _answer(self, task: Task, answer: Answer) -> None:
        self._steps.append(_Step(self.place, task.id))
        self.answers[task.id] = answer
        self.place = Place(self._open(self.place.task + 1))

    def _undo(self) -> None:
        if self._steps:
            step = self._steps.pop()
            self.answers.pop(step.answered, None)
            self.place = step.place

    def _open(self, start: int) -> int:
        """The first text from ``start`` on that has no answer; their number if none is left."""
        open_ = (n for n in range(start, len(self.tasks)) if self.tasks[n].id not in self.answers)
        return next(open_, len(self.tasks))
