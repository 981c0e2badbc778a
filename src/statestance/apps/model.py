"""``statestance model``: the models there are, which one answers, and what is known of one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from statestance.domain import StatestanceError

model = typer.Typer(no_args_is_help=True, help="The models there are, and which one answers.")
_BUNDLES = Path("build") / "bundles"


@model.command("list")
def list_() -> None:
    """List the released models, the champion, and the other bundles of this project; * is what `auto` means."""
    from statestance.apps.show import Terminal, listed

    lines = _lines()
    if not lines:
        raise StatestanceError(
            f"expected a released model, a champion or bundles in {_BUNDLES}; found none; run `make repro`"
        )
    listed(Terminal(), ("", "--model", "Model", "Size", "Made with"), lines)


def _lines() -> list[tuple[str, ...]]:
    from statestance import bundle
    from statestance.predict import locate

    champion = locate.champion()
    found = [*([champion] if champion else []), *map(locate.released, locate.releases())]
    beside = champion.folder.parent if champion else _BUNDLES
    others = sorted(p.parent for p in beside.glob("*/" + bundle.MANIFEST))
    found += [locate.Located(_short(p), p) for p in others if not champion or p.resolve() != champion.folder.resolve()]
    answers = _auto()
    lines: list[tuple[str, ...]] = []
    for one in found:
        try:
            manifest = bundle.read(one.folder)
        except StatestanceError as error:
            lines.append(("", one.name, f"unusable: {error}", "", ""))
            continue
        size = f"{sum(p.stat().st_size for p in one.folder.iterdir()) / 1e6:.0f} MB"
        name = f"{manifest.name} ({manifest.learner})"
        lines.append(("*" if one.folder.resolve() == answers else "", one.name, name, size, manifest.statestance))
    return lines


def _short(folder: Path) -> str:
    folder = folder.resolve()
    return str(folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder)


def _auto() -> Path | None:
    from statestance.predict.locate import locate

    try:
        return locate().folder.resolve()
    except StatestanceError:
        return None


@model.command()
def use(
    name: Annotated[str, typer.Argument(help="champion, released, released:VERSION, a folder, or auto for no choice.")],
) -> None:
    """Choose the model that answers in this project; kept in .statestance.json."""
    from statestance.predict.locate import CHOICE, locate
    from statestance.predict.locate import use as choose

    file = choose(name)
    if file is None:
        typer.echo(f"no choice in {CHOICE}: the champion answers, else the newest released model ({locate().name})")
    else:
        typer.echo(f"{file}: {name}")


@model.command()
def info(
    name: Annotated[str, typer.Argument(help="Any name that --model knows.")] = "auto",
) -> None:
    """Show a model's card; of one that was not released, its manifest."""
    from statestance import bundle
    from statestance.predict.locate import locate

    found = locate(name)
    manifest = bundle.read(found.folder)
    card = found.folder / "card.md"
    if card.is_file():
        typer.echo(card.read_text(encoding="utf-8"), nl=False)
        return
    typer.echo(f"{found.name}: {found.folder} (digest {bundle.digest(manifest)[:12]})")
    typer.echo(manifest.model_dump_json(indent=2, exclude={"doubt"}))
