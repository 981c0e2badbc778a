"""Themes of evidence sentences: the table, how it is read, the count of States, and how often it is right."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from statestance.domain import Intervention, Marks, Prediction, join_sentences
from statestance.stance import Stance
from statestance.tally import tally
from statestance.text import groups, states
from statestance.themes import of_sentence, tally_themes, themes

ROOT = Path(__file__).parents[2]
README = ROOT / "src/statestance/themes/README.md"
FIXTURES = ROOT / "tests/fixtures/themes"
LABELLED = ROOT / "../shared/upr/labelled.jsonl"
KEYS = [theme.key for theme in themes()]


def test_keys_and_names_are_unique_and_every_term_stands_once() -> None:
    assert len(set(KEYS)) == len(KEYS) == 26
    assert len({theme.name for theme in themes()}) == len(KEYS)
    for theme in themes():
        assert len(set(theme.terms)) == len(theme.terms) > 0, theme.key
        for exception in theme.exceptions:
            re.compile(exception)


def test_no_term_is_dead() -> None:
    dead = [
        (theme.key, term)
        for theme in themes()
        for term in theme.terms
        if theme.key not in of_sentence(term.replace("*", "").replace(" .. ", " "))
    ]
    assert dead == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("It regretted the closure of radio stations.", {"expression"}),
        ("It welcomed the moratorium on the death penalty.", {"death_penalty"}),
        ("It was concerned at torture in police custody and at impunity.", {"detention", "accountability"}),
        ("Norland's fight against trafficking in persons deserves praise.", {"trafficking"}),
        ("It asked why asylum seekers were still expelled.", {"migrants"}),
        ("It commended the new clinics and the school meals.", {"health", "education", "living_standards"}),
        ("It noted the ratification of CRPD.", {"mechanisms", "disability"}),
        ("These are not small things.", set()),
    ],
)
def test_a_sentence_has_the_themes_of_its_terms(sentence: str, expected: set[str]) -> None:
    assert set(of_sentence(sentence)) == expected


def test_themes_come_in_the_order_of_the_table() -> None:
    found = of_sentence("Climate, children, courts and the press.")
    assert found == tuple(sorted(found, key=KEYS.index)) and len(found) == 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the counter-terrorism law", "the counter terrorism law"),
        ("women’s shelters", "women's shelters"),
        ("the DEATH Penalty", "the death penalty"),
        ("extra‑judicial killings", "extra-judicial killings"),
        ("the freedom of peaceful public assembly", "the freedom of assembly"),
        ("the death\n penalty", "the death penalty"),
    ],
)
def test_spelling_of_hyphens_quotes_case_and_gaps_does_not_matter(one: str, other: str) -> None:
    assert of_sentence(one) and set(of_sentence(other)) <= set(of_sentence(one))


def test_a_term_with_capitals_is_sought_as_written() -> None:
    assert of_sentence("It ratified CAT.") == ("detention", "mechanisms")
    assert of_sentence("The cat sat with AIDS workers.") == ("health", "labour")
    assert of_sentence("It aids the roma tomato growers.") == ()


def test_only_whole_words_count() -> None:
    assert of_sentence("The shotgun approach to warm words, tribute and scourge.") == ()


def test_an_exception_holds_for_its_theme_and_no_other() -> None:
    assert of_sentence("It deplored violence against women.") == ("violence_against_women",)
    assert set(of_sentence("It deplored violence against women and the few women in office.")) == {
        "women",
        "violence_against_women",
    }
    assert of_sentence("It shared the concern of the Special Rapporteur about hunger.") == ("living_standards",)
    assert of_sentence("It welcomed the invitation to the Special Rapporteur.") == ("mechanisms",)


def test_no_name_of_a_state_or_group_is_a_theme() -> None:
    names = [n for s in states.states().values() for n in (*s.names, *s.demonyms)]
    names += [n for g in groups.groups().values() for n in g.names]
    assert len(names) > 1000
    assert {n: of_sentence(n) for n in names if of_sentence(n)} == {}


def says(
    iso3: str, *sentences: str, praise: tuple[int, ...] = (), concern: tuple[int, ...] = (), **fields: Any
) -> Prediction:
    """A prediction with marks; ``marked=False``: from a model without; ``stance``: None to abstain."""
    marks = Marks(praise, concern)
    stance: Stance | None = fields.pop("stance", marks.stance)
    marked, on_behalf_of = fields.pop("marked", True), fields.pop("on_behalf_of", "")
    text, spans = join_sentences(sentences)
    one = Intervention("i", text, fields.pop("debate", "d"), "Vellmora", iso3, iso3, on_behalf_of, spans, **fields)
    reason = "" if stance else "low_confidence"
    return Prediction(one, stance, 0.9, (0.7, 0.1, 0.1, 0.1), marks if marked else None, reason)


def counts(*predictions: Prediction) -> dict[str, tuple[int, int]]:
    return {c.theme.key: (c.praise, c.concern) for c in tally_themes(predictions).counts}


PRESS, SCHOOLS = "Editors are jailed for their opinions.", "New schools have opened."
JAIL = {"expression": (0, 1), "detention": (0, 1)}


def test_a_state_counts_once_in_a_debate_and_again_in_the_next() -> None:
    first, again = says("NOR", PRESS, concern=(0,)), says("NOR", "Hm.", PRESS, PRESS, concern=(1, 2))
    assert counts(first, again) == JAIL
    assert counts(first, says("NOR", PRESS, concern=(0,), debate="e"))["expression"] == (0, 2)
    assert counts(first, says("CHL", PRESS, concern=(0,)))["expression"] == (0, 2)


def test_praise_and_concern_are_counted_apart_and_only_marked_sentences_count() -> None:
    both = says("NOR", SCHOOLS, PRESS, "Health is wealth.", praise=(0,), concern=(1,))
    assert counts(both) == JAIL | {"education": (1, 0)}
    assert counts(says("NOR", SCHOOLS, praise=(0,), concern=(0,))) == {"education": (1, 1)}


def test_a_joint_statement_counts_once_beside_the_statement_of_its_speaker() -> None:
    joint = [says("NOR", PRESS, concern=(0,), on_behalf_of=name) for name in ("Nordic-Baltic States", "the EU")]
    assert counts(joint[0])["expression"] == (0, 1)
    assert counts(*joint, says("NOR", PRESS, concern=(0,)))["expression"] == (0, 3)


def test_what_the_tally_of_stances_leaves_out_adds_nothing() -> None:
    empty = (
        says("NOR", PRESS, concern=(0,), marked=False),
        says("NOR", PRESS, concern=(0,), stance=None),
        says("NOR", PRESS, concern=(0,), left_out="front matter"),
        says("NOR", PRESS, stance=None),
    )
    found = tally_themes(empty)
    assert (found.counts, found.sentences, found.unassigned) == ((), 0, 0)


def test_counts_are_sorted_by_concern_then_praise_and_say_how_many_have_no_theme() -> None:
    found = tally_themes(
        [
            says("NOR", SCHOOLS, "It was well done.", praise=(0, 1)),
            says("CHL", SCHOOLS, "The forests shrink.", praise=(0,), concern=(1,)),
            says("GHA", "Clinics opened.", "Journalists fled.", praise=(0,), concern=(1,)),
            says("KEN", "Journalists fled.", concern=(0,)),
        ]
    )
    rows = [(c.theme.key, c.concern, c.praise) for c in found.counts]
    assert rows == [("expression", 2, 0), ("environment", 1, 0), ("education", 0, 2), ("health", 0, 1)]
    assert (found.sentences, found.unassigned) == (7, 1)


def test_speakers_are_those_of_the_tally_of_stances() -> None:
    rows = [
        says("NOR", PRESS, concern=(0,)),
        says("", PRESS, concern=(0,)),
        says("FIN", PRESS, concern=(0,), on_behalf_of="Finland, Norway"),
        says("EGY", PRESS, concern=(0,), on_behalf_of="the African Group"),
        says("KEN", PRESS, concern=(0,), on_behalf_of="Group of African States"),
        says("CHL", PRESS, concern=(0,), debate="e"),
    ]
    assert counts(*rows)["expression"] == (0, tally(rows).states)


Sets = npt.NDArray[np.bool_]


def samples(name: str, sample: str) -> list[dict[str, Any]]:
    lines = (FIXTURES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["sample"] == sample]


def figures(gold: Sets, found: Sets) -> npt.NDArray[np.float64]:
    """(2, 3): micro and macro precision, recall, F1 of (N, themes); macro over the themes that occur in gold."""
    both, given, right = (gold & found).sum(0), found.sum(0), gold.sum(0)
    seen = right > 0

    def three(hits: Any, guesses: Any, truths: Any) -> list[Any]:
        return [hits / np.maximum(guesses, 1), hits / np.maximum(truths, 1), 2 * hits / np.maximum(guesses + truths, 1)]

    micro = three(both.sum(), given.sum(), right.sum())
    macro = [each[seen].mean() for each in three(both, given, right)]
    return np.array([micro, macro], dtype=np.float64)


def measured(rows: list[dict[str, Any]], texts: list[str]) -> list[list[str]]:
    """The cells of the README for the figures of a sample, with 95 % bootstrap intervals over sentences."""
    gold = np.array([[key in row["themes"] for key in KEYS] for row in rows])
    found = np.array([[key in of_sentence(text) for key in KEYS] for text in texts])
    random = np.random.default_rng(0)
    drawn = [figures(gold[i], found[i]) for i in (random.integers(0, len(rows), len(rows)) for _ in range(2000))]
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    value = figures(gold, found)
    return [[f"{value[i, j]:.2f} ({low[i, j]:.2f} to {high[i, j]:.2f})" for j in range(3)] for i in range(2)]


def told(name: str) -> list[list[str]]:
    rows = [line.strip("| ").split(" | ") for line in README.read_text(encoding="utf-8").splitlines()]
    return [[c.strip() for c in row[3:]] for row in rows if row[0] == name]


def real_texts(rows: list[dict[str, Any]]) -> list[str]:
    if not LABELLED.exists():
        pytest.skip("no upr/labelled.jsonl in the shared folder beside the project")
    by_id = {row["id"]: row["sentences"] for row in map(json.loads, LABELLED.read_text("utf-8").splitlines())}
    return [by_id[row["id"]][row["sentence"]] for row in rows]


def test_labels_are_themes_of_the_table_and_real_sentences_are_not_stored() -> None:
    for name, fields in (("real", set()), ("composed", {"text"})):
        sizes = {s: len(samples(name, s)) for s in ("development 1", "development 2", "test")}
        assert sizes == {"development 1": 150, "development 2": 100, "test": 100}
        for sample in sizes:
            for row in samples(name, sample):
                assert row.keys() - fields == {"sample", "id", "sentence", "themes"}
                assert set(row["themes"]) <= set(KEYS)


def test_the_readme_tells_the_figures_on_composed_sentences() -> None:
    rows = samples("composed", "test")
    assert measured(rows, [row["text"] for row in rows]) == told("composed")


@pytest.mark.shared
def test_the_readme_tells_the_figures_on_real_sentences() -> None:
    rows = samples("real", "test")
    assert measured(rows, real_texts(rows)) == told("real")
