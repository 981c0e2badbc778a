"""average: trained evidence models → one with the mean of their weights, to be exported as any other.

``python -m statestance.stages.average --trained build/models/evidence OTHER/evidence --out build/models/average``

Models that were fine-tuned from one encoder on different data lie in one basin too, and their mean keeps much of what
each has learned (Wortsman et al. 2022, "Model soups"). The tokenizer, the config, the first pass and the data digest
are those of the last one: name the one with the most data last.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from statestance.domain import StatestanceError
from statestance.stages.settings import run, write_json


def average(trained: Sequence[Path], out: Path) -> dict[str, Any]:
    """Write the mean of the models in the folders ``trained``; return its record.

    Raises ``StatestanceError`` for models that are not evidence models of one encoder and one vocabulary.
    """
    records = [_record(folder) for folder in trained]
    for folder, record in zip(trained, records, strict=True):
        if record["learner"] != "evidence":
            raise StatestanceError(
                f"expected evidence models to average; found the learner {record['learner']!r} in {folder}; "
                "leave it out"
            )
        if _shape(record) != _shape(records[-1]) or not _same_words(folder, trained[-1]):
            raise StatestanceError(
                f"expected models of one encoder and one vocabulary; {folder} and {trained[-1]} differ; "
                "train both from the same encoder"
            )
    from statestance.learners import evidence

    work = out.with_name(out.name + ".partial")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(trained[-1], work)
    evidence.average(list(trained)).save_pretrained(work)
    kept = ("config", "data_digest", "seed", "rows", "seconds")
    record = records[-1] | {"averaged": [{key: one.get(key) for key in kept} for one in records]}
    for key in ("curves", "best_dev", "best_dev_of_members", "epochs_run"):
        record.pop(key, None)
    write_json(work / "training.json", record)
    shutil.rmtree(out, ignore_errors=True)
    work.rename(out)
    return record


def _record(folder: Path) -> dict[str, Any]:
    path = folder / "training.json"
    if not path.is_file():
        raise StatestanceError(f"expected a trained model at {folder}; found no training.json; train it first")
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record


def _shape(record: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(record["config"].get(key) for key in ("encoder", "layers", "max_length", "stride"))


def _same_words(one: Path, other: Path) -> bool:
    return (one / "tokenizer.json").read_bytes() == (other / "tokenizer.json").read_bytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trained", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    record = average(args.trained, args.out)
    print(f"{args.out}: the mean of {len(record['averaged'])} models")


if __name__ == "__main__":
    run(main)
