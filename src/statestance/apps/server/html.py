"""The pages that the server makes itself, and the policy that keeps anything else from running in them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, Response

from statestance.report import html as report_html

if TYPE_CHECKING:
    from jinja2 import Environment

_WEB = files("statestance.apps.server") / "web"
_KINDS = {"app.js": "text/javascript", "app.css": "text/css", "report.css": "text/css"}


def policy(scripts: str = "'self'", styles: str = "'self'") -> str:
    """The Content-Security-Policy of a page: nothing from elsewhere, no script or style but those named."""
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("statestance.apps.server", "web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def fragment(name: str, **values: Any) -> str:
    """A piece of a page; every value in it is escaped."""
    return _templates().get_template(name).render(values)


def page(name: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: Any) -> HTMLResponse:
    return HTMLResponse(fragment(name, **values), status, {"Content-Security-Policy": policy()} | (headers or {}))


@cache
def _asset(name: str) -> bytes:
    return report_html.style().encode() if name == "report.css" else (_WEB / name).read_bytes()


def asset(name: str) -> Response | None:
    """A script or style sheet of the pages, or None."""
    return Response(_asset(name), media_type=_KINDS[name]) if name in _KINDS else None
