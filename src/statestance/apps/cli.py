"""The command line. Every import that costs time stands inside the command that needs it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import typer
from typer.core import TyperGroup

from statestance import __version__
from statestance.apps.data import data
from statestance.apps.label import label
from statestance.apps.model import model as models
from statestance.apps.reporting import Reports
from statestance.apps.reporting import compare as compare_debates
from statestance.domain import StatestanceError

INTERRUPTED, BROKEN_PIPE = 130, 141


class _Commands(TyperGroup):
    """Turns what a user can mend into one message and an exit code, for every command alike."""

    def invoke(self, ctx: Any) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except StatestanceError as error:
            _fail(str(error))
        except BrokenPipeError:
            # What is still in the buffer must not be written when the interpreter ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(BROKEN_PIPE) from None
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("statestance"):
                raise
            _fail(f"expected the package {error.name}; found none; pip install 'statestance[train]'")
        except OSError as error:
            _fail(f"expected to read and write files; found: {error}; check the path and its permissions")
        except KeyboardInterrupt:
            typer.echo("stopped", err=True)
            raise typer.Exit(INTERRUPTED) from None


def _fail(message: str) -> NoReturn:
    typer.echo(f"statestance: {message}", err=True)
    raise typer.Exit(1) from None


main = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Who spoke for, who against: stances of States in human-rights debates, counted reproducibly.",
)

main.add_typer(data, name="data")
main.add_typer(label, name="label")
main.add_typer(models, name="model")
main.command("compare")(compare_debates)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"statestance {__version__}")
        raise typer.Exit


@main.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show "±" gets a "?", not a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


_Model = Annotated[
    str, typer.Option("--model", help="auto, champion, released, a bundle's folder, or models:/NAME@ALIAS.")
]


_Runtime = Annotated[
    Literal["onnxruntime", "openvino"],
    typer.Option(help="openvino: several times as fast on processors with AMX; figures differ in the third place."),
]

_Fast = Annotated[
    bool,
    typer.Option(
        "--fast", help="A linear model in an evidence model's bundle answers where it is sure; for millions of rows."
    ),
]


@main.command()
def predict(
    inputs: Annotated[
        list[Path], typer.Argument(metavar="INPUT...", help="Transcripts, or tables with a text column.")
    ],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write .csv, .jsonl or .parquet.")] = None,
    target: Annotated[str, typer.Option(help="The State under review, where the input does not say.")] = "",
    model: _Model = "auto",
    layout: Annotated[str, typer.Option(help="How the transcripts are laid out; found by itself if auto.")] = "auto",
    keep_all: Annotated[bool, typer.Option("--keep-all", help="Write the turns that were left out too.")] = False,
    coverage: Annotated[
        float | None,
        typer.Option(help="Give the outcomes that cannot be ruled out too; they hold the right one at this rate."),
    ] = None,
    on_error: Annotated[
        Literal["fail", "skip"],
        typer.Option(help="A bad row of a table ends the run, or is put aside in OUT.rejects.jsonl."),
    ] = "fail",
    restart: Annotated[bool, typer.Option("--restart", help="Begin anew, though OUT.partial holds a start.")] = False,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads of the model; all cores by itself.")] = None,
    runtime: _Runtime = "onnxruntime",
    fast: _Fast = False,
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="ray: over the cores of this machine, or of a cluster.")
    ] = "local",
    ray_address: Annotated[str, typer.Option(help="The Ray cluster; none for this machine alone.")] = "",
    report: Reports = None,
) -> None:
    """Give every intervention of a debate its stance.

    With -o, a run that was stopped is picked up by the same command, from what OUT.partial holds. The exit code
    is 0 if every file was read, also where --on-error skip put rows aside; else it is 1.
    """
    from statestance import transcripts
    from statestance.apps import batch, predicting, reporting, show
    from statestance.apps.models import named, open_model
    from statestance.predict import table

    if layout not in transcripts.LAYOUTS:
        raise typer.BadParameter(f"{layout!r} is not one of {', '.join(transcripts.LAYOUTS)}", param_hint="--layout")
    if out is not None:
        table.check_ending(out)
    reporting.check(report)
    if out is None and (on_error == "skip" or engine == "ray"):
        raise typer.BadParameter("needs an output", param_hint="--on-error skip and --engine ray: -o")
    if ray_address and engine != "ray":
        raise typer.BadParameter("is for --engine ray", param_hint="--ray-address")
    predictor = open_model(model, runtime=runtime, threads=threads, fast=fast)
    if coverage is not None:
        predictor = predictor.with_sets(coverage)
    # One bad file among many is told and left out; alone it is an error.
    many = transcripts.is_batch(inputs)
    if out is not None:
        options = batch.Options(target, layout, keep_all, skip_bad_rows=on_error == "skip", many=many)
        cluster = batch.Cluster(ray_address, threads) if engine == "ray" else None
        sources = tuple(transcripts.sources(inputs))
        try:
            written = batch.write(sources, predictor, options, out, restart=restart, cluster=cluster)
        except KeyboardInterrupt:
            if batch.folder_of(out).exists():
                typer.echo(f"the same command goes on from {batch.folder_of(out)}", err=True)
            raise
        account = written.account
    else:
        account = predicting.Account()
        failed = account.fail if many else None
        debates = transcripts.stream(inputs, target=target, layout=layout, failed=failed)
        found = predicting.predictions(debates, predictor, account, keep_all=keep_all)
        predictions = list(found)
        show.predictions(show.Terminal(), predictions, sets=coverage is not None)
        show.tallies(show.Terminal(), predictions)
        show.themes(show.Terminal(), predictions)
    show.account(errors := show.Terminal(stderr=True), account, named(model, predictor))
    if report:
        spoken = table.read(out) if out is not None else predictions
        reporting.write(report, spoken, reporting.of_predictor(predictor, account, model=model))
    if passed_over := transcripts.ignored(inputs):
        names = ", ".join(path.name for path in passed_over[:5]) + (", …" if len(passed_over) > 5 else "")
        errors.print(show.plain(f"passed over {len(passed_over)} files of no known type: {names}"), soft_wrap=True)
    if out is not None:
        again = f", {written.resumed} of them made before it was stopped" if written.resumed else ""
        errors.print(show.plain(f"wrote {written.rows} rows to {out}{again}"), soft_wrap=True)
        if account.rejected:
            errors.print(show.plain(f"put {account.rejected} bad rows into {written.rejects}"), soft_wrap=True)
    if account.failed:
        errors.print(show.plain(f"{len(account.failed)} files could not be read:"), soft_wrap=True)
        for message in account.failed.values():
            errors.print(show.plain(message), soft_wrap=True)
        raise typer.Exit(1)


@main.command()
def tally(
    file: Annotated[Path, typer.Argument(metavar="OUT", help="What `predict -o` wrote.")],
    joint: Annotated[
        Literal["one", "members"],
        typer.Option(help="A joint statement counts as one speaker, or for its members."),
    ] = "one",
    compare: Annotated[str, typer.Option(help="A claimed count, such as '17 supportive, 10 mixed'.")] = "",
    debate: Annotated[str, typer.Option(help="Count this debate alone.")] = "",
    corrected: Annotated[
        Literal["emq", "acc"] | None,
        typer.Option(help="Correct for a mix of stances other than that of the training, by this method."),
    ] = None,
    model: Annotated[str, typer.Option("--model", help="With --corrected: the model that predicted.")] = "auto",
    report: Reports = None,
) -> None:
    """Add up saved predictions: by State, by intervention, by regional group, by theme."""
    from statestance.apps import reporting, show
    from statestance.predict import table
    from statestance.tally import compare as held_against

    reporting.check(report)
    rows = table.read(file)
    names = sorted({p.intervention.debate for p in rows})
    if debate:
        rows = [p for p in rows if p.intervention.debate == debate]
        if not rows:
            raise StatestanceError(f"expected a debate of {file}; found {debate!r}; it holds {', '.join(names[:10])}")
    elif compare and len(names) > 1:
        raise StatestanceError(
            f"expected a claim about one debate; found {len(names)} in {file}; name one with --debate"
        )
    doubt = None
    if corrected:
        from statestance.apps.models import open_model
        from statestance.predict.decision import doubt_of

        doubt = doubt_of(open_model(model).manifest)
    found = show.tallies(show.Terminal(), rows, debate or file.name, joint=joint)
    if corrected and doubt:
        from statestance.correction import correct

        show.corrected(show.Terminal(), found, correct(rows, doubt, corrected, joint))
    show.themes(show.Terminal(), rows)
    if compare:
        show.claims(show.Terminal(), held_against(found, compare))
    if report:
        reporting.write(report, rows, reporting.of_files([file.name]), joint=joint)


@main.command()
def evaluate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A labelled .csv, .jsonl or .parquet.")],
    model: _Model = "auto",
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write the metrics as JSON.")] = None,
    runtime: _Runtime = "onnxruntime",
    fast: _Fast = False,
) -> None:
    """Measure a model on a labelled file, as `predict` with the same options answers."""
    import json

    from statestance import evaluation
    from statestance.apps import show
    from statestance.apps.models import identity, named, open_model
    from statestance.corpus import read
    from statestance.predict.table import replacing

    if out is not None and not out.parent.is_dir():
        raise StatestanceError(f"expected a folder for {out}; found no {out.parent}; create it first")
    labelled = read(file)
    predictor = open_model(model, runtime=runtime, fast=fast)
    typer.echo(f"model: {named(model, predictor)}", err=True)
    metrics = evaluation.on_file(file, predictor)
    gone = f" ({labelled.not_interventions} left out, not interventions)" if labelled.not_interventions else ""
    show.metrics(show.Terminal(), metrics, f"{file.name}: {len(labelled.rows)} rows{gone}")
    if out is not None:
        with replacing(out) as part:
            part.write_text(json.dumps({"model": identity(predictor), **metrics}, indent=2) + "\n", encoding="utf-8")


@main.command()
def check(files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Labelled files.")]) -> None:
    """Check labelled files: the counts of each stance, or everything that is wrong."""
    from statestance.apps.checking import read_all

    _, faulty = read_all(files)
    if faulty:
        raise typer.Exit(1)


@main.command()
def sync() -> None:
    """Give every stage that DVC restored from its cache the MLflow run it lacks."""
    from statestance import tracking

    typer.echo(str(tracking.sync(Path.cwd())))


@main.command()
def serve(
    host: Annotated[str, typer.Option(help="Where to listen; other than this machine alone it needs a token.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port.")] = 8000,
    token: Annotated[
        str, typer.Option(envvar="STATESTANCE_TOKEN", show_envvar=True, help="What visitors must know.")
    ] = "",
    allow_name: Annotated[
        list[str] | None, typer.Option("--allow-name", help="A further name under which browsers reach it.")
    ] = None,
    corrections: Annotated[Path, typer.Option(help="The folder where corrections are saved.")] = Path("corrections"),
    model: _Model = "auto",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Predictions at a time.")] = 2,
) -> None:
    """Open a page on which a debate is counted and corrected, and a JSON API."""
    from statestance.apps.models import open_model

    try:
        from statestance.apps.server.run import serve as run
        from statestance.apps.server.settings import Settings
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("statestance"):
            raise
        raise StatestanceError(
            f"expected the package {error.name} for the server; found none; pip install 'statestance[serve]'"
        ) from error
    settings = Settings(host, port, token, tuple(allow_name or ()), corrections, workers)
    run(open_model(model, threads=settings.threads), settings)
