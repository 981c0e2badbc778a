"""The model under test: the bundle in the folder ``STATESTANCE_MODEL``, else the pipeline's champion.

``STATESTANCE_FAST=1`` sets its first pass before it. With ``STATESTANCE_BEHAVIOUR_REPORT`` the pass rates are written
to that path (.md or .json).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from behaviour.scoreboard import Scoreboard
from behaviour.tables import cases
from statestance import bundle
from statestance.domain import Prediction
from statestance.predict import Predictor, load

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def predictor() -> Predictor:
    given, pointer = os.environ.get("STATESTANCE_MODEL"), ROOT / "build" / "champion.json"
    fast = os.environ.get("STATESTANCE_FAST") == "1"
    if given:
        return load(given, fast=fast)
    if not pointer.is_file():
        pytest.skip("no model: neither STATESTANCE_MODEL nor build/champion.json is there; run `make repro`")
    return load(ROOT / json.loads(pointer.read_text(encoding="utf-8"))["bundle"], fast=fast)


@pytest.fixture(scope="session")
def answers(predictor: Predictor) -> dict[str, Prediction]:
    """The prediction of every case as it stands in its table, by case id."""
    return {case.id: one for case, one in zip(cases(), predictor.predict(c.row() for c in cases()), strict=True)}


@pytest.fixture(scope="session")
def scoreboard(predictor: Predictor) -> Iterator[Scoreboard]:
    board = Scoreboard(model=predictor.manifest.name, digest=bundle.digest(predictor.manifest))
    yield board
    path = os.environ.get("STATESTANCE_BEHAVIOUR_REPORT")
    if path:
        board.write(Path(path))
