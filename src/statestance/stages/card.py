"""The card of a released model, in Markdown: every figure from the measured record, the advice around it written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from statestance.stance import OUTCOMES

_FIGURES = {
    "macro_f1": "macro-F1 (three stances)",
    "accuracy": "accuracy (three stances)",
    "macro_f1_4": "macro-F1 with no stance as fourth",
    "praise_f1": "F1 of sentences marked praise",
    "concern_f1": "F1 of sentences marked concern",
    "ece": "expected calibration error",
    "coverage": "share answered",
    "accuracy_answered": "accuracy where it answers",
}

_USE = """\
## Intended use

To count, in transcripts of human-rights debates in English, how the speaking States evaluate the State under review,
with the sentences that show it, for people who check the counts against the text: researchers, journalists, NGOs,
delegations. It answers with *no stance*, or not at all, where it is unsure; those texts are for people to read.

## Misuse

- Ranking or scoring States, or deciding about a person, on its answers alone.
- Publishing a count without its interval, or without having read the texts that it left open.
- Texts that are not interventions of States about a State (news, social media, speeches at home): it was never
  measured on them.
- Reading a stance as a motive: it is about the words that were said, not about why.
"""

_LIMITS = """\
## Limits

- English only; the registers of the Universal Periodic Review and of United Nations debates.
- Labels follow a written codebook in which praise and concern are marked by sentence; another definition of support
  and criticism gives other counts. They were given by a language model under the codebook, not by people.
- The names of the speaker and of the State under review are hidden from the model, so that they cannot sway it. Irony,
  hints, and blame addressed to others than the State under review are where it fails most often; see the table above.
- Reports differ from year to year, and the figures are of the years measured.
"""


def markdown(card: Mapping[str, Any]) -> str:
    """The card of the record that ``release`` makes."""
    parts = [
        _head(card),
        _training(card),
        *(_metrics(name, figures) for name, figures in card["metrics"].items()),
        _behaviour(card["behaviour"]),
        _LIMITS,
        _USE,
    ]
    return "\n".join(part for part in parts if part)


def _head(card: Mapping[str, Any]) -> str:
    model = card["model"]
    unit = "sentences, each for praise and concern" if model["unit"] == "sentence" else "whole texts"
    lines = [
        ("model", f"{model['name']} ({model['learner']}, {model['engine']}), reads {unit}"),
        ("size", f"{card['bytes'] / 1e6:.1f} MB"),
        (
            "longest window",
            f"{model['max_length']} tokens; longer texts in several windows" if model["max_length"] else "",
        ),
        ("abstains", f"{model['policy']} ({model['min_confidence']:.3f})" if model["policy"] else ""),
        ("training data", model["data_digest"]),
        ("seed", str(model["seed"])),
        ("statestance", model["statestance"]),
        ("digest of the bundle measured", model["digest"]),
    ]
    about = f"# statestance model {card['version']}\n\nMade by `statestance.stages.release`; not edited by hand.\n"
    return about + "\n" + _table(("", ""), ((name, value) for name, value in lines if value))


def _training(card: Mapping[str, Any]) -> str:
    if not card["training"]:
        return ""
    rows = (
        (source, one["rows"], one["debates"], *(one["outcomes"].get(outcome, 0) for outcome in OUTCOMES))
        for source, one in card["training"].items()
    )
    return "## Training data\n\n" + _table(("source", "interventions", "debates", *OUTCOMES), rows)


def _metrics(name: str, figures: Mapping[str, Any]) -> str:
    """One table of figures with their intervals, one by stance."""
    head = f"## {name}\n\n{figures['rows']} interventions of {figures['debates']} debates; intervals are 95 %, "
    head += "by bootstrap over debates.\n\n"
    shown = (
        (text, f"{one['value']:.3f}", f"{one['low']:.3f} to {one['high']:.3f}")
        for key, text in _FIGURES.items()
        if (one := figures["headline"].get(key))
    )
    by_stance = (
        (outcome, one["rows"], *(f"{one[key]:.3f}" for key in ("precision", "recall", "f1")))
        for outcome, one in figures["per_class"].items()
    )
    return "\n".join(
        [
            head + _table(("figure", "value", "95 % interval"), shown),
            _table(("outcome", "interventions", "precision", "recall", "F1"), by_stance),
        ]
    )


def _behaviour(capabilities: Iterable[Mapping[str, Any]] | None) -> str:
    if capabilities is None:
        return ""
    rows = (
        (
            one["kind"],
            one["capability"],
            f"{one['passed']} of {one['cases']}",
            f"{one['rate']:.3f}",
            f"{one['aim']:.3f}",
        )
        for one in capabilities
    )
    about = (
        "Texts written to test one thing each; the aim is what is wanted, and a rate below it is a known shortfall.\n\n"
    )
    return "## Behaviour\n\n" + about + _table(("kind", "capability", "passed", "rate", "aim"), rows)


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    return "".join(_lines([columns, *rows]))


def _lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    for number, row in enumerate(rows):
        cells = [str(cell).replace("|", "\\|") for cell in row]
        yield f"| {' | '.join(cells)} |\n"
        if not number:
            yield "|" + "---|" * len(cells) + "\n"
