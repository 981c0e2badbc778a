"""An evaluation stands in the run of its model, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from statestance import tracking
from statestance.domain import StatestanceError
from statestance.tracking.store import connect
from tracking_project import Project

pytestmark = pytest.mark.train


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path).prepare()


def log(project: Project, run_id: str) -> None:
    tracking.log_evaluation(run_id, project.metrics("tiny"), project.plots("tiny"), project.bundle("tiny"))


def test_figures_intervals_plots_and_hashes_are_logged(project: Project) -> None:
    run_id = project.train_live("tiny")
    project.export("tiny")
    project.evaluate("tiny")
    project.lock("tiny")
    log(project, run_id)
    client = connect(project.root).client
    run = client.get_run(run_id)
    assert run.data.metrics["test.macro_f1"] == 0.8
    assert run.data.metrics["test.macro_f1.low"] == pytest.approx(0.75)
    assert run.data.metrics["dev.macro_f1.high"] == pytest.approx(0.84)
    assert run.data.metrics["dev.log_loss"] == 0.4
    assert run.data.metrics["test.per_class.mixed.f1"] == 0.75
    assert run.data.metrics["test.words._50"] == 0.7
    assert "test.confusion" not in run.data.metrics
    plots = [f.path for f in client.list_artifacts(run_id, "plots")]
    assert plots == ["plots/confusion.csv", "plots/reliability.csv"]
    assert [f.path for f in client.list_artifacts(run_id, "evaluation")] == ["evaluation/tiny.json"]
    assert run.data.tags["statestance.bundle"] == tracking.folder_digest(project.bundle("tiny"))
    assert len(run.data.tags["statestance.dvc.model"]) == 32
    assert len(run.data.tags["statestance.dvc.bundle"]) == 32
    assert run.info.status == "FINISHED"


def test_logging_it_again_adds_nothing_and_a_new_one_replaces_the_figures(project: Project) -> None:
    run_id = project.train_live("tiny")
    project.export("tiny")
    project.evaluate("tiny")
    log(project, run_id)
    log(project, run_id)
    client = connect(project.root).client
    assert [m.value for m in client.get_metric_history(run_id, "test.macro_f1")] == [0.8]
    project.evaluate("tiny", macro_f1=0.7)
    log(project, run_id)
    assert client.get_run(run_id).data.metrics["test.macro_f1"] == 0.7


def test_a_model_without_plots_is_logged(project: Project) -> None:
    run_id = project.train_live("tiny")
    project.export("tiny")
    project.evaluate("tiny")
    tracking.log_evaluation(run_id, project.metrics("tiny"), project.root / "none", project.bundle("tiny"))
    assert connect(project.root).client.get_run(run_id).data.metrics["test.macro_f1"] == 0.8


@pytest.mark.parametrize("text", ["{", "[1]", ""])
def test_bad_metrics_are_told_and_leave_the_run_as_it_was(project: Project, text: str) -> None:
    run_id = project.train_live("tiny")
    project.export("tiny")
    project.evaluate("tiny")
    project.metrics("tiny").write_text(text)
    client = connect(project.root).client
    before = client.get_run(run_id).data.metrics
    with pytest.raises(StatestanceError, match=r"tiny\.json"):
        log(project, run_id)
    assert client.get_run(run_id).data.metrics == before
