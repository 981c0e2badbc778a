"""Where runs are kept: a SQLite file and a folder in the project, or the server of MLFLOW_TRACKING_URI."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from statestance.domain import StatestanceError
from statestance.tracking.names import EXPERIMENT

if TYPE_CHECKING:
    from mlflow import MlflowClient

_URI = "MLFLOW_TRACKING_URI"
_REGISTRY_URI = "MLFLOW_REGISTRY_URI"
_KIND = {"mlflow.experimentKind": "custom_model_development"}
"""Makes the UI open on the runs, and not on an overview of traces."""


@dataclass(frozen=True, slots=True)
class Store:
    """An open store: its address, and the experiment all runs stand in.

    ``workspace`` is the folder with ``dvc.yaml`` and the outputs; ``home`` the one that keeps the store.
    They differ only inside the throw-away workspace that DVC makes for an experiment (``.dvc/tmp/exps/...``).
    """

    workspace: Path
    home: Path
    uri: str
    client: MlflowClient
    experiment: str

    def relative(self, path: Path) -> str:
        """A path as ``dvc.lock`` writes it: relative to the workspace, where it lies inside."""
        path = path.resolve()
        return (path.relative_to(self.workspace) if path.is_relative_to(self.workspace) else path).as_posix()

    def search(self, *conditions: str) -> list[Any]:
        """The runs that are not deleted and meet every condition, newest first."""
        found: list[Any] = []
        token: str | None = None
        while True:
            page = self.client.search_runs(
                [self.experiment],
                " and ".join(conditions),
                order_by=["attributes.start_time DESC"],
                page_token=token,
            )
            found.extend(page)
            token = page.token
            if not token:
                return found


def import_mlflow() -> ModuleType:
    """Import MLflow with its telemetry off; the only place that imports it, but for the served model."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["DO_NOT_TRACK"] = "true"
    try:
        import mlflow
    except ImportError as error:
        raise StatestanceError("expected mlflow to track runs; found none; pip install 'statestance[train]'") from error
    module: ModuleType = mlflow
    return module


def find_project(start: Path) -> Path:
    """The folder with ``dvc.yaml`` at or above ``start``."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "dvc.yaml").is_file():
            return folder
    raise StatestanceError(f"expected a project (a folder with dvc.yaml) at or above {start}; found none; cd into it")


def _home(workspace: Path) -> Path:
    inside_dvc = workspace.parent.parts[-3:] == (".dvc", "tmp", "exps")
    return workspace.parents[3] if inside_dvc else workspace


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """One process at a time: looking for a run and creating it must be one step."""
    from filelock import FileLock

    folder = home / "mlartifacts"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / ".lock"):
        yield


def connect(project: Path | None = None) -> Store:
    """Open the store of a project (default: the one around the working folder), creating it if need be."""
    workspace = find_project(project or Path.cwd())
    home, uri = _home(workspace), address(workspace)
    mlflow = import_mlflow()
    try:
        with locked(home):
            client = mlflow.MlflowClient(uri, uri)
            local = not uri.startswith(("http:", "https:", "databricks"))
            experiment = _experiment(client, home / "mlartifacts" if local else None)
    except Exception as error:
        # SQLAlchemy, sqlite3, requests and MLflow each fail in their own way.
        found = str(error).splitlines()[0]
        remedy = f"mend {_URI}, or move the file away: `make ui` fills a new one from the pipeline's outputs"
        raise StatestanceError(f"expected an MLflow store at {uri}; found: {found}; {remedy}") from error
    return Store(workspace, home, uri, client, experiment)


def address(project: Path) -> str:
    """The address of the store: MLFLOW_TRACKING_URI, else the file of the project around a folder."""
    uri = os.environ.get(_URI) or _sqlite(_home(find_project(project)) / "mlflow.db")
    if uri.startswith(("http:", "https:")):
        _check_server(uri)
    return uri


def _sqlite(path: Path) -> str:
    import_mlflow()
    from sqlalchemy import URL, make_url

    plain = f"sqlite:///{path.as_posix()}"
    # Only a path that would be misread (%, ?, #) is escaped: MLflow also makes a folder of the escaped name.
    if make_url(plain).database == path.as_posix():
        return plain
    return URL.create("sqlite", database=path.as_posix()).render_as_string()


def _check_server(uri: str) -> None:
    # MLflow itself would try again and again, for minutes.
    try:
        urllib.request.urlopen(f"{uri.rstrip('/')}/health", timeout=10).close()
    except urllib.error.HTTPError:
        return
    except OSError as error:
        raise StatestanceError(
            f"expected an MLflow server at {uri} ({_URI}); found: {error}; start it, or unset {_URI}"
        ) from error


def _experiment(client: MlflowClient, artifacts: Path | None) -> str:
    experiment = client.get_experiment_by_name(EXPERIMENT)
    if experiment is None:
        place = artifacts.as_uri() if artifacts else None
        return str(client.create_experiment(EXPERIMENT, place, tags=_KIND))
    if experiment.lifecycle_stage == "deleted":
        client.restore_experiment(experiment.experiment_id)
    return str(experiment.experiment_id)


@contextmanager
def globally(uri: str) -> Iterator[None]:
    """Make a store the one of MLflow's global functions, for a while.

    ``mlflow.set_tracking_uri`` and ``set_registry_uri`` also write to the environment, where the next
    ``connect`` and every child process would find them.
    """
    mlflow = import_mlflow()
    kept = {name: os.environ.get(name) for name in (_URI, _REGISTRY_URI)}
    tracking, registry = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    try:
        yield
    finally:
        mlflow.set_tracking_uri(tracking)
        mlflow.set_registry_uri(registry)
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
