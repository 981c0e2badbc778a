"""With MLFLOW_TRACKING_URI everything goes to a server, files included, and nothing stays in the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_ui import mlflow_ui
from statestance import tracking
from statestance.tracking.store import connect
from tracking_project import Project

pytestmark = [pytest.mark.train, pytest.mark.slow]


def test_a_server_takes_runs_evaluations_and_the_champion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path / "project").prepare()
    server = tmp_path / "server"
    server.mkdir()
    monkeypatch.chdir(project.root)
    with mlflow_ui(server) as url:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", url)
        live = project.train_live("tiny")
        project.export("tiny")
        project.evaluate("tiny")
        project.select("tiny")
        report = tracking.sync(project.root)
        assert (report.runs, report.evaluations, report.registered) == ((), ("tiny",), 1)
        assert tracking.sync(project.root).nothing_new
        run = connect(project.root).client.get_run(live)
        assert run.data.metrics["test.macro_f1"] == 0.8
        fetched = tracking.fetch_bundle("models:/statestance@champion", tmp_path / "fetched")
        assert tracking.folder_digest(fetched) == tracking.folder_digest(project.bundle("tiny"))
    assert not (project.root / "mlflow.db").exists()
    assert [p.name for p in (project.root / "mlartifacts").iterdir()] == [".lock"]
