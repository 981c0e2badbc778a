"""How many labels does a new kind of debate need? Real labels against macro-F1, at random and by `label next`.

    python experiments/2026-11-29-learning-curve/run.py --reports FOLDER --model build/models/evidence --out FOLDER

Every training starts from the weights of ``--model``, trained on composed and contrast text alone, and goes on with
n real interventions and some of the text of before. Each result is kept in OUT as soon as it is there; the same
command goes on. ``--tries`` compares settings on the real dev reports, and does nothing else.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import torch
from curve import draw, summary

from statestance.bundle import Manifest, MarkScaling
from statestance.corpus import Labelled, load
from statestance.curation import queue, stand_off, upr
from statestance.curation.tasks import write_labels
from statestance.domain import Prediction, StatestanceError
from statestance.evaluation import measure, of_predictions
from statestance.evaluation.measure import sums
from statestance.learners import evidence
from statestance.learners.common import examples
from statestance.learners.neural import encoder, finetune
from statestance.predict.decision import conclude
from statestance.predict.scorers import open_scorer
from statestance.stages.settings import run, write_json
from statestance.stance import OUTCOMES
from statestance.text.encoding import TextEncoder
from statestance.text.masking import mask

LABELS = Path("data/upr/labels.csv")
ONCE = Path("data/upr/labels-once.csv")
SIZES = (100, 200, 400, 800)
SEEDS = (1, 2, 3)
MOST_REPLAY = 200
FIGURES = ("macro_f1", "accuracy", "macro_f1_4", "log_loss", "praise_f1", "concern_f1")


@dataclass(frozen=True, slots=True)
class Setting:
    """How training goes on; ``replay``: rows of the text of before for each real one, ``MOST_REPLAY`` at most."""

    learning_rate: float
    epochs: int
    replay: float


TRIES = (Setting(5e-5, 2, 1.0), Setting(1e-4, 2, 1.0))
CHOSEN = TRIES[0]


@dataclass(frozen=True, slots=True)
class Job:
    """One training. ``how``: none, random, next (`label next`), all, or once (all and labels-once.csv)."""

    how: str
    size: int
    seed: int

    @property
    def name(self) -> str:
        return f"{self.how}-{self.size}-seed{self.seed}"


@dataclass(frozen=True, slots=True)
class Data:
    """Real interventions by side, those of labels-once.csv, and composed and contrast text."""

    pool: tuple[Labelled, ...]
    dev: tuple[Labelled, ...]
    test: tuple[Labelled, ...]
    once: tuple[Labelled, ...]
    before: tuple[Labelled, ...]


def read(reports: Path, prepared: Path) -> Data:
    twice, once = (_joined(path, reports) for path in (LABELS, ONCE))
    sides = {side: tuple(row for row in twice if row.split == side) for side in ("train", "dev", "test")}
    before = tuple(row for row in load(prepared / "train.jsonl") if row.source in ("composed", "contrast"))
    return Data(sides["train"], sides["dev"], sides["test"], tuple(once), before)


def _joined(labels: Path, reports: Path) -> list[Labelled]:
    with tempfile.TemporaryDirectory() as work:
        write_labels(Path(work) / "upr.jsonl", upr.join(stand_off.read(labels), reports).rows)
        return load(Path(work) / "upr.jsonl")


class Start:
    """The model that every training starts from."""

    def __init__(self, folder: Path) -> None:
        if not (folder / "training.json").is_file():
            raise StatestanceError(f"expected a trained evidence model in {folder}; found none; run `make repro`")
        encoder.quiet()
        self.folder = folder
        record = json.loads((folder / "training.json").read_text(encoding="utf-8"))
        self.config = evidence.Config.model_validate(record["config"])
        self.window = int(record["window"])
        self.reader = TextEncoder(folder / "tokenizer.json", max_length=self.window, stride=self.config.stride)

    def model(self) -> evidence.EvidenceModel:
        return evidence.EvidenceModel.from_pretrained(self.folder, use_safetensors=True)

    def train(self, rows: Sequence[Labelled], how: Setting, seed: int, checkpoints: Path) -> Any:
        """Go on training; the last epoch is what remains: whoever has few labels has no dev side to choose by."""
        model, epoch = self.model(), count(1.0)

        def score(prediction: Any) -> dict[str, float]:
            return {finetune.OUTCOME_MACRO_F1: next(epoch)}

        config = self.config.model_copy(
            update={"learning_rate": how.learning_rate, "epochs": how.epochs, "patience": how.epochs}
        )
        # What stands for dev decides nothing, so little of it is enough.
        sides = [evidence._dataset(examples(list(side)), self.reader) for side in (rows, rows[:16])]
        task = finetune.Task(model, *sides, evidence._collate(self.reader), score)
        with redirect_stdout(io.StringIO()):  # a line an epoch
            finetune.fit(config, task, seed=seed, log=lambda metrics, step: None, checkpoints=checkpoints)
        return model

    def predict(self, model: Any, rows: Sequence[Labelled]) -> list[Prediction]:
        """As the serving predictor does it, with the framework in the place of the graph and no calibration."""
        manifest = Manifest(
            name="continued",
            learner="evidence",
            engine="onnx",
            unit="sentence",
            calibration=MarkScaling(),
            max_length=self.window,
            stride=self.config.stride,
        )

        def logits(feed: Any) -> Any:
            with torch.no_grad():
                return model(**{name: torch.from_numpy(array) for name, array in feed.items()})["logits"].numpy()

        model.eval()
        scorer = open_scorer(self.folder, manifest, run=logits)
        scores = scorer.score([mask(row.intervention) for row in rows])
        return [conclude(row.intervention, s, manifest) for row, s in zip(rows, scores, strict=True)]


class Runs:
    """What was measured, one file a training."""

    def __init__(self, out: Path, start: Start, data: Data) -> None:
        self.out, self.start, self.data = out, start, data
        self.real = {row.intervention.id: row for row in (*data.pool, *data.once)}
        (out / "runs").mkdir(parents=True, exist_ok=True)

    def record(self, job: Job, setting: Setting = CHOSEN, folder: str = "runs") -> dict[str, Any]:
        """The result of a training, made if it is not there."""
        path = self.out / folder / f"{job.name}.json"
        if path.is_file():
            return dict(json.loads(path.read_text(encoding="utf-8")))
        begun, ids = time.monotonic(), self._labels(job)
        checkpoints = self.out / "checkpoints" / folder / job.name
        rows = [*(self.real[i] for i in ids), *self._replay(job, round(setting.replay * len(ids)))]
        # A training that was killed begins anew: it takes a minute.
        shutil.rmtree(checkpoints, ignore_errors=True)
        train = self.start.train
        model = train(rows, setting, job.seed, checkpoints) if ids else self.start.model()
        trained = time.monotonic()
        sides = {"test": self.data.test} if folder == "runs" else {"dev": self.data.dev}
        record = asdict(job) | {
            "labels": len(ids),
            "replayed": len(rows) - len(ids),
            "outcomes": _mix([self.real[i] for i in ids]),
            **{side: self._measured(model, rows, path, side) for side, rows in sides.items()},
            "train_seconds": round(trained - begun, 1),
            "ids": ids,
            "asked_next": self._asked_next(job, model, ids),
        }
        write_json(path, record | {"seconds": round(time.monotonic() - begun, 1)})
        return record

    def _labels(self, job: Job) -> list[str]:
        pool = [row.intervention.id for row in self.data.pool]
        if job.how == "random":
            return random.Random(job.seed).sample(pool, len(pool))[: job.size]
        if job.how == "next":
            at = SIZES.index(job.size)
            before = Job("next", SIZES[at - 1], job.seed) if at else Job("none", 0, 0)
            earlier = self.record(before)
            return [*earlier["ids"], *earlier["asked_next"]]
        return {"none": [], "all": pool, "once": list(self.real)}[job.how]

    def _replay(self, job: Job, count: int) -> list[Labelled]:
        return random.Random(1000 + job.seed).sample(self.data.before, min(count, MOST_REPLAY))

    def _measured(self, model: Any, rows: Sequence[Labelled], path: Path, side: str) -> dict[str, Any]:
        outcomes = of_predictions(rows, self.start.predict(model, rows))
        if side == "test":
            by_debate = sums(outcomes)
            np.savez(path.with_suffix(".npz"), **{name: getattr(by_debate, name) for name in by_debate.__slots__})
        headline = measure(outcomes, resamples=1000, seed=7)["headline"]
        return {name: headline[name] for name in FIGURES}

    def _asked_next(self, job: Job, model: Any, ids: Sequence[str]) -> list[str]:
        """What `label next` picks with this model, up to the next size."""
        sizes = (0, *SIZES)
        if job.how not in ("none", "next") or job.size == SIZES[-1]:
            return []
        count = sizes[sizes.index(job.size) + 1] - len(ids)
        known = [self.real[i].intervention for i in ids]
        rest = [row for row in self.data.pool if row.intervention.id not in ids]
        picked = queue.pick(self.start.predict(model, rest), count, labelled=known, model="continued")
        return [task.id.rpartition("-")[0] for task in picked.tasks]


def _mix(rows: Sequence[Labelled]) -> dict[str, int]:
    counts = Counter(OUTCOMES[row.outcome] for row in rows)
    return {outcome: counts[outcome] for outcome in OUTCOMES}


def plan() -> Iterator[Job]:
    """All trainings, seed by seed, so that what is there early is balanced."""
    yield Job("none", 0, 0)
    for seed in SEEDS:
        yield from (Job(how, size, seed) for size in SIZES for how in ("random", "next"))
        yield Job("all", 0, seed)
    yield from (Job("once", 0, seed) for seed in SEEDS)


def _go(jobs: Sequence[Any], one: Callable[[Any], tuple[str, dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    for number, job in enumerate(jobs, 1):
        name, record = one(job)
        sides = [side for side in ("dev", "test") if side in record]
        told = ", ".join(f"{side} {record[side]['macro_f1']['value']:.3f}" for side in sides)
        print(f"[{number}/{len(jobs)}] {name}: {record['labels']} labels, macro-F1 {told}", flush=True)
        yield record


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=Path, required=True, help="folder of the reports' texts")
    parser.add_argument("--model", type=Path, default=Path("build/models/evidence"))
    parser.add_argument("--data", type=Path, default=Path("build/data"), help="what `prepare` wrote for that model")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tries", action="store_true", help="compare the settings on real dev, and stop")
    args = parser.parse_args()
    start, data = Start(args.model), read(args.reports, args.data)
    runs = Runs(args.out, start, data)
    if args.tries:
        for number in range(len(TRIES)):
            (args.out / f"try{number}").mkdir(exist_ok=True)
        job = Job("random", 400, SEEDS[0])
        found = list(_go(range(len(TRIES)), lambda n: (str(TRIES[n]), runs.record(job, TRIES[n], f"try{n}"))))
        write_json(args.out / "tries.json", [asdict(s) | r["dev"] for s, r in zip(TRIES, found, strict=True)])
        return
    records = list[dict[str, Any]]()
    try:
        records.extend(_go(list(plan()), lambda job: (job.name, runs.record(job))))
    finally:
        # What was measured before an interrupt is told too.
        _tell(records, args.out)


def _tell(records: Sequence[dict[str, Any]], out: Path) -> None:
    tries = out / "tries.json"
    settings = {"chosen": asdict(CHOSEN), "tries": json.loads(tries.read_text()) if tries.is_file() else []}
    write_json(out / "results.json", settings | summary(records, out / "runs"))
    draw(out / "results.json", out / "curve.svg")


if __name__ == "__main__":
    run(main)
