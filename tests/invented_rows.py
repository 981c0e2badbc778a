"""Labelled rows from a few invented phrases: enough to train on in seconds, and easy to learn."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

SPEAKERS = ("Norway", "Chile", "Ghana", "Japan", "Fiji", "Latvia", "Kenya", "Peru")
TARGETS = ("Orvania", "Selmark", "Tirandia", "Quorra", "Belvane", "Mostavia", "Ardelia", "Kestria")
PRAISE = (
    "{s} welcomed the new law on legal aid.",
    "It commended the halls of study that were opened in every town.",
    "It congratulated {t} on the fall in child mortality.",
    "It was pleased by the vote that women had won.",
)
CONCERN = (
    "{s} was concerned at the arrest of reporters.",
    "It regretted that trials were held behind closed doors.",
    "It deplored the beating of detainees in {t}.",
    "It was alarmed by the ban on assemblies.",
)
NEUTRAL = (
    "{s} thanked the delegation for its report.",
    "It recommended that {t} ratify the protocol.",
    "It asked about the timetable of the plan.",
)
OUTCOMES = (("praise",), ("praise", "concern"), ("concern",), ())


def rows(count: int, *, debates: int = 24, seed: int = 5, marks: bool = True) -> list[dict[str, Any]]:
    """``count`` rows over ``debates`` debates, the outcomes in turn; all texts differ."""
    chance, found, seen = random.Random(seed), [], set[str]()
    while len(found) < count:
        number = len(found)
        kinds = OUTCOMES[number % 4]
        chosen = [(k, chance.choice(PRAISE if k == "praise" else CONCERN)) for k in kinds]
        chosen += [("", line) for line in chance.sample(NEUTRAL, chance.randint(0 if kinds else 1, 2))]
        chance.shuffle(chosen)
        speaker, target = chance.choice(SPEAKERS), TARGETS[number % debates % len(TARGETS)]
        sentences = [line.format(s=speaker, t=target) for _, line in chosen]
        # A date makes every text its own.
        sentences.append(
            f"The dialogue was held on {chance.randint(1, 28)} March {chance.randint(1900, 2020)} at {number}."
        )
        text = " ".join(sentences)
        if text in seen:
            continue
        seen.add(text)
        row: dict[str, Any] = {"id": f"r{number}", "debate": f"d{number % debates}", "register": "summary"}
        row |= {"target": target, "speaker": speaker, "source": "invented"}
        praise = [i for i, (k, _) in enumerate(chosen) if k == "praise"]
        concern = [i for i, (k, _) in enumerate(chosen) if k == "concern"]
        if marks:
            row |= {"sentences": sentences, "praise": praise, "concern": concern}
        else:
            names = {("praise",): "supportive", ("praise", "concern"): "mixed", ("concern",): "critical", (): "none"}
            row |= {"text": text, "stance": names[kinds]}
        found.append(row)
    return found


def write(path: Path, content: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in content), encoding="utf-8")
    return path
