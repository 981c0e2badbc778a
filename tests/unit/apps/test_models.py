"""What --model may name."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import statestance
from statestance.apps.models import facts, named, open_model
from statestance.bundle import Manifest, MarkScaling
from statestance.predict import locate


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the predictor's ``load`` is called with, in place of loading."""
    asked: list[Any] = []
    monkeypatch.setattr(
        "statestance.predict.load",
        lambda model, threads, runtime, fast: asked.append(model) or (Path(model) / "file").is_file(),
    )
    return asked


@pytest.mark.parametrize("name", ["auto", "champion", "released:2026.11", "build/bundles/logistic"])
def test_what_the_predictor_knows_is_loaded_as_it_is_named(
    name: str, loaded: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    open_model(name)
    assert loaded == [name]


def test_a_registered_model_can_be_the_choice_of_a_project(
    loaded: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    locate.use("models:/statestance@champion")
    fake = ModuleType("statestance.tracking")
    fake.fetch_bundle = lambda name, folder: folder / name.removeprefix("models:/")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "statestance.tracking", fake)
    monkeypatch.setattr(statestance, "tracking", fake, raising=False)
    open_model("auto")
    assert [Path(asked).name for asked in loaded] == ["statestance@champion"]
    predictor: Any = SimpleNamespace(manifest=SimpleNamespace(name="tiny"), fast=False)
    assert named("auto", predictor) == "tiny (models:/statestance@champion)"
    predictor.fast = True
    assert named("auto", predictor) == "tiny (models:/statestance@champion, --fast)"


def test_a_registered_model_is_fetched_for_as_long_as_it_takes_to_load(
    loaded: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch_bundle(name: str, folder: Path) -> Path:
        assert name == "models:/statestance@champion"
        (folder / "file").write_text("bundle", encoding="utf-8")
        return folder

    fake = ModuleType("statestance.tracking")
    fake.fetch_bundle = fetch_bundle  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "statestance.tracking", fake)
    monkeypatch.setattr(statestance, "tracking", fake, raising=False)
    there_while_loading = open_model("models:/statestance@champion")
    assert there_while_loading is True
    assert not loaded[0].exists()


def test_a_report_names_the_model_and_its_measured_error_but_no_folder_of_this_machine(tmp_path: Path) -> None:
    released = next(locate.RELEASES / version for version in locate.releases())
    card = json.loads((released / "card.json").read_text(encoding="utf-8"))
    manifest = Manifest.model_validate_json((released / "manifest.json").read_text(encoding="utf-8"))
    predictor: Any = SimpleNamespace(folder=released, manifest=manifest, fast=False)
    found = facts(predictor, date="2026-11-25")
    assert found.model == f"{manifest.name} (released:{released.name})" == named("released", predictor)
    assert f"on {card['metrics']['real']['rows']} interventions" in found.measured
    own = Manifest(name="tiny", learner="tiny", engine="skops", unit="sentence", calibration=MarkScaling())
    (tmp_path / "mine").mkdir()
    predictor = SimpleNamespace(folder=tmp_path / "mine", manifest=own, fast=False)
    found = facts(predictor, date="2026-11-25")
    assert (found.model, found.measured) == ("tiny (mine)", "")
    assert facts(predictor, name="models:/tiny@champion", date="").model == "tiny (models:/tiny@champion)"
