"""Interventions keep their sentences as spans of their text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statestance.domain import Intervention, Prediction, Span, join_sentences
from statestance.stance import Stance


@given(st.lists(st.text(min_size=1), max_size=6))
def test_joined_sentences_are_found_again_by_their_spans(sentences: list[str]) -> None:
    text, spans = join_sentences(sentences)
    assert text == " ".join(sentences)
    assert Intervention("i", text, sentences=spans).sentence_texts == tuple(sentences)


@pytest.mark.parametrize(
    "spans",
    [
        (Span(0, 3), Span(2, 5)),
        (Span(4, 2),),
        (Span(0, 6),),
        (Span(-1, 2),),
        (Span(3, 5), Span(0, 2)),
    ],
    ids=["overlap", "backwards", "beyond the end", "before the start", "out of order"],
)
def test_spans_that_leave_the_text_or_overlap_are_refused(spans: tuple[Span, ...]) -> None:
    with pytest.raises(ValueError, match="overlap or leave its text"):
        Intervention("i", "Five.", sentences=spans)


def test_spans_may_touch() -> None:
    assert Intervention("i", "One.Two.", sentences=(Span(0, 4), Span(4, 8))).sentence_texts == (
        "One.",
        "Two.",
    )


def test_a_prediction_without_a_stance_is_an_abstention() -> None:
    one = Intervention("i", "Text.")
    assert Prediction(one, None, 0.4, (0.4, 0.3, 0.2, 0.1), abstain_reason="low_confidence").abstained
    assert not Prediction(one, Stance.MIXED, 0.7, (0.1, 0.7, 0.1, 0.1)).abstained
