"""Interventions a second, and the macro-F1 that goes with them, beside `transformers.pipeline`.

    python benchmarks/predict.py [--models build/bundles/sequence …] [--rows data/statements/upr.jsonl] [--part test]

The peer is the pipeline "text-classification" on the fine-tuned weights of `--weights`, in torch, with the batch size
that is best for it here and texts that were masked beforehand. Ours is all that `Predictor.predict` does, from the
text to the marks; with --fast too, where the model has a first pass. macro-F1 is over the rows of the test part, where
the labelled file has one. A first pass is surer of rows that it was fitted on: `--part test` times the others alone.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from measured import alternating, compare, machine, row

from statestance.bundle import read
from statestance.corpus import Labelled, load
from statestance.predict.locate import locate
from statestance.stance import OUTCOMES
from statestance.text.masking import mask

ROOT = Path(__file__).parents[1]
SIZES = (1, 4, 8, 16, 32)


def pipeline(weights: Path) -> Any:
    """The peer, as its users would build it."""
    from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast
    from transformers import pipeline as build

    from statestance.learners.neural.encoder import quiet

    quiet()
    model = AutoModelForSequenceClassification.from_pretrained(weights, use_safetensors=True)
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(weights / "tokenizer.json"), pad_token="[PAD]")
    return build("text-classification", model=model, tokenizer=tokenizer, device="cpu")


def rate(work: Callable[[], Sequence[int]], rows: int) -> tuple[float, Sequence[int]]:
    """Interventions a second, and the answers."""
    start = time.perf_counter()
    answers = work()
    return rows / (time.perf_counter() - start), answers


def macro_f1(rows: Sequence[Labelled], answers: Sequence[int]) -> float:
    """Macro-F1 of the three stances, "no stance" being a miss, as evaluation has it."""
    from sklearn.metrics import f1_score

    test = [n for n, r in enumerate(rows) if r.split == "test" and r.stance] or [
        n for n, r in enumerate(rows) if r.stance
    ]
    gold, found = [rows[n].outcome for n in test], [answers[n] for n in test]
    return float(f1_score(gold, found, labels=[0, 1, 2], average="macro", zero_division=0.0))


def ours(model: str, runtime: Any, rows: Sequence[Labelled], *, fast: bool) -> Callable[[], list[int]]:
    from statestance.predict import load as load_model

    predictor = load_model(model, runtime=runtime, fast=fast)
    interventions = [r.intervention for r in rows]

    def work() -> list[int]:
        # The likeliest outcome: abstention on top of it would be a choice that the peer does not have.
        return [max(range(len(OUTCOMES)), key=p.probabilities.__getitem__) for p in predictor.predict(interventions)]

    return work


def peer(weights: Path, rows: Sequence[Labelled]) -> tuple[Callable[[], list[int]], int]:
    """The pipeline with its best batch size, found on a part of the rows."""
    classify, texts = pipeline(weights), [mask(r.intervention).text for r in rows]
    labels = {f"LABEL_{n}": n for n in range(len(OUTCOMES))} | {str(o): n for n, o in enumerate(OUTCOMES)}

    def work(size: int, some: Sequence[str]) -> list[int]:
        options = {"truncation": True, "max_length": 384}
        return [labels[found["label"]] for found in classify(list(some), batch_size=size, **options)]

    part = texts[:96]
    speeds = {size: rate(lambda size=size: work(size, part), len(part))[0] for size in SIZES}
    best = max(speeds, key=speeds.__getitem__)
    return lambda: work(best, texts), best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="*", default=[str(ROOT / "build/bundles/sequence"), "released"])
    parser.add_argument("--weights", type=Path, default=ROOT / "build/models/sequence")
    parser.add_argument("--rows", type=Path, default=ROOT / "data/statements/upr.jsonl")
    parser.add_argument("--part", choices=("all", "test"), default="all", help="which rows are timed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="64 rows, one round: does it work at all")
    args = parser.parse_args()
    rows = [r for r in load(args.rows) if args.part == "all" or r.split == args.part]
    rounds = 1 if args.quick else args.rounds
    rows = rows[:64] if args.quick else rows
    print(f"{machine()}; {len(rows)} interventions of {args.rows.name} ({args.part}), {rounds} rounds")
    asked, size = peer(args.weights, rows)
    works, names = [asked], list[str]()
    for model in args.models:
        two = read(locate(model).folder).first_pass is not None
        for runtime in ("onnxruntime", "openvino"):
            for fast in (False, True) if two else (False,):
                works.append(ours(model, runtime, rows, fast=fast))
                names.append(f"{Path(model).name}, {runtime}{', --fast' * fast} ({args.part})")
    found = alternating(rounds, *(lambda work=work: rate(work, len(rows)) for work in works))
    theirs, base = [one[0] for one in found[0]], macro_f1(rows, found[0][0][1])
    for name, its in zip(names, found[1:], strict=True):
        compare(f"predict: {name}", [one[0] for one in its], f"pipeline, batches of {size}", theirs, "a second", "≥ 8")
        own = macro_f1(rows, its[0][1])
        row(f"macro-F1: {name}", f"{own:.3f}", f"pipeline: {base:.3f}", f"{own - base:+.3f}", "≥ -0.01")


if __name__ == "__main__":
    main()
