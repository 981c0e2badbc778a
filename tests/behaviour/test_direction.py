"""Direction: a sentence of praise or concern more, or less, turns the stance as the one rule says.

Only cases that the model gets right as they stand are turned: what it gets wrong is counted under minimum function.
"""

from __future__ import annotations

import pytest

from behaviour.changes import added, only, without
from behaviour.scoreboard import Scoreboard, Verdict, verdict
from behaviour.tables import Case, cases, outcome
from statestance.domain import Prediction
from statestance.predict import Predictor

pytestmark = pytest.mark.slow

Answers = dict[str, Prediction]


def _right(answers: Answers, stance: str) -> list[Case]:
    return [case for case in cases() if case.outcome == stance and outcome(answers[case.id]) == stance]


def _verdicts(predictor: Predictor, changed: list[Case]) -> list[Verdict]:
    found = predictor.predict(case.row() for case in changed)
    return [verdict(case, one, case.outcome) for case, one in zip(changed, found, strict=True)]


@pytest.mark.parametrize("mark", ["concern", "praise"])
def test_removing_the_only_sentence_of_a_mark(
    mark: str, predictor: Predictor, answers: Answers, scoreboard: Scoreboard
) -> None:
    mixed = [(case, only(case, mark)) for case in _right(answers, "mixed")]
    changed = [without(case, at) for case, at in mixed if at is not None]
    scoreboard.judge("direction", f"only_{mark}_removed", _verdicts(predictor, changed))


@pytest.mark.parametrize(("mark", "stance"), [("concern", "supportive"), ("praise", "critical")])
def test_adding_the_other_mark(
    mark: str, stance: str, predictor: Predictor, answers: Answers, scoreboard: Scoreboard
) -> None:
    changed = [added(case, mark, turn) for turn, case in enumerate(_right(answers, stance))]
    scoreboard.judge("direction", f"{mark}_added", _verdicts(predictor, changed))


@pytest.mark.parametrize("mark", ["concern", "praise"])
def test_evidence_points_at_the_sentence_that_turns_the_stance(
    mark: str, answers: Answers, scoreboard: Scoreboard
) -> None:
    verdicts = []
    if all(one.marks is None for one in answers.values()):
        pytest.skip("this model does not read sentences")
    for case in _right(answers, "mixed"):
        at, marks = only(case, mark), answers[case.id].marks
        if at is not None and marks is not None:
            found = str(marks.concern if mark == "concern" else marks.praise)
            verdicts.append(Verdict(case.id, answers[case.id].intervention.text, str((at,)), found))
    scoreboard.judge("direction", f"evidence_of_{mark}", verdicts)
