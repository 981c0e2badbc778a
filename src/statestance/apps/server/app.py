"""The service as one ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from statestance import __version__
from statestance.apps.server import api, pages
from statestance.apps.server.access import Access
from statestance.apps.server.bounds import Bounds
from statestance.apps.server.corrections import Corrections
from statestance.apps.server.debates import Debates, Held
from statestance.apps.server.errors import answer
from statestance.apps.server.settings import Settings
from statestance.apps.server.work import Workers
from statestance.domain import Prediction, StatestanceError

if TYPE_CHECKING:
    from statestance.predict import Predictor

_ABOUT = (
    "Stances of States in human-rights debates. Every refusal has the shape `{error, faults}` and says what was "
    "expected, what was found and what to do; 503 comes with `Retry-After`. Where the server has a token, send it as "
    "`Authorization: Bearer …`."
)


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes share."""

    settings: Settings
    predictor: Predictor
    workers: Workers
    debates: Debates
    corrections: Corrections

    @property
    def model(self) -> str:
        return self.predictor.manifest.name

    def counted(self, one: Held) -> list[Prediction]:
        """The predictions of a debate with what somebody corrected in them: what its page counts."""
        return [self.corrections.apply(key, p) for key, p in zip(one.keys, one.predictions, strict=True)]


def create(predictor: Predictor, settings: Settings) -> FastAPI:
    """The application; the folder of corrections is held from here until it shuts down."""
    workers = Workers(predictor, settings.workers)
    debates = Debates(workers, settings.limits)
    service = Service(settings, predictor, workers, debates, Corrections(settings.corrections))

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await debates.close()
            workers.close()
            service.corrections.close()

    # The interactive documentation loads its scripts from elsewhere; the description itself does not.
    app = FastAPI(
        title="statestance", version=__version__, description=_ABOUT, lifespan=life, docs_url=None, redoc_url=None
    )
    app.include_router(api.router(service))
    app.include_router(pages.router(service), include_in_schema=False)
    _refuse(app)
    app.add_middleware(Bounds, limits=settings.limits)
    app.add_middleware(Access, settings=settings)
    return app


def _refuse(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    async def refused(request: Request, no: HTTPException) -> Response:
        if no.status_code == 405:
            message = f"expected another method than {request.method} here; see /openapi.json"
        else:
            message = no.detail
            if no.status_code == 404 and message == "Not Found":
                message = f"expected an address of this server; found {request.url.path[:100]!r}; see /openapi.json"
            elif ";" not in message:
                message = f"expected a request as /openapi.json describes it; found: {message.rstrip('.')}; mend it"
        return answer(request.scope, no.status_code, message, no.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        faults = [_fault(item) for item in error.errors()[:50]]
        first, count = f"{faults[0]['field']}: {faults[0]['problem']}", len(error.errors())
        found = f"a fault in {first}" if count == 1 else f"{count} faults, the first in {first}"
        message = f"expected a request as /openapi.json describes it; found {found}; mend it"
        return answer(request.scope, 422, message, faults=faults)

    @app.exception_handler(StatestanceError)
    async def mendable(request: Request, error: StatestanceError) -> Response:
        return answer(request.scope, 422, str(error))


def _fault(item: dict[str, Any]) -> dict[str, str]:
    """A fault without the value that was sent, which may be long and is known to who sent it."""
    if item["type"] == "json_invalid":
        why, at = item.get("ctx", {}).get("error", "broken off"), item["loc"][-1]
        return {"field": "(body)", "problem": f"no JSON: {why} at character {at}"}
    place = [str(part) for part in item["loc"] if part != "body"]
    return {"field": ".".join(place) or "(body)", "problem": item["msg"].removeprefix("Value error, ")}
