"""Labelled texts once more, among neutral sentences of other texts: what is around a mark must not change it."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace

from statestance.corpus import Labelled
from statestance.domain import Marks, join_sentences
from statestance.learners.common import Examples
from statestance.text.masking import Masked

_MOST = 2
"""Neutral sentences that are set into a text."""


def among_neutral(side: Examples, share: float, seed: int) -> Examples:
    """The examples, and copies of a ``share`` of those with marks in which neutral sentences stand too.

    One or two sentences that carry no mark in another row of the same register are set in at random places; in half
    of the copies the order of all sentences changes. Labels stay what they were. The same seed gives the same copies.
    """
    chance = random.Random(seed)
    neutral: dict[str, list[str]] = defaultdict(list)
    for row, text in zip(side.rows, side.texts, strict=True):
        if row.marks is not None:
            marked = {*row.marks.praise, *row.marks.concern}
            neutral[row.register] += [
                text.text[span.start : span.end] for n, span in enumerate(text.sentences) if n not in marked
            ]
    marked_rows = [n for n, row in enumerate(side.rows) if row.marks is not None and neutral[row.register]]
    chosen = sorted(chance.sample(marked_rows, round(share * len(marked_rows))))
    copies = [_copy(side.rows[n], side.texts[n], neutral[side.rows[n].register], chance) for n in chosen]
    return Examples(
        (*side.rows, *(row for row, _ in copies)),
        (*side.texts, *(text for _, text in copies)),
    )


def _copy(row: Labelled, text: Masked, neutral: list[str], chance: random.Random) -> tuple[Labelled, Masked]:
    """One row with neutral sentences in it; its intervention stays the original's, its text and marks are new."""
    assert row.marks is not None
    sentences: list[tuple[str, int | None]] = [
        (text.text[span.start : span.end], number) for number, span in enumerate(text.sentences)
    ]
    if chance.random() < 0.5:
        chance.shuffle(sentences)
    for other in chance.choices(neutral, k=chance.randint(1, _MOST)):
        sentences.insert(chance.randint(0, len(sentences)), (other, None))
    places = {number: place for place, (_, number) in enumerate(sentences) if number is not None}
    marks = Marks(
        tuple(sorted(places[n] for n in row.marks.praise)), tuple(sorted(places[n] for n in row.marks.concern))
    )
    whole, spans = join_sentences([sentence for sentence, _ in sentences])
    return replace(row, marks=marks), Masked(whole, spans)
