"""Any mixture of turns, written out in a layout and read back, gives the same turns."""

from __future__ import annotations

import json
import tempfile
import textwrap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statestance.text import states
from statestance.transcripts import read

TARGET = "Mondara"
WORDS = [
    "road",
    "ferry",
    "pier",
    "school",
    "map",
    "clinic",
    "census",
    "teacher",
    "wall",
    "1901",
    "“new”",
    "café",
    "art.",
    "5",
    "(2)",
    "law’s",
    "well-being",
    "–",
    "plan:",
    "and,",
    "or;",
    "Mr.",
    "Orell",
]
NAMES = sorted(state.name for state in states.states().values())

sentence = st.lists(st.sampled_from(WORDS), min_size=2, max_size=14).map(
    lambda words: "We saw the " + " ".join(words) + "."
)
speech = st.lists(sentence, min_size=1, max_size=4).map(" ".join)
turn = st.tuples(st.sampled_from(NAMES), speech)
debate = st.lists(turn, min_size=2, max_size=12)
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def wrapped(text: str, width: int) -> str:
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)


def check(name: str, content: str | bytes, turns: list[tuple[str, str]], layout: str = "auto") -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        found = read(path, target=TARGET, layout=layout)
    assert [(t.speaker_iso3, t.text) for t in found.interventions] == [(states.iso3(n), s) for n, s in turns]


@pytest.mark.parametrize(
    "form",
    [
        "{0}: {1}",
        "**{0}:** {1}",
        "**{0}** {1}",
        "[00:12:31] {0}: {1}",
        "- {0}: {1}",
        "{0} – {1}",
        "## {0}\n\n{1}",
        "{2}: {1}",
    ],
)
@given(turns=debate, width=st.integers(60, 200))
@quick
def test_script(form: str, turns: list[tuple[str, str]], width: int) -> None:
    paragraphs = (form.format(name, wrapped(text, width), name.upper()) for name, text in turns)
    check("d.txt", "\n\n".join(["The roads of Mondara", *paragraphs]), turns, "auto")


@given(
    turns=debate,
    encoding=st.sampled_from(["utf-8", "utf-16", "mac_roman", "cp1252"]),
    end=st.sampled_from(["\r", "\r\n", "\n"]),
)
@quick
def test_working_group_report(turns: list[tuple[str, str]], encoding: str, end: str) -> None:
    said = [(name, f"{name} noted the plan. {text}") for name, text in turns]
    parts, number = ["B. Interactive dialogue and responses by the State under review "], 26
    for _, text in said:
        number += 1
        parts.append(f"{number}. \n{text} \n")
        if number % 3 == 0:
            number += 1
            parts.append(f"{number}. \nThe delegation of Mondara thanked Norway. \n")
    parts.append("\n\nII. Conclusions and/or recommendations \n900. Norway noted the list: \n1. \nNorway;")
    check("r.txt", "\n".join(parts).replace("\n", end).encode(encoding), said)


@given(turns=debate, width=st.integers(60, 120))
@quick
def test_verbatim_record(turns: list[tuple[str, str]], width: int) -> None:
    parts = ["The situation in Mondara", "The President: I open the meeting."]
    for number, (name, text) in enumerate(turns):
        parts.append(wrapped(f"Mr. Orell-Lind ({name}) (spoke in Spanish): {text}", width))
        if number % 4 == 3:
            parts.append("The President (spoke in French): I thank the speaker.")
    check("v.txt", "\n\n".join([*parts, "The meeting rose at 6 p.m."]), turns)


@given(turns=debate)
@quick
def test_summary_record(turns: list[tuple[str, str]]) -> None:
    parts, said, number = ["Third periodic report of Mondara"], [], 0
    for name, text in turns:
        number += 1
        parts.append(f"{number}. Ms. Orell ({name}) said that it was late.")
        number += 1
        parts.append(f"{number}. {text}")
        said.append((name, f"Ms. Orell ({name}) said that it was late. {text}"))
    check("s.txt", "\n\n".join(parts), said)


@given(turns=debate)
@quick
def test_press_release(turns: list[tuple[str, str]]) -> None:
    said = [(name, f"{name} said that the plan was late. {text}") for name, text in turns]
    page = "".join(f"<p>{text}</p>" for _, text in said)
    check(
        "p.html",
        f"<html><head><meta charset='utf-8'></head><body><h1>The roads of Mondara</h1>{page}</body></html>",
        said,
    )


@given(turns=debate)
@quick
def test_subtitles(turns: list[tuple[str, str]]) -> None:
    parts = ["WEBVTT"]
    for number, (name, text) in enumerate(turns):
        lines = wrapped(text, 50).split("\n")
        for at, line in enumerate(lines):
            head = f"<v {name}>" if number % 2 else f"{name}: " if at == 0 else ""
            parts.append(f"00:{number:02}:{at:02}.000 --> 00:{number:02}:{at:02}.900\n{head}{line}")
    joined: list[tuple[str, str]] = []
    for number, (name, text) in enumerate(turns):
        if joined and number % 2 and joined[-1][0] == name:
            joined[-1] = (name, f"{joined[-1][1]} {text}")  # one speaker's cues in a row are one turn
        else:
            joined.append((name, text))
    check("s.vtt", "\n\n".join(parts), joined)


@given(turns=debate)
@quick
def test_one_row_each(turns: list[tuple[str, str]]) -> None:
    check("t.jsonl", "".join(json.dumps({"speaker": n, "text": t}) + "\n" for n, t in turns), turns)
