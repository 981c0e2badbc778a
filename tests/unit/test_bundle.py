"""A model folder is served only if it is exactly what was written."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import model_parts
from statestance import bundle
from statestance.bundle import Doubt, Manifest, MarkScaling, Temperature
from statestance.domain import StatestanceError


def _fill(content: bytes = b"weights") -> Any:
    return lambda folder: (folder / "model.skops").write_bytes(content)


def _edit(folder: Path, **changes: Any) -> None:
    path = folder / bundle.MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    bundle.write(tmp_path / "model", model_parts.manifest(), _fill())
    return tmp_path / "model"


@pytest.mark.parametrize(
    ("unit", "calibration"),
    [
        ("document", Temperature(temperature=1.75)),
        ("sentence", MarkScaling(praise=(0.5, -1.25), concern=(2.0, 0.125), sentence_thresholds=(0.25, 0.75))),
    ],
)
def test_what_is_written_is_read_back(tmp_path: Path, unit: str, calibration: Any) -> None:
    given = model_parts.manifest(unit, calibration=calibration, min_confidence=0.625, seed=3, data_digest="abc")
    written = bundle.write(tmp_path / "deep" / "model", given, _fill())
    assert bundle.read(tmp_path / "deep" / "model") == written
    assert written.model_copy(update={"files": {}}) == given
    assert set(written.files) == {"model.skops"}
    assert {p.name for p in (tmp_path / "deep").iterdir()} == {"model"}


@pytest.mark.parametrize("content", [b"weightz", b"weight", b""], ids=["altered", "cut short", "emptied"])
def test_an_altered_file_is_refused(folder: Path, content: bytes) -> None:
    (folder / "model.skops").write_bytes(content)
    with pytest.raises(StatestanceError, match=r"model\.skops.*missing or altered"):
        bundle.read(folder)


def test_a_missing_file_is_refused(folder: Path) -> None:
    (folder / "model.skops").unlink()
    with pytest.raises(StatestanceError, match=r"model\.skops.*missing or altered"):
        bundle.read(folder)


@pytest.mark.parametrize("name", ["../outside", "sub/inside", "..", ".", "", "{absolute}"])
def test_a_file_name_that_leaves_the_folder_is_refused(folder: Path, name: str) -> None:
    outside = folder.parent / "outside"
    outside.write_bytes(b"weights")
    (folder / "sub").mkdir()
    (folder / "sub" / "inside").write_bytes(b"weights")
    digest = bundle.sha256(outside)
    _edit(folder, files={"model.skops": digest, name.replace("{absolute}", str(outside)): digest})
    with pytest.raises(StatestanceError, match="as the manifest describes it"):
        bundle.read(folder)


@pytest.mark.parametrize(("engine", "lacking"), [("skops", "model.skops"), ("onnx", "model.onnx")])
def test_a_model_file_that_the_manifest_does_not_vouch_for_is_refused(folder: Path, engine: str, lacking: str) -> None:
    (folder / lacking).write_bytes(b"slipped in")
    _edit(folder, engine=engine, files={})
    with pytest.raises(StatestanceError, match=f"expected {lacking} among the files"):
        bundle.read(folder)


def test_a_graph_without_its_tokenizer_is_refused(tmp_path: Path) -> None:
    given = model_parts.manifest(engine="onnx")
    bundle.write(tmp_path / "m", given, lambda to: (to / "model.onnx").write_bytes(b"graph"))
    with pytest.raises(StatestanceError, match=r"tokenizer\.json"):
        bundle.read(tmp_path / "m")


def test_a_later_format_asks_for_an_upgrade(folder: Path) -> None:
    _edit(folder, format=2, something_new=True)
    with pytest.raises(StatestanceError, match="found 2; upgrade statestance"):
        bundle.read(folder)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"engine": "pickle"}, "engine"),
        ({"format": 0}, "format"),
        ({"min_confidence": 1.5}, "min_confidence"),
        ({"calibration": {"kind": "temperature", "temperature": 0}}, "temperature"),
        ({"calibration": {"kind": "temperature", "temperature": float("inf")}}, "temperature"),
        ({"calibration": {"kind": "marks", "praise": [-1, 0]}}, "praise"),
        ({"calibration": {"kind": "marks"}}, "not for the unit 'document'"),
        ({"unit": "sentence"}, "not for the unit 'sentence'"),
    ],
)
def test_a_manifest_with_a_wrong_value_is_refused_and_the_value_named(
    folder: Path, changes: dict[str, Any], named: str
) -> None:
    _edit(folder, **changes)
    with pytest.raises(StatestanceError, match=named) as caught:
        bundle.read(folder)
    assert str(folder / bundle.MANIFEST) in str(caught.value)


@pytest.mark.parametrize("content", [b"{", b"[]", b"null", b"\xff\xfe{", b""])
def test_a_manifest_that_is_none_is_refused(folder: Path, content: bytes) -> None:
    (folder / bundle.MANIFEST).write_bytes(content)
    with pytest.raises(StatestanceError, match="expected a manifest"):
        bundle.read(folder)


def test_a_folder_without_manifest_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(StatestanceError, match=r"expected a model folder with manifest\.json"):
        bundle.read(tmp_path)


def test_a_failed_write_keeps_the_earlier_bundle(folder: Path) -> None:
    before = bundle.read(folder)

    def fail(work: Path) -> None:
        (work / "model.skops").write_bytes(b"half")
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        bundle.write(folder, model_parts.manifest(seed=9), fail)
    assert bundle.read(folder) == before
    assert (folder / "model.skops").read_bytes() == b"weights"
    # What the failed attempt left behind does not get into the next.
    bundle.write(folder, model_parts.manifest(seed=10), lambda to: (to / "model.skops").write_bytes(b"new"))
    assert bundle.read(folder).seed == 10


def test_a_new_bundle_takes_the_place_of_the_earlier_with_nothing_left_of_it(tmp_path: Path) -> None:
    def both(to: Path) -> None:
        (to / "model.skops").write_bytes(b"weights")
        (to / "notes.txt").write_text("earlier")

    bundle.write(tmp_path / "m", model_parts.manifest(), both)
    bundle.write(tmp_path / "m", model_parts.manifest(), _fill(b"later"))
    assert {p.name for p in (tmp_path / "m").iterdir()} == {"model.skops", bundle.MANIFEST}
    assert bundle.read(tmp_path / "m").files["model.skops"] == bundle.sha256(tmp_path / "m" / "model.skops")


def test_settling_changes_the_manifest_alone(folder: Path) -> None:
    settled = bundle.read(folder).model_copy(update={"min_confidence": 0.75})
    bundle.settle(folder, settled)
    assert bundle.read(folder) == settled
    assert {p.name for p in folder.iterdir()} == {"model.skops", bundle.MANIFEST}


def test_a_manifest_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        model_parts.manifest().seed = 4  # type: ignore[misc]


def test_reading_never_unpickles(folder: Path) -> None:
    """A pickle in the place of a model is a failed digest; its code does not run, with the digest mended neither."""
    touched = folder.parent / "touched"

    class Trap:
        def __reduce__(self) -> Any:
            return Path.touch, (touched,)

    from statestance.predict import Predictor

    (folder / "model.skops").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(StatestanceError):
        bundle.read(folder)
    _edit(folder, files={"model.skops": bundle.sha256(folder / "model.skops")})
    with pytest.raises(Exception):  # noqa: B017 - any refusal will do, running the code will not
        Predictor(folder)
    assert not touched.exists()
    pickle.loads((folder / "model.skops").read_bytes())  # noqa: S301 - the trap does spring where pickles are read
    assert touched.exists()


def test_manifest_of_a_sentence_model_needs_mark_scaling() -> None:
    with pytest.raises(ValidationError, match="not for the unit"):
        Manifest(name="m", learner="l", engine="skops", unit="sentence", calibration=Temperature())


_SOUND: dict[str, Any] = {"scores": [0.1, 0.5], "shares": [0.4, 0.3, 0.2, 0.1], "rates": [[0.25] * 4] * 4}


def test_what_a_model_knows_of_its_doubt_survives(tmp_path: Path) -> None:
    given = model_parts.manifest(doubt=Doubt.model_validate(_SOUND))
    bundle.write(tmp_path / "model", given, _fill())
    assert bundle.read(tmp_path / "model").doubt == given.doubt


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scores": []}, "at least 1"),
        ({"scores": [0.1] * 1001}, "at most 1000"),
        ({"scores": [0.5, 0.1]}, "ascending"),
        ({"scores": [float("nan")]}, "finite|greater"),
        ({"shares": [0.5, 0.5, 0.0, 0.0]}, "no share be 0"),
        ({"shares": [0.4, 0.3, 0.2, 0.2]}, "add up to 1"),
        ({"rates": [[0.25] * 4] * 3 + [[0.5] * 4]}, "add up to 1"),
    ],
)
def test_a_doubt_that_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Doubt.model_validate(_SOUND | changes)
