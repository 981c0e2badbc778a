"""Texts to token numbers, in overlapping windows and padded batches; tokenizers and numpy only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from statestance.domain import StatestanceError

IntArray = npt.NDArray[np.int64]
Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one text that fits the encoder: its text's number, its ids, its characters."""

    text: int
    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows padded to one width: ``input_ids`` and ``attention_mask`` are (B, T) int64."""

    windows: tuple[int, ...]
    input_ids: IntArray
    attention_mask: IntArray


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sentence stands in a window: tokens ``first`` up to, not including, ``end``."""

    sentence: int
    first: int
    end: int


class TextEncoder:
    """A tokenizer with the window length of one model. Long texts become several windows."""

    def __init__(self, tokenizer_json: Path, *, max_length: int, stride: int = 64) -> None:
        if not tokenizer_json.is_file():
            raise StatestanceError(f"expected a tokenizer at {tokenizer_json}; found none; export the model again")
        self._tokenizer = Tokenizer.from_file(str(tokenizer_json))
        # A window keeps room for its special tokens; the stride must leave it something new to read.
        self._tokenizer.enable_truncation(max_length, stride=min(stride, max(0, max_length // 2 - 2)))
        self._tokenizer.no_padding()
        self.pad_id = self._tokenizer.token_to_id("[PAD]") or self._tokenizer.token_to_id("<pad>") or 0

    def windows(self, texts: Sequence[str]) -> list[Window]:
        """Return the windows of every text, in order; each text has at least one."""
        return [
            Window(number, tuple(part.ids), tuple(part.offsets))
            for number, encoding in enumerate(self._tokenizer.encode_batch(list(texts)))
            for part in (encoding, *encoding.overflowing)
        ]

    def batches(self, windows: Sequence[Window], *, max_tokens: int = 4096, step: int = 1) -> Iterator[Batch]:
        """Yield batches of windows of like length, at most ``max_tokens`` padded tokens each; widths are
        multiples of ``step``."""
        order = sorted(range(len(windows)), key=lambda i: (len(windows[i].ids), i))
        start = 0
        while start < len(order):
            end = start + 1
            while end < len(order) and (end + 1 - start) * _up(len(windows[order[end]].ids), step) <= max_tokens:
                end += 1
            chosen = order[start:end]
            yield replace(self.pad([windows[i] for i in chosen], step=step), windows=tuple(chosen))
            start = end

    def pad(self, windows: Sequence[Window], *, step: int = 1) -> Batch:
        """Pad windows to the longest of them, up to a multiple of ``step``.

        ``windows`` of the batch are numbers in the given sequence.
        """
        width = _up(max(len(w.ids) for w in windows), step)
        ids = np.full((len(windows), width), self.pad_id, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, window in enumerate(windows):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = 1
        return Batch(tuple(range(len(windows))), ids, mask)


def _up(number: int, step: int) -> int:
    return -(-number // step) * step


def _sentence_of_tokens(window: Window, spans: Spans) -> IntArray:
    """The number of the first sentence that each token touches, or -1 (special tokens, text between sentences).

    Some tokenizers count the space before a word as part of its token, so a token may start before its sentence.
    """
    offsets = np.array(window.offsets, dtype=np.int64).reshape(-1, 2)
    if not len(spans):
        return np.full(len(offsets), -1, dtype=np.int64)
    starts, ends = np.array(spans, dtype=np.int64).T
    number = np.searchsorted(ends, offsets[:, 0], side="right")
    begins = starts[np.minimum(number, len(starts) - 1)]
    inside = (number < len(starts)) & (begins < offsets[:, 1]) & (offsets[:, 1] > offsets[:, 0])
    return np.where(inside, number, -1)


def place_sentences(windows: Sequence[Window], spans: Sequence[Spans]) -> list[tuple[Place, ...]]:
    """For each window, the sentences to be read in it. ``spans`` holds the sentences of each text, in order.

    A sentence is read in the first window that holds the whole of it; one longer than any window is read,
    in parts, in every window that holds some of it, so that no word is passed over.
    """
    parts: dict[tuple[int, int], list[tuple[int, Place, frozenset[int]]]] = {}
    for number, window in enumerate(windows):
        owner = _sentence_of_tokens(window, spans[window.text])
        for sentence in np.unique(owner[owner >= 0]).tolist():
            tokens = np.flatnonzero(owner == sentence).tolist()
            characters = frozenset(window.offsets[t][0] for t in tokens)
            part = (number, Place(sentence, tokens[0], tokens[-1] + 1), characters)
            parts.setdefault((window.text, sentence), []).append(part)
    found: list[list[Place]] = [[] for _ in windows]
    for pieces in parts.values():
        whole = frozenset[int]().union(*(characters for _, _, characters in pieces))
        complete = [piece for piece in pieces if piece[2] == whole]
        for number, place, _ in complete[:1] or pieces:
            found[number].append(place)
    return [tuple(sorted(places, key=lambda p: p.sentence)) for places in found]


def pool_matrix(places: Sequence[Sequence[Place]], width: int) -> npt.NDArray[np.float32]:
    """Weights (B, S, T) that average the token vectors of each sentence; rows past a text's last are zero."""
    deepest = max(1, max((len(p) for p in places), default=1))
    weights = np.zeros((len(places), deepest, width), dtype=np.float32)
    for row, sentences in enumerate(places):
        for number, place in enumerate(sentences):
            weights[row, number, place.first : place.end] = 1.0 / (place.end - place.first)
    return weights
