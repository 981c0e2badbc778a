"""Pass rates by capability: held against their thresholds, and written as a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from behaviour.tables import LEAST, Case, doubtful, outcome, shortfalls, thresholds
from statestance.domain import Prediction

_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one case came out. ``doubtful``: the predictor held its answer back."""

    id: str
    text: str
    expected: str
    found: str
    doubtful: bool = False

    @property
    def passed(self) -> bool:
        return self.expected == self.found


def verdict(case: Case, prediction: Prediction, expected: str) -> Verdict:
    """Hold the likeliest outcome of a prediction against what was expected."""
    return Verdict(case.id, prediction.intervention.text, expected, outcome(prediction), doubtful(prediction))


@dataclass(frozen=True, slots=True)
class Line:
    """One capability's result. ``minimum`` fails a test, ``aim`` is what is wanted; they differ for a known shortfall.

    ``abstained``: answers held back, right ones and wrong ones; ``wrong``: those served.
    """

    kind: str
    capability: str
    cases: int
    passed: int
    rate: float
    minimum: float
    aim: float
    abstained: int
    wrong: int
    failed: tuple[str, ...]


@dataclass(slots=True)
class Scoreboard:
    """Collects the lines of one model's session."""

    model: str = ""
    digest: str = ""
    lines: list[Line] = field(default_factory=list)

    def judge(self, kind: str, capability: str, verdicts: Sequence[Verdict]) -> None:
        """Record a capability, then fail with the failing cases where it is under its threshold."""
        aim = thresholds()[kind][capability]
        minimum = shortfalls().get(kind, {}).get(capability, aim)
        failed = [v for v in verdicts if not v.passed]
        passed, abstained = len(verdicts) - len(failed), sum(v.doubtful for v in verdicts)
        rate, wrong = passed / len(verdicts) if verdicts else 0.0, sum(not v.doubtful for v in failed)
        ids = tuple(v.id for v in failed)
        line = Line(kind, capability, len(verdicts), passed, round(rate, 4), minimum, aim, abstained, wrong, ids)
        self.lines.append(line)
        assert len(verdicts) >= LEAST, f"{capability}: expected at least {LEAST} cases; found {len(verdicts)}"
        shown = "\n".join(
            f"  {v.id}: expected {v.expected}, found {v.found}{' (held back)' * v.doubtful}: {v.text}"
            for v in failed[:_SHOWN]
        )
        assert rate >= minimum, (
            f"{capability}: expected a pass rate of {minimum:.3f}; found {rate:.3f} ({passed}/{len(verdicts)})\n{shown}"
        )

    def write(self, path: Path) -> None:
        """Write the table: Markdown for ``.md``, else JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = self._markdown() if path.suffix == ".md" else self._json()
        path.write_text(text, encoding="utf-8")

    def _json(self) -> str:
        model = {"name": self.model, "digest": self.digest}
        table = {"model": model, "capabilities": [asdict(line) for line in self.lines]}
        return json.dumps(table, ensure_ascii=False, indent=1) + "\n"

    def _markdown(self) -> str:
        rows = [
            f"| {x.kind} | {x.capability} | {x.passed}/{x.cases} | {x.rate:.3f} | {x.aim:.3f} | "
            f"{x.minimum:.3f} | {x.abstained} | {x.wrong} | {_reached(x)} |"
            for x in self.lines
        ]
        head = ["| kind | capability | passed | rate | aim | minimum | held back | served wrong | reached |"]
        head += ["|---|---|---:|---:|---:|---:|---:|---:|---|"]
        return "\n".join([f"Behaviour of {self.model}", "", *head, *rows]) + "\n"


def _reached(line: Line) -> str:
    if line.cases < LEAST or line.passed < line.minimum * line.cases:
        return "NO"
    return "the aim" if line.passed >= line.aim * line.cases else "the minimum"
