"""``statestance label``: choose what to label, hand it out, take it back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from statestance.domain import StatestanceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from statestance.curation.returned import Returned
    from statestance.curation.tasks import Answer, Task
    from statestance.domain import Intervention, Prediction
    from statestance.predict import Predictor

label = typer.Typer(no_args_is_help=True, help="Grow the labelled data: what to label next, out and back.")
_ENDINGS = {"labelstudio": ".json", "csv": ".csv", "xlsx": ".xlsx"}
_Queue = Annotated[Path, typer.Argument(metavar="QUEUE", help="What `label next` wrote.")]


@label.command("next")
def next_(
    source: Annotated[
        list[Path], typer.Option("--from", help="Predictions (of `predict -o`), or transcripts or tables to predict.")
    ],
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many to pick.")] = 50,
    out: Annotated[Path, typer.Option("-o", "--out", help="The queue, .jsonl.")] = Path("queue.jsonl"),
    labelled: Annotated[
        list[Path] | None, typer.Option("--labelled", help="A file of labels, or another queue: not asked again.")
    ] = None,
    model: Annotated[str, typer.Option("--model", help="What predicts transcripts; see `model list`.")] = "auto",
    target: Annotated[str, typer.Option(help="The State under review, where the input does not say.")] = "",
    layout: Annotated[str, typer.Option(help="How the transcripts are laid out; found by itself if auto.")] = "auto",
) -> None:
    """Pick the interventions whose labels would teach most: unsure, unlike each other, from many debates."""
    from statestance.curation.queue import pick
    from statestance.curation.tasks import read_interventions, write_queue

    if out.exists():
        raise StatestanceError(f"expected a new file; found {out}, which may hold work; name another with -o")
    known: list[Intervention] = [one for path in labelled or () for one, _ in read_interventions(path)]
    predictions, name = _predictions(source, model, target, layout)
    found = pick(predictions, count, labelled=known, model=name)
    if not found.tasks:
        raise StatestanceError(
            f"expected interventions to label; found none: {found.labelled} of {found.candidates} labelled already, "
            f"{found.alike} much like one that is; give other texts with --from"
        )
    write_queue(out, found.tasks)
    debates = len({task.intervention.debate for task in found.tasks})
    _say(
        f"{out}: {len(found.tasks)} of {found.candidates} interventions, from {debates} debates; passed over: "
        f"{found.labelled} labelled already, {found.repeated} repeated, {found.alike} much like one labelled or picked"
    )


def _predictions(source: list[Path], model: str, target: str, layout: str = "auto") -> tuple[Iterable[Prediction], str]:
    """The predictions that the files hold or that the model makes; and the name of what made them."""
    from itertools import chain

    from statestance.predict import table

    saved = [path for path in source if _holds_predictions(path)]
    if saved and len(saved) < len(source):
        other = next(path for path in source if path not in saved)
        raise StatestanceError(
            f"expected predictions, or transcripts, in all files; found predictions in {saved[0]} and none in {other}; "
            "pick from one kind at a time"
        )
    if saved:
        return chain.from_iterable(map(table.read, saved)), "predictions"
    from statestance.apps.models import named, open_model

    predictor = open_model(model)
    name = named(model, predictor)
    _say(f"model: {name}")
    return _made(source, predictor, target, layout), name


def _made(source: list[Path], predictor: Predictor, target: str, layout: str) -> Iterator[Prediction]:
    """Predict transcripts as they are read; one that cannot be read is told and left out, alone it is an error."""
    from statestance import transcripts
    from statestance.apps import predicting

    account = predicting.Account()
    failed = account.fail if transcripts.is_batch(source) else None
    debates = transcripts.stream(source, target=target, layout=layout, failed=failed)
    yield from predicting.predictions(debates, predictor, account, keep_all=False)
    for message in account.failed.values():
        _say(f"left out: {message}")


def _holds_predictions(path: Path) -> bool:
    from statestance.corpus.rows import read_rows
    from statestance.predict import table

    if path.suffix not in table.ENDINGS or not path.is_file():
        return False
    faults: list[object] = []
    row = next(read_rows(path, faults.append), None)
    return row is not None and {"p_supportive", "sentences"} <= row[1].keys()


@label.command()
def pseudo(
    source: Annotated[
        list[Path], typer.Option("--from", help="Predictions (of `predict -o`), or transcripts or tables to predict.")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="The labelled file, .jsonl.")] = Path("pseudo.jsonl"),
    labelled: Annotated[
        list[Path] | None,
        typer.Option("--labelled", help="A labelled file, whose debates of dev and test are left out."),
    ] = None,
    least: Annotated[float, typer.Option(min=0, max=1, help="The least probability that is sure enough.")] = 0.7,
    model: Annotated[str, typer.Option("--model", help="What predicts transcripts; see `model list`.")] = "auto",
    target: Annotated[str, typer.Option(help="The State under review, where the input does not say.")] = "",
) -> None:
    """Take a model's answers, where it is sure, for labels that train another: far more text than anybody labels."""
    from statestance.corpus import load, write_jsonl
    from statestance.curation.pseudo import pseudo_label

    held_out = {
        row.intervention.debate for path in labelled or () for row in load(path) if row.split in ("dev", "test")
    }
    predictions, name = _predictions(source, model, target)
    found = pseudo_label(predictions, out.stem, least=least, held_out=held_out)
    if not found.rows:
        raise StatestanceError(
            f"expected interventions that {name} is sure of; found none: {found.unsure} under {least}, "
            f"{found.held_out} in debates of dev and test; give other texts with --from, or a lower --least"
        )
    write_jsonl(out, found.rows)
    _say(
        f"{out}: {len(found.rows)} interventions labelled by {name}, all for training; left out: {found.unsure} of "
        f"which it was less sure than {least}, {found.held_out} in debates of dev and test"
    )


