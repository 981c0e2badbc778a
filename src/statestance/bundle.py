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
from statestance.text.ngrams import FIRST_PASS

MANIFEST = "manifest.json"
_FORMAT = 1
# What an engine opens: a file that the manifest does not vouch for is never opened.
GRAPH = "model.onnx"
_NEEDED = {"onnx": (GRAPH, "tokenizer.json"), "skops": ("model.skops",)}


_Share = Annotated[float, Field(ge=0, le=1)]


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


_Shares = tuple[_Share, _Share, _Share, _Share]


class Doubt(BaseModel):
    """What dev says of the calibrated probabilities as a whole, four outcomes in the order of ``stance.OUTCOMES``.

    ``scores``: one minus the probability of the label, of rows of dev, ascending (split conformal prediction,
    Vovk et al. 2005; Sadinle et al. 2019). ``shares``: the mix of outcomes at which the probabilities are calibrated.
    ``rates``: label x answer, the shares in which each label gets each answer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    scores: Annotated[tuple[_Share, ...], Field(min_length=1, max_length=1000)]
    shares: _Shares
    rates: tuple[_Shares, _Shares, _Shares, _Shares]

    @model_validator(mode="after")
    def _sound(self) -> Doubt:
        if list(self.scores) != sorted(self.scores):
            raise ValueError("the scores are not in ascending order")
        if min(self.shares) <= 0 or any(abs(sum(row) - 1) > 1e-4 for row in (self.shares, *self.rates)):
            raise ValueError("the shares and every row of the rates must add up to 1, and no share be 0")
        return self


class FirstPass(BaseModel):
    """The linear model that answers before the encoder, where one asks for speed.

    ``praise`` and ``concern`` are (scale, shift) from its sentence logits to the encoder's, ``sure`` the calibrated
    probability of the likeliest outcome from which its answer stands.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    praise: tuple[Annotated[float, Field(gt=0)], float] = (1.0, 0.0)
    concern: tuple[Annotated[float, Field(gt=0)], float] = (1.0, 0.0)
    sure: _Share


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
    min_confidence: _Share = 0.0
    doubt: Doubt | None = None
    first_pass: FirstPass | None = None
    policy: str = ""
    data_digest: str = ""
    seed: int = 0
    statestance: str = ""
    files: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _calibration_suits_unit(self) -> Manifest:
        if (self.unit == "sentence") != isinstance(self.calibration, MarkScaling):
            raise ValueError(f"calibration {self.calibration.kind!r} is not for the unit {self.unit!r}")
        if self.first_pass and (self.unit, self.engine) != ("sentence", "onnx"):
            raise ValueError("a first pass is for an encoder that reads sentences")
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
    needed = _NEEDED[manifest.engine] + ((FIRST_PASS,) if manifest.first_pass else ())
    missing = [name for name in needed if name not in manifest.files]
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


def digest(manifest: Manifest) -> str:
    """The sha256 of everything that a manifest says, the checksums of the files too: what was measured, in short."""
    return hashlib.sha256(manifest.model_dump_json().encode()).hexdigest()
