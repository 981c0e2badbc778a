"""The predictor that --model names."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from statestance.predict import Predictor


def open_model(name: str) -> Predictor:
    """Load ``champion``, the bundle in a folder, or ``models:/NAME@ALIAS`` from MLflow's registry."""
    from statestance.predict import load

    if not name.startswith("models:/"):
        return load(name)
    from statestance.tracking import fetch_bundle

    with tempfile.TemporaryDirectory(prefix="statestance-") as folder:
        # The predictor holds all of the bundle in memory once it is loaded.
        return load(fetch_bundle(name, Path(folder)))
