"""train: a config and the prepared data → trained weights with ``training.json``, as one MLflow run."""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import shutil
import time
from pathlib import Path
from typing import Any, Literal, get_args

from statestance import tracking
from statestance.domain import StatestanceError
from statestance.learners.common import prepared
from statestance.stages.settings import Params, read_settings, run, write_json

Learner = Literal["baselines", "embedding", "sequence", "evidence"]


class TrainParams(Params):
    seed: int


def learner(name: str) -> Any:
    """The module of a learner; torch is imported only with those that need it."""
    if name not in get_args(Learner):
        raise StatestanceError(
            f"expected a learner out of {', '.join(get_args(Learner))}; found {name!r}; mend `models` in params.yaml"
        )
    return importlib.import_module(f"statestance.learners.{name}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--learner", required=True)
    for name in ("params", "config", "data", "out", "checkpoints"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    return parser.parse_args()


def _own_checkpoints(folder: Path, model: str, config: dict[str, Any], digest: str, seed: int) -> Path:
    """A folder that only this very training shares, so that an attempt never resumes from another's weights."""
    key = hashlib.sha256(json.dumps([config, digest, seed], sort_keys=True).encode()).hexdigest()[:12]
    return folder / f"{model}-{key}"


def main() -> None:
    args = arguments()
    params = read_settings(args.params, TrainParams, "train")
    module = learner(args.learner)
    config = read_settings(args.config, module.Config)
    resolved = config.model_dump(mode="json")
    data, digest = prepared(args.data), tracking.data_digest(args.data)
    work = args.out.with_name(args.out.name + ".partial")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    curves: dict[int, dict[str, float]] = {}
    with tracking.training_run(args.model, config=resolved, data=args.data) as mlflow_run:

        def log(metrics: dict[str, float], step: int) -> None:
            curves.setdefault(step, {}).update(metrics)
            mlflow_run.log(metrics, step)

        start = time.monotonic()
        checkpoints = _own_checkpoints(args.checkpoints, args.model, resolved, digest, params.seed)
        summary = module.train(config, data, work, seed=params.seed, log=log, checkpoints=checkpoints)
        record = {
            "model": args.model,
            "learner": args.learner,
            "config": resolved,
            "data_digest": digest,
            "seed": params.seed,
            "seconds": round(time.monotonic() - start, 1),
            **summary,
            "rows": {"train": len(data.train.rows), "dev": len(data.dev.rows)},
            "curves": [{"step": step, **curves[step]} for step in sorted(curves)],
            "environment": tracking.environment(),
            "git_commit": tracking.git_commit(Path.cwd()),
        }
        write_json(work / "training.json", record)
        shutil.rmtree(args.out, ignore_errors=True)
        work.rename(args.out)
        mlflow_run.finish(args.out)
    print(f"{args.model}: trained in {record['seconds']} s on {record['device']}")


if __name__ == "__main__":
    run(main)
