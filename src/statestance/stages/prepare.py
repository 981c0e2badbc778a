"""prepare: labelled files → train, dev and test, split by debate, with a report."""

from __future__ import annotations

import argparse
import shutil
from collections import Counter
from pathlib import Path

from pydantic import Field

from statestance.corpus import Labelled, read, write_jsonl
from statestance.corpus.split import SPLITS, assign, check_debates, deduplicate, report
from statestance.domain import StatestanceError
from statestance.stages.settings import Params, read_settings, run, write_json


class PrepareParams(Params):
    """``dev`` and ``test`` are shares of the rows, in twentieths; ``near_duplicate`` is a Jaccard likeness."""

    sources: list[str] = Field(min_length=1)
    near_duplicate: float = Field(gt=0, le=1)
    dev: float = Field(gt=0, lt=0.5)
    test: float = Field(gt=0, lt=0.5)
    seed: int


def _check_ids(rows: list[Labelled]) -> None:
    """Each file was checked alone; together they may still share an id."""
    twice = [i for i, n in Counter(row.intervention.id for row in rows).items() if n > 1]
    if twice:
        raise StatestanceError(
            f"expected ids that no two sources share; found {twice[:5]} in several; rename them in one"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--params", type=Path, required=True)
    parser.add_argument("--statements", type=Path, required=True, help="folder of <source>.jsonl")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)
    args = parser.parse_args()
    params = read_settings(args.params, PrepareParams, "prepare")
    files = [read(args.statements / f"{source}.jsonl") for source in params.sources]
    rows = [row for file in files for row in file.rows]
    _check_ids(rows)
    unique = deduplicate(rows, near_duplicate=params.near_duplicate)
    split = assign(unique.rows, dev=params.dev, test=params.test, seed=params.seed)
    check_debates(split)
    work = args.out.with_name(args.out.name + ".partial")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for side in SPLITS:
        write_jsonl(work / f"{side}.jsonl", [row for row in split if row.split == side])
    shutil.rmtree(args.out, ignore_errors=True)
    work.rename(args.out)
    write_json(args.report, report(split, unique.repeats, sum(file.not_interventions for file in files)))
    counts = {side: sum(row.split == side for row in split) for side in SPLITS}
    print(f"{len(rows)} rows read, {len(unique.repeats)} repeats left out: {counts}")


if __name__ == "__main__":
    run(main)
