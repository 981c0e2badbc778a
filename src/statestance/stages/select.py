"""select: the best model on dev → champion, registered in MLflow; and the leaderboard."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Literal

import yaml

from statestance import tracking
from statestance.bundle import read as read_bundle
from statestance.corpus import load
from statestance.domain import StatestanceError
from statestance.evaluation import leaderboard
from statestance.evaluation.compare import difference
from statestance.evaluation.measure import Outcomes, of_predictions
from statestance.predict import table
from statestance.stages.evaluate import EvaluateParams
from statestance.stages.settings import Params, read_settings, run, write_json


class SelectParams(Params):
    """``metric``: the dev figure that chooses; test is reported, never chosen on."""

    metric: Literal["macro_f1", "macro_f1_4", "accuracy"]


def _models(params: Path) -> list[str]:
    """The names under ``models`` in params.yaml; what other folders an earlier list left is not considered."""
    listed = (yaml.safe_load(params.read_text(encoding="utf-8")) or {}).get("models")
    if not isinstance(listed, dict) or not listed:
        raise StatestanceError(f"expected `models` in {params}; found {listed!r}; name at least one model")
    return list(listed)


def _test_outcomes(predictions: Path, data: Path) -> Outcomes:
    return of_predictions(load(data / "test.jsonl"), table.read(predictions / "test.parquet"))


def _entry(args: argparse.Namespace, name: str, details: dict[str, Any]) -> leaderboard.Entry:
    training = json.loads((args.trained / name / "training.json").read_text(encoding="utf-8"))
    folder = args.bundles / name
    read_bundle(folder)
    size = sum(p.stat().st_size for p in folder.iterdir())
    return leaderboard.Entry(name, training["learner"], details, float(training["seconds"]), size, training["device"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("params", "details", "predictions", "bundles", "trained", "data", "released"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("champion", "leaderboard"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    args = parser.parse_args()
    metric = read_settings(args.params, SelectParams, "select").metric
    sampling = read_settings(args.params, EvaluateParams, "evaluate")
    names = _models(args.params)
    details = {n: json.loads((args.details / f"{n}.json").read_text(encoding="utf-8")) for n in names}
    best = max(names, key=lambda n: details[n]["dev"]["headline"][metric]["value"])
    outcomes = {n: _test_outcomes(args.predictions / n, args.data) for n in names}
    gaps = {n: difference(outcomes[n], outcomes[best], resamples=sampling.bootstrap, seed=sampling.seed) for n in names}
    entries = [_entry(args, n, details[n]) for n in names]
    cards = [json.loads(card.read_text(encoding="utf-8")) for card in sorted(args.released.glob("*/card.json"))]
    page = leaderboard.markdown(entries, gaps, best=best, metric=metric, cards=cards)
    args.leaderboard.write_text(page, encoding="utf-8")
    write_json(args.champion, {"model": best, "bundle": (args.bundles / best).as_posix()})
    print(tracking.sync(Path.cwd()))
    print(f"champion: {best} (dev {metric} {details[best]['dev']['headline'][metric]['value']})")


if __name__ == "__main__":
    run(main)
