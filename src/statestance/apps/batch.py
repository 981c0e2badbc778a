"""Inputs of any size to one file of predictions: in bounded memory, and picked up where it was stopped.

The rows are made in steps whose bounds depend on the inputs alone, so that a run that was killed and
picked up writes the same bytes as one that was not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from statestance import __version__, transcripts
from statestance.apps import predicting, spool
from statestance.apps.predicting import Account
from statestance.apps.progress import Progress
from statestance.apps.spool import Piece, Place, Run
from statestance.bundle import digest
from statestance.domain import StatestanceError
from statestance.predict import table
from statestance.transcripts import Debate, Meter, Source

if TYPE_CHECKING:
    from statestance.predict import Predictor


@dataclass(frozen=True, slots=True)
class Options:
    """How inputs are read. What the rows hold depends on the first three.

    ``skip_bad_rows`` puts bad rows of a table aside; ``many`` does so with files that cannot be read. Without
    them they are errors.
    """

    target: str = ""
    layout: str = "auto"
    keep_all: bool = False
    skip_bad_rows: bool = False
    many: bool = False


@dataclass(frozen=True, slots=True)
class Cluster:
    """The Ray cluster at ``address``, or one of this machine alone for ""; ``threads`` of each of its models."""

    address: str = ""
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What a run wrote: rows, those among them that an earlier, stopped run had made, and what was read."""

    rows: int
    resumed: int
    account: Account
    rejects: Path


def pieces(sources: Sequence[Source], predictor: Predictor, options: Options, start: Place) -> Iterator[Piece]:
    """Predict what the sources hold, from ``start`` on, in the steps that every run takes."""
    for number in range(start.source, len(sources)):
        begin = start if number == start.source else Place(number)
        try:
            yield from of_source(sources[number], predictor, options, begin)
        except StatestanceError as error:
            if not options.many:
                raise
            account = Account()
            account.fail(sources[number].path, error)
            yield Piece(Place(number + 1), account)
        else:
            yield Piece(Place(number + 1), Account())


def of_source(source: Source, predictor: Predictor, options: Options, start: Place) -> Iterator[Piece]:
    """The steps of one source from ``start`` on: one for every block of turns, one at each debate's end."""
    meter, place = Meter(), start
    debates = transcripts.debates(
        source,
        target=options.target,
        layout=options.layout,
        skip=start.debate,
        tolerant=True,
        meter=meter,
    )
    for debate in debates:
        if debate.rejected and not options.skip_bad_rows:
            raise StatestanceError(f"{debate.rejected[0].reason}; or put such rows aside with --on-error skip")
        account, rejects = Account(), ""
        if not place.turn:
            account.add(debate)
            rejects = "".join(_rejects(debate))
        for block in predicting.blocks(debate, predictor, keep_all=options.keep_all, start=place.turn):
            account.note(block)
            place = Place(place.source, place.debate, place.turn + len(block))
            lines = "".join(map(table.as_line, block))
            yield Piece(place, account, len(block), lines, rejects, meter.share)
            account, rejects = Account(), ""
        place = Place(place.source, place.debate + 1)
        yield Piece(place, account, rejects=rejects, share=meter.share)


def _rejects(debate: Debate) -> Iterator[str]:
    for one in debate.rejected:
        row = {"file": debate.file, **asdict(one)}
        # ASCII, since half a character may be what is wrong with the row; a table may hold dates and bytes too.
        yield json.dumps(row, default=str) + "\n"


def run_of(sources: Iterable[Source], predictor: Predictor, options: Options) -> Run:
    """What the rows will depend on, to know the same run again."""
    manifest = predictor.manifest
    return Run(
        statestance=__version__,
        model=manifest.name,
        model_digest=digest(manifest),
        options={
            "target": options.target,
            "layout": options.layout,
            "keep_all": options.keep_all,
            "coverage": predictor.coverage,
            "runtime": predictor.runtime,
            "fast": predictor.fast,
        },
        inputs=tuple(_look(source.path) for source in sources),
    )


def _look(path: Path) -> tuple[str, int, int]:
    path = path.resolve()
    if not path.is_file():
        return str(path), -1, -1
    found = path.stat()
    return str(path), found.st_size, found.st_mtime_ns


def folder_of(out: Path) -> Path:
    """Where an unfinished run keeps its work: beside the file that it will write, if ``out`` is a link to one."""
    out = out.resolve()
    return out.with_name(out.name + ".partial")


def rejects_of(out: Path) -> Path:
    """Where the rows go that ``Options.skip_bad_rows`` puts aside."""
    return out.with_name(out.name + ".rejects.jsonl")


def write(
    sources: Sequence[Source],
    predictor: Predictor,
    options: Options,
    out: Path,
    *,
    restart: bool = False,
    cluster: Cluster | None = None,
) -> Written:
    """Predict the sources into ``out``; go on with the same run if it was stopped, unless ``restart``.

    A ``cluster`` does it with Ray; the bytes are the same.
    Raises ``StatestanceError`` for an unfinished run of something else, a bad row or a bad file, and where there
    was no intervention at all; the earlier output stays then, and so does the work done.
    """
    run = run_of(sources, predictor, options)
    with spool.opened(folder_of(out), run, restart=restart) as work:
        state = work.state
        resumed = state.rows
        if cluster is not None:
            from statestance.apps import ray_batch

            made = ray_batch.pieces(sources, predictor, options, state.place, cluster)
        else:
            made = pieces(sources, predictor, options, state.place)
        # Bytes before each input and after the last: a measure of the way that is known before the work.
        before = list(accumulate((max(size, 0) for _, size, _ in run.inputs), initial=0))
        with Progress(before[-1], before[state.place.source]) as progress:
            for piece in made:
                work.add(piece)
                start, *rest = before[piece.after.source : piece.after.source + 2]
                progress.advance(piece.rows, start + piece.share * (rest[0] - start if rest else 0))
        state.account.check()
        work.checkpoint()
        work.move_rejects(rejects_of(out))
        table.write_rows(work.rows(), out, within=work.folder)
        return Written(state.rows, resumed, state.account, rejects_of(out))
