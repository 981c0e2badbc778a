"""Invented interventions, as many as are asked for and no two alike: those of the example debate, edited."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

from statestance import transcripts

DEBATE = Path(__file__).parents[1] / "examples" / "debate.txt"
TARGET = "Vellmora"


def rows(count: int) -> Iterator[dict[str, str]]:
    """Rows of a table. Every sentence has a number of its own; two of five texts gain a sentence of another."""
    drawn = random.Random(1)
    turns = [(t.speaker, t.sentence_texts) for t in transcripts.read(DEBATE).interventions]
    for number in range(count):
        speaker, sentences = turns[number % len(turns)]
        told = [*sentences]
        if drawn.random() < 0.4:
            told.insert(drawn.randint(0, len(told)), drawn.choice(drawn.choice(turns)[1]))
        text = " ".join(f"{s[:-1]} ({number + 1}.{n}){s[-1]}" for n, s in enumerate(told, 1))
        yield {"debate": f"d{number // 60}", "speaker": speaker, "target": TARGET, "text": text}


def table(path: Path, count: int) -> Path:
    """Write so many rows as JSON lines."""
    with path.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows(count))
    return path


def debate(path: Path, count: int) -> Path:
    """Write so many turns as a transcript."""
    turns = "\n\n".join(f"{row['speaker']}: {row['text']}" for row in rows(count))
    path.write_text(f"Interactive dialogue on the situation of human rights in {TARGET}\n\n{turns}\n", encoding="utf-8")
    return path
