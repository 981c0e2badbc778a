"""Sentences: hard cases of the genre, properties for any text, agreement with labelled corpora."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statestance.text.sentences import split

SHARED = Path(__file__).parents[3] / ".." / "shared"

# "|" stands before each sentence but the first.
CASES = [
    "It referred to Convention No. 12.| It asked about art. 5 (2) of the law and para. 12 of the report.",
    "It cited No. XII and art. IV.| It left.",
    "H.E. Mr. Tavel thanked Ms. Orin.| St. Brann was next.",
    "The U.S. delegation spoke.| It left the U.S.| The end.",
    "See paras. 3-4, e.g. the reports, i.e. all of them.| Done.",
    "It recommended (a) to ratify the text; (b) to publish it; and (c) to report.| It left.",
    "It recommended: (a) A new law. (b) A new court.| It left.",
    "She said: “We are concerned.”| He agreed.",
    "The delegation said 'We regret it.'| Then it left.",
    "“Stop!” he said.| “Why?” asked she.",
    "Is it so?| Yes!| Surely.",
    "Well…| We shall see.| And so ... it went on.",
    "We regret that....| The end.",
    "The rate was 3.5 per cent on 5 Jan. 2010.| It rose.",
    "It acceded on 10 Dec. Ulvania was first.",
    "J. K. Marren spoke.| Mr. J. Marren left.",
    "It signed the treaty in 2012.| 14 States followed.",
    "He cited the Covenant (see art. 7).| (It is binding.)| Fine.",
    "25. Ulvania thanked the delegation.| It left.",
    "(a) Ratify it.| It left.",
    "The act (No. 4 of 2001) was repealed.| It was good etc.| The end.",
    "The case of Ilm v. State was lost.| It was no loss.",
    "A heading\n\n|A paragraph here.",
    "one line\ncontinues here.| Next.",
    "He asked for Annex A.| The text was long.",
    "We thank you, Mr. President.| We welcome the law.",
    "Ratify the text (Ulvania);| Continue the reform (Zelonia).",
    "The meeting rose at 6 p.m.| The Chair thanked all.",
    "It welcomed the law of 3 March 2009.| Convention No. 82 was signed.",
    "Op. cit., p. 4.| It ended.",
    "What about the U.N.?| It worked.",
    "He said (sic!) that it works.",
    "– The law exists.| – The court sits.",
    "Did it sign?| No.| Ulvania waited.| The answer was no.| Zelonia left.",
]


@pytest.mark.parametrize("marked", CASES)
def test_hard_cases(marked: str) -> None:
    text = marked.replace("|", "")
    found = [text[s.start : s.end] for s in split(text)]
    assert found == [part.strip() for part in marked.split("|")]


def test_an_empty_text_has_no_sentence() -> None:
    assert split("") == split(" \n\t ") == ()


PIECES = [
    "Mr.",
    "No. 5",
    "Ulvania",
    "(a)",
    "; ",
    " ",
    "\n\n",
    ". ",
    "… ",
    "? ",
    "”",
    "“",
    "It",
    "no",
    "3.",
    "U.S.",
    "é",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_every_character_but_space_stands_in_one_sentence(text: str) -> None:
    spans = split(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all(text[s.start : s.end] and text[s.start : s.end] == text[s.start : s.end].strip() for s in spans)
    assert "".join("".join(text[s.start : s.end].split()) for s in spans) == "".join(text.split())


def _boundaries(rows: list[tuple[str, list[int]]]) -> tuple[float, float]:
    """Precision and recall of the starts of sentences after the first."""
    right = found = wanted = 0
    for text, starts in rows:
        got, gold = {s.start for s in split(text)[1:]}, set(starts[1:])
        right, found, wanted = right + len(got & gold), found + len(got), wanted + len(gold)
    return right / found, right / wanted


def _starts(text: str, sentences: list[str]) -> list[int]:
    starts, at = [], 0
    for sentence in sentences:
        starts.append(text.index(sentence, at))
        at = starts[-1] + len(sentence)
    return starts


def _rows(name: str) -> list[dict[str, object]]:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"no {name} in the shared folder beside the project")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.shared
def test_agrees_with_the_composed_statements() -> None:
    rows = [(" ".join(r["sentences"]), r["sentences"]) for r in _rows("corpus/composed.jsonl")]
    precision, recall = _boundaries([(text, _starts(text, sentences)) for text, sentences in rows])
    assert precision >= 0.99
    assert recall >= 0.99


@pytest.mark.shared
def test_agrees_with_the_reports_but_for_enumerations() -> None:
    """The labels cut lists "(a) …; (b) …" at each semicolon; a sentence here keeps its list."""
    rows = []
    for r in _rows("upr/labelled.jsonl"):
        starts = _starts(r["text"], r["sentences"])
        rows.append((r["text"], [s for s in starts if not r["text"][:s].rstrip().endswith(";")]))
    precision, recall = _boundaries(rows)
    assert precision >= 0.99
    assert recall >= 0.99


@pytest.mark.shared
def test_agrees_with_the_labelled_interventions() -> None:
    """All boundaries, those inside lists too. Other paragraphs are not counted: there the labels cut "Mr. | J."."""
    rows = [r for r in _rows("upr/labelled.jsonl") if not r.get("not_an_intervention")]
    precision, recall = _boundaries([(r["text"], _starts(r["text"], r["sentences"])) for r in rows])
    assert precision >= 0.99
    assert recall >= 0.97
