"""Is what is served what was trained? The graph beside the framework, int8 beside float32, on dev."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from statestance.bundle import Manifest
from statestance.corpus import Labelled
from statestance.domain import StatestanceError
from statestance.learners.common import FLOAT32
from statestance.predict import Predictor
from statestance.predict.decision import probabilities
from statestance.predict.runtime import Run, open_graph
from statestance.probability import FloatArray

TOLERANCE = 1e-4
"""How far a probability of the float32 graph may be from the framework's."""
AGREEMENT = 0.995
"""The least share of dev on which the int8 graph must take the outcome of the float32 one (a single row aside)."""


def hold(folder: Path, manifest: Manifest, module: Any, rows: Sequence[Labelled]) -> dict[str, float]:
    """Hold the graphs of a calibrated bundle against the ``module`` that they were made from.

    Returns the largest difference of a probability (float32) and the share of equal outcomes (int8, if there is
    one); raises ``StatestanceError`` where the graphs are not what was trained.
    """

    def chances(run: Run | None) -> FloatArray:
        scores = Predictor(folder, run=run).scores([r.intervention for r in rows])
        return np.stack([probabilities(s, manifest.calibration) for s in scores])

    served = chances(None)
    whole = chances(open_graph(folder / FLOAT32).run) if FLOAT32 in manifest.files else served
    trained = chances(_runner(module))
    difference = float(np.abs(whole - trained).max())
    if difference > TOLERANCE or (whole.argmax(1) != trained.argmax(1)).any():
        raise StatestanceError(
            f"expected the float32 graph of {manifest.name} to give what the framework gives, within {TOLERANCE}; "
            f"found a difference of {difference:.2g} on dev; the encoder does not export: choose another"
        )
    if FLOAT32 not in manifest.files:
        return {"float32_difference": difference}
    other = int((served.argmax(1) != whole.argmax(1)).sum())
    share = 1 - other / len(rows)
    # A tie may fall either way on another processor: of a few rows, one decides nothing.
    if share < AGREEMENT and other > 1:
        raise StatestanceError(
            f"expected the int8 graph of {manifest.name} to take the stances of the float32 one on {AGREEMENT:.1%} "
            f"of dev; found {share:.2%} ({other} of {len(rows)} differ); "
            f"set `precision: float32` in configs/models/{manifest.name}.yaml"
        )
    return {"float32_difference": difference, "int8_agreement": share}


def _runner(module: Any) -> Run:
    """The module itself in the place of its graph: arrays by name → logits."""
    import torch

    module.eval()

    def run(feed: Any) -> Any:
        with torch.no_grad():
            return module(**{name: torch.from_numpy(array) for name, array in feed.items()}).numpy()

    return run
