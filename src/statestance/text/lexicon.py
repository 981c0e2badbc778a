"""Sentiment-lexicon features (VADER), the thing people reach for first.

Hutto and Gilbert (2014), "VADER: a parsimonious rule-based model for sentiment analysis of social media text".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from statestance.domain import StatestanceError
from statestance.text.sentences import split


@cache
def _analyser() -> Any:
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError as error:
        raise StatestanceError(
            "expected vaderSentiment for the lexicon model; found none; pip install 'statestance[baselines]'"
        ) from error
    return SentimentIntensityAnalyzer()


def lexicon_features(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return (N, 3): VADER's compound score, in [-1, 1], of the text, of its worst and of its best sentence."""
    rows = np.zeros((len(texts), 3))
    for number, text in enumerate(texts):
        sentences = [_analyser().polarity_scores(text[s.start : s.end])["compound"] for s in split(text)] or [0.0]
        rows[number] = (_analyser().polarity_scores(text)["compound"], min(sentences), max(sentences))
    return rows
