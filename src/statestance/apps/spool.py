"""What an unfinished prediction has done so far, kept beside its output, so that the same command goes on.

``OUT.partial/`` holds ``run.json`` (inputs, model and options: what the rows depend on), ``rows.jsonl`` and
``rejects.jsonl`` (what is made, appended to), and ``state.json``, which says how much of the two is valid.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from pydantic import TypeAdapter, ValidationError

from statestance.apps.predicting import Account
from statestance.domain import StatestanceError
from statestance.predict.table import replacing

_RUN, _STATE, _ROWS, _REJECTS, _LOCK = "run.json", "state.json", "rows.jsonl", "rejects.jsonl", "lock"
_SECONDS, _COST = 1.0, 20
"""A checkpoint is made this often, and rarely enough to take at most one part in ``_COST`` of the time."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a run is: finished inputs, finished debates of the next one, finished turns of the next of those."""

    source: int = 0
    debate: int = 0
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """What one step adds: JSON lines of ``rows`` rows and of rejected rows, and what was read for them.

    ``after`` is where the next step begins, ``share`` how much of the input at work is read then (0 to 1).
    """

    after: Place
    account: Account
    rows: int = 0
    lines: str = ""
    rejects: str = ""
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """All that the rows depend on. ``inputs`` are path, bytes and time of the last change (ns); -1 for none."""

    statestance: str
    model: str
    model_digest: str
    options: Mapping[str, Any]
    inputs: tuple[tuple[str, int, int], ...]

    def changes(self, earlier: Run) -> list[str]:
        """What is different from an earlier run, in words."""
        found = []
        if self.inputs != earlier.inputs:
            old, new = ({name: rest for name, *rest in run.inputs} for run in (earlier, self))
            changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
            found.append(f"inputs ({', '.join(changed[:3]) or 'their order'}{', …' if len(changed) > 3 else ''})")
        if (self.model, self.model_digest) != (earlier.model, earlier.model_digest):
            found.append(
                f"the model ({earlier.model} {earlier.model_digest[:8]}, now {self.model} {self.model_digest[:8]})"
            )
        names = sorted(self.options.keys() | earlier.options.keys())
        for name in names:
            old_value, value = earlier.options.get(name), self.options.get(name)
            if old_value != value:
                found.append(f"{name} ({old_value!r}, now {value!r})")
        if self.statestance != earlier.statestance:
            found.append(f"the version ({earlier.statestance}, now {self.statestance})")
        return found


@dataclass(slots=True)
class State:
    """What is done: where to go on, and how many rows and bytes of the two files are valid."""

    place: Place = field(default_factory=Place)
    rows: int = 0
    row_bytes: int = 0
    reject_bytes: int = 0
    account: Account = field(default_factory=Account)


class Spool:
    """The folder of an unfinished run, opened by ``opened``; one process at a time."""

    def __init__(self, folder: Path, state: State, rows: IO[bytes], rejects: IO[bytes]) -> None:
        self.folder, self.state, self.resumed = folder, state, state.rows
        self._rows, self._rejects = rows, rejects
        self._next = time.monotonic() + _SECONDS

    def add(self, piece: Piece) -> None:
        """Append a piece; what is lost when the process dies is what came since the last checkpoint."""
        lines, rejects = piece.lines.encode(), piece.rejects.encode()
        self._rows.write(lines)
        self._rejects.write(rejects)
        state = self.state
        state.place, state.rows = piece.after, state.rows + piece.rows
        state.row_bytes += len(lines)
        state.reject_bytes += len(rejects)
        state.account.merge(piece.account)
        if time.monotonic() >= self._next:
            self.checkpoint()

    def checkpoint(self) -> None:
        """Make all that was added outlive the process, and the machine."""
        start = time.monotonic()
        for stream in (self._rows, self._rejects):
            stream.flush()
            os.fsync(stream.fileno())
        _put(self.folder / _STATE, self.state)
        self._next = time.monotonic() + max(_SECONDS, _COST * (time.monotonic() - start))

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows that were made, as ``table.as_row`` gave them."""
        self._rows.flush()
        with (self.folder / _ROWS).open(encoding="utf-8", newline="\n") as stream:
            for line in stream:
                yield json.loads(line)

    def move_rejects(self, path: Path) -> None:
        """Put the rejected rows at ``path``; where there are none, remove what an earlier run left there."""
        if not self.state.reject_bytes:
            path.unlink(missing_ok=True)
            return
        self._rejects.flush()
        with replacing(path, within=self.folder) as part:
            shutil.copyfile(self.folder / _REJECTS, part)


def _put(path: Path, value: Any) -> None:
    with replacing(path) as part:
        part.write_bytes(TypeAdapter(type(value)).dump_json(value))


def _get(path: Path, kind: type[Any]) -> Any:
    try:
        return TypeAdapter(kind).validate_json(path.read_bytes())
    except (ValidationError, OSError) as error:
        said = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        raise StatestanceError(
            f"expected {path.name} of an unfinished run in {path.parent}; found: {said}; begin anew with --restart"
        ) from error


@contextmanager
def opened(folder: Path, run: Run, *, restart: bool) -> Iterator[Spool]:
    """Open the folder of a run, go on where it stopped, and lock it; leave it behind only if work is in it.

    Raises ``StatestanceError`` if another process works in it, or if it belongs to a run of something else.
    """
    folder.mkdir(exist_ok=True)
    with _locked(folder / _LOCK):
        state = _begin(folder, run, restart)
        with (folder / _ROWS).open("r+b") as rows, (folder / _REJECTS).open("r+b") as rejects:
            for stream, size in ((rows, state.row_bytes), (rejects, state.reject_bytes)):
                if stream.seek(0, os.SEEK_END) < size:
                    raise StatestanceError(
                        f"expected {size} bytes of rows in {stream.name}; found fewer; begin anew with --restart"
                    )
                stream.truncate(size)
                stream.seek(size)
            spool = Spool(folder, state, rows, rejects)
            try:
                yield spool
            except BaseException:
                # Whatever stopped the run, the rows that are made are good.
                if state.account.kept:
                    with suppress(OSError):  # a full disk stopped it, perhaps
                        spool.checkpoint()
                else:
                    shutil.rmtree(folder, ignore_errors=True)
                raise
        shutil.rmtree(folder, ignore_errors=True)


def _begin(folder: Path, run: Run, restart: bool) -> State:
    """The state of the run in the folder, which is made ready if there is none."""
    for left in (folder / p.name for p in folder.glob(".*.part*")):
        left.unlink(missing_ok=True)
    begun = (folder / _RUN).exists()
    if begun and not restart:
        earlier = _get(folder / _RUN, Run)
        if changes := run.changes(earlier):
            raise StatestanceError(
                f"expected to go on with the unfinished run in {folder}; found other {'; '.join(changes)}; give the "
                "same command, or begin anew with --restart"
            )
        if (folder / _STATE).exists():
            found: State = _get(folder / _STATE, State)
            return found
    (folder / _STATE).unlink(missing_ok=True)
    for name in (_ROWS, _REJECTS):
        (folder / name).write_bytes(b"")
    _put(folder / _RUN, run)
    return State()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that ends with the process, however it ends; where the system has none, go on without."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with path.open("ab") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StatestanceError(
                f"expected to work in {path.parent} alone; found another process at work there; wait for it, "
                "or name another output"
            ) from error
        except OSError:  # some network file systems have no locks
            pass
        yield
