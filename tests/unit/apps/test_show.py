"""What the terminal shows of themes."""

from __future__ import annotations

import re

from statestance.apps import show
from statestance.domain import Intervention, Marks, Prediction, join_sentences
from statestance.stance import Stance

SURE = (0.0, 0.0, 1.0, 0.0)


def says(speaker: str, *sentences: str, marks: Marks | None) -> Prediction:
    text, spans = join_sentences(sentences)
    one = Intervention("i", text, "d", "Vellmora", speaker, sentences=spans)
    return Prediction(one, Stance.CRITICAL, 1.0, SURE, marks)


def shown(*rows: Prediction) -> str:
    console = show.Terminal(width=100, no_color=True)
    with console.capture() as captured:
        show.themes(console, rows)
    return captured.get()


def test_themes_are_shown_with_the_states_that_praised_and_that_voiced_concern() -> None:
    rows = [
        says("Norland", "Editors were fined.", "It is a pity.", marks=Marks(concern=(0, 1))),
        says("Ostria", "Editors were fined.", "New clinics opened.", marks=Marks(praise=(1,), concern=(0,))),
    ]
    lines = shown(*rows).splitlines()
    assert any(re.fullmatch(r" *States by theme +− concern +\+ praise *", line) for line in lines)
    cells = [re.split(r"  +", line.strip()) for line in lines if re.search(r"\d +\d", line)]
    assert cells == [["freedom of expression and the media", "2", "0"], ["health", "0", "1"]]
    assert lines[-1] == "themes: by a lexicon; 1 of 4 evidence sentences have none"


def test_nothing_is_shown_where_no_sentence_is_marked() -> None:
    assert shown(says("Norland", "Editors were fined.", marks=None)) == ""
    assert shown() == ""
