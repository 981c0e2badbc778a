"""The whole pipeline through DVC, on a small project: cold, again, changed, broken, tracked, served."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import invented_rows
import tiny_encoder

pytestmark = [pytest.mark.train, pytest.mark.slow]
pytest.importorskip("dvc")
ROOT = Path(__file__).parents[2]
MODELS = ("majority", "logistic", "evidence")


def run(project: Path, *command: str, fails: bool = False) -> str:
    """Run a command in a project as a user would, the environment's own programs first."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "DVC_"))}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=600)
    told = done.stdout + done.stderr
    assert (done.returncode != 0) is fails, told[-4000:]
    assert "Traceback" not in told, told[-4000:]
    return told


def _project(folder: Path, encoder: Path) -> Path:
    """The real dvc.yaml and params.yaml over few rows, three models, and a tiny encoder."""
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "dvc.yaml", folder / "dvc.yaml")
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["models"] = {name: params["models"][name] for name in MODELS}
    params["evaluate"]["bootstrap"] = 100
    params["prepare"]["sources"] = ["composed"]
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    (folder / "configs" / "models").mkdir(parents=True)
    for name in MODELS:
        config = yaml.safe_load((ROOT / "configs" / "models" / f"{name}.yaml").read_text(encoding="utf-8"))
        if name == "evidence":
            config |= {"encoder": str(encoder), "epochs": 2, "learning_rate": 0.003, "max_length": 48, "stride": 8}
        (folder / "configs" / "models" / f"{name}.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    invented_rows.write(folder / "data" / "statements" / "composed.jsonl", invented_rows.rows(240))
    (folder / "experiments").mkdir()
    run(folder, "dvc", "init", "-q", "--no-scm")
    run(folder, "dvc", "config", "core.analytics", "false")
    return folder


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [" ".join(row["sentences"]) for row in invented_rows.rows(240)]
    return tiny_encoder.build(tmp_path_factory.mktemp("encoder"), texts)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, encoder: Path) -> Path:
    """A project after its first `dvc repro`."""
    folder = _project(tmp_path_factory.mktemp("project"), encoder)
    run(folder, "dvc", "repro")
    return folder


def _ran(told: str) -> set[str]:
    return {line.split("'")[1] for line in told.splitlines() if line.startswith("Running stage")}


def _metrics(project: Path) -> dict[str, bytes]:
    folders = ("metrics", "details", "plots")
    return {
        str(p.relative_to(project)): p.read_bytes() for f in folders for p in (project / "experiments" / f).rglob("*.*")
    }


