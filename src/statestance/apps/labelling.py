"""The terminal labeller: shows a text, reads a key, saves what is done."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.text import Text

from statestance.apps.show import Terminal, plain
from statestance.curation.session import KEYS, Session
from statestance.curation.tasks import (
    Answer,
    Suggestion,
    Task,
    label_row,
    read_answers,
    read_interventions,
    read_queue,
    write_labels,
)
from statestance.domain import StatestanceError

_NAMES = {" ": "space", "\r": "enter", "\n": "enter", "\x1b[A": "b", "\x1b[B": "space"}
"""What the terminal sends for the keys that have names; arrows go up and down the sentences."""
_END_OF_INPUT = "\x04"


def label(queue: Path, out: Path, *, suggest: bool) -> tuple[int, int]:
    """Label a queue key by key into ``out``, which is saved with every text; return how many are done, of how many.

    Goes on where ``out`` ends. Raises ``StatestanceError`` if it holds labels of other texts.
    """
    if not sys.stdin.isatty():
        raise StatestanceError(
            "expected a terminal to read keys from; found none; run it in one, or use `statestance label export`"
        )
    tasks = read_queue(queue)
    session, console = Session(tasks, _earlier(queue, out, tasks)), Terminal()
    saved = dict(session.answers)
    with _keyboard() as next_key:
        while True:
            _show(console, session, suggest=suggest)
            pressed = next_key()
            key = _NAMES.get(pressed, pressed.lower())
            if key in ("q", _END_OF_INPUT):
                return len(session.answers), len(tasks)
            session.press(key)
            if session.answers != saved:
                saved = dict(session.answers)
                write_labels(out, [label_row(t.intervention, saved[t.id]) for t in tasks if t.id in saved])


@contextmanager
def _keyboard() -> Iterator[Callable[[], str]]:
    """Give what reads one key; the terminal stays as it needs it all along, so that no key typed ahead is lost."""
    try:
        import termios
        import tty
    except ImportError:  # Windows, whose keys are not lost
        yield typer.getchar
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSANOW)
    try:
        yield lambda: _key(terminal)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _key(terminal: int) -> str:
    """Read a key: one byte, or the three of an arrow."""
    key = os.read(terminal, 1)
    if key == b"\x1b" and select.select([terminal], [], [], 0.05)[0]:
        key += os.read(terminal, 2)
    return key.decode("utf-8", errors="replace") or _END_OF_INPUT


def _earlier(queue: Path, out: Path, tasks: list[Task]) -> dict[str, Answer]:
    """What an earlier session saved."""
    if not out.is_file():
        # A wrong name or folder is told before the first text is labelled, not after.
        write_labels(out, [])
        return {}
    names = {task.id for task in tasks}
    other = [one.id for one, _ in read_interventions(out) if one.id not in names]
    if other:
        raise StatestanceError(
            f"expected labels of {queue} in {out}; found {len(other)} of other texts, such as {other[0]}; "
            "give another file with -o"
        )
    return read_answers(out, tasks)


def _show(console: Terminal, session: Session, *, suggest: bool) -> None:
    console.clear()
    task = session.task
    done = f"{len(session.answers)} of {len(session.tasks)} done"
    if task is None:
        left = len(session.tasks) - len(session.answers)
        console.print(f"{done}{f', {left} skipped' if left else ''}. u undo, q save and quit", highlight=False)
        return
    one, place = task.intervention, session.place
    head = ", ".join(part for part in (one.debate, one.speaker, one.target and f"on {one.target}") if part)
    console.print(plain(f"{done}: {head}"), style="bold", soft_wrap=True)
    console.print()
    given = task.suggested if suggest else None
    for n, sentence in enumerate(one.sentence_texts):
        line = Text(f"{'▸' if n == place.sentence else ' '} {n + 1:>2} ")
        line.append("+" if n in place.praise else " ", style="bold green")
        line.append("−" if n in place.concern else " ", style="bold red").append(" ")
        line.append_text(plain(sentence))
        if given is not None:
            line.append(_guess(given, n), style="dim")
        console.print(line, style="bold" if n == place.sentence else "")
    console.print()
    console.print("  ".join(f"{key}: {what}" for key, what in KEYS.items()), style="dim", highlight=False)


def _guess(given: Suggestion, number: int) -> str:
    names = [n for n, marks in (("praise", given.praise), ("concern", given.concern)) if number in (marks or ())]
    return f"  ({given.model or 'model'}: {', '.join(names)}?)" if names else ""
