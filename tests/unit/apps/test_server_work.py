"""Predictions in pieces on several threads: in order, no more at a time than there are threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from unittest.mock import patch

import pytest

from served import Keywords
from statestance.apps.server.settings import Settings
from statestance.apps.server.work import Workers
from statestance.domain import Intervention, Prediction
from statestance.predict.predictor import as_intervention

ROWS = [as_intervention(f"It welcomed plan {n}.", n) for n in range(100)]


class Backwards(Keywords):
    """Finishes each even piece only when the odd one behind it is done, and keeps count of both."""

    def __init__(self) -> None:
        super().__init__()
        self.lock, self.now, self.most, self.started = threading.Lock(), 0, 0, 0
        self.done: dict[int, threading.Event] = {n: threading.Event() for n in range(50)}

    def predict(self, rows: Sequence[Intervention]) -> list[Prediction]:
        piece = int(rows[0].text.removeprefix("It welcomed plan ").removesuffix(".")) // 16
        with self.lock:
            self.now, self.started = self.now + 1, self.started + 1
            self.most = max(self.most, self.now)
        if piece % 2 == 0 and rows[-1] is not ROWS[-1]:
            assert self.done[piece + 1].wait(30)
        with self.lock:
            self.now -= 1
        self.done[piece].set()
        return super().predict(rows)


def test_pieces_come_in_order_whichever_is_ready_first() -> None:
    predictor = Backwards()
    workers = Workers(predictor, 2)

    async def run() -> list[str]:
        return [p.intervention.text for piece in [x async for x in workers.stream(ROWS)] for p in piece]

    assert asyncio.run(run()) == [row.text for row in ROWS]
    assert predictor.most == 2


def test_one_worker_works_on_one_piece() -> None:
    class Counted(Keywords):
        pieces: tuple[int, ...] = ()

        def predict(self, rows: Sequence[Intervention]) -> list[Prediction]:
            self.pieces += (len(rows),)
            return super().predict(rows)

    predictor = Counted()
    workers = Workers(predictor, 1)

    async def first() -> int:
        stream = workers.stream(ROWS)
        found = await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]
        return len(found)

    assert asyncio.run(first()) == 16
    assert predictor.pieces == (16,), "what nobody waits for is not begun"


@pytest.mark.parametrize(("cores", "workers", "threads"), [(8, 2, 4), (8, 3, 2), (2, 2, 1), (1, 4, 1)])
def test_the_threads_of_all_workers_are_the_cores(cores: int, workers: int, threads: int) -> None:
    with patch("os.sched_getaffinity", return_value=set(range(cores)), create=True):
        assert Settings(workers=workers).threads == threads
