"""Small changes to a case: some must not move the answer, some must turn it."""

from __future__ import annotations

import re

from behaviour.tables import Case, additions
from statestance.domain import Marks

_HEAD = re.compile(r"^(?:\{speaker\}|It) ")
_FREE = re.compile(r"^(?:\{speaker\}|It|We|My delegation|Our delegation) ")
_LEANS = re.compile(
    r"\b(?:also|however|nevertheless|nonetheless|still|yet|added|only|all the more|though|that (?:office|openness)|"
    r"its application|this|these|such|they|them|those|there|the matter|the scheme|the cooperation|so|either|"
    r"in response|described in it|it had uncovered|that finding|first|second|he|she|him|her|"
    r"(?:to|giving|when|on|making) (?:it|the moratorium)|its next|all the same|in other respects|then|very)\b",
    re.IGNORECASE,
)
_AMERICAN = {
    "labour": "labor", "honour": "honor", "favour": "favor", "neighbour": "neighbor", "behaviour": "behavior",
    "endeavour": "endeavor", "programme": "program", "centre": "center", "defence": "defense",
    "offence": "offense", "licence": "license", "enrolment": "enrollment", "judgement": "judgment",
}  # fmt: skip
_TO_AMERICAN = re.compile("|".join(_AMERICAN), re.IGNORECASE)
_IZE = re.compile(
    r"\b((?:re|de|un)?(?:recogn|critic|organ|steril|criminal|politic|penal|emphas|minim|terror|author)i)z"
)


def rehead(sentences: tuple[str, ...]) -> tuple[str, ...]:
    """Let the first sentence name the speaker, and the others say "It" (summaries only)."""
    first, *rest = sentences
    first = _HEAD.sub("{speaker} ", first)
    return (first, *(re.sub(r"^\{speaker\} ", "It ", sentence) for sentence in rest))


def without(case: Case, dropped: int) -> Case:
    """The case without one sentence; its marks follow."""
    kept = [i for i in range(len(case.sentences)) if i != dropped]
    marks = Marks(
        tuple(new for new, old in enumerate(kept) if old in case.marks.praise),
        tuple(new for new, old in enumerate(kept) if old in case.marks.concern),
    )
    return case.with_sentences(rehead(tuple(case.sentences[i] for i in kept)), marks)


def added(case: Case, kind: str, turn: int) -> Case:
    """The case with one sentence more at its end that carries praise, concern or ("courtesy") neither."""
    options = additions()[kind][case.register]
    at = len(case.sentences)
    praise = (*case.marks.praise, at) if kind == "praise" else case.marks.praise
    concern = (*case.marks.concern, at) if kind == "concern" else case.marks.concern
    return case.with_sentences((*case.sentences, options[turn % len(options)]), Marks(praise, concern))


def only(case: Case, mark: str) -> int | None:
    """The one sentence of a mixed case that carries a mark and not the other, if it is so."""
    mine, other = (
        (case.marks.praise, case.marks.concern) if mark == "praise" else (case.marks.concern, case.marks.praise)
    )
    return mine[0] if len(mine) == 1 and other and mine[0] not in other else None


def reordered(case: Case) -> Case | None:
    """The case with its sentences in reverse, where each stands alone; else None."""
    last = len(case.sentences) - 1
    if not last or any(_LEANS.search(s) or not _FREE.match(s) for s in case.sentences):
        return None
    marks = Marks(
        tuple(sorted(last - i for i in case.marks.praise)), tuple(sorted(last - i for i in case.marks.concern))
    )
    return case.with_sentences(rehead(case.sentences[::-1]), marks)


def _rewritten(case: Case, sentences: tuple[str, ...]) -> Case | None:
    return None if sentences == case.sentences else case.with_sentences(sentences, case.marks)


def typographic(case: Case) -> Case | None:
    return _rewritten(case, tuple(s.replace("'", "’") for s in case.sentences))


def american(case: Case) -> Case | None:
    def swap(m: re.Match[str]) -> str:
        word = _AMERICAN[m.group().lower()]
        return word.capitalize() if m.group()[0].isupper() else word

    return _rewritten(case, tuple(_TO_AMERICAN.sub(swap, s) for s in case.sentences))


def with_ise(case: Case) -> Case | None:
    return _rewritten(case, tuple(_IZE.sub(r"\1s", s) for s in case.sentences))
