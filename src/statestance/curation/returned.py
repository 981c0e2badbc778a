"""What comes back from outside: the answers, and every fault; texts that were edited are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from statestance.corpus.faults import Fault
from statestance.curation.tasks import Answer, Task


@dataclass(slots=True)
class Returned:
    """The answers found in a file, by task, and what is wrong with it; a task with neither is not labelled yet."""

    answers: dict[str, Answer] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, path: Path, line: int, name: str, value: str, problem: str, remedy: str) -> None:
        self.faults.append(Fault(str(path), line, name, value, problem, remedy))


def differs(path: Path, line: int, name: str, task: Task, texts: Sequence[str]) -> Fault | None:
    """The fault of sentences that are not those of the task; other space or control characters are no difference."""
    own = task.intervention.sentence_texts
    remedy = "labels belong to the text as it was; put it back, or leave the text out of the file"
    if len(texts) != len(own):
        return Fault(str(path), line, name, f"{len(texts)} sentences", f"{task.id} has {len(own)}", remedy)
    for there, here in zip(texts, own, strict=True):
        if folded(there) != folded(here):
            return Fault(str(path), line, name, repr(there), f"edited; {task.id} has {_short(here)!r}", remedy)
    return None


def folded(text: str) -> str:
    """A text without what spreadsheets and editors may change of themselves: control characters and space."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
