"""What was praised and what raised concern, by human-rights theme: a lexicon that anyone can read and mend.

``themes.json`` holds for each theme its terms and exceptions. A sentence has a theme where a term of the theme
occurs in it outside the exceptions; it can have several, or none. ``README.md`` beside it says how the table is
written, and how often it is right: micro-F1 0.92 on real sentences, 0.78 on composed ones.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from statestance.domain import Intervention, Prediction
from statestance.text import groups
from statestance.text.names import fold

_NOTHING = "\n"
_GAP = r"\s+(?:\S+\s+){0,4}"


@dataclass(frozen=True, slots=True)
class Theme:
    """A human-rights theme: ``terms`` in the table's notation; ``exceptions``, regular expressions.

    What an exception matches is passed over when this theme's terms are sought, and no other's.
    """

    key: str
    name: str
    terms: tuple[str, ...]
    exceptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """How many States praised something on a theme, and how many voiced concern; one can do both."""

    theme: Theme
    praise: int
    concern: int


@dataclass(frozen=True, slots=True)
class ThemeTally:
    """``counts``: the themes spoken of, most concern first, then most praise, then in the order of the table.

    ``sentences`` is the number of evidence sentences read, ``unassigned`` how many of them have no theme.
    """

    counts: tuple[ThemeCount, ...] = ()
    sentences: int = 0
    unassigned: int = 0


@cache
def themes() -> tuple[Theme, ...]:
    """Return every theme, in the order of the table."""
    rows = json.loads(files(__name__).joinpath("themes.json").read_text(encoding="utf-8"))
    return tuple(Theme(row["key"], row["name"], tuple(row["terms"]), tuple(row["except"])) for row in rows)


def _expression(term: str) -> str:
    """A term as a regular expression: `*` any letters, ` .. ` up to four words, a space also a hyphen."""
    gaps = []
    for part in term.split(" .. "):
        words = (re.escape(word).replace(r"\*", r"\w*") for word in part.split())
        gaps.append(r"(?:\s+|-)".join(words))
    whole = _GAP.join(gaps)
    return whole if any(c.isupper() for c in term) else f"(?i:{whole})"


@cache
def _compiled() -> tuple[tuple[str, re.Pattern[str], re.Pattern[str] | None], ...]:
    found = []
    for theme in themes():
        terms = "|".join(map(_expression, theme.terms))
        exceptions = re.compile(rf"(?<!\w)(?i:{'|'.join(theme.exceptions)})(?!\w)") if theme.exceptions else None
        found.append((theme.key, re.compile(rf"(?<!\w)(?:{terms})(?!\w)"), exceptions))
    return tuple(found)


_ALIKE = str.maketrans({"’": "'", "‘": "'", "‐": "-", "‑": "-", "–": "-"})


def of_sentence(sentence: str) -> tuple[str, ...]:
    """Return the keys of the themes of a sentence, read by itself, in the order of the table."""
    plain = " ".join(sentence.translate(_ALIKE).split())
    found = []
    for key, terms, exceptions in _compiled():
        if terms.search(plain) and (exceptions is None or terms.search(exceptions.sub(_NOTHING, plain))):
            found.append(key)
    return tuple(found)


def tally_themes(predictions: Iterable[Prediction]) -> ThemeTally:
    """Count, for each theme, the States whose sentences praise on it and those whose sentences voice concern.

    What a State said in one debate counts once; a joint statement counts for one speaker, the group. As in the
    tally of stances, turns that were left out and interventions without a stance add nothing; nor does a model
    that marks no sentences.
    """
    praise: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    concern: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    sentences = unassigned = 0
    for p in predictions:
        one, marks = p.intervention, p.marks
        if marks is None or p.stance is None or one.left_out:
            continue
        texts, speaker = one.sentence_texts, (one.debate, _speaker(one))
        for number in sorted({*marks.praise, *marks.concern}):
            keys = of_sentence(texts[number])
            sentences, unassigned = sentences + 1, unassigned + (not keys)
            for key in keys:
                if number in marks.praise:
                    praise[key].add(speaker)
                if number in marks.concern:
                    concern[key].add(speaker)
    counts = [ThemeCount(t, len(praise[t.key]), len(concern[t.key])) for t in themes()]
    spoken = sorted((c for c in counts if c.praise or c.concern), key=lambda c: (-c.concern, -c.praise))
    return ThemeTally(tuple(spoken), sentences, unassigned)


def _speaker(one: Intervention) -> str:
    """Who is counted: the group of a joint statement, else the State, by code where known."""
    own = one.speaker_iso3 or fold(one.speaker) or f"unnamed: {one.id}"
    joint = one.on_behalf_of or ("" if one.speaker_iso3 or groups.group(one.speaker) is None else one.speaker)
    if not joint:
        return own
    known = groups.group(joint)
    return f"group: {known.key if known else fold(joint)}"
