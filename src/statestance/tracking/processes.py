"""Which process writes a run, whether it still lives, and how it is told to end."""

from __future__ import annotations

import os
import platform
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

from statestance.tracking.names import Tag


def own_tags() -> dict[str, str]:
    """Host, number and start time of this process: a number alone is used again for later processes."""
    import psutil

    return {
        Tag.HOST: platform.node(),
        Tag.PID: str(os.getpid()),
        Tag.PROCESS_STARTED: str(psutil.Process().create_time()),
    }


def alive(tags: Mapping[str, str]) -> bool:
    """Whether the process of ``own_tags`` still runs on this host."""
    import psutil

    try:
        started = psutil.Process(int(tags[Tag.PID])).create_time()
        return bool(abs(started - float(tags[Tag.PROCESS_STARTED])) < 2)
    except (KeyError, ValueError, psutil.Error):
        return False


@contextmanager
def signals_raise() -> Iterator[None]:
    """Make SIGTERM and SIGHUP raise SystemExit, where nobody else handles or ignores them."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    taken = []
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None or signal.getsignal(number) is not signal.SIG_DFL:
            continue
        try:
            signal.signal(number, stop)
        except ValueError:  # only the main thread may
            break
        taken.append(number)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
