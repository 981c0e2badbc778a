"""A training leaves one run, whatever happens to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from statestance import tracking
from statestance.domain import StatestanceError
from statestance.tracking.store import Store, connect
from tracking_project import CONFIG, CURVES, Project

pytestmark = pytest.mark.train


@pytest.fixture(autouse=True)
def own_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def project(tmp_path: Path, request: pytest.FixtureRequest) -> Project:
    folder = getattr(request, "param", "a project")
    return Project(tmp_path / folder).prepare()


def history(store: Store, run_id: str, name: str) -> list[tuple[int, float]]:
    return [(m.step, m.value) for m in store.client.get_metric_history(run_id, name)]


def test_a_training_is_a_run_with_params_curves_dataset_and_environment(project: Project) -> None:
    run_id = project.train_live("tiny")
    store = connect(project.root)
    run = store.client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "tiny"
    assert run.data.params["tfidf.ngrams"] == "[1, 2]"
    assert run.data.params["C"] == "4.0"
    assert run.data.params["seed"] == "13"
    assert "note" not in run.data.params
    assert history(store, run_id, "loss") == [(0, 0.9), (1, 0.5), (2, 0.3)]
    assert history(store, run_id, "dev_macro_f1") == [(0, 0.4), (1, 0.6), (2, 0.7)]
    assert run.data.metrics["train.seconds"] == 12.5
    digest = tracking.data_digest(project.data)
    dataset = run.inputs.dataset_inputs[0].dataset
    assert dataset.digest == digest[:36]
    assert digest in dataset.profile and '"train": 8' in dataset.profile
    assert run.data.tags["statestance.model"] == "tiny"
    assert run.data.tags["statestance.pipeline"] == digest[:12]
    assert run.data.tags["environment.python"] == sys.version.split()[0]
    assert run.data.tags["environment.device"] == "cpu"
    assert run.data.tags["mlflow.source.git.commit"].startswith("0123456789")
    assert [f.path for f in store.client.list_artifacts(run_id, "training")] == ["training/training.json"]


@pytest.mark.parametrize("error", [ValueError("loss is not a number"), KeyboardInterrupt()])
def test_a_training_that_ends_by_an_exception_is_a_failed_run(project: Project, error: BaseException) -> None:
    with (
        pytest.raises(type(error)),
        tracking.training_run("tiny", config=CONFIG, data=project.data, project=project.root) as run,
    ):
        run.log({"loss": 0.9}, 0)
        raise error
    found = connect(project.root).client.get_run(run.run_id)
    assert found.info.status == "FAILED"
    assert found.data.tags["statestance.error"] == f"{type(error).__name__}: {error}"
    assert found.data.metrics == {"loss": 0.9}


def test_a_training_without_finish_is_a_failed_run(project: Project) -> None:
    with (
        pytest.raises(RuntimeError, match="finish"),
        tracking.training_run("tiny", config=CONFIG, data=project.data, project=project.root) as run,
    ):
        pass
    assert connect(project.root).client.get_run(run.run_id).info.status == "FAILED"


def test_a_store_that_fails_for_a_while_does_not_end_the_training(
    project: Project, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from mlflow import MlflowClient

    def broken(*_: object, **__: object) -> None:
        raise OSError("disk full")

    with tracking.training_run("tiny", config=CONFIG, data=project.data, project=project.root) as run:
        run.log({"loss": 0.9}, 0)
        with monkeypatch.context() as during:
            during.setattr(MlflowClient, "log_batch", broken)
            run.log({"loss": 0.5}, 1)
        run.finish(project.train("tiny"))
    assert "disk full" in caplog.text
    assert history(connect(project.root), run.run_id, "loss") == [(0, 0.9), (1, 0.5), (2, 0.3)]


CHILD = """
import sys, time
from pathlib import Path
from statestance import tracking
root = Path(sys.argv[1])
with tracking.training_run("tiny", config={"C": 1}, data=root / "build/data", project=root) as run:
    run.log({"loss": 0.9}, 0)
    (root / "started").write_text(run.run_id)
    time.sleep(60)
