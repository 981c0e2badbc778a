"""The registry holds what the pipeline selected, loadable and servable without a pickle."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from statestance import predict, tracking
from statestance.domain import StatestanceError
from statestance.predict.table import COLUMNS, as_row
from statestance.tracking.store import connect, globally
from tracking_project import ROWS, Project

pytestmark = pytest.mark.train

TEXTS = [text for text, _ in ROWS["dev"]] + ["It commended the reform in Veldania. Arrests were alarming."]


@pytest.fixture(autouse=True)
def own_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project(tmp_path).prepare()
    monkeypatch.chdir(tmp_path)
    return project


def versions(project: Project) -> list[int]:
    return [int(v.version) for v in connect(project.root).client.search_model_versions("name = 'statestance'")]


def champion(project: Project) -> Any:
    return connect(project.root).client.get_model_version_by_alias("statestance", "champion")


def test_the_champion_answers_as_the_predictor_does_and_holds_no_pickle(project: Project) -> None:
    import mlflow
    import pandas as pd

    run_id = project.train_live("tiny")
    version = tracking.register(project.export("tiny"), run_id)
    store = connect(project.root)
    assert int(champion(project).version) == version
    assert champion(project).tags["statestance.model"] == "tiny"
    assert champion(project).run_id == run_id
    assert store.client.get_run(run_id).info.status == "FINISHED"
    logged = store.client.search_logged_models([store.experiment])
    assert [(m.source_run_id, str(m.status)) for m in logged] == [(run_id, "READY")]
    assert Path(logged[0].artifact_location.removeprefix("file://")).is_relative_to(project.root / "mlartifacts")
    assert not (project.root / "mlruns").exists()
    with globally(store.uri):
        folder = Path(mlflow.artifacts.download_artifacts("models:/statestance@champion"))
        served = mlflow.pyfunc.load_model("models:/statestance@champion")
    assert not [p for p in folder.rglob("*") if p.suffix in {".pkl", ".pickle", ".joblib"}]
    assert "cloudpickle" not in (folder / "requirements.txt").read_text()
    assert "statestance[baselines]==" in (folder / "requirements.txt").read_text()
    rows = [{"text": text, "speaker": "Norway", "target": "Veldania"} for text in TEXTS]
    answer = served.predict(pd.DataFrame(rows))
    assert tuple(answer.columns) == COLUMNS
    assert answer.to_dict(orient="records") == [as_row(p) for p in predict.load(project.bundle("tiny")).predict(rows)]
    assert list(served.predict(pd.DataFrame({"text": TEXTS}))["text"]) == TEXTS


def test_registering_again_changes_nothing_and_an_old_champion_comes_back_as_itself(project: Project) -> None:
    run_id = project.train_live("tiny")
    first = tracking.register(project.export("tiny"), run_id)
    assert tracking.register(project.bundle("tiny"), run_id) == first
    assert versions(project) == [first]
    second = tracking.register(project.export("other", strength=1.0), project.train_live("other"))
    assert (int(champion(project).version), len(versions(project))) == (second, 2)
    assert tracking.register(project.bundle("tiny"), run_id) == first
    assert (int(champion(project).version), len(versions(project))) == (first, 2)


def test_the_bundle_of_a_registered_model_is_fetched_unchanged(project: Project, tmp_path: Path) -> None:
    tracking.register(project.export("tiny"), project.train_live("tiny"))
    found = tracking.fetch_bundle("models:/statestance@champion", tmp_path / "fetched")
    assert tracking.folder_digest(found) == tracking.folder_digest(project.bundle("tiny"))
    assert found.is_relative_to(tmp_path / "fetched")


@pytest.mark.parametrize("uri", ["models:/statestance@champion", "models:/nobody/7", "models:/", "models:/a@b@c"])
def test_a_model_that_is_not_registered_is_told(project: Project, tmp_path: Path, uri: str) -> None:
    with pytest.raises(StatestanceError, match="registered model") as error:
        tracking.fetch_bundle(uri, tmp_path / "fetched")
    assert uri in str(error.value)


def ask(url: str, payload: object) -> Any:
    body = json.dumps(payload).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_registering_leaves_the_environment_as_it_was(project: Project) -> None:
    before = {name: value for name, value in os.environ.items() if name.startswith("MLFLOW_")}
    tracking.register(project.export("tiny"), project.train_live("tiny"))
    after = {name: value for name, value in os.environ.items() if name.startswith("MLFLOW_")}
    assert after == before | {"MLFLOW_DISABLE_TELEMETRY": "true"}


@pytest.mark.slow
def test_mlflow_serves_the_champion(project: Project) -> None:
    tracking.register(project.export("tiny"), project.train_live("tiny"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", "models:/statestance@champion"]
    command += ["--env-manager", "local", "--host", "127.0.0.1", "--port", str(port)]
    own = {
        "MLFLOW_TRACKING_URI": "sqlite:///mlflow.db",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    log = project.root / "serve.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            command, cwd=project.root, env=os.environ | own | {"PATH": path}, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/ping", server, log)
        rows = [{"id": str(i), "text": text, "target": "Veldania"} for i, text in enumerate(TEXTS)]
        answer = ask(f"http://127.0.0.1:{port}/invocations", {"dataframe_records": rows})["predictions"]
        assert answer == [as_row(p) for p in predict.load(project.bundle("tiny")).predict(rows)]
        columns = {"columns": ["text"], "data": [[text] for text in TEXTS]}
        short = ask(f"http://127.0.0.1:{port}/invocations", {"dataframe_split": columns})["predictions"]
        assert [row["text"] for row in short] == TEXTS
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
