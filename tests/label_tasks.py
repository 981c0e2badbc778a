"""Interventions to label and what a model would say of them, for the tests of the labelling loop."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import strategies as st

from statestance.curation.tasks import Answer, Suggestion, Task
from statestance.domain import Intervention, Marks, join_sentences

SENTENCES = (
    "Ulvania welcomed the new law on legal aid.",
    "=It was, however, concerned at the closing of newspapers; and at fines.",
    'It asked what "timetable" the plan had.',
)


def intervention(number: int, sentences: tuple[str, ...] = SENTENCES, debate: str = "selmark") -> Intervention:
    text, spans = join_sentences(sentences)
    return Intervention(f"{debate}-{number}", text, debate, "Selmark", "Ulvania", "", "", spans)


def task(number: int, sentences: tuple[str, ...] = SENTENCES) -> Task:
    # Wrong on purpose: a suggestion must never come back as a label.
    suggested = Suggestion(model="tiny", probabilities=(0.1, 0.1, 0.6, 0.2), praise=(), concern=(0,))
    return Task(intervention(number, sentences), suggested, 0.8)


_sentence = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=30).filter(
    lambda text: text.strip()
)


@st.composite
def answered_tasks(draw: st.DrawFn) -> tuple[list[Task], dict[str, Answer]]:
    """Tasks of any text, some of them answered in any way."""
    tasks, answers = [], {}
    for number in range(draw(st.integers(1, 4))):
        sentences = tuple(draw(st.lists(_sentence, min_size=1, max_size=4)))
        tasks.append(task(number, sentences))
        numbers = st.sets(st.integers(0, len(sentences) - 1)).map(lambda found: tuple(sorted(found)))
        marks = st.builds(Marks, numbers, numbers)
        answer = draw(st.none() | st.builds(Answer, st.none() | marks))
        if answer is not None:
            answers[tasks[-1].id] = answer
    return tasks, answers


def by_id(tasks: list[Task]) -> dict[str, Task]:
    return {one.id: one for one in tasks}


def predictions_file(path: Path, rows: int = 12) -> Path:
    """What ``predict -o`` writes, of debates on two invented countries; every text its own."""
    from statestance.domain import Prediction
    from statestance.predict import table

    subjects = ("schools", "prisons", "courts", "fishing", "radio", "hospitals")
    made = []
    for n in range(rows):
        debate = ("selmark", "orvania")[n % 2]
        text = f"Ulvania asked about the {subjects[n % 6]} of town {n} and its {subjects[(n * 5 + 1) % 6]}."
        one = intervention(n, (text, f"It noted the plan of item {n}."), debate)
        best = 0.4 + 0.6 * n / rows
        made.append(Prediction(one, None, best, (best, 0.0, 0.0, 1 - best), Marks((0,), ()), "low_confidence"))
    table.write(made, path)
    return path


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
