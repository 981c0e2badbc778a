"""How far a long prediction is: a bar where somebody watches, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from typing import Any

LOG_EVERY = 60.0
"""Seconds between two lines where standard error is no terminal."""


class Progress:
    """Counts turns on standard error, with their rate; with a ``total``, in any unit, the time left too.

    ``done`` is how much of the total an earlier run did: it is shown, and is no part of the rate.
    """

    def __init__(self, total: float = 0, done: float = 0) -> None:
        self._total, self._before, self._done = total, done, done
        self._turns = 0
        self._start = self._told = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            how_far = (BarColumn(), TextColumn("{task.percentage:.0f} %")) if self._total else (SpinnerColumn(),)
            columns = (*how_far, TextColumn("{task.description}"), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("0 turns", total=self._total or None, completed=int(self._done))
        return self

    def advance(self, turns: int, done: float | None = None) -> None:
        """Tell of so many turns more, and how much of the total is done now."""
        self._turns += turns
        if done is not None:
            self._done = max(done, self._done)
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, description=self.said())
        elif time.monotonic() - self._told >= LOG_EVERY:
            self._told = time.monotonic()
            print(f"statestance: {self.said()}", file=sys.stderr, flush=True)

    def said(self) -> str:
        """Such as "12,800 turns, 96 a second, 0:04:10 left"."""
        passed = max(time.monotonic() - self._start, 1e-6)
        words = [f"{self._turns:,} turns", f"{self._turns / passed:,.0f} a second"]
        new = self._done - self._before
        if self._total and new > 0:
            left = passed * max(self._total - self._done, 0) / new
            words.append(f"{timedelta(seconds=round(left))} left")
        return ", ".join(words)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
