"""Filling the holes: what the pipeline has on disk and MLflow has not.

DVC skips a stage whose inputs did not change, or takes its outputs from the cache; then no code runs
that could log anything. Everything a run holds is in the outputs of the stages, so it is written again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from statestance.domain import StatestanceError
from statestance.tracking.evaluations import logged
from statestance.tracking.facts import DvcLock
from statestance.tracking.registry import registered
from statestance.tracking.runs import ensured
from statestance.tracking.store import Store, connect
from statestance.tracking.training import FILE


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What ``sync`` found missing: models by name, and what it left out with the reason."""

    uri: str
    runs: tuple[str, ...]
    evaluations: tuple[str, ...]
    registered: int | None
    left_out: tuple[tuple[str, str], ...]

    @property
    def nothing_new(self) -> bool:
        return not (self.runs or self.evaluations or self.registered)

    def __str__(self) -> str:
        lines = [f"MLflow store {self.uri}" + (": complete" if self.nothing_new else "")]
        if self.runs:
            lines.append(f"runs written again: {', '.join(self.runs)}")
        if self.evaluations:
            lines.append(f"evaluations logged: {', '.join(self.evaluations)}")
        if self.registered:
            lines.append(f"champion: version {self.registered}")
        return "\n".join([*lines, *(f"{name} left out: {reason}" for name, reason in self.left_out)])


def sync(project: Path) -> SyncReport:
    """Write every missing run, evaluation and registration from the outputs of the stages; once."""
    store = connect(project)
    lock = DvcLock.read(store.workspace)
    version: int | None = None
    runs, evaluations, left_out = [], [], []
    champion = _champion(store.workspace)
    for record in sorted((store.workspace / "build" / "models").glob(f"*/{FILE}")):
        name = record.parent.name
        run_id, new = ensured(store, record.parent, data=store.workspace / "build" / "data")
        runs += [name] * new
        bundle = store.workspace / "build" / "bundles" / name
        reason = _incomplete(store, lock, name)
        if reason:
            left_out.append((name, reason))
            continue
        evaluations += [name] * logged(store, run_id, *_evaluation(store.workspace, name), bundle)
        if champion == name:
            number, changed = registered(store, bundle, run_id)
            version = number if changed else None
    return SyncReport(store.uri, tuple(runs), tuple(evaluations), version, tuple(left_out))


def _evaluation(workspace: Path, name: str) -> tuple[Path, Path]:
    return workspace / "experiments" / "metrics" / f"{name}.json", workspace / "build" / "pictures" / name


def _incomplete(store: Store, lock: DvcLock, name: str) -> str:
    """Why the evaluation on disk is not that of the model on disk, or ""."""
    metrics, _ = _evaluation(store.workspace, name)
    for path in (store.workspace / "build" / "bundles" / name, metrics):
        if not path.exists():
            return f"no {store.relative(path)} yet"
        if changed := lock.outdated(store.relative(path)):
            return f"{store.relative(path)} is older than {changed}"
    return ""


def _champion(workspace: Path) -> str:
    path = workspace / "build" / "champion.json"
    if not path.is_file():
        return ""
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["model"])
    except (ValueError, KeyError, TypeError) as error:
        raise StatestanceError(f"expected the champion's model in {path}; found: {error!r}; run `dvc repro`") from error
