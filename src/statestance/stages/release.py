"""Release a bundle: its serving files, a version, and a card made from what was measured, into the package.

``python -m statestance.stages.release --bundle build/bundles/evidence --version 2026.11
--metrics "UPR, held-out reports=upr.json:test" --behaviour build/behaviour.json --data experiments/split.json``
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statestance import bundle
from statestance.bundle import Manifest
from statestance.domain import StatestanceError
from statestance.predict.locate import RELEASES, VERSION
from statestance.stages.card import markdown
from statestance.stages.settings import run, write_json

LARGEST = 40_000_000
"""Bytes of a release: it travels with every installation of the package."""
CARD, CARD_JSON = "card.md", "card.json"
_FULL_PRECISION = "float32"


@dataclass(frozen=True, slots=True)
class Measured:
    """One part ("all", "test") of what ``statestance evaluate -o`` wrote, under the name that the card gives it."""

    name: str
    file: Path
    part: str


def release(
    source: Path,
    version: str,
    metrics: Sequence[Measured],
    *,
    behaviour: Path | None = None,
    data: Path | None = None,
    releases: Path = RELEASES,
) -> Path:
    """Write the release and return its folder.

    Raises ``StatestanceError`` for a version that is there already, a release over ``LARGEST``, and figures
    that were not measured on this very bundle.
    """
    if not VERSION.fullmatch(version):
        raise StatestanceError(f"expected a version such as 2026.11; found {version!r}; name it by year and month")
    folder = releases / version
    if folder.exists():
        raise StatestanceError(f"expected a new version; found {folder}; a release stays as it is: take another number")
    if not metrics:
        raise StatestanceError("expected measured figures for the card; found none; give --metrics NAME=FILE:PART")
    manifest = bundle.read(source)
    served = [name for name in manifest.files if _FULL_PRECISION not in name]
    size = sum((source / name).stat().st_size for name in served)
    if size > LARGEST:
        largest = max(served, key=lambda name: (source / name).stat().st_size)
        raise StatestanceError(
            f"expected at most {LARGEST / 1e6:.0f} MB to release; found {size / 1e6:.1f} MB in {source}, most of it "
            f"{largest}; export the model as int8"
        )
    card = _card(manifest, version, metrics, behaviour, data) | {"bytes": size}

    def fill(to: Path) -> None:
        for name in served:
            shutil.copyfile(source / name, to / name)
        write_json(to / CARD_JSON, card)
        (to / CARD).write_text(markdown(card), encoding="utf-8")

    bundle.write(folder, manifest, fill)
    return folder


def _card(
    manifest: Manifest, version: str, metrics: Sequence[Measured], behaviour: Path | None, data: Path | None
) -> dict[str, Any]:
    facts = manifest.model_dump(mode="json", exclude={"doubt", "files", "format"})
    digest = bundle.digest(manifest)
    return {
        "version": version,
        "model": facts | {"digest": digest},
        "training": _json(data).get("train") if data else None,
        "metrics": {one.name: _figures(one, digest) for one in metrics},
        "behaviour": _same(_json(behaviour), digest, behaviour)["capabilities"] if behaviour else None,
    }


def _figures(one: Measured, digest: str) -> dict[str, Any]:
    record = _same(_json(one.file), digest, one.file)
    del record["model"]
    if one.part not in record:
        parts = ", ".join(record)
        raise StatestanceError(f"expected a part {one.part!r} in {one.file}; found {parts}; name one of these")
    part: dict[str, Any] = record[one.part]
    return part


def _same(record: dict[str, Any], digest: str, file: Path) -> dict[str, Any]:
    """The record, if it says that this bundle was measured."""
    model = record.get("model")
    found = model.get("digest") if isinstance(model, dict) else None
    if found != digest:
        raise StatestanceError(
            f"expected figures of the bundle {digest[:12]} in {file}; found {str(found)[:12]}; measure it again"
        )
    return record


def _json(file: Path) -> dict[str, Any]:
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StatestanceError(f"expected measured figures in {file}; found: {error}; measure again") from error
    if not isinstance(record, dict):
        raise StatestanceError(f"expected an object in {file}; found {type(record).__name__}; measure again")
    return record


def _measured(given: str) -> Measured:
    name, equals, rest = given.partition("=")
    file, _, part = rest.rpartition(":")
    if not (name and equals and rest):
        raise argparse.ArgumentTypeError(f"{given!r} is not NAME=FILE or NAME=FILE:PART")
    return Measured(name, Path(file or part), part if file else "all")


def main() -> None:
    parser = argparse.ArgumentParser(description="Release a bundle into the package, with its card.")
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--metrics", type=_measured, action="append", required=True, metavar="NAME=FILE[:PART]")
    parser.add_argument("--behaviour", type=Path, help="the JSON that `make behaviour` writes")
    parser.add_argument("--data", type=Path, help="experiments/split.json of the training")
    args = parser.parse_args()
    print(release(args.bundle, args.version, args.metrics, behaviour=args.behaviour, data=args.data))


if __name__ == "__main__":
    run(main)
