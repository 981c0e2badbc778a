"""Writing into a run: points of curves, parameters, tags, the dataset."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from statestance.tracking.facts import DvcLock
from statestance.tracking.names import Tag
from statestance.tracking.store import Store
from statestance.tracking.training import flat, text

T = TypeVar("T")
Point = tuple[str, int, float]


def log_points(store: Store, run_id: str, points: Iterable[Point], *, at: int | None = None) -> None:
    """Log (name, step, value) as of ``at`` (milliseconds; default: now)."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000) if at is None else at
    for group in _groups([Metric(_allowed(name), value, now, step) for name, step, value in points], 1000):
        store.client.log_batch(run_id, metrics=group)


def log_params(store: Store, run_id: str, params: Mapping[str, str]) -> None:
    """Log parameters; MLflow refuses a second value for one that is there."""
    from mlflow.entities import Param

    for group in _groups([Param(_allowed(name), value) for name, value in params.items()], 100):
        store.client.log_batch(run_id, params=group)


def set_tags(store: Store, run_id: str, tags: Mapping[str, str]) -> None:
    """Set tags, those with an empty value left out."""
    from mlflow.entities import RunTag

    for group in _groups([RunTag(_allowed(str(name)), value) for name, value in tags.items() if value], 100):
        store.client.log_batch(run_id, tags=group)


def log_dataset(store: Store, run_id: str, data: Path, digest: str, *, rows: Mapping[str, int]) -> None:
    """Log the prepared data as a run's input. MLflow keeps 36 characters of a digest; tag and profile all."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    dataset = Dataset(
        name="statements",
        digest=digest[:36],
        source_type="local",
        source=json.dumps({"uri": store.relative(data)}),
        profile=json.dumps({"sha256": digest, "rows": dict(rows)}),
    )
    store.client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])


def data_tags(digest: str) -> dict[str, str]:
    """The digest of the prepared data, and the tag shared by all runs on it."""
    return {Tag.DATA: digest, Tag.PIPELINE: digest[:12]}


def environment_tags(facts: Mapping[str, Any]) -> dict[str, str]:
    """An environment as tags ``environment.<name>``."""
    return {f"environment.{name}": text(value) for name, value in flat(facts)}


def dvc_tags(store: Store, paths: Mapping[Tag, Path]) -> dict[str, str]:
    """The hashes that DVC knows for some of its outputs, by tag; unknown ones are left out."""
    lock = DvcLock.read(store.workspace)
    found = {tag: lock.hash_of(store.relative(path)) for tag, path in paths.items()}
    return {str(tag): value for tag, value in found.items() if value}


def _allowed(name: str) -> str:
    """A name in the characters that MLflow takes for one."""
    return re.sub(r"[^\w.\- :/]", "_", name)


def _groups(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
