"""What every learner is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from statestance.corpus import Labelled, load
from statestance.text.masking import Masked, mask

Log = Callable[[dict[str, float], int], None]
"""Takes the metrics of a step, and the step."""


FLOAT32 = "model.float32.onnx"
"""The graph in full precision, kept beside the int8 one that is made from it and served."""
Precision = Literal["int8", "float32"]
"""What the weights of a served graph are kept in."""


class LearnerConfig(BaseModel):
    """A model's config: checked completely where it is built; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled interventions as a model sees them: masked."""

    rows: tuple[Labelled, ...]
    texts: tuple[Masked, ...]

    @property
    def outcomes(self) -> list[int]:
        """Numbers in ``stance.OUTCOMES``."""
        return [r.outcome for r in self.rows]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The training and development sides of a prepared corpus; the test side stays out of a learner's reach."""

    train: Examples
    dev: Examples


@dataclass(frozen=True, slots=True)
class Exported:
    """What a learner tells about the model files that it wrote into a bundle."""

    engine: Literal["onnx", "skops"]
    unit: Literal["document", "sentence"]
    features: Literal["text", "lexicon"] = "text"
    max_length: int = 0
    stride: int = 0


def examples(rows: list[Labelled]) -> Examples:
    return Examples(tuple(rows), tuple(mask(r.intervention) for r in rows))


def prepared(folder: Path) -> Prepared:
    """Read ``train.jsonl`` and ``dev.jsonl`` of a folder that ``prepare`` wrote."""
    return Prepared(examples(load(folder / "train.jsonl")), examples(load(folder / "dev.jsonl")))
