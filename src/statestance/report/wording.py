"""The words of a report: what a stance, a confidence, a count and an abstention are called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from statestance.domain import Prediction
from statestance.predict.decision import LOW_CONFIDENCE, NO_STANCE_REASON
from statestance.stance import NO_STANCE, OUTCOMES, Stance
from statestance.tally import Count, Tally
from statestance.transcripts.debate import LeftOut

if TYPE_CHECKING:
    from statestance.report.content import Facts

UNNAMED = "(unnamed speaker)"
NOT_RECORDED = "not recorded"
_NO_MODEL = "the saved predictions do not say which model made them"
_DIGEST = "a fingerprint (SHA-256) of the training data: the same data give the same number"
_RATE = re.compile(r"right at a rate of (0\.\d+)$")
"""How the policy of an exported model ends."""
BY_HAND = "by_hand"
"""The abstain reason of an intervention that somebody read, and gave no stance."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a stance is shown besides its colour: ``sign`` says what the colour says."""

    sign: str
    word: str
    meaning: str

    @property
    def short(self) -> str:
        return self.word.removesuffix(" given")


LOOKS = {
    str(Stance.SUPPORTIVE): Look("+", "supportive", "praise, no concern"),
    str(Stance.MIXED): Look("±", "mixed", "praise and concern"),
    str(Stance.CRITICAL): Look("−", "critical", "concern, no praise"),
    NO_STANCE: Look("?", "no stance given", "left to a human"),
}

_READS = (
    "reads the words of each intervention and nothing else, and it can be wrong. How often it was, on debates that it "
    "had never seen, stands above where it is known; the model's card says more (statestance model info)."
)
_WHOSE = f"The stances are a model's, not those of the States: it {_READS}"
LIMITS = (
    "The 90 % intervals are narrow because they hold no more than the model's own doubt about each text, taken as "
    "independent between texts. They do not hold its systematic error: a way of speaking that it misreads, it "
    "misreads throughout, and the counts can be off by more than the intervals say. Nor do they hold errors in "
    "reading the transcript.",
    _WHOSE,
    "A stance is about what was said of the record of the State under review. Courtesy is not praise, and a "
    "recommendation is concern only where it presupposes an abuse; silence is not counted at all.",
    "Themes are found by a list of words, not by the model.",
)
NAMES = "Speakers are called by the names that the United Nations use today, whatever they are called in the text."
THEMES_ORDER = "Sorted by concern, then by praise."
_LEFT_OUT = {
    LeftOut.FRONT: "text before the debate",
    LeftOut.RECOMMENDATIONS: "paragraph of the closing list of recommendations",
    LeftOut.PROCEDURE: "remark on procedure",
    LeftOut.UNATTRIBUTED: "speaker not known",
}
"""Why a passage is no intervention, where the reader of a transcript has a shorter name for it."""

JOINT = {
    "one": "A joint statement counts for one speaker, the group.",
    "members": "A joint statement counts for every State of the group whose members are known.",
}


def title(target: str, debates: int) -> str:
    subject = f"What States said about {target}" if target else "What States said"
    return f"{subject} in {debates} debates" if debates > 1 else subject


HIGH, FAIR = 0.9, 0.75
LOW = "low"
UNSURE = "Counted, but the model was unsure"
WHY_UNSURE = (
    f"These are in the counts, with a confidence below {FAIR:.2f}; the least sure come first. Read these before you "
    "publish."
)


def certainty(confidence: float) -> str:
    """A word for a confidence."""
    return "high" if confidence >= HIGH else "fair" if confidence >= FAIR else LOW


def span(count: Count) -> str:
    """An interval as "16 to 18", or "17" where it is one number."""
    return str(count.low) if count.low == count.high else f"{count.low} to {count.high}"


def read(file: str, layout: str, kept: int, left_out: Mapping[str, int]) -> str:
    """What was read from a file, as one line."""
    line = f"{file}: layout {layout}; kept {plural(kept, 'intervention')}"
    if not left_out:
        return line
    known = {str(reason): words for reason, words in _LEFT_OUT.items()}
    most = sorted(left_out.items(), key=lambda item: -item[1])
    reasons = ", ".join(f"{count} × {known.get(reason, reason)}" for reason, count in most)
    return f"{line}; left out {plural(sum(left_out.values()), 'other passage')}: {reasons}"


