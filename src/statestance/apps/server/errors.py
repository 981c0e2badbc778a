"""How the server says no: one shape for every refusal, as JSON or as a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from statestance.apps.server import html

if TYPE_CHECKING:
    from starlette.types import Scope


class Refused(HTTPException):
    """A refusal that says what was expected, what was found and what to do; ``retry`` is in seconds.

    It is an ``HTTPException`` so that it comes through the frameworks' own handling of request bodies.
    """

    def __init__(self, status: int, message: str, *, retry: int = 0, close: bool = False) -> None:
        headers = {"Retry-After": str(retry)} if retry else {}
        if close:
            headers["Connection"] = "close"
        if status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        super().__init__(status, message, headers)


def busy(what: str) -> Refused:
    """The refusal of work that is too much at this moment, not too much altogether."""
    return Refused(503, f"expected a free place; found {what}; try again in a few seconds", retry=5)


def not_saved(what: str, error: OSError) -> Refused:
    """The refusal of what the disk does not take."""
    found = error.strerror or type(error).__name__
    return Refused(507, f"expected to save {what}; found: {found}; free some space on the server, then try again")


def wants_page(scope: Scope) -> bool:
    """Whether a person's browser asks, rather than a program or the page's own script."""
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return b"text/html" in accept


def answer(scope: Scope, status: int, message: str, headers: Any = None, faults: Sequence[Any] = ()) -> Response:
    """A refusal as the asker can read it."""
    headers = dict(headers or {})
    if wants_page(scope):
        return html.page("refused.html", status=status, headers=headers, message=message, code=status)
    body: dict[str, Any] = {"error": message}
    if faults:
        body["faults"] = list(faults)
    return JSONResponse(body, status, headers)
