"""Without the extra that reads and writes Parquet, the error names it; nothing is read, nothing written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from statestance import corpus, transcripts
from statestance.domain import StatestanceError
from statestance.predict import table
from statestance.transcripts.readers.tables import rows_of_parquet

NAMED = r"expected the package pyarrow for .*\.parquet; found none; pip install 'statestance\[parquet\]', or use \.csv"


@pytest.fixture(autouse=True)
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)


def test_reading_names_the_extra(tmp_path: Path) -> None:
    path = tmp_path / "speeches.parquet"
    path.write_bytes(b"PAR1")
    for read in (corpus.read, table.read, rows_of_parquet, lambda p: list(transcripts.stream([p]))):
        with pytest.raises(StatestanceError, match=NAMED):
            read(path)


def test_writing_names_the_extra_before_there_is_anything_to_write(tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    with pytest.raises(StatestanceError, match=NAMED):
        table.check_ending(path)
    with pytest.raises(StatestanceError, match=NAMED):
        table.write([], path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_other_formats_do_without(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"out{ending}"
    assert table.write([], path) == 0
    assert table.read(path) == []
