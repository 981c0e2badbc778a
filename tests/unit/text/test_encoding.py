"""No word of a text is passed over: windows, batches, and where sentences are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import model_parts
from statestance.domain import StatestanceError
from statestance.text.encoding import Place, TextEncoder, Window, place_sentences, pool_matrix

WORDS = ("Orvania", "praised", "the", "new", "law", "but", "regretted", "its", "delay", ".", ",")
KINDS = ("words", "pieces", "spaced")
tokens = st.sampled_from((*WORDS, "[SPEAKER]", "[TARGET]", "[STATE]", "[SEP]", "élan", "𝔘nd", "ﬁne", "\u200b", "法律"))
sentence = st.one_of(st.lists(tokens, min_size=1, max_size=30).map(" ".join), st.text(max_size=20))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("tokenizers")
    return {kind: model_parts.tokenizer(folder / f"{kind}.json", WORDS, kind) for kind in KINDS}


def _whole(file: Path, text: str) -> list[tuple[int, int]]:
    """Offsets of the tokens of a text that is not cut, without special tokens."""
    from tokenizers import Tokenizer

    plain = Tokenizer.from_file(str(file))
    plain.no_truncation()
    return [tuple(o) for o in plain.encode(text, add_special_tokens=False).offsets]


def _joined(sentences: list[str], gap: str) -> tuple[str, list[tuple[int, int]]]:
    text, spans = "", []
    for part in sentences:
        text += gap if text else ""
        left = len(part) - len(part.lstrip())
        spans.append((len(text) + left, len(text) + max(left, len(part.rstrip()))))
        text += part
    return text, [s for s in spans if s[0] < s[1]]


@pytest.mark.parametrize("kind", KINDS)
@given(
    texts=st.lists(st.tuples(st.lists(sentence, min_size=1, max_size=5), st.sampled_from([" ", "\n\n"])), max_size=3),
    max_length=st.integers(8, 24),
    stride=st.integers(0, 20),
)
@settings(max_examples=60, deadline=None)
def test_every_sentence_is_read_whole_where_a_window_holds_it_and_else_in_all_its_parts(
    files: dict[str, Path], kind: str, texts: list[tuple[list[str], str]], max_length: int, stride: int
) -> None:
    joined = [_joined(*one) for one in texts]
    windows = TextEncoder(files[kind], max_length=max_length, stride=stride).windows([t for t, _ in joined])
    places = place_sentences(windows, [s for _, s in joined])
    assert len(places) == len(windows)
    assert all(len(w.ids) == len(w.offsets) <= max_length for w in windows)
    for number, (text, spans) in enumerate(joined):
        mine = [(w, p) for w, p in zip(windows, places, strict=True) if w.text == number]
        offsets = [o for o in _whole(files[kind], text) if o[0] < o[1]]
        assert set(offsets) == {o for w, _ in mine for o in w.offsets if o[0] < o[1]}
        owners = [next((i for i, (a, b) in enumerate(spans) if a < o[1] and o[0] < b), -1) for o in offsets]
        for index in range(len(spans)):
            expected = {o for o, owner in zip(offsets, owners, strict=True) if owner == index}
            mine_of = [(w, p) for w, ps in mine for p in ps if p.sentence == index]
            read = [{o for o in w.offsets[p.first : p.end] if o[0] < o[1]} for w, p in mine_of]
            assert set().union(*read) == expected
            if any(expected <= set(w.offsets) for w, _ in mine) and expected:
                assert read == [expected]
            elif expected:
                assert len(read) == sum(bool(expected & set(w.offsets)) for w, _ in mine) > 1


@pytest.mark.parametrize("kind", KINDS)
def test_special_tokens_frame_every_window_and_belong_to_no_sentence(files: dict[str, Path], kind: str) -> None:
    text = "Orvania praised the new law . " * 8
    windows = TextEncoder(files[kind], max_length=16, stride=4).windows([text])
    assert len(windows) > 2
    assert all((w.ids[0], w.ids[-1]) == (2, 3) for w in windows)
    for window, places in zip(windows, place_sentences(windows, [[(0, len(text))]]), strict=True):
        assert places == (Place(0, 1, len(window.ids) - 1),)


def test_masking_tokens_stay_one_token_and_are_read(files: dict[str, Path]) -> None:
    (window,) = TextEncoder(files["pieces"], max_length=32).windows(["[SPEAKER] praised [TARGET]."])
    assert [i for i in window.ids if i in (4, 5, 6)] == [4, 5]
    ((place,),) = place_sentences([window], [[(0, 27)]])
    assert {4, 5} <= set(window.ids[place.first : place.end])


def test_a_word_keeps_to_its_sentence_where_its_token_takes_in_the_space_before(files: dict[str, Path]) -> None:
    text = "Orvania praised. Delay."
    windows = TextEncoder(files["spaced"], max_length=16).windows([text])
    assert windows[0].offsets == ((0, 0), (0, 7), (7, 16), (16, 23), (0, 0))
    assert place_sentences(windows, [[(0, 16), (17, 23)]]) == [(Place(0, 1, 3), Place(1, 3, 4))]


def test_a_sentence_that_two_windows_hold_is_read_in_the_first(files: dict[str, Path]) -> None:
    text = "the new law . Orvania praised . its delay ."
    windows = TextEncoder(files["words"], max_length=10, stride=3).windows([text])
    first, second = place_sentences(windows, [[(0, 13), (14, 31), (32, 43)]])
    assert [p.sentence for p in first] == [0, 1]
    assert [p.sentence for p in second] == [2]


def test_windows_of_short_texts_are_one_each_even_when_empty(files: dict[str, Path]) -> None:
    windows = TextEncoder(files["words"], max_length=16).windows(["the law", "", "delay"])
    assert [w.text for w in windows] == [0, 1, 2]
    assert windows[1].ids == (2, 3)
    assert place_sentences(windows, [[], [], []]) == [(), (), ()]


def test_a_stride_as_long_as_the_window_still_moves_on(files: dict[str, Path]) -> None:
    windows = TextEncoder(files["words"], max_length=8, stride=500).windows(["law " * 50])
    starts = [w.offsets[1] for w in windows]
    assert starts == sorted(set(starts))
    assert windows[-1].offsets[-2] == (49 * 4, 49 * 4 + 3)


lengths = st.lists(st.integers(2, 60), max_size=40)


@given(lengths, st.integers(1, 300))
@settings(deadline=None)
def test_batches_hold_every_window_once_within_the_bound(
    files: dict[str, Path], sizes: list[int], max_tokens: int
) -> None:
    windows = [Window(n, tuple(range(10, 10 + size)), ((0, 1),) * size) for n, size in enumerate(sizes)]
    batches = list(TextEncoder(files["words"], max_length=64).batches(windows, max_tokens=max_tokens))
    assert sorted(n for b in batches for n in b.windows) == list(range(len(sizes)))
    for batch in batches:
        assert batch.input_ids.size <= max_tokens or len(batch.windows) == 1
        assert batch.input_ids.shape == batch.attention_mask.shape
        for number, ids, mask in zip(batch.windows, batch.input_ids, batch.attention_mask, strict=True):
            assert tuple(ids[mask == 1]) == windows[number].ids
            assert mask.sum() == sizes[number] and (ids[mask == 0] == 0).all()


@pytest.mark.parametrize(("token", "expected"), [("[PAD]", 0), ("<pad>", 1), ("blank", 0)])
def test_the_padding_token_is_found_by_its_usual_names(tmp_path: Path, token: str, expected: int) -> None:
    from tokenizers import Tokenizer, models

    vocabulary = {"[PAD]": 0, "x": 1} if token == "[PAD]" else {"x": 0, token: 1}
    Tokenizer(models.WordLevel(vocabulary, unk_token="x")).save(str(tmp_path / "t.json"))
    assert TextEncoder(tmp_path / "t.json", max_length=8).pad_id == expected


def test_pooling_averages_the_tokens_of_each_sentence() -> None:
    places = [(Place(0, 1, 3), Place(2, 3, 6)), (Place(1, 0, 4),), ()]
    vectors = np.random.default_rng(1).normal(size=(3, 7, 2)).astype(np.float32)
    pooled = pool_matrix(places, 7) @ vectors
    assert pooled.shape == (3, 2, 2)
    np.testing.assert_allclose(pooled[0, 0], vectors[0, 1:3].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(pooled[0, 1], vectors[0, 3:6].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(pooled[1, 0], vectors[1, 0:4].mean(axis=0), rtol=1e-5)
    assert not pooled[1, 1].any() and not pooled[2].any()


@pytest.mark.parametrize("places", [[], [()]])
def test_pooling_nothing_keeps_its_shape(places: Any) -> None:
    assert pool_matrix(places, 5).shape == (len(places), 1, 5)


def test_a_missing_tokenizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(StatestanceError, match=r"tokenizer\.json; found none"):
        TextEncoder(tmp_path / "tokenizer.json", max_length=8)
