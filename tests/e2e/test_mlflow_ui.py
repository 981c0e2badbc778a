"""The MLflow UI, seen with a real browser: runs with their figures, two runs compared, the champion.

The screenshots go to the test's own folder, or to STATESTANCE_SCREENSHOTS.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlflow_ui import CHROMIUM, DRIVER, Ui, opened
from statestance import tracking
from statestance.tracking.store import connect
from tracking_project import Project

pytestmark = [pytest.mark.browser, pytest.mark.train]

FIGURES = {"majority": 0.25, "linear": 0.625, "encoder": 0.875}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project(tmp_path_factory.mktemp("ui")).prepare()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        for name, figure in FIGURES.items():
            curves = [
                {"step": i, "loss": 1 / (1 + i + figure), "dev_macro_f1": figure - 0.2 / (1 + i)} for i in range(5)
            ]
            project.train_live(name, curves=curves)
            project.export(name)
            project.evaluate(name, macro_f1=figure)
        project.select("encoder")
        project.lock(*FIGURES)
        tracking.sync(project.root)
        yield project


@pytest.fixture(scope="module")
def ui(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    if not (CHROMIUM and DRIVER):
        pytest.skip("needs Chromium and its driver (Debian: apt-get install chromium chromium-driver)")
    folder = os.environ.get("STATESTANCE_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots")
    with opened(project.root, Path(folder).resolve()) as ui:
        yield ui


def test_the_runs_are_listed_with_their_metrics(ui: Ui) -> None:
    shown = ui.runs(["dev.macro_f1", "test.macro_f1"])
    assert {name: cells["test.macro_f1"] for name, cells in shown.items()} == {n: str(f) for n, f in FIGURES.items()}
    assert all(cells["dev.macro_f1"] == cells["test.macro_f1"] for cells in shown.values())


def test_the_curves_and_figures_of_all_runs_are_charted(ui: Ui) -> None:
    text = ui.charts("dev.macro_f1", *(f"{name} (dev_macro_f1)" for name in FIGURES))
    assert "loss" in text


def test_two_runs_compare_with_their_params_and_metrics(ui: Ui, project: Project) -> None:
    runs = {run.info.run_name: run.info.run_id for run in connect(project.root).search()}
    text = ui.compare([runs["linear"], runs["encoder"]], "linear", "encoder", "dev.macro_f1", "0.875")
    assert "Comparing 2 Runs" in text
    assert "0.625" in text
    assert "tfidf.lowercase" in text
    assert "0.25" not in text


def test_the_champion_shows_in_the_registry(ui: Ui) -> None:
    text = ui.registry("statestance", "Version 1", "@ champion")
    assert "encoder" in text
    assert "Version 2" not in text
