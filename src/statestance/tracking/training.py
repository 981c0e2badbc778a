"""``training.json``: what a training leaves beside its weights, enough to write its run again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from statestance.domain import StatestanceError

FILE = "training.json"


class Training(BaseModel):
    """One training: resolved configuration, digest of its data, duration, curves, environment."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    model: str
    data_digest: str = Field(min_length=12)
    learner: str = ""
    config: dict[str, Any] = {}
    seed: int | None = None
    seconds: float = Field(default=0.0, ge=0)
    device: str = ""
    rows: dict[str, int] = {}
    curves: list[dict[str, Any]] = []
    environment: dict[str, Any] = {}
    git_commit: str | None = None

    @classmethod
    def read(cls, trained: Path) -> Training:
        """Read the ``training.json`` of a folder of trained weights."""
        path = trained / FILE
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise StatestanceError(f"expected {path}; found: {error.strerror}; run `dvc repro`") from error
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"])) or "(file)"
            raise StatestanceError(
                f"expected the record of a training in {path}; found at {field}: {first['msg']}; retrain"
            ) from error

    @property
    def params(self) -> dict[str, str]:
        """What the training was run with, flat, as MLflow parameters."""
        whole = {
            "learner": self.learner,
            "seed": self.seed,
            "device": self.device,
            "rows": self.rows,
            **self.config,
        }
        return {name: text(value) for name, value in flat(whole) if value not in (None, "")}

    @property
    def points(self) -> list[tuple[str, int, float]]:
        """The curves as (name, step, value)."""
        found = []
        for number, point in enumerate(self.curves):
            step = int(point.get("step", number))
            found += [(name, step, value) for name, value in numbers(point) if name != "step"]
        return found


def flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a nested mapping with dotted names."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def numbers(tree: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The numeric leaves; ``{"value": 0.9, "low": 0.8}`` named ``f1`` gives ``f1`` and ``f1.low``."""
    for name, value in flat(tree):
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield name.removesuffix(".value"), float(value)


def text(value: Any) -> str:
    """A value as MLflow shows it; lists as JSON-like text."""
    return value if isinstance(value, str) else repr(value)
