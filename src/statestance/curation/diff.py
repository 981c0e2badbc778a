"""What changed between two versions of a labelled file: rows added, removed, relabelled, reworded."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statestance.corpus.faults import Fault
from statestance.curation.annotations import Annotation, read_leniently
from statestance.domain import StatestanceError

WORKSPACE = "workspace"
KINDS = ("added", "removed", "relabelled", "reworded", "other fields")
_TEXT_OR_LABEL = frozenset({"text", "sentences", "praise", "concern", "stance", "not_an_intervention"})


@dataclass(frozen=True, slots=True)
class Change:
    """One difference of one row; ``before`` and ``after`` are what is said of it in a few words."""

    id: str
    kind: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Version:
    """The rows of one version of a file, and the faults of those that could not be read."""

    name: str
    rows: Mapping[str, Annotation]
    faults: tuple[Fault, ...]


def version(which: str, tracked: Path) -> Version:
    """Read a plain file if ``which`` names one; else ``tracked`` at that git revision, through DVC.

    ``workspace`` is ``tracked`` as it lies on disk.
    """
    if which != WORKSPACE and Path(which).is_file():
        return _version(which, Path(which))
    if which == WORKSPACE:
        return _version(f"{tracked} ({which})", tracked)
    with tempfile.TemporaryDirectory(prefix="statestance-") as folder:
        path = Path(folder) / tracked.name
        path.write_bytes(_at_revision(tracked, which))
        return _version(f"{tracked} at {which}", path)


def _version(name: str, path: Path) -> Version:
    found, faults = read_leniently(path)
    return Version(name, {_key(one): one for one in found.values()}, tuple(faults))


def _key(one: Annotation) -> str:
    """A row without an id is known by its text: its line moves with every row above it."""
    return one.id if "id" in one.raw else f"text {one.text}"


def _at_revision(path: Path, revision: str) -> bytes:
    try:
        import dvc.api
        from dvc.exceptions import DvcException
        from dvc.repo import Repo
        from dvc.scm import SCMError
    except ImportError as error:
        raise StatestanceError(
            "expected dvc to read another version of a file; found none; pip install 'statestance[train]'"
        ) from error
    try:
        root = Path(Repo.find_root())
        # DVC takes a path that is relative to the project, wherever the command is given.
        inside = path.resolve().relative_to(root.resolve())
        with dvc.api.open(inside.as_posix(), repo=str(root), rev=revision, mode="rb") as stream:
            content: bytes = stream.read()
            return content
    except (DvcException, SCMError, OSError, ValueError) as error:
        found = str(error).splitlines()[0]
        raise StatestanceError(
            f"expected {path} at the git revision {revision!r}; found: {found}; check the name of the revision "
            f"(or file), and fetch its data with `dvc fetch -a {path}.dvc`"
        ) from error


def compare(before: Version, after: Version) -> tuple[Change, ...]:
    """Every change from one version to the other; a row that was both reworded and relabelled counts in both."""
    found = list[Change]()
    for key in dict.fromkeys([*before.rows, *after.rows]):
        old, new = before.rows.get(key), after.rows.get(key)
        if old is None or new is None:
            one = old or new
            assert one is not None
            told = f"{one.told}: {one.text}"
            found.append(Change(one.id, "removed", told, "") if old else Change(one.id, "added", "", told))
            continue
        found += _changes(old, new)
    return tuple(found)


def _changes(old: Annotation, new: Annotation) -> list[Change]:
    found = []
    reworded = old.text != new.text or old.sentences != new.sentences
    if reworded:
        found.append(Change(new.id, "reworded", *_apart(old, new)))
    if (old.outcome, old.marks) != (new.outcome, new.marks):
        found.append(Change(new.id, "relabelled", old.told, new.told))
    names = sorted((old.raw.keys() | new.raw.keys()) - _TEXT_OR_LABEL)
    other = [name for name in names if old.raw.get(name) != new.raw.get(name)]
    if other:
        found.append(Change(new.id, "other fields", _fields(old.raw, other), _fields(new.raw, other)))
    return found


def _apart(old: Annotation, new: Annotation) -> tuple[str, str]:
    """The two texts from the first word on which they differ, with a little before it."""
    a, b = old.text.split(), new.text.split()
    if a == b:
        return f"{len(old.sentences)} sentences", f"{len(new.sentences)} sentences"
    at = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    start = max(0, at - 3)
    lead = "… " if start else ""
    return lead + " ".join(a[start:]), lead + " ".join(b[start:])


def _fields(raw: Mapping[str, Any], names: list[str]) -> str:
    return ", ".join(f"{name}={raw.get(name, '')!s}" for name in names)
