"""Apache Parquet, which an extra brings: the core install reads and writes everything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from statestance.domain import StatestanceError


def library(path: Path) -> Any:
    """Return ``pyarrow.parquet`` for a file; raise ``StatestanceError`` that names the extra where it is missing."""
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise StatestanceError(
            f"expected the package pyarrow for {path}; found none; pip install 'statestance[parquet]', or use .csv "
            "or .jsonl"
        ) from error
    return pyarrow.parquet