"""


def start_training(project: Project) -> tuple[subprocess.Popen[bytes], str]:
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(CHILD), str(project.root)])
    started, deadline = project.root / "started", time.monotonic() + 60
    while not (started.is_file() and started.read_text()):
        assert child.poll() is None and time.monotonic() < deadline, "the training did not start"
        time.sleep(0.05)
    return child, started.read_text()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, -signal.SIGINT)])
def test_a_training_that_is_told_to_stop_is_a_failed_run(project: Project, number: signal.Signals, code: int) -> None:
    child, run_id = start_training(project)
    child.send_signal(number)
    assert child.wait(30) == code
    run = connect(project.root).client.get_run(run_id)
    assert run.info.status == "FAILED"
    assert run.data.metrics == {"loss": 0.9}


def test_a_killed_training_is_closed_by_the_next_one_and_a_living_one_is_not(project: Project) -> None:
    killed, killed_run = start_training(project)
    killed.kill()
    killed.wait(30)
    store = connect(project.root)
    assert store.client.get_run(killed_run).info.status == "RUNNING"
    (project.root / "started").unlink()
    living, living_run = start_training(project)
    try:
        assert store.client.get_run(killed_run).info.status == "FAILED"
        assert store.client.get_run(killed_run).data.tags["statestance.error"] == "the process was killed"
        project.train_live("tiny")
        assert store.client.get_run(living_run).info.status == "RUNNING"
    finally:
        living.kill()
        living.wait(30)


def test_a_process_number_that_was_given_away_again_does_not_count_as_alive(project: Project) -> None:
    with tracking.training_run("tiny", config=CONFIG, data=project.data, project=project.root) as run:
        store = connect(project.root)
        store.client.set_tag(run.run_id, "statestance.process_started", "1000.0")
        tracking.ensure_run(project.train("other"), data=project.data, project=project.root)
        assert store.client.get_run(run.run_id).info.status == "FAILED"
        run.finish(project.train("tiny"))


def test_a_missing_run_is_written_again_as_it_was_once(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = project.train_live("tiny")
    lived = connect(project.root).client.get_run(first)
    assert tracking.ensure_run(project.trained("tiny"), data=project.data, project=project.root) == first
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/empty.db")
    again = tracking.ensure_run(project.trained("tiny"), data=project.data, project=project.root)
    assert tracking.ensure_run(project.trained("tiny"), data=project.data, project=project.root) == again
    store = connect(project.root)
    assert len(store.search()) == 1
    run = store.client.get_run(again)
    assert run.data.params == lived.data.params
    assert run.data.metrics == lived.data.metrics
    assert history(store, again, "loss") == [(p["step"], p["loss"]) for p in CURVES]
    assert run.data.tags["statestance.recreated"] == "true"
    assert "statestance.recreated" not in lived.data.tags
    for tag in ("statestance.trained", "statestance.data", "statestance.pipeline", "environment.torch"):
        assert run.data.tags.get(tag) == lived.data.tags.get(tag), tag
    assert run.inputs.dataset_inputs[0].dataset.digest == lived.inputs.dataset_inputs[0].dataset.digest
    assert run.info.status == "FINISHED"
    assert run.info.end_time - run.info.start_time == 12500


def test_another_training_of_the_same_model_is_another_run(project: Project) -> None:
    first = project.train_live("tiny")
    project.train("tiny", seed=14)
    assert tracking.ensure_run(project.trained("tiny"), data=project.data, project=project.root) != first


def test_a_run_half_written_again_is_not_taken_for_the_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlflow import MlflowClient

    def broken(*_: object, **__: object) -> None:
        raise OSError("disk full")

    trained = project.train("tiny")
    with monkeypatch.context() as during, pytest.raises(OSError, match="disk full"):
        during.setattr(MlflowClient, "log_artifact", broken)
        tracking.ensure_run(trained, data=project.data, project=project.root)
    run_id = tracking.ensure_run(trained, data=project.data, project=project.root)
    store = connect(project.root)
    assert store.client.get_run(run_id).info.status == "FINISHED"
    assert sorted(r.info.status for r in store.search()) == ["FAILED", "FINISHED"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "Invalid JSON"),
        ('{"model": "tiny"}', "data_digest"),
        ('{"model": 3, "data_digest": "0123456789ab"}', "model"),
    ],
)
def test_a_bad_record_of_a_training_is_told(project: Project, text: str, told: str) -> None:
    (project.train("tiny") / "training.json").write_text(text)
    with pytest.raises(StatestanceError, match=told) as error:
        tracking.ensure_run(project.trained("tiny"), data=project.data, project=project.root)
    assert "training.json" in str(error.value)


@pytest.mark.parametrize("project", ["Übung 1", "50 %20 # really?"], indirect=True)
def test_any_name_of_a_folder_will_do(project: Project) -> None:
    run_id = project.train_live("tiny")
    assert (project.root / "mlflow.db").is_file()
    store = connect(project.root)
    assert [f.path for f in store.client.list_artifacts(run_id, "training")] == ["training/training.json"]
    assert any((project.root / "mlartifacts").rglob("training.json"))


def test_a_server_that_does_not_answer_is_told_at_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    started = time.monotonic()
    with pytest.raises(StatestanceError, match="MLFLOW_TRACKING_URI"):
        connect(project.root)
    assert time.monotonic() - started < 90  # MLflow itself would try for minutes


def test_a_file_that_is_no_store_is_told_and_left_alone(project: Project) -> None:
    junk = "minutes of the session\n" * 100
    (project.root / "mlflow.db").write_text(junk)
    with pytest.raises(StatestanceError, match=r"mlflow\.db"):
        connect(project.root)
    assert (project.root / "mlflow.db").read_text() == junk


def test_another_store_can_be_named(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/elsewhere.db")
    project.train_live("tiny")
    assert (tmp_path / "elsewhere.db").is_file()
    assert not (project.root / "mlflow.db").exists()
    assert os.environ["MLFLOW_TRACKING_URI"] == f"sqlite:///{tmp_path}/elsewhere.db"


def test_the_project_is_found_from_below_and_missed_with_a_message(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.data)
    assert connect().home == project.root
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StatestanceError, match=r"dvc\.yaml"):
        connect()


def test_an_experiment_in_a_throw_away_workspace_of_dvc_is_kept_in_the_project(project: Project) -> None:
    inner = Project(project.root / ".dvc" / "tmp" / "exps" / "tmpabc").prepare()
    inner.lock("tiny")
    run_id = inner.train_live("tiny")
    run = connect(project.root).client.get_run(run_id)
    assert run.data.tags["statestance.dvc.data"] == "d" * 32 + ".dir"
    assert not (inner.root / "mlflow.db").exists()


def test_processes_that_meet_at_an_empty_store_make_one_run(project: Project) -> None:
    project.train("tiny")
    code = (
        "import sys; from pathlib import Path; from statestance import tracking; root = Path(sys.argv[1]);"
        "print(tracking.ensure_run(root / 'build/models/tiny', data=root / 'build/data', project=root))"
    )
    command = [sys.executable, "-c", code, str(project.root)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = {child.communicate(timeout=120)[0].strip() for child in children}
    assert [child.returncode for child in children] == [0, 0, 0]
    assert len(answers) == 1
    assert len(connect(project.root).search()) == 1
