"""A report as one HTML file: styles and script inside, nothing fetched, no text of a debate trusted."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from statestance.report import figures, wording
from statestance.report.content import Report
from statestance.stance import NO_STANCE, Stance


@dataclass(frozen=True, slots=True)
class Slots:
    """Trusted HTML that a server adds: at the end of <head>, at the start of <main>, at the end of <body>."""

    head: str = ""
    top: str = ""
    bottom: str = ""


def render(report: Report, *, slots: Slots | None = None) -> str:
    """Return the report as one document.

    Without ``slots`` it forbids itself, by a policy in a <meta>, every fetch and every other script; with them
    the server has to send a policy, with ``style_source`` and ``script_source`` in it.
    """
    return page("report.html.j2", slots, report=report, facts=report.facts)


def page(template: str, slots: Slots | None, **values: Any) -> str:
    """Render a template of this package in the dress of the report."""
    given = slots or Slots()
    shown = {name: Markup(getattr(given, name)) for name in ("head", "top", "bottom")}  # trusted, by contract
    return _environment().get_template(template).render(
        slots=shown, policy="" if slots else _policy(), style=Markup(_asset("report.css")),
        script=Markup(_asset("report.js")), **values,
    )  # fmt: skip


def style() -> str:
    """The report's own styles, for pages that go with it."""
    return _asset("report.css")


def style_source() -> str:
    """The report's own styles, as a source of ``style-src`` in a Content-Security-Policy."""
    return _source("report.css")


def script_source() -> str:
    """The report's own script, as a source of ``script-src`` in a Content-Security-Policy."""
    return _source("report.js")


def _policy() -> str:
    own = f"style-src {style_source()}; script-src {script_source()}"
    return f"default-src 'none'; {own}; img-src data:; base-uri 'none'; form-action 'none'"


def _source(name: str) -> str:
    digest = hashlib.sha256(_asset(name).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _asset(name: str) -> str:
    return files("statestance.report").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("statestance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "STANCES": tuple(map(str, Stance)), "NO_STANCE": NO_STANCE, "LOOKS": wording.LOOKS, "wording": wording,
        "figures": figures,
    }  # fmt: skip
    return environment