def plural(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"


def listed(parts: Sequence[str]) -> str:
    return " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else "".join(parts)


def speakers(one: Tally) -> str:
    """Who spoke: "27 States", "25 States and 2 groups of States"; over several debates, how often States appeared."""
    if one.debates > 1:
        return f"{one.states} appearances of States in {one.debates} debates"
    single = one.states - one.joint
    parts = [plural(single, "State")] if single or not one.joint else []
    return listed(parts + ([plural(one.joint, "group of States", "groups of States")] if one.joint else []))


def by_hand(corrected: int, interventions: int) -> str:
    """How much is people's word: "3 of 53 interventions corrected by hand"."""
    return f"{corrected} of {plural(interventions, 'intervention')} corrected by hand"


def limits(given: tuple[str, ...], corrected: int, interventions: int) -> tuple[str, ...]:
    """The limits of a report in which people corrected some interventions."""
    if not corrected:
        return given
    whose = f"The stances are a model's, but for {by_hand(corrected, interventions)}; they are not those of the States."
    said = f"{whose} The model {_READS} What people said counts as certain."
    return tuple(said if limit == _WHOSE else limit for limit in given)


def sentence(one: Tally, target: str = "", corrected: int = 0, settled: int = 0) -> str:
    """The count as a sentence that can be quoted, its intervals with it.

    Such as "17 of 27 States were supportive of Vellmora, 10 were mixed and none was critical (90 % intervals: …)."
    ``corrected`` interventions have the stance that somebody gave; ``settled`` of the undecided States are undecided
    because somebody found no stance in any of what they said: they wait for nobody.
    """
    if not one.states:
        return "No State spoke."
    plain = one.debates > 1 or not one.joint
    who = speakers(one) if plain else f"{one.states} speakers ({speakers(one)})"
    of = f" of {target}" if target else ""
    parts: list[str] = []
    for stance in Stance:
        count = one.by_state[stance].counted
        number = str(count) if count else "none"
        start = f"{number if count else 'None'} of {who}" if not parts else number
        verb = "were" if count > 1 else "was"
        parts.append(f"{start} {verb} {stance}{of if not parts else ''}")
    intervals = listed([span(one.by_state[s]) for s in Stance])
    text = f"{listed(parts)} (90\u00a0% intervals: {intervals})"
    if settled:
        text += f"; {settled} {'was' if settled == 1 else 'were'} read by hand and took no stance"
    if one.undecided > settled:
        text += f"; {one.undecided - settled} got no stance"
    if corrected:
        text += f"; {by_hand(corrected, one.interventions)}"
    return text + "."


def made(facts: Facts) -> list[tuple[str, str]]:
    """How the stances were made, as (what, value); what nobody recorded is said to be so."""
    always = [
        ("Date of this report", facts.date or NOT_RECORDED),
        ("Confidence", f"the model's own, calibrated: high from {HIGH:.2f}, fair from {FAIR:.2f}, {LOW} below"),
    ]
    if not facts.model:
        return [("Model", _NO_MODEL), *always]
    return [
        ("Model", facts.model),
        ("Measured error", facts.measured or NOT_RECORDED),
        ("The model gives no stance", _abstains(facts)),
        ("Digest of the training data", f"{facts.data_digest} ({_DIGEST})" if facts.data_digest else NOT_RECORDED),
        ("statestance version of the model", facts.statestance or NOT_RECORDED),
        *always,
    ]


def _abstains(facts: Facts) -> str:
    """When the model gives no stance; a policy in other words than the pipeline's is quoted."""
    if facts.min_confidence is None:
        return facts.policy or NOT_RECORDED
    rate, neither = _RATE.search(facts.policy), "where it finds neither praise nor concern"
    quoted = f" ({facts.policy})" if facts.policy else ""
    if facts.min_confidence:
        bound = f"{neither}, and below a confidence of {facts.min_confidence:.2f}"
        if rate:
            return f"{bound}, chosen so that on the development debates its stances are right at a rate of {rate[1]}"
        return bound + quoted
    if rate:
        right = f"on the development debates its stances were right at a rate of {rate[1]} without more abstaining"
        return f"only {neither}; {right}"
    return f"only {neither}{quoted}"


def leaning(prediction: Prediction) -> str:
    """The likeliest outcome of an abstention, by name."""
    best = max(range(len(OUTCOMES)), key=lambda n: prediction.probabilities[n])
    return OUTCOMES[best]


def why_abstained(prediction: Prediction) -> str:
    """What a human should know about an intervention that got no stance."""
    if prediction.abstain_reason == LOW_CONFIDENCE:
        return f"The model leans to {leaning(prediction)}, but is not sure enough to say so."
    if prediction.abstain_reason == NO_STANCE_REASON:
        return "The model found neither praise nor concern."
    if prediction.abstain_reason == BY_HAND:
        return "Somebody read it, and gave it no stance."
    return f"No stance was given: {prediction.abstain_reason.replace('_', ' ')}."


def unstated(asking: int, settled: int) -> str:
    """What having no stance means in a count, where people decided on some or all of those that have none."""
    if not settled:
        return LOOKS[NO_STANCE].meaning
    return "read by a human, or left to one" if asking else "read by a human"


def reason(abstain_reason: str) -> str:
    known = {
        LOW_CONFIDENCE: "not sure enough",
        NO_STANCE_REASON: "neither praise nor concern found",
        BY_HAND: "read by somebody, and given no stance",
    }
    return known.get(abstain_reason, abstain_reason.replace("_", " "))
