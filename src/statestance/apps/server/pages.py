"""The pages: where a debate is given, how far it is, its report with the means to correct it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, Response

from statestance import __version__
from statestance.apps.models import facts
from statestance.apps.server import html
from statestance.apps.server.access import enter, is_token
from statestance.apps.server.api import attached
from statestance.apps.server.errors import Refused
from statestance.report import Report, build, wording
from statestance.report import html as report_html
from statestance.transcripts import LAYOUTS
from statestance.transcripts.readers import ENDINGS

if TYPE_CHECKING:
    from statestance.apps.server.app import Service
    from statestance.apps.server.debates import Held


def router(service: Service) -> APIRouter:
    """The routes of the pages."""
    routes = APIRouter()
    settings = service.settings

    @routes.get("/")
    async def start() -> Response:
        return html.page(
            "start.html",
            debates=list(service.debates),
            endings=sorted(ENDINGS),
            layouts=LAYOUTS,
            limits=settings.limits,
            corrections=len(service.corrections),
            corrections_file=str(service.corrections.path),
            model=service.model,
            version=__version__,
        )

    @routes.get("/debates/{debate}")
    async def debate(debate: str) -> Response:
        one = service.debates.get(debate)
        if one.state != "done":
            return html.page("progress.html", one=one)
        return await asyncio.to_thread(reported, service, one)

    @routes.get("/debates/{debate}/report.html")
    async def report_file(debate: str) -> Response:
        one = service.debates.done(debate)
        text = await asyncio.to_thread(lambda: report_html.render(_report(service, one)))
        # Opened from here rather than saved, it is as confined as from a disk.
        headers = attached(f"{Path(one.file).stem}.report.html") | {"Content-Security-Policy": "sandbox"}
        return HTMLResponse(text, headers=headers)

    @routes.get("/assets/{name}")
    async def asset(name: str) -> Response:
        found = html.asset(name)
        if found is None:
            raise Refused(404, f"expected a file of the pages; found {name!r}; reload the page")
        return found

    @routes.get("/favicon.ico")
    async def icon() -> Response:
        return Response(status_code=204)

    @routes.post("/login")
    async def login(request: Request, token: Annotated[str, Form(max_length=500)] = "") -> Response:
        if not is_token(settings, token):
            raise Refused(401, "expected the server's token; found a wrong one; ask its owner")
        return enter(settings)

    return routes


def reported(service: Service, one: Held) -> Response:
    """The report on a debate, with what somebody corrected in it and the means to correct more."""
    corrected = _by_hand(service, one)
    slots = report_html.Slots(
        head='<link rel="stylesheet" href="/assets/app.css">',
        top=html.fragment("service.html", one=one, corrected=corrected),
        bottom='<script type="module" src="/assets/app.js"></script>',
    )
    policy = html.policy(f"'self' {report_html.script_source()}", f"'self' {report_html.style_source()}")
    text = report_html.render(_report(service, one), slots=slots)
    return HTMLResponse(text, headers={"Content-Security-Policy": policy})


def _report(service: Service, one: Held) -> Report:
    predictions = service.counted(one)
    by_hand = _by_hand(service, one)
    line = wording.read(one.file, one.layout, one.total, one.left_out)
    if by_hand:
        line += f"; {wording.by_hand(len(by_hand), one.total)}: their stances are people's, and counted as certain"
    date = datetime.now(UTC).date().isoformat()
    return build(predictions, facts=facts(service.predictor, date=date, sources=[line]), by_hand=by_hand)


def _by_hand(service: Service, one: Held) -> list[int]:
    """The rows that somebody corrected."""
    return [row for row, key in enumerate(one.keys) if key in service.corrections]
