"""Debates to predictions: in order, in blocks, with every turn accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statestance.apps.predicting import Account, predictions
from statestance.domain import Intervention, Prediction, StatestanceError
from statestance.stance import Stance
from statestance.transcripts import Debate


class Echo:
    """Answers in order; abstains from texts that end in "?"; remembers the size of each block."""

    manifest = SimpleNamespace(name="echo")

    def __init__(self) -> None:
        self.blocks: list[int] = []

    def predict(self, rows: list[Intervention]) -> list[Prediction]:
        self.blocks.append(len(rows))
        return [
            Prediction(r, None, 0.4, (0.3, 0.3, 0.0, 0.4), abstain_reason="no_stance")
            if r.text.endswith("?")
            else Prediction(r, Stance.MIXED, 0.9, (0.0, 0.9, 0.0, 0.1))
            for r in rows
        ]


def debate(kinds: str, name: str = "d") -> Debate:
    """A debate of turns by kind: "i" an intervention, "q" one the model abstains from, "c" the chair's."""
    turns = tuple(
        Intervention(f"{name}-{n}", "Why?" if kind == "q" else "So.", name, left_out="chair" if kind == "c" else "")
        for n, kind in enumerate(kinds)
    )
    return Debate(name, "", "", "script", f"{name}.txt", turns)


def run(debates: list[Debate], *, keep_all: bool = False) -> tuple[list[Prediction], Account, Echo]:
    account, predictor = Account(), Echo()
    made: Any = predictor
    return list(predictions(iter(debates), made, account, keep_all=keep_all)), account, predictor


@given(st.lists(st.text("iqc", max_size=8), max_size=4), st.booleans())
def test_every_turn_is_a_row_or_counted(kinds: list[str], keep_all: bool) -> None:
    debates = [debate(k, f"d{n}") for n, k in enumerate(kinds)]
    spoken = sum(k.count("i") + k.count("q") for k in kinds)
    if not spoken:
        with pytest.raises(StatestanceError, match="expected interventions"):
            run(debates, keep_all=keep_all)
        return
    rows, account, _ = run(debates, keep_all=keep_all)
    turns = [t for d in debates for t in d.turns if keep_all or not t.left_out]
    assert [r.intervention for r in rows] == turns
    assert account.kept == spoken
    assert sum(f.left_out.total() for f in account.files.values()) == sum(k.count("c") for k in kinds)
    assert account.abstained.total() == sum(k.count("q") for k in kinds)
    assert all(r.abstained == (r.intervention.left_out != "" or r.intervention.text == "Why?") for r in rows)


def test_a_long_debate_is_predicted_in_blocks_as_it_is_asked_for() -> None:
    account, predictor = Account(), Echo()
    made: Any = predictor
    rows = predictions(iter([debate("i" * 1000)]), made, account, keep_all=False)
    next(rows)
    assert predictor.blocks == [256]
    assert len(list(rows)) == 999 and predictor.blocks == [256, 256, 256, 232]


def test_debates_are_read_one_at_a_time() -> None:
    read: list[str] = []

    def debates() -> Iterator[Debate]:
        for name in ("a", "b"):
            read.append(name)
            yield debate("i", name)

    made: Any = Echo()
    rows = predictions(debates(), made, Account(), keep_all=False)
    next(rows)
    assert read == ["a"]


def test_a_file_of_other_turns_says_which_they_were() -> None:
    with pytest.raises(StatestanceError, match=r"in d\.txt; found none \(3 × chair\); .* --layout"):
        run([debate("ccc")])


def test_the_account_is_by_file() -> None:
    _, account, _ = run([debate("iic", "a"), debate("qi", "b")])
    assert {name: (f.kept, dict(f.left_out), f.layouts) for name, f in account.files.items()} == {
        "a.txt": (2, {"chair": 1}, {"script"}),
        "b.txt": (2, {}, {"script"}),
    }


def test_blocks_of_one_table_are_one_file_with_the_debates_of_its_rows() -> None:
    turns = [Intervention(str(n), "So.", f"d{n % 3}", target=f"T{n % 2}") for n in range(6)]
    blocks = [Debate("all", "", "", "table", "all.csv", tuple(part)) for part in (turns[:4], turns[4:])]
    _, account, _ = run(blocks)
    (file,) = account.files.values()
    assert (file.kept, file.debates, file.targets) == (6, {"d0", "d1", "d2"}, {"T0", "T1"})
