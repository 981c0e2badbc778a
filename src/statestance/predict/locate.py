"""Which folder a model's name stands for: what this project chose, its champion, a released model, a folder."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from statestance.bundle import MANIFEST
from statestance.domain import StatestanceError

AUTO, CHAMPION, RELEASED, REGISTERED = "auto", "champion", "released", "models:/"
CHOICE = ".statestance.json"
"""The file in which ``statestance model use`` keeps a project's choice: ``{"model": NAME}``."""
RELEASES = Path(__file__).parents[1] / "released"
"""A folder for each released model, named after its version; part of the package."""
VERSION = re.compile(r"\d+(\.\d+)+")
_POINTER = Path("build") / "champion.json"


@dataclass(frozen=True, slots=True)
class Located:
    """A model's folder, and the name under which it was found ("champion", "released:2026.11", a path)."""

    name: str
    folder: Path


def locate(model: str | Path = AUTO) -> Located:
    """Find the model that a name stands for.

    ``auto`` is what ``model use`` chose for the project, else the champion from here upwards, else the newest
    released model; ``released:VERSION`` is one of them. Raises ``StatestanceError`` where there is none.
    """
    name = str(model)
    if name == AUTO:
        chosen = choice()
        found = locate(chosen) if chosen else champion() or _newest()
        if found is None:
            raise StatestanceError(
                f"expected a model: one that was chosen, a champion ({_POINTER}) in {Path.cwd()} or above it, or a "
                "released one in the package; found none; run `make repro`, or name a model folder with --model"
            )
        return found
    if name == CHAMPION:
        return champion() or _no_champion()
    if name == RELEASED or name.startswith(RELEASED + ":"):
        return released(name.partition(":")[2])
    if not Path(model).is_dir():
        raise StatestanceError(
            f"expected a model: auto, champion, released, released:VERSION or a folder; found {name!r}; "
            "check --model, or see `statestance model list`"
        )
    return Located(name, Path(model))


def champion() -> Located | None:
    """What the pipeline selected, from here upwards."""
    root = _above(_POINTER)
    if root is None:
        return None
    pointer = root / _POINTER
    try:
        return Located(CHAMPION, root / json.loads(pointer.read_text(encoding="utf-8"))["bundle"])
    except (ValueError, KeyError, TypeError) as error:
        raise StatestanceError(
            f"expected the name of a bundle in {pointer}; found: {error!r}; run `make repro` again"
        ) from error


def _no_champion() -> Located:
    raise StatestanceError(
        f"expected a champion ({_POINTER}) in {Path.cwd()} or above it; found none; run `make repro` there, "
        "or take the model that comes with the package: --model released"
    )


def releases() -> list[str]:
    """The versions of the released models in the package, newest first."""
    folders = RELEASES.iterdir() if RELEASES.is_dir() else ()
    versions = [p.name for p in folders if VERSION.fullmatch(p.name) and (p / MANIFEST).is_file()]
    return sorted(versions, key=lambda version: [int(part) for part in version.split(".")], reverse=True)


def released(version: str = "") -> Located:
    """A released model; the newest without a version."""
    there = releases()
    if not there or (version and version not in there):
        wanted = f"the released model {version}" if version else "a released model"
        raise StatestanceError(
            f"expected {wanted} in {RELEASES}; found {', '.join(there) or 'none'}; "
            "name another with --model, or install a release of statestance that has it"
        )
    return Located(f"{RELEASED}:{version or there[0]}", RELEASES / (version or there[0]))


def _newest() -> Located | None:
    return released() if releases() else None


def choice() -> str | None:
    """The model that this project chose by ``use``, or None; a folder in it is relative to the file."""
    root = _above(Path(CHOICE))
    if root is None:
        return None
    file = root / CHOICE
    try:
        name = json.loads(file.read_text(encoding="utf-8"))["model"]
    except (ValueError, KeyError, TypeError) as error:
        raise StatestanceError(
            f'expected {{"model": NAME}} in {file}; found: {error!r}; run `statestance model use NAME` again'
        ) from error
    if not isinstance(name, str) or name == AUTO:
        raise StatestanceError(f"expected the name of a model in {file}; found {name!r}; name one, or delete the file")
    return name if _is_a_name(name) else str(root / name)


def use(model: str) -> Path | None:
    """Keep a model as the choice of this project, and return the file; ``auto`` takes an earlier choice back.

    The file lies where an earlier one does, else beside the champion's ``build``, else here.
    """
    root = _above(Path(CHOICE)) or _above(_POINTER) or Path.cwd()
    file = root / CHOICE
    if model == AUTO:
        file.unlink(missing_ok=True)
        return None
    if not model.startswith(REGISTERED):
        locate(model)
    if not _is_a_name(model):
        path = Path(model).resolve()
        model = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    part = file.with_name(CHOICE + ".partial")
    part.write_text(json.dumps({"model": model}, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(file)
    return file


def _is_a_name(model: str) -> bool:
    return model in (CHAMPION, RELEASED) or model.startswith((RELEASED + ":", REGISTERED))


def _above(file: Path) -> Path | None:
    here = Path.cwd()
    return next((root for root in (here, *here.parents) if (root / file).is_file()), None)


def name_of(folder: Path) -> str:
    """What a loaded model's folder is called: a release, the champion, or the folder itself."""
    folder = folder.resolve()
    if folder.parent == RELEASES.resolve():
        return f"{RELEASED}:{folder.name}"
    best = champion()
    return CHAMPION if best is not None and best.folder.resolve() == folder else str(folder)
