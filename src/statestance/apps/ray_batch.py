"""The steps of ``apps.batch`` over a Ray cluster: the same predictor, the same blocks, so the same bytes.

Every node needs statestance with the extra ``ray``, and the inputs at the same paths; the model travels.
Rows come back to this process in order, which writes the one output.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from statestance.apps import batch
from statestance.apps.batch import Cluster, Options
from statestance.apps.predicting import Account
from statestance.apps.spool import Piece, Place
from statestance.bundle import MANIFEST
from statestance.domain import StatestanceError
from statestance.transcripts import Source, blocks_of

if TYPE_CHECKING:
    from statestance.predict import Predictor

_MOST_TASKS = 5000


@dataclass(frozen=True, slots=True)
class Unit:
    """What one worker does at a time: a debate, or a block of a table; ``last`` if its source ends there."""

    source: Source
    start: Place
    last: bool


def units(sources: Sequence[Source], options: Options, start: Place) -> Iterator[Unit]:
    """The work from ``start`` on, in order, planned from the metadata of the files alone."""
    for number in range(start.source, len(sources)):
        begin = start if number == start.source else Place(number)
        # A file of no rows, or none at all, is left to a worker, which says what is wrong with it.
        count = max(blocks_of(sources[number], layout=options.layout), begin.debate + 1)
        for debate in range(begin.debate, count):
            at = begin if debate == begin.debate else Place(number, debate)
            yield Unit(sources[number], at, last=debate == count - 1)


def pieces(
    sources: Sequence[Source], predictor: Predictor, options: Options, start: Place, cluster: Cluster
) -> Iterator[Piece]:
    """As ``batch.pieces``, made by the cluster. Raises ``StatestanceError`` for tables other than Parquet."""
    planned, model = list(units(sources, options, start)), _files(predictor)
    if not planned:
        return
    failed = -1
    for unit, made in zip(planned, _results(planned, model, predictor, options, cluster), strict=True):
        if unit.start.source == failed:
            continue  # as the engine of one machine, which reads no further there
        found: tuple[list[Piece], str] = TypeAdapter(tuple[list[Piece], str]).validate_json(made)
        yield from found[0]
        if error := found[1]:
            if not options.many:
                raise StatestanceError(error)
            failed, account = unit.start.source, Account()
            account.fail(unit.source.path, StatestanceError(error))
            yield Piece(Place(failed + 1), account)
        elif unit.last:
            yield Piece(Place(unit.start.source + 1), Account())


def _files(predictor: Predictor) -> dict[str, bytes]:
    """The bundle, to be sent to the workers."""
    if not (predictor.folder / MANIFEST).is_file():
        raise StatestanceError(
            f"expected the model's folder for --engine ray; found none at {predictor.folder}; save the model of a "
            "registry in a folder and name that with --model"
        )
    return {name: (predictor.folder / name).read_bytes() for name in (MANIFEST, *predictor.manifest.files)}


def _results(
    planned: Sequence[Unit], model: dict[str, bytes], predictor: Predictor, options: Options, cluster: Cluster
) -> Iterator[bytes]:
    """What ``Worker`` makes of each unit, in order."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # its own doubts about how it sends a model to workers
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise StatestanceError(
            f"expected Ray for --engine ray; found no package {error.name}; pip install 'statestance[ray]'"
        ) from error
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if not cluster.address:
        quiet["include_dashboard"] = False
    try:
        ray.init(address=cluster.address or "local", **quiet)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise StatestanceError(
            f"expected a Ray cluster at {cluster.address or 'this machine'}; found: {error}; check --ray-address"
        ) from error
    try:
        context = ray.data.DataContext.get_current()
        context.execution_options.preserve_order = True
        context.enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)  # this program tells how far it is by itself
        threads = cluster.threads or 1
        how = {"runtime": predictor.runtime, "threads": threads, "fast": predictor.fast}
        workers = max(1, min(len(planned), int(ray.cluster_resources().get("CPU", 1)) // threads))
        tasks = [{"unit": TypeAdapter(Unit).dump_json(unit)} for unit in planned]
        made = ray.data.from_items(tasks, override_num_blocks=min(len(tasks), _MOST_TASKS)).map(
            Worker,
            fn_constructor_args=([ray.put(model)], predictor.coverage, how, options),
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=workers),
            num_cpus=threads,
        )
        for row in made.iter_rows():
            yield row["made"]
    finally:
        ray.shutdown()


class Worker:
    """The predictor on a worker; a call takes one unit and gives its pieces, and what was wrong, as JSON."""

    def __init__(self, model: Sequence[Any], coverage: float | None, how: Mapping[str, Any], options: Options) -> None:
        import ray

        from statestance.predict import load

        with tempfile.TemporaryDirectory(prefix="statestance-") as folder:
            for name, content in ray.get(model[0]).items():
                (Path(folder) / name).write_bytes(content)
            predictor = load(folder, **how)
        self._predictor = predictor if coverage is None else predictor.with_sets(coverage)
        self._options = options

    def __call__(self, row: dict[str, Any]) -> dict[str, bytes]:
        unit: Unit = TypeAdapter(Unit).validate_json(row["unit"])
        found, error = list[Piece](), ""
        try:
            for piece in batch.of_source(unit.source, self._predictor, self._options, unit.start):
                found.append(piece)
                if piece.after.debate > unit.start.debate:
                    break
        except StatestanceError as problem:
            error = str(problem)
        return {"made": TypeAdapter(tuple[list[Piece], str]).dump_json((found, error))}
