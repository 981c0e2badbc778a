"""Copies among neutral sentences: every sentence keeps its mark, and nothing else gets one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import invented_rows
from statestance.corpus import Labelled, load
from statestance.learners.common import Examples, examples
from statestance.learners.neural.mixing import among_neutral
from statestance.text.masking import Masked

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def side(tmp_path_factory: pytest.TempPathFactory) -> Examples:
    folder = tmp_path_factory.mktemp("rows")
    marked, plain = invented_rows.rows(40), invented_rows.rows(8, seed=8, marks=False)
    for number, row in enumerate(plain):
        row["id"] = f"p{number}"
    return examples(load(invented_rows.write(folder / "rows.jsonl", marked + plain)))


def marked(row: Labelled, text: Masked) -> tuple[list[str], list[str]]:
    """The sentences that carry praise, and those that carry concern."""
    assert row.marks is not None
    sentences = [text.text[span.start : span.end] for span in text.sentences]
    return sorted(sentences[n] for n in row.marks.praise), sorted(sentences[n] for n in row.marks.concern)


@settings(max_examples=30, deadline=None)
@given(share=st.floats(0, 1), seed=st.integers(0, 2**31))
def test_a_copy_keeps_every_mark_on_its_sentence(side: Examples, share: float, seed: int) -> None:
    both = among_neutral(side, share, seed)
    assert both.rows[: len(side.rows)] == side.rows and both.texts[: len(side.texts)] == side.texts
    copies = list(zip(both.rows, both.texts, strict=True))[len(side.rows) :]
    assert len(copies) == round(share * 40)
    originals = {r.intervention.id: (r, t) for r, t in zip(side.rows, side.texts, strict=True)}
    neutral = {
        t.text[s.start : s.end]
        for r, t in zip(side.rows, side.texts, strict=True)
        if r.marks is not None
        for n, s in enumerate(t.sentences)
        if n not in {*r.marks.praise, *r.marks.concern}
    }
    for row, text in copies:
        old, before = originals[row.intervention.id]
        assert marked(row, text) == marked(old, before) and row.stance == old.stance
        told = [text.text[s.start : s.end] for s in text.sentences]
        assert text.text == " ".join(told)
        added = len(told) - len(before.sentences)
        assert added in (1, 2)
        rest = [t for t in told if t not in {before.text[s.start : s.end] for s in before.sentences}]
        assert set(rest) <= neutral


def test_the_same_seed_gives_the_same_copies(side: Examples) -> None:
    assert among_neutral(side, 0.5, 3) == among_neutral(side, 0.5, 3)
    assert among_neutral(side, 0.5, 3) != among_neutral(side, 0.5, 4)
    assert among_neutral(side, 0.0, 3) == side
