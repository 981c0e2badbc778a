"""The data card tells the figures that the data have."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from statestance.corpus import load
from statestance.domain import Marks
from statestance.stance import NO_STANCE

ROOT = Path(__file__).parents[3]
PLACES = (ROOT / "data/statements/composed.jsonl", ROOT / "../shared/corpus/composed.jsonl")


@pytest.fixture(scope="module")
def composed() -> Path:
    found = next((path for path in PLACES if path.is_file()), None)
    if found is None:
        pytest.skip("the composed statements are not here; run `dvc pull`")
    return found


def card_row(start: str) -> list[str]:
    """The cells of the card's table row that starts so, without thousands separators."""
    card = (ROOT / "data/README.md").read_text(encoding="utf-8")
    (line,) = re.findall(rf"^\| {re.escape(start)}[^|]*\|(.*)\|$", card, re.MULTILINE)
    return [cell.strip().replace(",", "") for cell in line.split("|")]


def test_the_agreement_of_the_two_annotations_is_as_told(composed: Path) -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="needs the train extra")
    rows = [json.loads(line) for line in composed.read_text(encoding="utf-8").splitlines()]
    stances = [
        [str(Marks(tuple(r[f"{which}praise"]), tuple(r[f"{which}concern"])).stance or NO_STANCE) for r in rows]
        for which in ("", "second_")
    ]
    pairs = {"stance of the intervention": stances}
    for mark in ("praise", "concern"):
        pairs[f"{mark}, by sentence"] = [
            [n in r[name] for r in rows for n in range(len(r["sentences"]))] for name in (mark, f"second_{mark}")
        ]
    for row, (first, second) in pairs.items():
        differ = sum(a != b for a, b in zip(first, second, strict=True))
        assert card_row(row) == [
            str(len(first)),
            str(differ),
            f"{1 - differ / len(first):.4f}",
            f"{metrics.cohen_kappa_score(first, second):.3f}",
        ]


def test_the_counts_are_as_told(composed: Path) -> None:
    rows = load(composed)
    for register in ("summary", "verbatim", "all"):
        part = [r.outcome for r in rows if register in (r.register, "all")]
        assert card_row(register) == [*(str(part.count(n)) for n in range(4)), str(len(part))]
