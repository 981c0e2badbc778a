"""``statestance serve``: the application on a socket."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import uvicorn

from statestance.apps.server.app import create
from statestance.apps.server.connection import TimedConnection
from statestance.apps.server.settings import Settings

if TYPE_CHECKING:
    from statestance.predict import Predictor

_CONNECTIONS = 512


def serve(predictor: Predictor, settings: Settings) -> None:
    """Serve until interrupted; the address stands on stderr."""
    app = create(predictor, settings)
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    query = f"/?token={settings.token}" if settings.token else "/"
    sys.stderr.write(
        f"model: {predictor.manifest.name}; corrections go to {settings.corrections / 'corrections.jsonl'}\n"
        f"open http://{shown}:{settings.port}{query}\n"
    )
    sys.stderr.flush()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=type("Connection", (TimedConnection,), {"limits": settings.limits}),
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=2,
    )
    # uvicorn has shut down in good order before it says that it was interrupted.
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run()
