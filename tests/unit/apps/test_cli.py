"""The commands that need no model of their own: check, evaluate, sync, --version."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import statestance
from statestance.apps.cli import main
from statestance.domain import StatestanceError

GOOD = '{"text": "Norland welcomed it.", "stance": "supportive"}\n'
ASIDE = '{"text": "Vellmora thanked all.", "not_an_intervention": true}\n'


def run(*args: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(a) for a in args], env={"COLUMNS": "120"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.jsonl"
    path.write_text(GOOD + '{"text": "Ostria asked why.", "stance": "none"}\n' + ASIDE, encoding="utf-8")
    return path


def test_version() -> None:
    assert run("--version").stdout == f"statestance {statestance.__version__}\n"


def test_starting_imports_nothing_heavy() -> None:
    code = (
        "import sys, statestance.apps.cli; "
        "heavy = {'numpy', 'pyarrow', 'onnxruntime', 'tokenizers', 'pydantic', 'torch', 'mlflow'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_check_counts_the_stances_and_what_it_left_out(labels: Path) -> None:
    result = run("check", labels)
    assert result.exit_code == 0
    expected = "2 rows, 2 debates: 1 supportive, 0 mixed, 0 critical, 1 none; left out 1, not interventions"
    assert result.stdout == f"{labels}: {expected}\n"


def test_check_prints_every_fault_of_every_file(labels: Path, tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.jsonl"
    faulty.write_text("".join(f'{{"text": "Text {n}.", "stance": "pro"}}\n' for n in range(70)), encoding="utf-8")
    result = run("check", faulty, tmp_path / "missing.csv", labels)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert sum(line.startswith(f"{faulty}:") and "stance = 'pro'" in line for line in lines) == 70
    assert f"{faulty}: 70 faults" in lines
    assert any("missing.csv; found none" in line for line in lines)
    assert "2 rows" in result.stdout


def figure(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.1, "high": value + 0.1}


def measured(monkeypatch: pytest.MonkeyPatch, metrics: dict[str, Any] | StatestanceError) -> list[tuple[Path, str]]:
    """Put a model and a measurement in place of those that need training; return what is asked for."""
    asked = []

    def on_file(path: Path, model: str) -> dict[str, Any]:
        asked.append((Path(path), model))
        if isinstance(metrics, StatestanceError):
            raise metrics
        return metrics

    fake = ModuleType("statestance.evaluation")
    fake.on_file = on_file  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "statestance.evaluation", fake)
    monkeypatch.setattr(statestance, "evaluation", fake, raising=False)
    monkeypatch.setattr("statestance.predict.load", lambda model, threads, runtime, fast: f"the model {model}")
    monkeypatch.setattr("statestance.apps.models.named", lambda name, predictor: f"evidence ({name})")
    monkeypatch.setattr("statestance.apps.models.identity", lambda predictor: {"name": predictor, "digest": "d"})
    return asked


def test_evaluate_prints_and_writes_the_metrics(labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = {
        "macro_f1": figure(0.8),
        "by_class": {"mixed": {"recall": figure(0.75)}},
        "slices": {"long": 0.125},
    }
    metrics = {"all": part, "test": part | {"macro_f1": figure(0.6)}}
    asked = measured(monkeypatch, metrics)
    out = tmp_path / "metrics.json"
    result = run("evaluate", labels, "--model", "some/bundle", "-o", out)
    assert result.exit_code == 0, result.stderr
    assert asked == [(labels, "the model some/bundle")]
    assert result.stderr == "model: evidence (some/bundle)\n"
    assert "labels.jsonl: 2 rows (1 left out, not interventions)" in result.stdout
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["macro_f1", "0.800", "0.700", "to", "0.900"] in rows
    assert ["macro_f1", "0.600", "0.500", "to", "0.700"] in rows
    assert ["test", "value", "95", "%", "interval"] in rows
    assert ["by_class.mixed.recall", "0.750", "0.650", "to", "0.850"] in rows
    assert "0.125" not in result.stdout
    model = {"name": "the model some/bundle", "digest": "d"}
    assert json.loads(out.read_text(encoding="utf-8")) == {"model": model, **metrics}


def test_a_failed_evaluation_leaves_the_earlier_metrics(
    labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured(monkeypatch, StatestanceError("expected a model; found none; train one"))
    out = tmp_path / "metrics.json"
    out.write_text("earlier", encoding="utf-8")
    result = run("evaluate", labels, "-o", out)
    assert result.exit_code == 1
    assert result.stderr.endswith("\nstatestance: expected a model; found none; train one\n")
    assert out.read_text(encoding="utf-8") == "earlier"


def test_evaluate_refuses_a_faulty_file_before_measuring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = measured(monkeypatch, {})
    path = tmp_path / "labels.csv"
    path.write_text("text\nOne.\n", encoding="utf-8")
    result = run("evaluate", path)
    assert result.exit_code == 1 and "no column stance or praise" in result.stderr
    assert asked == []


def tracked(monkeypatch: pytest.MonkeyPatch, answer: str | BaseException) -> None:
    def sync(project: Path) -> str:
        if isinstance(answer, BaseException):
            raise answer
        return f"{answer} in {project.name}"

    fake = ModuleType("statestance.tracking")
    fake.sync = sync  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "statestance.tracking", fake)
    monkeypatch.setattr(statestance, "tracking", fake, raising=False)


def test_sync_says_what_it_did_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracked(monkeypatch, "complete")
    monkeypatch.chdir(tmp_path)
    assert run("sync").stdout == f"complete in {tmp_path.name}\n"


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ModuleNotFoundError("no", name="mlflow"), 1, "expected the package mlflow; found none; pip install"),
        (PermissionError(13, "Permission denied", "mlflow.db"), 1, "Permission denied: 'mlflow.db'"),
        (KeyboardInterrupt(), 130, "stopped"),
    ],
)
def test_what_a_user_can_mend_is_a_message(
    error: BaseException, code: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracked(monkeypatch, error)
    result = run("sync")
    assert result.exit_code == code and message in result.stderr


def test_a_fault_of_our_own_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    tracked(monkeypatch, ModuleNotFoundError("no", name="statestance.lost"))
    assert isinstance(CliRunner().invoke(main, ["sync"]).exception, ModuleNotFoundError)
