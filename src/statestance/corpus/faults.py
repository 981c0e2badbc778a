"""What is wrong with a labelled file: every fault at once, each with its place and remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from statestance.domain import StatestanceError

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in one row. ``line`` is 1-based (for Parquet: the row number)."""

    file: str
    line: int
    field: str
    value: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        value = self.value if len(self.value) <= 80 else self.value[:77] + "..."
        return f"{self.file}:{self.line}: {self.field} = {value}: {self.problem}; {self.remedy}"


class InvalidRowsError(StatestanceError):
    """A file was rejected; ``faults`` holds everything that is wrong with it."""

    def __init__(self, faults: Sequence[Fault], expected: str = "a valid labelled file") -> None:
        self.faults = tuple(sorted(faults, key=lambda f: (f.file, f.line, f.field)))
        lines = [str(f) for f in self.faults[:SHOWN]]
        if len(self.faults) > SHOWN:
            lines.append(f"... and {len(self.faults) - SHOWN} more")
        count = f"{len(self.faults)} fault{'s' if len(self.faults) > 1 else ''}"
        super().__init__(f"expected {expected}; found {count}:\n" + "\n".join(lines))
