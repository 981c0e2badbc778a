"""Who may come in: the Host header, the token, and where a browser's request comes from."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response

from statestance.apps.server.errors import Refused, answer
from statestance.apps.server.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN = frozenset({"/health", "/login", "/assets/app.css", "/assets/report.css", "/favicon.ico"})
"""What needs no token: whether it lives, the way in, and its looks."""
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class Access:
    """Lets in requests that are meant for this server, from its own pages or from no page, with the token."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._session = session(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        try:
            self._check(scope, headers)
        except Refused as no:
            given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
            if no.status_code == 401 and scope["method"] == "GET" and is_token(self._settings, given):
                # The token leaves the address line at once: it would stay in the browser's history.
                response: Response = enter(self._settings, scope["path"])
            else:
                response = answer(scope, no.status_code, no.detail, no.headers)
            return await response(scope, receive, with_headers)
        return await self._app(scope, receive, with_headers)

    def _check(self, scope: Scope, headers: Headers) -> None:
        host = headers.get("host", "")
        if not self._settings.answers_to(host):
            raise Refused(
                421, f"expected this server's name in the Host header; found {host!r}; start it with --allow-name"
            )
        if scope["method"] not in _SAFE:
            origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
            foreign = urlsplit(origin).netloc != host if origin is not None else site not in ("none", "same-origin")
            if foreign:
                raise Refused(403, f"expected a request of this server's own pages; found one of {origin or site!r}")
        if scope["path"] not in _OPEN and not self._knows(headers):
            raise Refused(
                401, "expected the server's token (Authorization: Bearer …); found none or a wrong one; ask its owner"
            )

    def _knows(self, headers: Headers) -> bool:
        if not self._settings.token:
            return True
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.casefold() == "bearer":
            return is_token(self._settings, given.strip())
        shown = cookie_parser(headers.get("cookie", "")).get(cookie_name(self._settings), "")
        return hmac.compare_digest(shown.encode(), self._session.encode())


def is_token(settings: Settings, given: str) -> bool:
    return hmac.compare_digest(given.encode(), settings.token.encode())


def session(settings: Settings) -> str:
    """What the cookie holds: it follows from the token, and does not show it."""
    return hmac.new(settings.token.encode(), b"statestance session", hashlib.sha256).hexdigest()


def cookie_name(settings: Settings) -> str:
    # Cookies are shared by all ports of a host.
    return f"statestance_{settings.port}"


def enter(settings: Settings, path: str = "/") -> RedirectResponse:
    """Open a page with the cookie that stands for the token from now on."""
    # "//elsewhere" would be another server.
    response = RedirectResponse("/" + path.lstrip("/\\"), 303)
    response.set_cookie(cookie_name(settings), session(settings), httponly=True, samesite="lax")
    return response
