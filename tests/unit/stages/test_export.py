"""What dev teaches a bundle, and what it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import invented_rows
from statestance.bundle import Manifest
from statestance.learners import baselines
from statestance.learners.baselines import Config
from statestance.learners.common import prepared
from statestance.stages.export import ExportParams, build

OUTCOMES = ("supportive", "mixed", "critical", "none")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    invented_rows.write(folder / "data" / "train.jsonl", invented_rows.rows(120))
    invented_rows.write(folder / "data" / "dev.jsonl", invented_rows.rows(40, seed=9))
    config = Config(model="logistic", word_ngrams=(1, 1), char_ngrams=(3, 3))
    out = folder / "model"
    out.mkdir()
    baselines.train(
        config, prepared(folder / "data"), out, seed=3, log=lambda m, step: None, checkpoints=folder / "checkpoints"
    )
    record = {"model": "m", "learner": "baselines", "config": config.model_dump(mode="json")}
    record |= {"data_digest": "0" * 64, "seed": 3}
    (out / "training.json").write_text(json.dumps(record), encoding="utf-8")
    return out


def _hard(count: int) -> list[dict[str, Any]]:
    """Rows that a model of the others gets wrong: each with the label of the next outcome."""
    found = []
    for row in invented_rows.rows(count, seed=31, marks=False):
        wrong = OUTCOMES[(OUTCOMES.index(row["stance"]) + 1) % 4]
        found.append({**row, "id": f"h{row['id']}", "source": "hard", "stance": wrong})
    return found


def _built(trained: Path, folder: Path, rows: list[dict[str, Any]], **options: Any) -> Manifest:
    folder.mkdir()
    dev = invented_rows.write(folder / "dev.jsonl", rows)
    return build(trained, folder / "bundle", dev, ExportParams(precision=0.95, **options))


def test_sources_that_are_set_apart_teach_no_calibration(trained: Path, tmp_path: Path) -> None:
    ordinary = invented_rows.rows(40, seed=9)
    alone = _built(trained, tmp_path / "alone", ordinary)
    apart = _built(trained, tmp_path / "apart", ordinary + _hard(40), set_apart=["hard"])
    counted = _built(trained, tmp_path / "counted", ordinary + _hard(40))
    assert apart == alone
    assert counted.calibration.temperature > 2 * alone.calibration.temperature, "doubts what it has always right"


def test_where_all_is_set_apart_all_of_it_counts(trained: Path, tmp_path: Path) -> None:
    apart = _built(trained, tmp_path / "apart", _hard(40), set_apart=["hard"])
    assert apart == _built(trained, tmp_path / "counted", _hard(40))
