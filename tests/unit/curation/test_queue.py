"""What is picked to be labelled, and the queue as a file."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("sklearn")

from label_tasks import intervention, lines, task
from statestance.corpus import read
from statestance.corpus.faults import InvalidRowsError
from statestance.curation.queue import Picked, pick, uncertainty
from statestance.curation.tasks import (
    Answer,
    label_row,
    read_answers,
    read_queue,
    write_labels,
    write_queue,
)
from statestance.domain import Intervention, Marks, Prediction, StatestanceError

TOPICS = ("fishing rights", "radio licences", "court fees", "school meals", "prison visits", "land titles")


def guess(number: int, doubt: float, text: str = "", debate: str = "a") -> Prediction:
    """A prediction that is surer the less its doubt (0 to 0.5)."""
    words = text or f"Ulvania asked about {TOPICS[number % 6]}, number {number}."
    return Prediction(intervention(number, (words,), debate), None, 1 - doubt, (1 - doubt, doubt, 0.0, 0.0), None, "x")


def texts(found: Picked) -> list[str]:
    return [one.intervention.text for one in found.tasks]


def test_uncertainty_runs_from_none_to_all() -> None:
    assert uncertainty(guess(1, 0.0)) == 0
    even = Prediction(intervention(1), None, 0.25, (0.25,) * 4, None, "x")
    assert uncertainty(even) == pytest.approx(1)
    assert uncertainty(guess(1, 0.1)) < uncertainty(guess(1, 0.3))


def test_the_least_certain_comes_first() -> None:
    found = pick([guess(n, doubt) for n, doubt in enumerate((0.1, 0.5, 0.3))], 1, labelled=[], model="m")
    assert "radio" in texts(found)[0]
    assert found.tasks[0].suggested is not None and found.tasks[0].suggested.model == "m"


def test_what_is_labelled_is_not_asked_again_nor_what_is_much_like_it() -> None:
    said = "Ulvania welcomed the reform of the court fees and the wider legal aid for all families of the north."
    rows = [
        guess(1, 0.5, said.upper()),
        guess(2, 0.5, said.replace("Ulvania", "Norway").replace("all ", "the ")),
        guess(3, 0.1),
    ]
    found = pick(rows, 3, labelled=[intervention(9, (said,), "z")], model="")
    assert len(found.tasks) == 1 and "school meals" in texts(found)[0]
    assert (found.labelled, found.alike, found.candidates) == (1, 1, 3)


def test_one_of_several_like_texts_is_enough() -> None:
    rows = [
        guess(n, 0.5, f"{state} asked about the radio licences.") for n, state in enumerate(("Chile", "Ghana", "Fiji"))
    ]
    found = pick([*rows, guess(9, 0.2)], 4, labelled=[], model="")
    assert len(found.tasks) == 2 and found.alike == 2


def test_the_choice_spreads_over_debates() -> None:
    many = [guess(n, 0.45, debate="a") for n in range(6)]
    few = [guess(n + 6, 0.35, f"Ulvania asked for {word}.", debate=word) for n, word in enumerate(("aid", "seeds"))]
    found = pick([*many, *few], 3, labelled=[], model="")
    assert {one.intervention.debate for one in found.tasks} == {"a", "aid", "seeds"}


def test_ids_tell_like_numbered_texts_apart_and_turns_left_out_are_not_asked() -> None:
    aside = Prediction(Intervention("x", "The Chair spoke.", left_out="chair"), None, 0, (0, 0, 0, 1), None, "left out")
    found = pick([guess(1, 0.5), guess(1, 0.5, "Ulvania asked why."), aside], 9, labelled=[], model="")
    assert len({one.id for one in found.tasks}) == 2 and found.candidates == 2


def test_nothing_to_pick_from_is_no_error() -> None:
    assert pick([], 3, labelled=[], model="") == Picked((), 0, 0, 0, 0)


def test_a_queue_is_read_as_it_was_written_and_is_no_labelled_file(tmp_path: Path) -> None:
    tasks = [task(1), task(2, ("One  spaced.", "Two."))]
    write_queue(path := tmp_path / "q.jsonl", tasks)
    assert [(t.id, t.suggested, t.uncertainty) for t in read_queue(path)] == [
        (t.id, t.suggested, t.uncertainty) for t in tasks
    ]
    assert [t.intervention.sentence_texts for t in read_queue(path)] == [t.intervention.sentence_texts for t in tasks]
    with pytest.raises(InvalidRowsError, match="neither marks nor a stance"):
        read(path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "a", "sentences": []}', "no sentence"),
        ('{"id": "a", "text": "So.", "suggested": {"probabilities": [1]}}', "suggested.probabilities"),
        (
            '{"id": "a", "text": "So.", "suggested": {"probabilities": [1, 0, 0, 0], "praise": [1], "concern": []}}',
            "out of range for 1 sentences",
        ),
        ('{"id": "a", "text": "So."}\n{"id": "a", "text": "No."}', "the id of line 1 too"),
        ("", "found none"),
    ],
)
def test_a_faulty_queue_is_refused(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(StatestanceError, match=message):
        read_queue(path)


def test_labels_are_a_file_that_the_corpus_reads(tmp_path: Path) -> None:
    tasks = [task(1), task(2, ("Ulvania asked why.",)), task(3, ("Ulvania thanked the Chair.",))]
    answers = {"selmark-1": Answer(Marks((0,), (1,))), "selmark-2": Answer(Marks()), "selmark-3": Answer(None)}
    path = tmp_path / "mine.jsonl"
    write_labels(path, [label_row(t.intervention, answers[t.id]) for t in tasks], check=True)
    found = read(path)
    assert [(r.intervention.id, r.stance, r.marks) for r in found.rows] == [
        ("selmark-1", "mixed", Marks((0,), (1,))),
        ("selmark-2", None, Marks()),
    ]
    assert found.not_interventions == 1
    assert found.rows[0].intervention.sentence_texts == tasks[0].intervention.sentence_texts
    assert read_answers(path, tasks) == answers


def test_labels_that_the_corpus_would_refuse_do_not_replace_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text("earlier", encoding="utf-8")
    rows = [label_row(task(n).intervention, Answer(Marks((0,) if n else (), ()))) for n in range(2)]
    with pytest.raises(InvalidRowsError, match="the same text is"):
        write_labels(path, rows, check=True)
    assert path.read_text(encoding="utf-8") == "earlier" and list(tmp_path.iterdir()) == [path]


def test_labels_of_another_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    write_labels(path, [label_row(task(1).intervention, Answer(Marks()))])
    assert "suggested" not in lines(path)[0]
    with pytest.raises(StatestanceError, match="expected the text of the queue for selmark-1"):
        read_answers(path, [task(1, ("Something else.",))])
