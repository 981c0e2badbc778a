"""evaluate: a bundle, through the serving predictor, on dev and test → metrics, details, plots, predictions."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from pydantic import Field

from statestance import tracking
from statestance.corpus import load
from statestance.evaluation import measure, of_predictions
from statestance.evaluation.plots import write_pictures, write_tables
from statestance.predict import Predictor, table
from statestance.stages.settings import Params, read_settings, run, write_json

SIDES = ("dev", "test")
_HEADLINES = ("macro_f1", "macro_f1_4", "accuracy")


class EvaluateParams(Params):
    """``bootstrap``: resamples of the 95 % intervals, drawn by debate."""

    bootstrap: int = Field(ge=100)
    seed: int


def _metrics(record: dict[str, Any]) -> dict[str, Any]:
    """The headline figures with their intervals, the others as one number, for `dvc metrics` and MLflow."""
    figures = record["headline"]
    found = {name: figures[name] if name in _HEADLINES else figures[name]["value"] for name in figures}
    ways = {how: way for how, way in record["tally"].items() if how != "debates"}
    return found | {f"tally_{how}_{name}": way[name]["value"] for how, way in ways.items() for name in way}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    for name in (
        "params",
        "bundle",
        "trained",
        "data",
        "metrics",
        "details",
        "plots",
        "pictures",
        "predictions",
    ):
        parser.add_argument(f"--{name}", type=Path, required=True)
    args = parser.parse_args()
    params = read_settings(args.params, EvaluateParams, "evaluate")
    predictor = Predictor(args.bundle)
    details = {}
    for folder in (args.plots, args.pictures, args.predictions):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for side in SIDES:
        rows = load(args.data / f"{side}.jsonl")
        predictions = predictor.predict(r.intervention for r in rows)
        outcomes = of_predictions(rows, predictions)
        doubt = predictor.manifest.doubt
        details[side] = measure(outcomes, resamples=params.bootstrap, seed=params.seed, doubt=doubt)
        table.write(predictions, args.predictions / f"{side}.parquet")
        write_pictures(outcomes, args.pictures / side, f"{args.model}, {side}")
        if side == "test":
            write_tables(outcomes, args.plots)
    write_json(args.details, details)
    write_json(args.metrics, {side: _metrics(record) for side, record in details.items()})
    run_id = tracking.ensure_run(args.trained, data=args.data)
    tracking.log_evaluation(run_id, args.metrics, args.pictures, args.bundle)
    headline = details["dev"]["headline"]["macro_f1"]
    print(f"{args.model}: dev macro-F1 {headline['value']} [{headline['low']}, {headline['high']}]")


if __name__ == "__main__":
    run(main)
