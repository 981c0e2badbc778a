"""What ``data check`` tells: faults, overlap between rows and files, suspected labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import typer

from statestance.corpus import Labelled, read
from statestance.corpus.faults import InvalidRowsError
from statestance.corpus.reading import NEAR_DUPLICATE
from statestance.domain import StatestanceError
from statestance.stance import OUTCOMES

FEW = 300
"""Rows under which the judge of labels has seen too little: of 33 sound ones it suspected 7."""
SUSPECT_COLUMNS = ("place", "id", "question", "sentence", "label", "likelier", "confidence in the label", "text")


def read_all(files: Sequence[Path], near_duplicate: float = NEAR_DUPLICATE) -> tuple[list[Labelled], bool]:
    """The rows of every file that has no fault, and whether any has; each file is told in a line."""
    rows, faulty = list[Labelled](), False
    for file in files:
        try:
            found = read(file, near_duplicate=near_duplicate)
        except InvalidRowsError as error:
            faulty = True
            typer.echo("\n".join(map(str, error.faults)), err=True)
            typer.echo(f"{file}: {len(error.faults)} faults", err=True)
            continue
        except StatestanceError as error:
            faulty = True
            typer.echo(f"statestance: {error}", err=True)
            continue
        rows += found.rows
        counts = Counter(OUTCOMES[row.outcome] for row in found.rows)
        debates = len({row.intervention.debate for row in found.rows})
        told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES)
        gone = f"; left out {found.not_interventions}, not interventions" if found.not_interventions else ""
        typer.echo(f"{file}: {len(found.rows)} rows, {debates} debates: {told}{gone}")
    return rows, faulty


def overlap(rows: Sequence[Labelled], near_duplicate: float, limit: int) -> bool:
    """Tell what rows share and should not; return whether that is an error."""
    from statestance.curation import leakage

    found = leakage.overlap(rows, near_duplicate=near_duplicate)
    for number in found.ids:
        typer.echo(f"the id {number} is given to several rows; rename them in one file", err=True)
    for debate, sides in found.torn:
        typer.echo(f"the debate {debate} stands in {' and '.join(sides)}; mend the `split` column", err=True)
    # Leaks first, then repeats that contradict each other, so that a short list shows what matters.
    for twins in sorted(found.twins, key=lambda t: (not t.leak, not t.labels_differ))[:limit]:
        a, b = twins.first, twins.second
        where = f", of {a.split} and {b.split}: a leak" if twins.leak else ""
        labels = f", labelled {OUTCOMES[a.outcome]} and {OUTCOMES[b.outcome]}" if twins.labels_differ else ""
        typer.echo(f"{_place(b)} repeats {_place(a)} ({twins.likeness:.2f} alike){where}{labels}", err=twins.leak)
    leaks = sum(twins.leak for twins in found.twins)
    typer.echo(f"{len(found.twins)} repeated texts, {leaks} of them across splits; {len(found.torn)} debates torn")
    return bool(found.leaks or found.ids)


def _place(row: Labelled) -> str:
    origin = row.intervention.origin
    return f"{origin.file}:{origin.place.removeprefix('line ')}" if origin else row.intervention.id


def suspects(rows: Sequence[Labelled]) -> list[tuple[str, ...]]:
    """The lines of the list of suspected labels."""
    from statestance.curation.suspects import find

    if len(rows) < FEW:
        typer.echo(
            f"only {len(rows)} rows to judge by: most of what is suspected will be sound; name more labelled files "
            "with these, such as data/statements/composed.jsonl",
            err=True,
        )
    found = find(rows, tell=lambda question: typer.echo(f"judging each {question} by the other debates", err=True))
    return [
        (
            one.place,
            one.id,
            one.question,
            "" if one.sentence is None else f"sentence {one.sentence + 1}",
            f"labelled {one.given}",
            f"likelier {one.likelier}",
            f"{one.confidence:.3f}",
            one.text,
        )
        for one in found
    ]
