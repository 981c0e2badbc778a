"""HTTP/1.1 by uvicorn, with the time limits on a connection that uvicorn leaves out."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from statestance.apps.server.settings import Limits


class TimedConnection(H11Protocol):
    """Closes a connection whose request head, or whose reading of the answer, takes too long.

    The clock for the head runs from the connection's start and from the end of each answer; bytes that
    trickle in do not set it back.
    """

    limits = Limits()
    _awaiting: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._await_head()

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._stop("_awaiting")

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            self._await_head()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stop("_unread")
        self._unread = self.loop.call_later(self.limits.write_time, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop("_unread")
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop("_awaiting")
        self._stop("_unread")
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._stop("_awaiting")
        self._awaiting = self.loop.call_later(self.limits.header_time, self._late)

    def _late(self) -> None:
        if self.transport.is_closing():
            return
        if self.conn.our_state is h11.IDLE:
            self.transport.write(b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        self.transport.close()

    def _stop(self, name: str) -> None:
        timer = getattr(self, name)
        if timer is not None:
            timer.cancel()
            setattr(self, name, None)
