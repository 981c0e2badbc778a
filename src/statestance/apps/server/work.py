"""Predictions for many at once: a few threads, short pieces of work in turn, and a limit in time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from statestance.apps.server.errors import busy
from statestance.domain import Intervention, Prediction

_PIECE = 16
_CHARACTERS = 30_000
"""In one piece of work, which nothing interrupts: a second or so."""


class Predicts(Protocol):
    """What the server needs of a predictor."""

    def predict(self, rows: Sequence[Intervention]) -> list[Prediction]: ...


class Workers:
    """Shares one predictor. Pieces of a long debate take turns with short requests."""

    def __init__(self, predictor: Predicts, count: int) -> None:
        self._predictor, self._count = predictor, count
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="predict")
        self._places = asyncio.Semaphore(count)

    async def predict(self, rows: Sequence[Intervention], seconds: float) -> list[Prediction]:
        """Predict within ``seconds`` of work, after half as many of waiting at most; else ``Refused`` (503).

        Requests wait in line and are then worked on to their end: were all of a crowd worked on in turn, all
        would be late together, and no work would ever be of use.
        """
        try:
            async with asyncio.timeout(seconds / 2):
                await self._places.acquire()
        except TimeoutError:
            raise busy(f"a line of more than {seconds / 2:.0f} s") from None
        found: list[Prediction] = []
        try:
            async with asyncio.timeout(seconds):
                async for piece in self.stream(rows):
                    found += piece
        except TimeoutError:
            raise busy(f"more work than {seconds:.0f} s allow") from None
        finally:
            self._places.release()
        return found

    async def stream(self, rows: Sequence[Intervention]) -> AsyncIterator[list[Prediction]]:
        """Predictions in order, piece by piece, as they are made: as many pieces at a time as there are threads."""
        loop = asyncio.get_running_loop()
        under_way: deque[asyncio.Future[list[Prediction]]] = deque()
        try:
            for piece in _pieces(rows):
                under_way.append(loop.run_in_executor(self._threads, self._predictor.predict, piece))
                if len(under_way) == self._count:
                    yield await under_way.popleft()
            while under_way:
                yield await under_way.popleft()
        finally:
            for one in under_way:
                one.cancel()

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _pieces(rows: Sequence[Intervention]) -> Iterator[list[Intervention]]:
    piece: list[Intervention] = []
    for row in rows:
        if piece and (len(piece) == _PIECE or sum(len(r.text) for r in piece) + len(row.text) > _CHARACTERS):
            yield piece
            piece = []
        piece.append(row)
    if piece:
        yield piece
