"""The model folder: one frozen manifest, a graph or a scikit-learn model, a tokenizer; written and read here.

A bundle is everything that prediction needs, and nothing that can run code: ``manifest.json`` names every
other file with its sha256, so a bundle that was edited or cut short is refused, not served.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from statestance.domain import StatestanceError

MANIFEST = "manifest.json"
_FORMAT = 1
# What an engine opens: a file that the manifest does not vouch for is never opened.
_NEEDED = {"onnx": ("model.onnx", "tokenizer.json"), "skops": ("model.skops",)}


class Temperature(BaseModel):
    """Calibration of a whole-text model: outcome log-probabilities divided by ``temperature``.

    Guo et al. (2017), "On calibration of modern neural networks".
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["temperature"] = "temperature"
    temperature: Annotated[float, Field(gt=0)] = 1.0


class MarkScaling(BaseModel):
    """Calibration of a sentence model: logit → ``scale`` x logit + ``shift``, for each mark of the whole text.

    Platt (1999). Noisy-or over sentences is overconfident as sentences add up; two numbers a mark mend it.
    ``sentence_thresholds`` are the probabilities from which a sentence is shown as (praise, concern).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["marks"] = "marks"
    praise: tuple[Annotated[float, Field(gt=0)], float] = (1.0, 0.0)
    concern: tuple[Annotated[float, Field(gt=0)], float] = (1.0, 0.0)
    sentence_thresholds: tuple[float, float] = (0.5, 0.5)


class Manifest(BaseModel):
    """What a bundle is. ``unit`` is what the model scores: whole texts (4 outcomes) or sentences (2 marks)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    name: str
    learner: str
    engine: Literal["onnx", "skops"]
    unit: Literal["document", "sentence"]
    features: Literal["text", "lexicon"] = "text"
    max_length: int = 0
    stride: int = 0
    calibration: Annotated[Temperature | MarkScaling, Field(discriminator="kind")]
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.0
    policy: str = ""
    data_digest: str = ""
    seed: int = 0
    statestance: str = ""
    files: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _calibration_suits_unit(self) -> Manifest:
        if (self.unit == "sentence") != isinstance(self.calibration, MarkScaling):
            raise ValueError(f"calibration {self.calibration.kind!r} is not for the unit {self.unit!r}")
        return self


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write(folder: Path, manifest: Manifest, fill: Callable[[Path], None]) -> Manifest:
    """Make a bundle: ``fill`` writes the model files into a folder; the manifest follows, then one rename.

    The folder that stood there before is replaced only when the new one is whole.
    """
    work = folder.with_name(folder.name + ".partial")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    fill(work)
    files = {p.name: sha256(p) for p in sorted(work.iterdir()) if p.name != MANIFEST}
    done = manifest.model_copy(update={"files": files})
    (work / MANIFEST).write_text(done.model_dump_json(indent=2) + "\n", encoding="utf-8")
    replace(work, folder)
    return done


def replace(work: Path, folder: Path) -> None:
    """Put a finished bundle in the place of an earlier one."""
    shutil.rmtree(folder, ignore_errors=True)
    work.rename(folder)


def settle(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest of a bundle, its files unchanged: after calibration and thresholds are learned."""
    work = folder / (MANIFEST + ".partial")
    work.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    work.replace(folder / MANIFEST)


def read(folder: Path) -> Manifest:
    """Read and check a bundle; raise ``StatestanceError`` if it is none, newer than this code, or altered."""
    path = folder / MANIFEST
    if not path.is_file():
        raise StatestanceError(f"expected a model folder with {MANIFEST}; found none at {folder}; check --model")
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(raw, dict) and isinstance(raw.get("format"), int) and raw["format"] > _FORMAT:
            raise StatestanceError(
                f"expected bundle format {_FORMAT} in {path}; found {raw['format']}; upgrade statestance"
            )
        manifest = Manifest.model_validate(raw)
    except (ValidationError, ValueError) as error:
        raise StatestanceError(f"expected a manifest in {path}; found: {error}; export the model again") from error
    missing = [name for name in _NEEDED[manifest.engine] if name not in manifest.files]
    if missing:
        raise StatestanceError(f"expected {missing[0]} among the files of {path}; it is not named there; export again")
    for name, digest in manifest.files.items():
        file = folder / name
        # A name with a folder in it could point outside the bundle.
        if Path(name).name != name or not file.is_file() or sha256(file) != digest:
            raise StatestanceError(
                f"expected {file} as the manifest describes it; it is missing or altered; export again"
            )
    return manifest
