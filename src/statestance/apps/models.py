"""The predictor that --model names."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from statestance.predict import Predictor
    from statestance.predict.runtime import Runtime
    from statestance.report import Facts

CARD = "card.json"
"""The record of a release, among its files."""


def open_model(
    name: str, *, runtime: Runtime = "onnxruntime", threads: int | None = None, fast: bool = False
) -> Predictor:
    """Load what ``predict.load`` knows, or ``models:/NAME@ALIAS`` from MLflow's registry."""
    from statestance.predict import load
    from statestance.predict.locate import REGISTERED

    name = _chosen(name)
    if not name.startswith(REGISTERED):
        return load(name, runtime=runtime, threads=threads, fast=fast)
    from statestance.tracking import fetch_bundle

    with tempfile.TemporaryDirectory(prefix="statestance-") as folder:
        # The predictor holds all of the bundle in memory once it is loaded.
        return load(fetch_bundle(name, Path(folder)), runtime=runtime, threads=threads, fast=fast)


def named(name: str, predictor: Predictor) -> str:
    """Which model answered, for people: "evidence (released:2026.11)"."""
    return f"{predictor.manifest.name} ({origin(predictor, name)})"


def origin(predictor: Predictor, name: str = "") -> str:
    """Where a model comes from: "released:2026.11", "champion", the registry's name, a folder's path; with "--fast"
    where its first pass answers too."""
    from statestance.predict.locate import REGISTERED, name_of

    name = _chosen(name)
    where = name if name.startswith(REGISTERED) else name_of(predictor.folder)
    return f"{where}, --fast" if predictor.fast else where


def facts(predictor: Predictor, *, name: str = "", sources: Sequence[str] = (), date: str) -> Facts:
    """The facts about a model for a report, which others read: a folder of this machine by its name alone."""
    from statestance.predict.locate import REGISTERED
    from statestance.report import Facts, measured

    where = origin(predictor, name)
    if not where.startswith(REGISTERED):
        # What came from the registry without a name lay in a folder that is gone.
        where = Path(where).name if predictor.folder.is_dir() else ""
    said = measured.sentence(_card(predictor))
    if said and predictor.fast:
        said += " That was measured without --fast."
    return Facts.of(predictor.manifest, where=where, measured=said, date=date, sources=sources)


def _card(predictor: Predictor) -> dict[str, Any]:
    """What was measured of a released model; nothing of any other."""
    file = predictor.folder / CARD
    # Only what the manifest vouches for.
    if CARD not in predictor.manifest.files or not file.is_file():
        return {}
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _chosen(name: str) -> str:
    from statestance.predict.locate import AUTO, choice

    return (choice() or AUTO) if name == AUTO else name


def identity(predictor: Predictor) -> dict[str, str]:
    """What says which model was measured: its name, and the digest of its bundle."""
    from statestance.bundle import digest

    return {"name": predictor.manifest.name, "digest": digest(predictor.manifest)}
