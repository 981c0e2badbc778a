"""export: trained weights → a bundle, calibrated on dev through the serving predictor."""

from __future__ import annotations

import argparse
import json
from itertools import compress
from pathlib import Path
from typing import Any

from pydantic import Field

import statestance
from statestance import bundle
from statestance.bundle import Manifest, MarkScaling, Temperature
from statestance.corpus import load
from statestance.learners import calibrate, parity
from statestance.learners.common import Exported
from statestance.predict import Predictor, first_pass
from statestance.stages.settings import Params, read_settings, run
from statestance.stages.train import learner
from statestance.text.masking import mask
from statestance.text.ngrams import FIRST_PASS


class ExportParams(Params):
    """``precision``: below which confidence the predictor abstains is chosen so that stances on dev are right at
    this rate. ``set_apart``: sources of which dev rows teach no calibration, since they were made to be hard: a
    model that is calibrated on them doubts ordinary text more than it should. ``first_pass``: by how
    much the share of right answers on dev may fall, on every source, where a linear model answers first."""

    precision: float = Field(gt=0, le=1)
    first_pass: float = Field(0.0, ge=0, le=1)
    set_apart: tuple[str, ...] = ()


def build(trained: Path, out: Path, dev: Path, params: ExportParams) -> Manifest:
    """Write the bundle of a trained model and settle its calibration, evidence thresholds and abstention."""
    record: dict[str, Any] = json.loads((trained / "training.json").read_text(encoding="utf-8"))
    module = learner(record["learner"])
    config = module.Config.model_validate(record["config"])
    work = out.with_name(out.name + ".uncalibrated")
    told: list[Exported] = []
    draft = Manifest(
        name=record["model"],
        learner=record["learner"],
        engine="onnx",
        unit="document",
        calibration=Temperature(),
        data_digest=record["data_digest"],
        seed=record["seed"],
        statestance=statestance.__version__,
    )
    written = bundle.write(work, draft, lambda folder: told.append(module.export(config, trained, folder)))
    facts = {name: getattr(told[0], name) for name in Exported.__slots__}
    plain = MarkScaling() if told[0].unit == "sentence" else Temperature()
    manifest = written.model_copy(update={**facts, "calibration": plain})
    bundle.settle(work, manifest)
    everything = load(dev)
    every_score = Predictor(work).scores([r.intervention for r in everything])
    # Where nothing else is there, hard text is what the model is for.
    ordinary = [r.source not in params.set_apart for r in everything]
    ordinary = ordinary if any(ordinary) else [True] * len(everything)
    rows, scores = list(compress(everything, ordinary)), list(compress(every_score, ordinary))
    fitted: Temperature | MarkScaling
    if manifest.unit == "sentence":
        fitted = calibrate.mark_scaling(scores, rows)
    else:
        fitted = calibrate.temperature(scores, rows)
    manifest = manifest.model_copy(update={"calibration": fitted})
    if manifest.engine == "onnx":
        parity.hold(work, manifest, module.served(trained), everything)
    if FIRST_PASS in manifest.files:
        # Hard text counts here: it is what a linear model is wrongly sure of.
        quick = first_pass.unscaled(work, manifest, [mask(r.intervention) for r in everything])
        chosen = calibrate.first_pass(manifest, everything, every_score, quick, params.first_pass)
        manifest = manifest.model_copy(update={"first_pass": chosen})
    least = calibrate.min_confidence(manifest, rows, scores, params.precision)
    policy = f"abstain below the confidence from which stances on dev are right at a rate of {params.precision}"
    doubt = calibrate.doubt(manifest, rows, scores)
    manifest = manifest.model_copy(update={"min_confidence": least, "policy": policy, "doubt": doubt})
    bundle.settle(work, manifest)
    bundle.replace(work, out)
    return manifest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("params", "trained", "data", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    args = parser.parse_args()
    params = read_settings(args.params, ExportParams, "export")
    manifest = build(args.trained, args.out, args.data / "dev.jsonl", params)
    print(f"{manifest.name}: {manifest.calibration}, abstains below {manifest.min_confidence}")


if __name__ == "__main__":
    run(main)
