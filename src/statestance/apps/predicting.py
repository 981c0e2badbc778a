"""Inputs to predictions, in order and in bounded memory, with an account of what was read."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from statestance.domain import Prediction, StatestanceError
from statestance.predict.table import left_out

if TYPE_CHECKING:
    from statestance.predict import Predictor
    from statestance.transcripts import Debate

_BLOCK = 256


@dataclass
class FileRead:
    """What was read from one file: how it was taken, and how many turns were kept and left out."""

    layouts: set[str] = field(default_factory=set)
    targets: set[str] = field(default_factory=set)
    debates: set[str] = field(default_factory=set)
    kept: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass
class Account:
    """What was read, by file; grows while ``predictions`` is consumed."""

    files: dict[str, FileRead] = field(default_factory=dict)
    abstained: Counter[str] = field(default_factory=Counter)
    failed: dict[str, str] = field(default_factory=dict)

    def fail(self, path: Path, error: StatestanceError) -> None:
        """Note a file of a batch that could not be read."""
        self.failed[str(path)] = str(error)

    def add(self, debate: Debate) -> None:
        file = self.files.setdefault(debate.file, FileRead())
        file.layouts.add(debate.layout)
        # A table comes in blocks, each of which may hold rows of several debates.
        file.targets.update(turn.target or "unknown" for turn in debate.turns)
        file.debates.update(turn.debate for turn in debate.turns)
        file.kept += len(debate.interventions)
        file.left_out.update(debate.left_out)

    @property
    def kept(self) -> int:
        return sum(f.kept for f in self.files.values())


def predictions(
    debates: Iterable[Debate], predictor: Predictor, account: Account, *, keep_all: bool
) -> Iterator[Prediction]:
    """Yield a prediction for every intervention, and with ``keep_all`` a row for every turn left out.

    Raises ``StatestanceError`` at the end if there was no intervention at all.
    """
    with _Progress() as progress:
        for debate in debates:
            account.add(debate)
            turns = debate.turns if keep_all else debate.interventions
            for start in range(0, len(turns), _BLOCK):
                block = turns[start : start + _BLOCK]
                made = iter(predictor.predict([t for t in block if not t.left_out]))
                for turn in block:
                    one = left_out(turn) if turn.left_out else next(made)
                    if one.abstained and not turn.left_out:
                        account.abstained[one.abstain_reason] += 1
                    yield one
                progress.advance(len(block))
    if not account.kept and account.failed:
        raise StatestanceError("\n".join(account.failed.values()))
    if not account.kept:
        files = ", ".join(account.files) or "the input"
        found = ", ".join(f"{n} × {why}" for f in account.files.values() for why, n in f.left_out.items())
        raise StatestanceError(
            f"expected interventions in {files}; found none ({found or 'no turns at all'}); "
            "check the file, or name its layout with --layout"
        )


class _Progress:
    """A count on stderr, where somebody watches; the total is unknown, since inputs are streamed."""

    def __enter__(self) -> _Progress:
        self._bar = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            columns = (SpinnerColumn(), TextColumn("{task.completed} turns"), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("turns", total=None)
        return self

    def advance(self, turns: int) -> None:
        if self._bar is not None:
            self._bar.advance(self._task, turns)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
