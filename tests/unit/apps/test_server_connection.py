"""A client that does not read its answer: let go after a time, however much there is to read."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import uvicorn

from statestance.apps.server.connection import TimedConnection
from statestance.apps.server.settings import Limits

PIECE = b"x" * 65_536
LONG = 60.0
"""Seconds after which something hangs; nothing here takes that long."""


class Endless:
    """An application whose answer fills any buffer, since it ends only when the client has gone."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.sent = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        watching = asyncio.create_task(self._watch(receive))
        while not self.gone.is_set():
            await send({"type": "http.response.body", "body": PIECE, "more_body": True})
            self.sent += len(PIECE)
        await watching

    async def _watch(self, receive: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.gone.set()


async def _serve(app: Any, **limits: float) -> tuple[uvicorn.Server, asyncio.Task[None], int]:
    connection = type("Connection", (TimedConnection,), {"limits": Limits(**limits)})  # type: ignore[arg-type]
    config = uvicorn.Config(app, http=connection, ws="none", lifespan="off", log_level="warning")
    server, listening = uvicorn.Server(config), socket.socket()
    listening.bind(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve([listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    return server, serving, int(listening.getsockname()[1])


async def _connect(port: int) -> socket.socket:
    """A line that has asked for the answer, and has read none of it."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(line, ("127.0.0.1", port))
    await loop.sock_sendall(line, b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
    return line


def test_a_client_that_does_not_read_is_let_go() -> None:
    async def run() -> None:
        app = Endless()
        server, serving, port = await _serve(app, write_time=0.3)
        line = await _connect(port)
        async with asyncio.timeout(LONG):
            await app.gone.wait()
        assert app.sent > 0
        line.close()
        server.should_exit = True
        await serving

    asyncio.run(run())


def test_a_client_that_reads_on_is_not() -> None:
    # What it reads is more than the buffers of both sides hold: the server has had to wait for it many times.
    enough = 16 * 1024 * 1024

    async def run() -> None:
        app = Endless()
        server, serving, port = await _serve(app, write_time=LONG)
        line, found, loop = await _connect(port), 0, asyncio.get_running_loop()
        async with asyncio.timeout(LONG):
            while found < enough:
                found += len(await loop.sock_recv(line, 1024 * 1024))
        assert not app.gone.is_set()
        line.close()
        async with asyncio.timeout(LONG):
            await app.gone.wait()
        server.should_exit = True
        await serving

    asyncio.run(run())
