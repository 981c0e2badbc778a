"""What the keys of the terminal labeller do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from label_tasks import task
from statestance.curation.session import KEYS, Session
from statestance.curation.tasks import Answer
from statestance.domain import Marks

TASKS = [task(n) for n in range(3)]


def pressed(*keys: str, answers: dict[str, Answer] | None = None) -> Session:
    session = Session(TASKS, answers or {})
    for key in keys:
        session.press(key)
    return session


def test_marks_toggle_on_the_sentence_where_one_stands() -> None:
    session = pressed("p", "space", "c", "p", "p", "enter")
    assert session.answers == {"selmark-0": Answer(Marks((0,), (1,)))}
    assert session.task is TASKS[1] and session.place.sentence == 0


def test_space_after_the_last_sentence_ends_the_text_and_back_stops_at_the_first() -> None:
    assert pressed("b", "space", "space", "b", "c", "space", "space").answers == {"selmark-0": Answer(Marks((), (1,)))}


def test_a_text_can_be_no_intervention_or_skipped() -> None:
    session = pressed("x", "s", "enter")
    assert session.answers == {"selmark-0": Answer(None), "selmark-2": Answer(Marks())}
    assert session.task is None


def test_a_session_goes_on_at_the_first_open_text() -> None:
    session = pressed("enter", answers={"selmark-0": Answer(None)})
    assert session.answers == {"selmark-0": Answer(None), "selmark-1": Answer(Marks())}


def test_after_the_end_only_undo_does_anything() -> None:
    session = pressed("x", "x", "x", "p", "enter", "x")
    assert session.task is None and len(session.answers) == 3
    session.press("u")
    assert session.task is TASKS[2] and len(session.answers) == 2


@given(st.lists(st.sampled_from([*KEYS, "?"]), max_size=40))
def test_undo_takes_every_key_back(keys: list[str]) -> None:
    earlier = {"selmark-1": Answer(Marks((2,), ()))}
    session = Session(TASKS, earlier)
    start = session.place
    for key in keys:
        session.press(key)
        assert earlier.items() <= session.answers.items()
    for _ in keys:
        session.press("u")
    assert (session.place, session.answers) == (start, earlier)
