"""The debates that the server holds: read, predicted piece by piece, looked at, and forgotten in the end."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
import tempfile
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from statestance.apps.server import reading
from statestance.apps.server.corrections import Key, keys_of
from statestance.apps.server.errors import Refused, busy
from statestance.apps.server.settings import Limits
from statestance.apps.server.work import Workers
from statestance.domain import Prediction

_log = logging.getLogger(__name__)
State = Literal["waiting", "reading", "predicting", "done", "failed"]


@dataclass(slots=True)
class Upload:
    """A file that was sent, in a folder of its own, and what was said about it."""

    path: Path
    target: str
    layout: str

    def discard(self) -> None:
        shutil.rmtree(self.path.parent, ignore_errors=True)


@dataclass(slots=True)
class Held:
    """One debate in memory. ``predictions`` are the model's own, without anybody's corrections.

    ``keys`` has the key of each intervention, under which corrections of it are kept.
    """

    id: str
    file: str
    state: State = "waiting"
    total: int = 0
    target: str = ""
    layout: str = ""
    left_out: dict[str, int] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=list)
    predictions: list[Prediction] = field(default_factory=list)
    error: str = ""

    @property
    def over(self) -> bool:
        return self.state in ("done", "failed")


class Debates:
    """Takes uploads, works on them one after the other, and keeps what was looked at last."""

    def __init__(self, workers: Workers, limits: Limits) -> None:
        self._workers, self._limits = workers, limits
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Semaphore(1)
        self._gone: deque[str] = deque(maxlen=1000)

    def __iter__(self) -> Iterator[Held]:
        """The debates, the one looked at last first."""
        return iter(list(reversed(self._held.values())))

    def check_room(self) -> None:
        """Raise ``Refused`` (503) where no further debate is taken at this moment."""
        under_way = sum(not one.over for one in self._held.values())
        if under_way >= self._limits.jobs:
            raise busy(f"{under_way} debates that wait to be read")

    def add(self, upload: Upload) -> Held:
        """Start on an upload; it is discarded in the end, whatever becomes of it."""
        try:
            self.check_room()
        except Refused:
            upload.discard()
            raise
        one = Held(secrets.token_urlsafe(9), upload.path.name)
        self._held[one.id] = one
        task = asyncio.create_task(self._work(one, upload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return one

    def get(self, name: str) -> Held:
        """The debate of that name; raises ``Refused`` (404, or 410 where it was here once)."""
        if name in self._held:
            self._held.move_to_end(name)
            return self._held[name]
        if name in self._gone:
            raise Refused(410, "expected a debate that is still kept; this one was forgotten; send it again")
        raise Refused(
            404, "expected a debate that is kept here; found none (a restart forgets them all); send it again"
        )

    def done(self, name: str) -> Held:
        """A debate that was predicted; raises ``Refused`` (409) where it is not yet."""
        one = self.get(name)
        if one.state != "done":
            raise Refused(409, f"expected a debate that is counted; this one is {one.state}; wait, or send it again")
        return one

    def forget(self, name: str) -> None:
        """Drop a debate; one that is being worked on is stopped at the next piece."""
        del self._held[self.get(name).id]
        self._gone.append(name)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self, one: Held, upload: Upload) -> None:
        try:
            async with self._turn:
                await self._count(one, upload)
        except Refused as no:
            one.state, one.error = "failed", no.detail
        except Exception:
            _log.exception("a debate could not be counted")
            one.state, one.error = "failed", "the server could not count this debate; its log says why"
        finally:
            upload.discard()
            self._make_room()

    async def _count(self, one: Held, upload: Upload) -> None:
        one.state = "reading"
        read = await reading.read(upload.path, upload.target, upload.layout, self._limits)
        rows = read.interventions
        one.target, one.layout, one.left_out, one.total = read.target, read.layout, dict(read.left_out), len(rows)
        if not rows:
            gone = ", ".join(f"{n} × {why}" for why, n in one.left_out.items())
            raise Refused(422, f"expected interventions in {one.file}; found none ({gone}); name its layout")
        if len(rows) > self._limits.debate:
            raise Refused(
                413,
                f"expected at most {self._limits.debate:,} interventions; found {len(rows):,} in {one.file}; "
                "use `statestance predict`, which has no limit",
            )
        one.keys = keys_of(rows)
        one.state = "predicting"
        async for piece in self._workers.stream(rows):
            if one.id not in self._held:
                return
            one.predictions += piece
        one.state = "done"

    def _make_room(self) -> None:
        """Forget the debates that were not looked at for longest, as far as the limits ask for it."""
        while self._too_many():
            oldest = next((one for one in self._held.values() if one.over), None)
            if oldest is None or one_left(self._held):
                return
            self.forget(oldest.id)

    def _too_many(self) -> bool:
        characters = sum(len(p.intervention.text) for one in self._held.values() for p in one.predictions)
        return len(self._held) > self._limits.debates or characters > self._limits.characters


def one_left(held: OrderedDict[str, Held]) -> bool:
    return len(held) == 1


def new_upload(name: str, target: str, layout: str) -> Upload:
    """A place for an upload, under a name that says what it is and can do no harm."""
    folder = Path(tempfile.mkdtemp(prefix="statestance-"))
    return Upload(folder / safe_name(name), target, layout)


def safe_name(name: str) -> str:
    """The last part of a file's name, without what a path, a terminal or a shell could take for something else.

    It is short enough, in bytes too, for file systems to take it with something before and behind it.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c if c.isalnum() or c in " ._-()" else "_" for c in last).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if not dot:
        return _short(kept, 80) or "debate"
    return f"{_short(stem, 80) or 'debate'}.{_short(ending, 10)}"


def _short(text: str, most: int) -> str:
    """The start of a text: at most so many characters, of twice as many bytes."""
    return text[:most].encode()[: 2 * most].decode(errors="ignore").rstrip()
