"""How much may come in: requests at a time, bytes of a body while it streams, and the time that it takes."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from statestance.apps.server.errors import Refused, answer, busy
from statestance.apps.server.settings import Limits

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

UPLOADS = "/debates"


class Bounds:
    """Refuses what is too much before it is read, or while it is: never after."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app, self._limits = app, limits
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == "/health":
            return await self._app(scope, receive, send)
        most = self._limits.upload if scope["path"] == UPLOADS else self._limits.json_body
        declared = Headers(scope=scope).get("content-length", "")
        no: Refused | None = None
        if declared.isdigit() and int(declared) > most:
            no = _too_big(most, f"{int(declared):,}")
        elif self._inside >= self._limits.requests:
            no = busy(f"{self._inside} requests under way")
        if no is not None:
            return await answer(scope, no.status_code, no.detail, no.headers)(scope, receive, send)
        self._inside += 1
        try:
            await self._app(scope, self._bounded(receive, most), send)
        finally:
            self._inside -= 1

    def _bounded(self, receive: Receive, most: int) -> Receive:
        end = time.monotonic() + self._limits.body_time
        taken, whole = 0, False

        async def bounded() -> Message:
            nonlocal taken, whole
            if whole:
                return await receive()
            left = min(self._limits.idle_time, end - time.monotonic())
            try:
                message = await asyncio.wait_for(receive(), max(0.0, left))
            except TimeoutError:
                raise Refused(
                    408,
                    f"expected the whole request within {self._limits.body_time:.0f} s, and no gap over "
                    f"{self._limits.idle_time:.0f} s; found {taken:,} bytes; send it again",
                    close=True,
                ) from None
            taken += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if taken > most:
                raise _too_big(most, "more")
            return message

        return bounded


def _too_big(most: int, found: str) -> Refused:
    return Refused(413, f"expected a body of at most {most:,} bytes; found {found}; split it, or use the command line")
