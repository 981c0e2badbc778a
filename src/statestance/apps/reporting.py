"""Reports on the command line: what ``--report`` writes, and ``statestance compare``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from statestance.domain import StatestanceError

if TYPE_CHECKING:
    from statestance.apps.predicting import Account
    from statestance.domain import Prediction
    from statestance.predict import Predictor
    from statestance.report import Facts
    from statestance.report.comparison import Comparison
    from statestance.tally import Joint

Reports = Annotated[
    list[Path] | None, typer.Option("--report", help="Write a report too: .html, .md or .xlsx; can be repeated.")
]


def check(paths: Sequence[Path] | None) -> None:
    """Refuse a report that could not be written, before any work is done for it."""
    if not paths:
        return  # what writes reports takes its time to load
    from statestance.report import files

    for path in paths:
        files.check(path)


def write(
    paths: Sequence[Path], rows: Sequence[Prediction], facts: Facts, *, title: str = "", joint: Joint = "one"
) -> None:
    """Write the report on predictions to every path, and say so on stderr."""
    from statestance.report import build, files

    report = build(rows, facts=facts, title=title, joint=joint)
    for path in paths:
        files.write(report, path)
        typer.echo(f"wrote the report {path}", err=True)


def of_predictor(predictor: Predictor, account: Account, *, model: str = "") -> Facts:
    """The facts of a run: the predictor that ``model`` named, and what it was given."""
    from statestance.apps.models import facts
    from statestance.report import wording

    lines = []
    for name, file in account.files.items():
        lines.append(wording.read(Path(name).name, "/".join(sorted(file.layouts)), file.kept, file.left_out))
    lines += [f"{Path(name).name}: could not be read" for name in account.failed]
    if account.rejected:
        lines.append(f"{account.rejected} bad rows were put aside")
    return facts(predictor, name=model, sources=lines, date=_today())


def of_files(names: Sequence[str]) -> Facts:
    """The facts of saved predictions: which model made them is not in the file."""
    from statestance.report import Facts

    return Facts(date=_today(), sources=tuple(f"saved predictions: {name}" for name in names))


def _today() -> str:
    from datetime import date

    return date.today().isoformat()


def compare(
    predicted: Annotated[list[Path], typer.Argument(metavar="OUT...", help="What `predict -o` wrote, oldest first.")],
    report: Reports = None,
    joint: Annotated[
        Literal["one", "members"],
        typer.Option(help="A joint statement counts as one speaker, or for its members."),
    ] = "one",
) -> None:
    """Show how each State's stance moved between debates on the same State."""
    from statestance.predict import table
    from statestance.report import comparison, files

    check(report)
    if twice := {p for p in predicted if [q.resolve() for q in predicted].count(p.resolve()) > 1}:
        raise StatestanceError(f"expected each file once; found {min(twice)} twice; name each file once")
    read = [(path.stem, table.read(path)) for path in predicted]
    found = comparison.compare(read, facts=of_files([p.name for p in predicted]), joint=joint)
    _show(found)
    for path in report or ():
        files.write(found, path)
        typer.echo(f"wrote the report {path}", err=True)


def _show(found: Comparison) -> None:
    """Print the heat map as a table, and the moves between debates."""
    from statestance.apps import show
    from statestance.report.wording import LOOKS

    rows = []
    for track in found.tracks:
        cells = [f"{LOOKS[c.outcome].sign} {LOOKS[c.outcome].short}" if c else "" for c in track.cells]
        sure = f" ({track.sure:.2f})" if track.sure is not None else ""
        rows.append([track.name, *cells, f"{track.arrow} {track.move}{sure}"])
    console = show.Terminal()
    show.listed(console, ["Speaker", *(c.name for c in found.columns), "Move"], rows)
    for sentence in (found.sentence, *found.steps):
        console.print(show.plain(sentence), soft_wrap=True)
