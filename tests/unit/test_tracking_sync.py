"""What the pipeline has on disk and MLflow has not is written again, once."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import yaml

from statestance import tracking
from statestance.domain import StatestanceError
from statestance.tracking.facts import DvcLock
from statestance.tracking.store import connect
from tracking_project import Project

pytestmark = pytest.mark.train

NAMES = ("majority", "tiny")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path).prepare()


def whole_pipeline(project: Project) -> Project:
    for name in NAMES:
        project.train(name)
        project.export(name)
        project.evaluate(name)
    project.select("tiny")
    project.lock(*NAMES)
    return project


def elsewhere(project: Project, code: str) -> str:
    """Run code in a process of its own, as every command is: MLflow keeps a deleted file open in this one."""
    head = "import sys; from pathlib import Path; from statestance import tracking; root = Path(sys.argv[1])\n"
    command = [sys.executable, "-c", head + textwrap.dedent(code), str(project.root)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


SYNC = "print(tracking.sync(root))"
LOOK = """
    from statestance.tracking.store import connect
    store = connect(root)
    runs = store.search()
    champion = store.client.get_model_version_by_alias("statestance", "champion")
    print(len(runs), runs[0].data.metrics["test.macro_f1"], champion.run_id == runs[0].info.run_id)
"""


@pytest.mark.slow
def test_a_lost_store_is_filled_again_and_the_second_time_nothing_happens(project: Project) -> None:
    live = project.train_live("tiny")
    project.export("tiny")
    project.evaluate("tiny")
    tracking.log_evaluation(live, project.metrics("tiny"), project.plots("tiny"), project.bundle("tiny"))
    tracking.register(project.bundle("tiny"), live)
    project.select("tiny")
    for suffix in ("", "-shm", "-wal"):
        (project.root / f"mlflow.db{suffix}").unlink(missing_ok=True)
    first = elsewhere(project, SYNC)
    assert "runs written again: tiny" in first
    assert "evaluations logged: tiny" in first
    assert "champion: version 1" in first
    assert "complete" in elsewhere(project, SYNC)
    assert elsewhere(project, LOOK).split() == ["1", "0.8", "True"]


def test_every_model_gets_its_run_and_only_the_champion_is_registered(project: Project) -> None:
    report = tracking.sync(whole_pipeline(project).root)
    assert report.runs == NAMES
    assert report.evaluations == NAMES
    assert report.registered == 1
    assert report.left_out == ()
    again = tracking.sync(project.root)
    assert again.nothing_new
    store = connect(project.root)
    runs = store.search()
    assert sorted(run.info.run_name for run in runs) == list(NAMES)
    assert len({run.data.tags["statestance.pipeline"] for run in runs}) == 1
    assert {run.data.tags["statestance.dvc.data"] for run in runs} == {"d" * 32 + ".dir"}
    assert len({run.data.tags["statestance.dvc.model"] for run in runs}) == 2
    assert len(store.client.search_model_versions("name = 'statestance'")) == 1


def test_only_the_hole_is_filled(project: Project) -> None:
    live = project.train_live("majority")
    project.train("tiny")
    report = tracking.sync(project.root)
    assert report.runs == ("tiny",)
    runs = {run.info.run_name: run for run in connect(project.root).search()}
    assert runs["majority"].info.run_id == live
    assert len(runs) == 2


def test_what_the_stages_logged_themselves_is_not_logged_again(project: Project) -> None:
    live = project.train_live("tiny")
    project.export("tiny")
    project.evaluate("tiny")
    tracking.log_evaluation(live, project.metrics("tiny"), project.plots("tiny"), project.bundle("tiny"))
    project.select("tiny")
    report = tracking.sync(project.root)
    assert (report.runs, report.evaluations, report.registered) == ((), (), 1)


def test_a_pipeline_that_stopped_half_way_gives_what_there_is(project: Project) -> None:
    project.train("tiny")
    report = tracking.sync(project.root)
    assert report.runs == ("tiny",)
    assert report.left_out == (("tiny", "no build/bundles/tiny yet"),)
    project.export("tiny")
    assert tracking.sync(project.root).left_out == (("tiny", "no experiments/metrics/tiny.json yet"),)


@pytest.mark.parametrize(
    ("stage", "told"), [("train@tiny", "build/models/tiny"), ("export@tiny", "build/bundles/tiny")]
)
def test_figures_of_an_earlier_model_are_not_given_to_its_new_run(project: Project, stage: str, told: str) -> None:
    whole_pipeline(project)
    lock = yaml.safe_load((project.root / "dvc.lock").read_text())
    lock["stages"][stage]["outs"][0]["md5"] = "0" * 32
    (project.root / "dvc.lock").write_text(yaml.safe_dump(lock))
    report = tracking.sync(project.root)
    assert [name for name, _ in report.left_out] == ["tiny"]
    assert report.left_out[0][1].endswith(f"is older than {told}")
    assert report.evaluations == ("majority",)
    assert report.registered is None


def test_nothing_on_disk_is_nothing_to_do(project: Project) -> None:
    report = tracking.sync(project.root)
    assert report.nothing_new
    assert connect(project.root).search() == []


def test_a_bad_pointer_to_the_champion_is_told(project: Project) -> None:
    whole_pipeline(project)
    (project.root / "build" / "champion.json").write_text('{"bundle": "build/bundles/tiny"}')
    with pytest.raises(StatestanceError, match=r"champion\.json"):
        tracking.sync(project.root)


def test_the_lock_of_dvc_is_read_as_dvc_writes_it(project: Project) -> None:
    project.lock("tiny")
    lock = DvcLock.read(project.root)
    assert lock.hash_of("build/data") == "d" * 32 + ".dir"
    assert lock.hash_of("build/models") == f"tiny:{lock.hash_of('build/models/tiny')}"
    assert lock.hash_of("build/mod") == ""
    assert lock.outdated("experiments/metrics/tiny.json") == ""


@pytest.mark.parametrize("text", [None, "", "schema: '2.0'\n", "stages: {a: {cmd: x}}\n", "{"])
def test_a_lock_that_is_missing_or_bare_tells_nothing(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "dvc.lock").write_text(text)
    lock = DvcLock.read(tmp_path)
    assert lock.hash_of("build/data") == ""
    assert lock.outdated("experiments/metrics/tiny.json") == ""


def test_the_commit_says_whether_the_code_was_as_committed(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    assert tracking.git_commit(tmp_path) == ""
    git("init", "-q")
    (tmp_path / "params.yaml").write_text("seed: 1\n")
    git("add", ".")
    git("commit", "-q", "-m", "Start")
    commit = git("rev-parse", "HEAD")
    assert tracking.git_commit(tmp_path) == commit
    (tmp_path / "params.yaml").write_text("seed: 2\n")
    assert tracking.git_commit(tmp_path) == f"{commit}-dirty"
