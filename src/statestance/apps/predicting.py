"""Inputs to predictions, in order and in bounded memory, with an account of what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from statestance.apps.progress import Progress
from statestance.domain import Prediction, StatestanceError
from statestance.predict.table import left_out

if TYPE_CHECKING:
    from statestance.predict import Predictor
    from statestance.transcripts import Debate

BLOCK = 256


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
    rejected: int = 0

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
        self.rejected += len(debate.rejected)
        file.left_out.update(debate.left_out)

    def note(self, made: Iterable[Prediction]) -> None:
        """Count the interventions that the model gave no stance."""
        self.abstained.update(p.abstain_reason for p in made if p.abstained and not p.intervention.left_out)

    def merge(self, other: Account) -> None:
        """Add what another account holds."""
        for name, theirs in other.files.items():
            ours = self.files.setdefault(name, FileRead())
            ours.layouts |= theirs.layouts
            ours.targets |= theirs.targets
            ours.debates |= theirs.debates
            ours.kept += theirs.kept
            ours.left_out.update(theirs.left_out)
        self.abstained.update(other.abstained)
        self.failed.update(other.failed)
        self.rejected += other.rejected

    def check(self) -> None:
        """Raise ``StatestanceError`` if there was no intervention at all."""
        if self.kept:
            return
        if self.failed:
            raise StatestanceError("\n".join(self.failed.values()))
        files = ", ".join(self.files) or "the input"
        found = [f"{n} × {why}" for f in self.files.values() for why, n in f.left_out.items()]
        found += [f"{self.rejected} × bad row"] if self.rejected else []
        raise StatestanceError(
            f"expected interventions in {files}; found none ({', '.join(found) or 'no turns at all'}); "
            "check the file, or name its layout with --layout"
        )

    @property
    def kept(self) -> int:
        return sum(f.kept for f in self.files.values())


def blocks(debate: Debate, predictor: Predictor, *, keep_all: bool, start: int = 0) -> Iterator[list[Prediction]]:
    """Predict the interventions of a debate, with ``keep_all`` all of its turns, from number ``start`` on, in blocks.

    A block's bounds follow from its place alone (``start`` ends one), so that a run which is picked up
    predicts the same texts together as one that was never stopped.
    """
    turns = debate.turns if keep_all else debate.interventions
    for at in range(start, len(turns), BLOCK):
        block = turns[at : at + BLOCK]
        made = iter(predictor.predict([t for t in block if not t.left_out]))
        yield [left_out(turn) if turn.left_out else next(made) for turn in block]


def predictions(
    debates: Iterable[Debate], predictor: Predictor, account: Account, *, keep_all: bool
) -> Iterator[Prediction]:
    """Yield a prediction for every intervention, and with ``keep_all`` a row for every turn left out.

    Raises ``StatestanceError`` at the end if there was no intervention at all.
    """
    with Progress() as progress:
        for debate in debates:
            account.add(debate)
            for block in blocks(debate, predictor, keep_all=keep_all):
                account.note(block)
                yield from block
                progress.advance(len(block))
    account.check()
