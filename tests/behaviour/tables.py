"""The tables of behaviour cases, written for this project from the codebook; and how a case becomes a row.

The texts hold ``{speaker}``, ``{target}`` and ``{target_adjective}``; invented names are dealt to them, so
that no case characterises a State.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from statestance.domain import Marks, Prediction
from statestance.predict.decision import NO_STANCE_REASON
from statestance.stance import NO_STANCE, OUTCOMES

FOLDER = Path(__file__).parent / "cases"
THRESHOLDS = Path(__file__).with_name("thresholds.yaml")
SHORTFALLS = Path(__file__).with_name("shortfalls.yaml")
ADDITIONS = Path(__file__).with_name("additions.yaml")
LEAST = 25
"""A rate over fewer cases than this says too little to be held against a threshold."""

SPEAKERS = (
    "Aurelle", "Bronmark", "Castellane", "Dorvania", "Elmoria", "Fenmark", "Grisonia", "Hadrane", "Jessamond",
    "Kelmarra", "Lorvane", "Miravel", "Northolm", "Obrania", "Pellandia", "Rostavia", "Solenne", "Tarquia",
)  # fmt: skip
TARGETS = (
    "Torvessa", "Calmerra", "Peldoria", "Nuvaria", "Sarneth", "Ilverna", "Brisandra", "Karvelle", "Othmara",
    "Veskandia", "Lunareth", "Orimund", "Galvessia", "Pharandia", "Merrowen", "Ashvaria", "Kolindra", "Sundrava",
    "Eskadia", "Norrinth", "Vallorca", "Tiberna", "Queshar",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One text with its gold marks. ``register`` is "summary" or "verbatim"; ``number`` deals the names."""

    id: str
    capability: str
    register: str
    sentences: tuple[str, ...]
    marks: Marks
    number: int

    @property
    def outcome(self) -> str:
        return str(self.marks.stance or NO_STANCE)

    @property
    def speaker(self) -> str:
        return SPEAKERS[self.number % len(SPEAKERS)]

    @property
    def target(self) -> str:
        return TARGETS[self.number % len(TARGETS)]

    def uses(self, placeholder: str) -> bool:
        return any(f"{{{placeholder}}}" in sentence for sentence in self.sentences)

    def row(self, *, speaker: str = "", target: str = "", adjective: str = "") -> dict[str, Any]:
        """The case as the predictor takes it, about the names dealt to it or those given."""
        speaker, target = speaker or self.speaker, target or self.target
        names = {"speaker": speaker, "target": target, "target_adjective": adjective or adjective_of(target)}
        texts = [sentence.format(**names) for sentence in self.sentences]
        return {"id": self.id, "speaker": speaker, "target": target, "sentences": texts}

    def with_sentences(self, sentences: tuple[str, ...], marks: Marks) -> Case:
        return replace(self, sentences=sentences, marks=marks)


def adjective_of(invented: str) -> str:
    if invented.endswith("a"):
        return f"{invented}n"
    return f"{invented.removesuffix('e')}ian"


@cache
def cases() -> tuple[Case, ...]:
    """Every case of every table, by file and line."""
    found: list[Case] = []
    for path in sorted(FOLDER.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            marks = Marks(tuple(row["praise"]), tuple(row["concern"]))
            sentences = tuple(row["sentences"])
            found.append(Case(row["id"], path.stem, row["register"], sentences, marks, len(found)))
    return tuple(found)


def capabilities() -> tuple[str, ...]:
    return tuple(dict.fromkeys(case.capability for case in cases()))


@cache
def thresholds() -> dict[str, dict[str, float]]:
    """The least pass rate by kind of test and capability."""
    table: dict[str, dict[str, float]] = yaml.safe_load(THRESHOLDS.read_text(encoding="utf-8"))
    return table


@cache
def shortfalls() -> dict[str, dict[str, float]]:
    """The lower rate that fails where the champion is known to fall short of its threshold."""
    table: dict[str, dict[str, float]] = yaml.safe_load(SHORTFALLS.read_text(encoding="utf-8"))
    return table


@cache
def additions() -> dict[str, dict[str, list[str]]]:
    """Sentences to add: by what they carry (praise, concern, courtesy), then by register."""
    table: dict[str, dict[str, list[str]]] = yaml.safe_load(ADDITIONS.read_text(encoding="utf-8"))
    return table


def outcome(prediction: Prediction) -> str:
    """The likeliest outcome, served or not: how much doubt is too much is a policy, measured elsewhere."""
    return max(zip(prediction.probabilities, OUTCOMES, strict=True), key=lambda pair: pair[0])[1]


def doubtful(prediction: Prediction) -> bool:
    """Whether the predictor held its answer back."""
    return prediction.stance is None and prediction.abstain_reason != NO_STANCE_REASON
