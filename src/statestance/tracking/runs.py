"""Training runs: opened before training, filled while it goes on, closed whatever happens."""

from __future__ import annotations

import getpass
import logging
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from statestance.tracking.digests import count_rows, data_digest, folder_digest
from statestance.tracking.entries import (
    data_tags,
    dvc_tags,
    environment_tags,
    log_dataset,
    log_params,
    log_points,
    set_tags,
)
from statestance.tracking.facts import environment, git_commit
from statestance.tracking.names import Tag
from statestance.tracking.processes import alive, own_tags, signals_raise
from statestance.tracking.store import Store, connect, locked
from statestance.tracking.training import FILE, Training, flat, numbers, text

log = logging.getLogger(__name__)

_COMMIT = "mlflow.source.git.commit"


class TrainingRun:
    """A run while its model is being trained."""

    def __init__(self, store: Store, run_id: str, data: Path) -> None:
        self.run_id = run_id
        self.finished = False
        self._store = store
        self._data = data
        self._logged: set[tuple[str, int]] = set()

    def log(self, metrics: Mapping[str, Any], step: int) -> None:
        """Log the numbers among ``metrics`` at one step; a store that fails does not end the training."""
        points = [(name, step, value) for name, value in numbers(metrics) if name != "step"]
        try:
            log_points(self._store, self.run_id, points)
        except Exception as error:
            log.warning("expected to log step %d to %s; found: %s; finish() tries again", step, self._store.uri, error)
        else:
            self._logged.update((name, step) for name, step, _ in points)

    def finish(self, trained: Path) -> None:
        """Complete the run from the folder that the training wrote; nothing may change in it afterwards."""
        _log_training(self._store, self.run_id, trained, data=self._data, logged=self._logged)
        self.finished = True


@contextmanager
def training_run(
    name: str,
    *,
    config: Mapping[str, Any],
    data: Path,
    tags: Mapping[str, str] | None = None,
    project: Path | None = None,
) -> Iterator[TrainingRun]:
    """Open the run of a model in the store of the project (default: the one around the working folder).

    An exception, SIGINT or SIGTERM inside leaves a FAILED run that tells why, and is raised on. A run
    left open by a process that was killed is closed as FAILED by the next one on the same host.
    """
    store = connect(project)
    close_abandoned(store)
    digest = data_digest(data)
    facts = {Tag.MODEL: name, _COMMIT: git_commit(store.workspace)} | data_tags(digest)
    run_id = _create(store, name, {**(tags or {}), **facts, **environment_tags(environment())})
    run = TrainingRun(store, run_id, data)
    with _failing(store, run_id), signals_raise():
        params = {name: text(value) for name, value in flat(config) if value not in (None, "")}
        log_params(store, run_id, params)
        log_dataset(store, run_id, data, digest, rows=count_rows(data))
        yield run
        if not run.finished:
            raise RuntimeError("the training ended without finish()")
    store.client.set_terminated(run_id, "FINISHED")


def ensure_run(trained: Path, *, data: Path, project: Path | None = None) -> str:
    """Return the run of a trained model; if it is missing, write it again from ``training.json``."""
    return ensured(connect(project), trained, data=data)[0]


def ensured(store: Store, trained: Path, *, data: Path) -> tuple[str, bool]:
    """As ``ensure_run``; also say whether the run had to be written again."""
    training, digest = Training.read(trained), folder_digest(trained)
    with locked(store.home):
        close_abandoned(store)
        found = store.search(f"tags.`{Tag.TRAINED}` = '{digest}'")
        if found:
            return str(found[0].info.run_id), False
        end = int((trained / FILE).stat().st_mtime * 1000)
        tags = {Tag.MODEL: training.model, Tag.RECREATED: "true"}
        run_id = _create(store, training.model, tags, start=end - int(training.seconds * 1000))
        with _failing(store, run_id):
            log_dataset(store, run_id, data, training.data_digest, rows=training.rows)
            _log_training(store, run_id, trained, data=data, logged=set(), at=end)
        store.client.set_terminated(run_id, "FINISHED", end)
    return run_id, True


def close_abandoned(store: Store) -> None:
    """Close the open runs of this host whose process is gone: FAILED, unless all was logged."""
    for run in store.search("attributes.status = 'RUNNING'", f"tags.`{Tag.HOST}` = '{platform.node()}'"):
        if alive(run.data.tags):
            continue
        complete = Tag.TRAINED in run.data.tags
        if not complete:
            store.client.set_tag(run.info.run_id, Tag.ERROR, "the process was killed")
        store.client.set_terminated(run.info.run_id, "FINISHED" if complete else "FAILED")


def _create(store: Store, name: str, tags: Mapping[Any, str], *, start: int | None = None) -> str:
    whole = {
        **own_tags(),
        Tag.DVC_EXPERIMENT: os.environ.get("DVC_EXP_NAME", ""),
        "mlflow.user": getpass.getuser(),
        "mlflow.source.name": "statestance",
        "mlflow.source.type": "LOCAL",
        **tags,
    }
    given = {str(key): value for key, value in whole.items() if value}
    run = store.client.create_run(store.experiment, start_time=start, tags=given, run_name=name)
    return str(run.info.run_id)


@contextmanager
def _failing(store: Store, run_id: str) -> Iterator[None]:
    """Whatever is raised inside makes the run FAILED, and goes on."""
    try:
        yield
    except BaseException as error:
        try:
            store.client.set_tag(run_id, Tag.ERROR, f"{type(error).__name__}: {error}"[:5000])
            store.client.set_terminated(run_id, "FAILED")
        except Exception as second:
            log.warning("expected to mark run %s FAILED in %s; found: %s", run_id, store.uri, second)
        raise


def _log_training(
    store: Store,
    run_id: str,
    trained: Path,
    *,
    data: Path,
    logged: set[tuple[str, int]],
    at: int | None = None,
) -> None:
    """Log what ``training.json`` says and is not logged yet; the tag by which the run is found comes last."""
    training = Training.read(trained)
    points = [point for point in training.points if point[:2] not in logged]
    last = max((step for _, step, _ in training.points), default=0)
    log_points(store, run_id, [*points, ("train.seconds", last, training.seconds)], at=at)
    present, params = store.client.get_run(run_id).data.params, training.params
    changed = {f"resolved.{name}": v for name, v in params.items() if present.get(name, v) != v}
    log_params(store, run_id, {name: v for name, v in params.items() if name not in present} | changed)
    store.client.log_artifact(run_id, str(trained / FILE), "training")
    facts = training.environment | {"device": training.device}
    commit = {_COMMIT: training.git_commit or ""}
    dvc = dvc_tags(store, {Tag.DVC_DATA: data})
    set_tags(store, run_id, data_tags(training.data_digest) | environment_tags(facts) | dvc | commit)
    set_tags(store, run_id, {Tag.TRAINED: folder_digest(trained)})
