"""The evaluation of a model, logged into the run of its training."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from statestance.domain import StatestanceError
from statestance.tracking.digests import file_digest, folder_digest
from statestance.tracking.entries import dvc_tags, log_points, set_tags
from statestance.tracking.names import Tag
from statestance.tracking.store import Store, connect
from statestance.tracking.training import numbers


def log_evaluation(run_id: str, metrics: Path, plots: Path, bundle: Path, *, project: Path | None = None) -> None:
    """Log metrics ("test.macro_f1", "test.macro_f1.low"), plots and the bundle's digest; once."""
    logged(connect(project), run_id, metrics, plots, bundle)


def logged(store: Store, run_id: str, metrics: Path, plots: Path, bundle: Path) -> bool:
    """As ``log_evaluation``; say whether anything was new."""
    digest = folder_digest(bundle)
    parts = [digest, file_digest(metrics), folder_digest(plots) if plots.is_dir() else ""]
    whole = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    run = store.client.get_run(run_id)
    if run.data.tags.get(Tag.EVALUATION) == whole:
        return False
    log_points(store, run_id, [(name, 0, value) for name, value in numbers(_read(metrics))])
    store.client.log_artifact(run_id, str(metrics), "evaluation")
    if plots.is_dir():
        store.client.log_artifacts(run_id, str(plots), "plots")
    build = store.workspace / "build"
    known = {
        Tag.DVC_DATA: build / "data",
        Tag.DVC_MODEL: build / "models" / run.data.tags.get(Tag.MODEL, metrics.stem),
        Tag.DVC_BUNDLE: bundle,
    }
    set_tags(store, run_id, dvc_tags(store, known) | {Tag.BUNDLE: digest})
    set_tags(store, run_id, {Tag.EVALUATION: whole})
    return True


def _read(metrics: Path) -> Mapping[str, Any]:
    try:
        tree = json.loads(metrics.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StatestanceError(f"expected metrics in {metrics}; found: {error}; run `dvc repro`") from error
    if not isinstance(tree, dict):
        raise StatestanceError(f"expected a JSON object in {metrics}; found {type(tree).__name__}; run `dvc repro`")
    return tree