@label.command()
def export(
    queue: _Queue,
    to: Annotated[Literal["labelstudio", "csv", "xlsx"], typer.Option(help="For what.")],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="The file; beside the queue if not named.")] = None,
    labels: Annotated[Path | None, typer.Option(help="Labels of these texts so far, to go on from.")] = None,
    suggest: Annotated[
        bool,
        typer.Option(
            "--suggest", help="Say what the model says too: it sways, and Label Studio fills it in beforehand."
        ),
    ] = False,
) -> None:
    """Write a queue for Label Studio or a spreadsheet, to be labelled without the model's say unless asked."""
    from dataclasses import replace

    from statestance.curation import labelstudio, sheets
    from statestance.curation.tasks import read_answers, read_queue
    from statestance.predict.table import replacing

    path = out or queue.with_suffix(_ENDINGS[to])
    if path.suffix != _ENDINGS[to]:
        raise StatestanceError(f"expected an output that ends in {_ENDINGS[to]}; found {path}; rename it")
    if path.exists():
        raise StatestanceError(f"expected a new file; found {path}, which may hold work; name another with -o")
    tasks = [task if suggest else replace(task, suggested=None) for task in read_queue(queue)]
    answers = read_answers(labels, tasks) if labels else {}
    if to == "labelstudio":
        labelstudio.write(path, tasks, answers)
        config = path.with_suffix(".config.xml")
        with replacing(config) as part:
            part.write_text(labelstudio.CONFIG, encoding="utf-8")
        _say(f"{config}: the labelling interface, for the settings of the project")
    else:
        sheets.write(path, tasks, answers)
    _say(f"{path}: {len(tasks)} interventions, {len(answers)} of them labelled")


@label.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The .json of Label Studio, or the sheet, filled in.")],
    queue: Annotated[Path, typer.Option(help="The queue that was exported.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Labelled rows, .jsonl: say data/statements/NAME.jsonl.")],
    add: Annotated[bool, typer.Option("--add", help="Add to the rows of the output, instead of refusing.")] = False,
    annotator: Annotated[str, typer.Option(help="Of several people in Label Studio, this one alone.")] = "",
) -> None:
    """Take labels back: every row checked, edited texts refused, what is still to be labelled told."""
    from statestance.corpus.faults import InvalidRowsError
    from statestance.curation.tasks import label_row, read_queue, write_labels

    if out.exists() and not add:
        raise StatestanceError(f"expected a new file; found {out}; name another, or add to it with --add")
    tasks = {task.id: task for task in read_queue(queue)}
    found = _returned(file, tasks, annotator)
    if found.faults:
        raise InvalidRowsError(found.faults, "labels of the queue")
    missing = [name for name in tasks if name not in found.answers]
    if len(missing) == len(tasks):
        raise StatestanceError(f"expected labels in {file}; found none; label at least one intervention, and save")
    new = {name: label_row(tasks[name].intervention, answer) for name, answer in found.answers.items()}
    rows = _kept(out, new) + [new[name] for name in tasks if name in new]
    write_labels(out, rows, check=True)
    of = f" of {len(tasks)}" if missing else ""
    _say(f"{out}: {len(new)}{of} interventions labelled, {_counted(found.answers)}")
    if missing:
        _say(f"still to be labelled, {len(missing)}: {', '.join(missing[:10])}{', …' if missing[10:] else ''}")


def _returned(file: Path, tasks: Mapping[str, Task], annotator: str) -> Returned:
    from statestance.curation import labelstudio, sheets

    if not file.is_file():
        raise StatestanceError(f"expected a file at {file}; found none; check the path")
    if file.suffix == ".json":
        return labelstudio.read(file, tasks, annotator)
    if annotator:
        raise StatestanceError(f"expected the .json of Label Studio with --annotator; found {file}; leave it out")
    if file.suffix in (".csv", ".xlsx"):
        return sheets.read(file, tasks)
    raise StatestanceError(f"expected a .json, .csv or .xlsx file; found {file}; export to one of these")


def _kept(out: Path, new: Mapping[str, object]) -> list[dict[str, object]]:
    """The rows of an earlier output that are not labelled anew."""
    from statestance.curation.tasks import read_interventions

    if not out.is_file():
        return []
    return [raw for one, raw in read_interventions(out) if one.id not in new]


def _counted(answers: Mapping[str, Answer]) -> str:
    from collections import Counter

    from statestance.stance import NO_STANCE, OUTCOMES

    counts = Counter(a.marks.stance or NO_STANCE for a in answers.values() if a.marks is not None)
    aside = sum(a.marks is None for a in answers.values())
    shown = ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES)
    return shown + (f"; {aside} not interventions" if aside else "")


@label.command()
def start(
    queue: _Queue,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Labelled rows; QUEUE.labels.jsonl if not named.")
    ] = None,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Show what the model says; it sways those who see it.")
    ] = False,
) -> None:
    """Label in the terminal, one key a mark; every text is saved once done, and the next start goes on from there."""
    from statestance.apps import labelling

    path = out or queue.with_suffix(".labels.jsonl")
    done, all_ = labelling.label(queue, path, suggest=suggest)
    _say(f"{path}: {done} of {all_} interventions labelled")


def _say(line: str) -> None:
    typer.echo(line, err=True)
