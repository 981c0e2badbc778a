"""``statestance data``: real reports brought in, and labelled files compared, decided and checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from statestance.domain import StatestanceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from statestance.curation.annotations import Annotation

data = typer.Typer(no_args_is_help=True, help="Real reports brought in; labelled files compared, decided, checked.")
_Out = Annotated[Path | None, typer.Option("-o", "--out", help="Write the whole list as .csv.")]
_Limit = Annotated[int, typer.Option(min=0, help="How many lines of a list to show.")]


_LABELS = (Path("data/upr/labels.csv"), Path("data/upr/labels-once.csv"))


@data.command()
def upr(
    source: Annotated[
        Path, typer.Option("--from", help="A folder of reports; without it, those that DVC imported.")
    ] = Path("data/upr/reports"),
    labels: Annotated[
        list[Path] | None,
        typer.Option(help="The labels that point into them; by itself labels.csv and labels-once.csv of data/upr."),
    ] = None,
    out: Annotated[Path, typer.Option("-o", "--out", help="The labelled file to write, .jsonl.")] = Path(
        "data/statements/upr.jsonl"
    ),
) -> None:
    """Join the reports of the Universal Periodic Review with their labels, every paragraph by its checksum."""
    from statestance.curation import stand_off
    from statestance.curation.tasks import write_labels
    from statestance.curation.upr import join

    read = [one for path in labels or _LABELS for one in stand_off.read(path)]
    found = join(read, source, out.stem)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_labels(out, found.rows)
    for one in found.unmatched:
        typer.echo(str(one), err=True)
    aside = sum("not_an_intervention" in row for row in found.rows)
    reports = len({row["debate"] for row in found.rows})
    typer.echo(
        f"{out}: {len(found.rows)} of {len(read)} labelled paragraphs, each with the checksum of its label, from "
        f"{reports} reports; {aside} of them no interventions; {len(found.unmatched)} without their text"
    )


@data.command()
def agreement(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="A B...", help="Labelled files of the same texts; or one with second_praise, …"),
    ],
    out: _Out = None,
    limit: _Limit = 30,
) -> None:
    """Tell how far annotators agree, on the stance and on each mark, and list where they do not."""
    from statestance.apps.show import Terminal, listed
    from statestance.curation.agreement import measure

    report = measure(_raters(files))
    figures = []
    for one in report.agreements:
        told = ("", "") if len(one.pairs) > 1 else (_figure(one.fleiss), _figure(one.alpha))
        for pair in one.pairs:
            counts = (str(pair.items), str(pair.differ), f"{pair.raw:.4f}", _figure(pair.kappa))
            figures.append((one.question, f"{pair.first} – {pair.second}", *counts, *told))
        if len(one.pairs) > 1:
            figures.append((one.question, "all", str(one.items), "", "", "", _figure(one.fleiss), _figure(one.alpha)))
    head = (
        "question",
        "annotators",
        "items",
        "differ",
        "raw",
        "Cohen's kappa",
        "Fleiss' kappa",
        "alpha",
    )
    listed(Terminal(), head, figures)
    lines = [
        (d.id, d.question, _number(d.sentence), "; ".join(f"{k}: {v}" for k, v in d.labels.items()), d.text)
        for d in report.disagreements
    ]
    _list("disagreements", ("id", "question", "sentence", "labels", "text"), lines, out, limit, head=3)
    if report.alone:
        typer.echo(f"{report.alone} rows stand in one file alone and are left out", err=True)


def _raters(files: Sequence[Path]) -> dict[str, dict[str, Annotation]]:
    """The annotations by a short name; a second one inside a single file may lack rows, which are told."""
    from statestance.curation import annotations

    if len(files) == 1 and annotations.has_second(files[0]):
        second, faults = annotations.read_leniently(files[0], prefix="second_")
        for fault in faults:
            typer.echo(f"left out of the second annotation: {fault}", err=True)
        return {"first": annotations.read(files[0]), "second": second}
    names = [path.stem for path in files]
    # Files of one name in several folders are told apart by their paths.
    named = names if len(set(names)) == len(names) else [str(path) for path in files]
    if len(set(named)) < len(named):
        raise StatestanceError(f"expected different files; found one twice among {', '.join(named)}; name each once")
    return {name: annotations.read(path) for name, path in zip(named, files, strict=True)}


@data.command()
def adjudicate(
    first: Annotated[Path, typer.Argument(metavar="A", help="A labelled file.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another annotation of the same texts.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The resolved file, .jsonl; begun before, it goes on.")],
    third: Annotated[
        Path | None, typer.Option("--by", help="A third annotation that decides; without it you are asked.")
    ] = None,
) -> None:
    """Make one annotation of two: agreements are kept, disagreements decided by you or by a third file."""
    from statestance.apps import deciding
    from statestance.curation import adjudicate as work
    from statestance.curation.annotations import read
    from statestance.curation.tasks import write_labels

    if out.resolve() in {path.resolve() for path in (first, second, third) if path}:
        raise StatestanceError(f"expected an output of its own; found {out}, which is an input; name another with -o")
    one, other, done = read(first), read(second), work.earlier(out)
    decide = work.by_third(read(third)) if third else deciding.ask
    state = None
    try:
        for state in work.adjudicate(one, other, decide, by=third.stem if third else "by hand", done=done):
            if third is None or not state.todo:
                write_labels(out, state.rows)
    except deciding.Stop:
        typer.echo("stopped; what was decided is kept: give the same command to go on", err=True)
    if state is None:
        return
    typer.echo(f"{out}: {state.agreed} rows agreed, {state.decided} decided, {state.todo + len(state.open)} open")
    if state.open:
        typer.echo("open: " + ", ".join(state.open), err=True)
    if state.alone:
        typer.echo(f"{len(state.alone)} rows stand in one file alone and are left out", err=True)


@data.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="REV1", help="A git revision, or a file.")],
    after: Annotated[str, typer.Argument(metavar="REV2", help="Another; `workspace`: as it is now.")] = "workspace",
    file: Annotated[Path, typer.Option("--file", help="The file that the revisions are of.")] = Path(
        "data/statements/composed.jsonl"
    ),
    out: _Out = None,
    limit: _Limit = 30,
) -> None:
    """Tell which rows were added, removed, relabelled or reworded between two versions of a labelled file."""
    from collections import Counter

    from statestance.curation import diff as versions

    old, new = versions.version(before, file), versions.version(after, file)
    for one in (old, new):
        for fault in one.faults:
            typer.echo(f"left out of {one.name}: {fault}", err=True)
    changes = versions.compare(old, new)
    counts = Counter(change.kind for change in changes)
    typer.echo(f"{old.name}: {len(old.rows)} rows; {new.name}: {len(new.rows)} rows")
    typer.echo(", ".join(f"{counts[kind]} {kind}" for kind in versions.KINDS))
    lines = [(c.kind, c.id, c.before, c.after) for c in changes]
    _list("changes", ("change", "id", "before", "after"), lines, out, limit, head=2)


@data.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE...]", help="Labelled files; else all of data/statements.")
    ] = None,
    near_duplicate: Annotated[
        float, typer.Option(min=0.01, max=1, help="Likeness from which a text repeats another.")
    ] = 0.8,
    suspects: Annotated[bool, typer.Option(help="Look for labels that are likely wrong.")] = True,
    out: _Out = None,
    limit: _Limit = 30,
) -> None:
    """Look for faults, repeated texts, leaks between splits, and labels that are likely wrong.

    Ends with an error for faults and leaks; repeats inside a split and suspected labels are for you to judge.
    """
    from statestance.apps import checking

    files = files or sorted(p for p in Path("data/statements").glob("*") if p.suffix in (".jsonl", ".csv", ".parquet"))
    if not files:
        raise StatestanceError("expected labelled files in data/statements; found none; run `make data`, or name files")
    rows, faulty = checking.read_all(files, near_duplicate)
    faulty |= checking.overlap(rows, near_duplicate, limit)
    if suspects and rows:
        _list("suspected labels", checking.SUSPECT_COLUMNS, checking.suspects(rows), out, limit, head=7)
    if faulty:
        raise typer.Exit(1)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _number(sentence: int | None) -> str:
    return "" if sentence is None else f"sentence {sentence + 1}"


def _list(
    what: str, columns: Sequence[str], lines: Sequence[Sequence[str]], out: Path | None, limit: int, *, head: int
) -> None:
    """Show the first items of a list, ``head`` cells on a line and each other below; write all where asked."""
    from statestance.apps.show import Terminal, plain

    console = Terminal()
    for line in lines[:limit]:
        console.print(plain("  ".join(cell for cell in line[:head] if cell)), soft_wrap=True)
        for name, cell in zip(columns[head:], line[head:], strict=True):
            if cell:
                told = plain(f"    {name}: {' '.join(cell.split())}")
                told.truncate(max(console.width, 80), overflow="ellipsis")
                console.print(told, soft_wrap=True, style="dim")
    if out is not None:
        _write(out, columns, lines)
    more = f", {limit} shown" if len(lines) > limit else ""
    typer.echo(f"{len(lines)} {what}{more}" + (f"; all of them: {out}" if out else ""))


def _write(path: Path, columns: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    import csv

    from statestance.predict.table import harmless, replacing

    if path.suffix != ".csv" or not path.parent.is_dir():
        raise StatestanceError(f"expected a .csv in a folder that is there; found {path}; name another with -o")
    with replacing(path) as part, part.open("x", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([harmless(cell) for cell in line] for line in lines)
