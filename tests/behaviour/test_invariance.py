"""Invariance: who speaks, about whom, with what courtesy and in which spelling does not move a stance."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import pytest

from behaviour.changes import added, american, reordered, typographic, with_ise
from behaviour.scoreboard import Scoreboard, Verdict, verdict
from behaviour.tables import SPEAKERS, TARGETS, Case, cases, doubtful, outcome
from statestance.domain import Prediction
from statestance.predict import Predictor
from statestance.text.states import states

pytestmark = pytest.mark.slow

SWAPS = 1000
# Batches differ in padding, and kernels with them in the last digits.
ROUNDING = 1e-4


def _names(invented: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Every State and invented country, over and over in random order: the name, and its adjective if it has one."""
    pool = [(s.name, s.demonyms[0] if s.demonyms else "") for s in states().values()]
    pool += [(name, "") for name in invented]
    random.Random(4).shuffle(pool)
    return cycle(pool)


def _speaker_swapped() -> Iterator[tuple[Case, dict[str, Any]]]:
    names = _names(SPEAKERS)
    for case in cycle(cases()):
        name, _ = next(names)
        if name != case.speaker:
            yield case, case.row(speaker=name)


def _target_swapped() -> Iterator[tuple[Case, dict[str, Any]]]:
    names = _names(TARGETS)
    for case in cycle(cases()):
        name, adjective = next(names)
        lacks_adjective = case.uses("target_adjective") and not adjective and name not in TARGETS
        if name != case.target and not lacks_adjective:
            yield case, case.row(target=name, adjective=adjective)


@pytest.mark.parametrize("swaps", [_speaker_swapped, _target_swapped])
def test_no_name_moves_a_stance_or_a_probability(
    swaps: Callable[[], Iterator[tuple[Case, dict[str, Any]]]],
    predictor: Predictor,
    answers: dict[str, Prediction],
    scoreboard: Scoreboard,
) -> None:
    source = swaps()
    chosen = [next(source) for _ in range(SWAPS)]
    random.Random(5).shuffle(chosen)
    verdicts = []
    for (case, row), one in zip(chosen, predictor.predict(row for _, row in chosen), strict=True):
        before = answers[case.id]
        drift = max(abs(a - b) for a, b in zip(before.probabilities, one.probabilities, strict=True))
        found = str(one.stance) if drift <= ROUNDING else f"{one.stance}, a probability moved by {drift:.4f}"
        name = f"{case.id}/{row['speaker']}/{row['target']}"
        verdicts.append(Verdict(name, one.intervention.text, str(before.stance), found, doubtful(one)))
    scoreboard.judge("invariance", swaps.__name__.removeprefix("_"), verdicts)


def _with_recommendations(case: Case) -> Case:
    closing = "It made recommendations." if case.register == "summary" else "We have made recommendations."
    return case.with_sentences((*case.sentences, closing), case.marks)


def _with_courtesy(case: Case) -> Case:
    return added(case, "courtesy", case.number)


CHANGES: dict[str, tuple[Callable[[Case], Case | None], ...]] = {
    "recommendations_appended": (_with_recommendations,),
    "courtesy_appended": (_with_courtesy,),
    "sentences_reordered": (reordered,),
    "typographic_quotes": (typographic,),
    "spelling": (american, with_ise),
}


@pytest.mark.parametrize("name", CHANGES)
def test_small_change_keeps_the_stance(
    name: str, predictor: Predictor, answers: dict[str, Prediction], scoreboard: Scoreboard
) -> None:
    changed = [new for change in CHANGES[name] for case in cases() if (new := change(case))]
    found = predictor.predict(case.row() for case in changed)
    verdicts = [verdict(case, one, outcome(answers[case.id])) for case, one in zip(changed, found, strict=True)]
    scoreboard.judge("invariance", name, verdicts)
