"""The same rows over Ray as on one machine, whole and picked up in the middle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model_parts import SPECIAL, onnx_bundle
from statestance.apps import batch, ray_batch
from statestance.apps.batch import Cluster, Options
from statestance.apps.spool import Place
from statestance.bundle import MarkScaling
from statestance.domain import StatestanceError
from statestance.predict import Predictor, load
from statestance.transcripts import Source, sources
from statestance.transcripts.table import BLOCK

SAID = ("We welcome the clinics", "We regret the arrests", "We welcome clinics We regret arrests", "We asked")


@pytest.fixture
def predictor(tmp_path: Path) -> Predictor:
    """A model that knows two words, with weights that no rounding hides."""
    words = ["We", "welcome", "regret", "the", "clinics", "arrests", "asked", "."]
    table = np.random.default_rng(3).normal(0, 0.3, (len(SPECIAL) + len(words), 2))
    table[len(SPECIAL) + 1, 0] = table[len(SPECIAL) + 2, 1] = 9.0
    calibration = MarkScaling(praise=(1.0, -1.0), concern=(1.0, -1.0))
    return load(onnx_bundle(tmp_path / "bundle", words, table, unit="sentence", calibration=calibration))


def parquet(path: Path, rows: int) -> Path:
    """Rows in groups that no block ends with; one speaker in five is the State under review."""
    made: list[dict[str, Any]] = [
        {
            "text": f"{SAID[n % 4]} {n} ." * (1 + n % 3),
            "speaker": ("Mondara", "Norway", "Chile", "Peru", "Ghana")[n % 5],
            "target": "Mondara",
        }
        for n in range(rows)
    ]
    pq.write_table(pa.Table.from_pylist(made), path, row_group_size=900)
    return path


def inputs(folder: Path) -> list[Source]:
    """A table of several blocks, a transcript, a file that is none, a small table."""
    big, small = parquet(folder / "a.parquet", 2 * BLOCK + 100), parquet(folder / "d.parquet", 7)
    (folder / "b.txt").write_text("Norway: We welcome it.\n\nThe Chair: Thank you.\n\nPeru: We regret it.\n")
    (folder / "c.parquet").write_bytes(b"PAR1 and no more")
    return list(sources([big, folder / "b.txt", folder / "c.parquet", small]))


OPTIONS = Options(many=True)


def test_units_are_blocks_of_tables_and_whole_transcripts(tmp_path: Path) -> None:
    found = inputs(tmp_path)
    planned = list(ray_batch.units(found, OPTIONS, Place()))
    places = [(u.start.source, u.start.debate, u.last) for u in planned]
    assert places == [(0, 0, False), (0, 1, False), (0, 2, True), (1, 0, True), (2, 0, True), (3, 0, True)]
    later = list(ray_batch.units(found, OPTIONS, Place(0, 1, 256)))
    assert later[0].start == Place(0, 1, 256) and [u.start for u in later[1:]] == [u.start for u in planned[2:]]
    assert [u.last for u in ray_batch.units(found[:1], OPTIONS, Place(0, 3))] == [True]


def test_a_table_that_does_not_say_its_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StatestanceError, match=r"Parquet tables.*a\.csv; convert it"):
        list(ray_batch.units([Source(tmp_path / "a.csv", "a")], OPTIONS, Place()))


@pytest.mark.slow
def test_ray_writes_the_bytes_of_one_machine_and_goes_on_where_it_was_stopped(
    predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray", reason="needs the extra ray")
    found = inputs(tmp_path)
    local, far = tmp_path / "local.parquet", tmp_path / "ray.parquet"
    alone = batch.write(found, predictor, OPTIONS, local)
    whole = batch.write(found, predictor, OPTIONS, far, cluster=Cluster())
    assert far.read_bytes() == local.read_bytes()
    assert (whole.rows, whole.account) == (alone.rows, alone.account)
    assert {row["stance"] for row in pq.read_table(far).to_pylist()} > {"supportive", "critical", "mixed"}
    far.unlink()
    steps, predict = iter(range(11)), predictor.predict

    def stopped(rows: Any) -> Any:
        if next(steps) == 10:
            raise KeyboardInterrupt
        return predict(rows)

    monkeypatch.setattr(predictor, "predict", stopped)
    with pytest.raises(KeyboardInterrupt):
        batch.write(found, predictor, OPTIONS, far)
    monkeypatch.undo()
    again = batch.write(found, predictor, OPTIONS, far, cluster=Cluster())
    assert 0 < again.resumed < again.rows
    assert far.read_bytes() == local.read_bytes() and again.account == alone.account