def _runs(project: Path) -> list[tuple[str, str]]:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{project / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("statestance")
    assert experiment is not None
    found = client.search_runs([experiment.experiment_id])
    assert all("test.macro_f1" in r.data.metrics for r in found if r.info.status == "FINISHED")
    return sorted((r.info.run_name, r.info.status) for r in found)


def test_the_first_run_measures_every_model_and_names_a_champion(project: Path) -> None:
    champion = json.loads((project / "build" / "champion.json").read_text(encoding="utf-8"))
    details = {n: json.loads((project / "experiments" / "details" / f"{n}.json").read_text()) for n in MODELS}
    scores = {n: d["dev"]["headline"]["macro_f1"]["value"] for n, d in details.items()}
    assert champion["model"] == max(scores, key=lambda n: scores[n])
    board = (project / "experiments" / "LEADERBOARD.md").read_text(encoding="utf-8")
    assert all(name in board for name in MODELS)
    report = json.loads((project / "experiments" / "split.json").read_text(encoding="utf-8"))
    assert sum(report[s]["invented"]["rows"] for s in ("train", "dev", "test")) == 240
    assert _runs(project) == [(name, "FINISHED") for name in sorted(MODELS)]


def test_running_again_does_nothing(project: Path) -> None:
    before = _metrics(project)
    told = run(project, "dvc", "repro")
    assert not _ran(told)
    assert "up to date" in told
    assert _metrics(project) == before
    assert len(_runs(project)) == len(MODELS)


def test_a_second_cold_run_gives_the_same_metrics_byte_for_byte(project: Path, encoder: Path, tmp_path: Path) -> None:
    again = _project(tmp_path, encoder)
    run(again, "dvc", "repro")
    assert _metrics(again) == _metrics(project)


def test_runs_that_mlflow_lost_are_written_again_once(project: Path) -> None:
    (project / "mlflow.db").unlink()
    shutil.rmtree(project / "mlartifacts")
    run(project, "statestance", "sync")
    expected = [(name, "FINISHED") for name in sorted(MODELS)]
    assert _runs(project) == expected
    assert "complete" in run(project, "statestance", "sync")
    assert _runs(project) == expected


def test_the_champion_answers_on_the_command_line(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    run(project, "statestance", "predict", str(ROOT / "examples" / "debate.txt"), "-o", str(out))
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 27
    assert {r["speaker_iso3"] for r in rows} == {r["speaker_iso3"] for r in rows if len(r["speaker_iso3"]) == 3}
    by_registry = tmp_path / "registry.jsonl"
    command = ("statestance", "predict", str(ROOT / "examples" / "debate.txt"), "-o", str(by_registry))
    run(project, *command, "--model", "models:/statestance@champion")
    assert by_registry.read_bytes() == out.read_bytes()


def test_changing_one_config_runs_that_model_alone(project: Path) -> None:
    path = project / "configs" / "models" / "logistic.yaml"
    kept = path.read_text(encoding="utf-8")
    path.write_text(kept + "min_df: 3\n", encoding="utf-8")
    ran = _ran(run(project, "dvc", "repro"))
    assert ran == {"train@logistic", "export@logistic", "evaluate@logistic", "select"} or ran == {
        # The same figures as before leave nothing to select.
        "train@logistic",
        "export@logistic",
        "evaluate@logistic",
    }
    path.write_text(kept, encoding="utf-8")
    run(project, "dvc", "repro")


@pytest.mark.parametrize(
    ("file", "change", "told"),
    [
        ("configs/models/logistic.yaml", "learning_rte: 0.1\n", ("learning_rte", "logistic.yaml", "known keys")),
        ("configs/models/evidence.yaml", "epoch: 3\n", ("epoch", "evidence.yaml", "known keys")),
        ("params.yaml", "prepare: {sources: [composed], shuffle: true}\n", ("shuffle", "params.yaml")),
    ],
)
def test_an_unknown_key_is_named_and_nothing_is_lost(
    project: Path, file: str, change: str, told: tuple[str, ...]
) -> None:
    path, before = project / file, _metrics(project)
    kept = path.read_text(encoding="utf-8")
    if file == "params.yaml":
        settings = yaml.safe_load(kept)
        settings["prepare"]["shuffle"] = True
        path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    else:
        path.write_text(kept + change, encoding="utf-8")
    try:
        output = run(project, "dvc", "repro", fails=True)
        assert all(word in output for word in told), output
        assert _metrics(project) == before
        assert (project / "build" / "champion.json").is_file()
        assert (project / "build" / "data" / "train.jsonl").is_file()
        assert (project / "build" / "models" / "logistic" / "model.skops").is_file()
    finally:
        path.write_text(kept, encoding="utf-8")


def test_a_faulty_row_stops_prepare_with_its_line(project: Path) -> None:
    path = project / "data" / "statements" / "composed.jsonl"
    kept = path.read_text(encoding="utf-8")
    lines = kept.splitlines()
    lines[6] = json.dumps(json.loads(lines[6]) | {"praise": [99]})
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    try:
        output = run(project, "dvc", "repro", "prepare", fails=True)
        assert "composed.jsonl:7: praise" in output
        assert (project / "build" / "data" / "train.jsonl").is_file()
    finally:
        path.write_text(kept, encoding="utf-8")


def test_predicting_imports_no_training_library(project: Path) -> None:
    code = (
        "import sys, statestance.apps.cli, statestance.tally, statestance.transcripts\n"
        "from statestance.predict import load\n"
        "load('build/bundles/evidence').predict(['Norway welcomed the new law.'])\n"
        "heavy = {'torch', 'transformers', 'datasets', 'sklearn', 'skops', 'pandas', 'mlflow', 'dvc', 'matplotlib'}\n"
        "print('imported:', sorted(heavy & set(sys.modules)))\n"
    )
    assert "imported: []" in run(project, sys.executable, "-c", code)
