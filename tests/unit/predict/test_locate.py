"""Which model a name stands for: the project's choice, its champion, a released one, a folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from model_parts import onnx_bundle
from statestance.domain import StatestanceError
from statestance.predict import load, locate


def bundle(folder: Path) -> Path:
    """A bundle that gives every text the same chances."""
    return onnx_bundle(folder, ["welcomed"], np.zeros((8, 4)), unit="document", max_length=16)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a project that has no model, and a package that has released none."""
    monkeypatch.setattr(locate, "RELEASES", tmp_path / "package" / "released")
    project = tmp_path / "project"
    (project / "notes").mkdir(parents=True)
    monkeypatch.chdir(project / "notes")
    return project


def crown(project: Path) -> Path:
    folder = bundle(project / "build" / "bundles" / "best")
    (project / "build" / "champion.json").write_text('{"model": "best", "bundle": "build/bundles/best"}')
    return folder


def test_with_nothing_there_the_ways_out_are_named(here: Path) -> None:
    for name, message in (
        ("auto", r"none; run `make repro`, or name a model folder with --model"),
        ("champion", r"--model released"),
        ("released", r"expected a released model in .*found none"),
        ("champoin", r"found 'champoin'; check --model, or see `statestance model list`"),
    ):
        with pytest.raises(StatestanceError, match=message):
            locate.locate(name)


def test_without_a_champion_the_newest_release_answers(here: Path) -> None:
    for version in ("2026.11", "2026.2", "2025.12", "2026.11.1"):
        bundle(locate.RELEASES / version)
    bundle(locate.RELEASES / "2027.1.partial")
    (locate.RELEASES / "2028.1").mkdir()
    assert locate.releases() == ["2026.11.1", "2026.11", "2026.2", "2025.12"]
    assert locate.locate("auto").name == "released:2026.11.1"
    assert load().folder == locate.RELEASES / "2026.11.1"


def test_a_release_is_asked_for_by_name_where_there_is_a_champion(here: Path) -> None:
    crown(here)
    bundle(locate.RELEASES / "2026.2")
    bundle(locate.RELEASES / "2026.11")
    assert locate.locate("auto").name == "champion"
    assert locate.locate("released").folder.name == "2026.11"
    assert locate.locate("released:2026.2").folder.name == "2026.2"
    with pytest.raises(StatestanceError, match=r"the released model 2026\.3 .*found 2026\.11, 2026\.2"):
        locate.locate("released:2026.3")
    with pytest.raises(StatestanceError, match="expected the released model"):
        locate.locate("released:../../project/build/bundles/best")


def test_a_choice_is_kept_for_the_project_until_it_is_taken_back(here: Path) -> None:
    crown(here)
    bundle(locate.RELEASES / "2026.11")
    assert locate.use("released:2026.11") == here / ".statestance.json"
    assert locate.locate("auto").name == "released:2026.11"
    assert locate.locate("champion").name == "champion"
    assert locate.use("auto") is None
    assert locate.locate("auto").name == "champion" and not (here / ".statestance.json").exists()


def test_a_chosen_folder_is_found_from_elsewhere_in_the_project(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crown(here)
    other = bundle(here / "build" / "bundles" / "other")
    file = locate.use("../build/bundles/other")
    assert file is not None and json.loads(file.read_text()) == {"model": "build/bundles/other"}
    monkeypatch.chdir(here)
    assert load("auto").folder.resolve() == other.resolve()


def test_what_is_no_model_is_not_chosen(here: Path) -> None:
    with pytest.raises(StatestanceError, match="expected a model"):
        locate.use("nowhere")
    assert not list(here.rglob(".statestance.json"))


@pytest.mark.parametrize("content", ["", "[]", '{"model": 1}', '{"model": "auto"}', "{}"])
def test_a_spoilt_choice_is_told(here: Path, content: str) -> None:
    (here / ".statestance.json").write_text(content)
    with pytest.raises(StatestanceError, match=r"in .*\.statestance\.json"):
        locate.locate("auto")


@pytest.mark.parametrize("content", ["{", '{"model": "best"}', "[]"])
def test_a_spoilt_pointer_to_the_champion_is_told(here: Path, content: str) -> None:
    crown(here)
    (here / "build" / "champion.json").write_text(content)
    with pytest.raises(StatestanceError, match=r"expected the name of a bundle in .*run `make repro` again"):
        locate.locate("champion")


def test_a_loaded_folder_has_the_name_by_which_people_know_it(here: Path) -> None:
    best, other = crown(here), bundle(here / "other")
    released = bundle(locate.RELEASES / "2026.11")
    assert locate.name_of(released) == "released:2026.11"
    assert locate.name_of(best) == "champion"
    assert locate.name_of(other) == str(other)
