"""What is served is held against what was trained: a graph that answers otherwise is refused."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import invented_rows
from statestance import corpus
from statestance.bundle import Manifest, Temperature
from statestance.domain import StatestanceError
from statestance.learners import parity
from statestance.learners.common import FLOAT32

pytestmark = pytest.mark.train
ROWS = 400


@pytest.fixture
def hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Three graphs that answer alike, but for ``flips`` rows of int8 and a ``shift`` of a float32 logit."""
    pytest.importorskip("torch")
    digest = "0" * 64
    manifest = Manifest(
        name="tiny",
        learner="sequence",
        engine="onnx",
        unit="document",
        calibration=Temperature(),
        files={"model.onnx": digest, FLOAT32: digest},
        data_digest=digest,
        seed=1,
        statestance="0",
    )

    def held(rows: int, *, flips: int = 0, shift: float = 0.0) -> dict[str, float]:
        def scores(graph: str) -> list[Any]:
            logits = np.tile([2.0, 0.0, 0.0, 0.0], (rows, 1))
            if graph == "int8":
                logits[:flips] = [0.0, 2.0, 0.0, 0.0]
            if graph == "float32":
                logits[0, 0] += shift
            return list(logits)

        def predictor(folder: Path, run: Any = None) -> Any:
            return SimpleNamespace(scores=lambda texts: scores("int8" if run is None else run))

        monkeypatch.setattr(parity, "Predictor", predictor)
        monkeypatch.setattr(parity, "open_graph", lambda path: SimpleNamespace(run="float32"))
        monkeypatch.setattr(parity, "_runner", lambda module: "framework")
        data = corpus.load(invented_rows.write(tmp_path / "dev.jsonl", invented_rows.rows(rows)))
        return parity.hold(tmp_path, manifest, None, data)

    return held


def test_equal_graphs_pass_with_their_figures(hold: Any) -> None:
    assert hold(ROWS) == {"float32_difference": 0.0, "int8_agreement": 1.0}


@pytest.mark.parametrize(("rows", "flips"), [(ROWS, 2), (40, 1)])
def test_int8_may_differ_on_one_row_in_two_hundred_or_on_a_single_tie(hold: Any, rows: int, flips: int) -> None:
    assert hold(rows, flips=flips)["int8_agreement"] == pytest.approx(1 - flips / rows)


@pytest.mark.parametrize(("rows", "flips"), [(ROWS, 3), (40, 2)])
def test_int8_that_differs_on_more_is_refused_with_the_remedy(hold: Any, rows: int, flips: int) -> None:
    with pytest.raises(StatestanceError, match=rf"{flips} of {rows} differ.*precision: float32"):
        hold(rows, flips=flips)


def test_a_float32_graph_that_is_off_is_refused(hold: Any) -> None:
    with pytest.raises(StatestanceError, match=r"expected the float32 graph of tiny to give what the framework gives"):
        hold(ROWS, shift=0.01)
