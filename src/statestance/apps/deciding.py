"""The questions that ``data adjudicate`` asks at the terminal; it does not say who gave which answer."""

from __future__ import annotations

import typer

from statestance.apps.show import Terminal, plain
from statestance.curation.adjudicate import Dispute

_MEANS = {"praise": "praise the State under review", "concern": "voice concern about it"}


class Stop(Exception):  # noqa: N818 - no error: somebody has had enough for today
    """Whoever decides wants to stop."""


def ask(dispute: Dispute) -> bool | None:
    """Show the text and ask; returns whether the first annotation is right, None to leave the row open."""
    console = Terminal(stderr=True)
    one = dispute.first
    console.print(plain(f"\n{one.id} ({one.raw.get('speaker', '')} on {one.raw.get('target', '')})"), style="bold")
    for number, sentence in enumerate(one.sentences or (one.text,)):
        here = bool(dispute.mark) and number == dispute.sentence
        console.print(plain(f"{'>' if here else ' '} {number + 1}  {sentence}"), style="bold" if here else "")
    if dispute.mark:
        answer = _answer(f"Does sentence {dispute.sentence + 1} {_MEANS[dispute.mark]}? [y]es, [n]o", "yn")
        return None if answer == "s" else (answer == "y") == one.carries(dispute.mark, dispute.sentence)
    # In the order of their words, so that the place does not tell whose it is.
    choices = sorted((dispute.first, dispute.second), key=lambda a: (a.told, len(a.sentences)))
    told = ", ".join(f"[{n}] {a.told} ({len(a.sentences)} sentences)" for n, a in enumerate(choices, 1))
    answer = _answer(f"Which is right? {told}", "12")
    return None if answer == "s" else choices[int(answer) - 1] is dispute.first


def _answer(question: str, keys: str) -> str:
    while True:
        try:
            given = typer.prompt(f"{question}, [s]kip, [q]uit", err=True, prompt_suffix=": ")
        except typer.Abort:
            raise Stop from None
        key = given.strip().lower()[:1]
        if key == "q":
            raise Stop
        if key and key in keys + "s":
            return str(key)
