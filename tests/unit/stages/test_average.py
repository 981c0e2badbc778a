"""The mean of trained models: of their weights, and only where they can have one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import invented_rows
import tiny_encoder
from statestance.domain import StatestanceError

pytestmark = [pytest.mark.train, pytest.mark.slow]
torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two trainings of one tiny encoder, on different rows."""
    from statestance.learners import evidence
    from statestance.learners.common import prepared

    folder = tmp_path_factory.mktemp("average")
    found = []
    for number in range(2):
        data = folder / f"data{number}"
        invented_rows.write(data / "train.jsonl", invented_rows.rows(48, seed=number))
        invented_rows.write(data / "dev.jsonl", invented_rows.rows(16, seed=9))
        sides = prepared(data)
        if not number:
            encoder = tiny_encoder.build(folder / "encoder", [t.text for t in sides.train.texts])
        config = evidence.Config(
            encoder=str(encoder), epochs=1, batch_size=16, learning_rate=3e-3, max_length=48, stride=8
        )
        out = folder / f"model{number}"
        out.mkdir()
        evidence.train(
            config, sides, out, seed=number, log=lambda m, step: None, checkpoints=folder / f"checkpoints{number}"
        )
        record = {"model": "evidence", "learner": "evidence", "config": config.model_dump(mode="json")}
        record |= {"data_digest": f"{number}" * 64, "seed": number, "best_dev": 0.5, "rows": {"train": 48, "dev": 16}}
        (out / "training.json").write_text(json.dumps(record), encoding="utf-8")
        found.append(out)
    return found


def _weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


def test_the_mean_of_the_weights_with_what_belongs_to_the_last(trained: list[Path], tmp_path: Path) -> None:
    from statestance.stages.average import average

    record = average(trained, tmp_path / "mean")
    first, second, mean = (_weights(folder) for folder in (*trained, tmp_path / "mean"))
    assert mean.keys() == second.keys()
    for name, weight in mean.items():
        torch.testing.assert_close(weight, (first[name] + second[name]) / 2)
    assert any(not torch.equal(first[name], second[name]) for name in first)
    assert json.loads((tmp_path / "mean" / "training.json").read_text()) == record
    assert record["data_digest"] == "1" * 64 and "best_dev" not in record
    assert [one["data_digest"][0] for one in record["averaged"]] == ["0", "1"]
    assert (tmp_path / "mean" / "first_pass.npy").read_bytes() == (trained[1] / "first_pass.npy").read_bytes()


def test_the_mean_is_served_as_any_other_model(trained: list[Path], tmp_path: Path) -> None:
    from statestance.predict import Predictor
    from statestance.stages.average import average
    from statestance.stages.export import ExportParams, build

    average(trained, tmp_path / "mean")
    dev = invented_rows.write(tmp_path / "dev.jsonl", invented_rows.rows(40, seed=9))
    build(tmp_path / "mean", tmp_path / "bundle", dev, ExportParams(precision=0.95))
    assert len(Predictor(tmp_path / "bundle").predict(["Norway welcomed the new law on legal aid."])) == 1


def test_what_has_no_mean_is_refused(trained: list[Path], tmp_path: Path) -> None:
    import shutil

    from statestance.stages.average import average

    other = shutil.copytree(trained[0], tmp_path / "other")
    (other / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(StatestanceError, match="expected models of one encoder and one vocabulary"):
        average([other, trained[1]], tmp_path / "mean")
    record = json.loads((trained[0] / "training.json").read_text())
    (other / "training.json").write_text(json.dumps(record | {"learner": "sequence"}), encoding="utf-8")
    with pytest.raises(StatestanceError, match="found the learner 'sequence'"):
        average([other, trained[1]], tmp_path / "mean")
    with pytest.raises(StatestanceError, match=r"found no training\.json; train it first"):
        average([tmp_path, trained[1]], tmp_path / "mean")
    assert not (tmp_path / "mean").exists()
