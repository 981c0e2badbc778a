"""The predictor that --model names."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from statestance.predict import Predictor
    from statestance.predict.runtime import Runtime


def open_model(
    name: str, *, runtime: Runtime = "onnxruntime", threads: int | None = None, fast: bool = False
) -> Predictor:
    """Load what ``predict.load`` knows, or ``models:/NAME@ALIAS`` from MLflow's registry."""
    from statestance.predict import load
    from statestance.predict.locate import REGISTERED

    name = _chosen(name)
    if not name.startswith(REGISTERED):
        return load(name, runtime=runtime, threads=threads, fast=fast)
    from statestance.tracking import fetch_bundle

    with tempfile.TemporaryDirectory(prefix="statestance-") as folder:
        # The predictor holds all of the bundle in memory once it is loaded.
        return load(fetch_bundle(name, Path(folder)), runtime=runtime, threads=threads, fast=fast)


def named(name: str, predictor: Predictor) -> str:
    """Which model answered, for people: "evidence (released:2026.11)"."""
    from statestance.predict.locate import REGISTERED, name_of

    name = _chosen(name)
    where = name if name.startswith(REGISTERED) else name_of(predictor.folder)
    return f"{predictor.manifest.name} ({where})"


def _chosen(name: str) -> str:
    from statestance.predict.locate import AUTO, choice

    return (choice() or AUTO) if name == AUTO else name


def identity(predictor: Predictor) -> dict[str, str]:
    """What says which model was measured: its name, and the digest of its bundle."""
    from statestance.bundle import digest

    return {"name": predictor.manifest.name, "digest": digest(predictor.manifest)}
