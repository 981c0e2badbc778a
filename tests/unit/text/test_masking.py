"""Masking: each rule by example, and properties for any text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statestance.domain import Intervention
from statestance.text.masking import SPEAKER, STATE, TARGET, TOKENS, mask
from statestance.text.sentences import split
from statestance.text.states import states


def masked(text: str, target: str = "", speaker: str = "", behalf: str = "", iso3: str = "") -> str:
    one = Intervention(
        "1",
        text,
        target=target,
        speaker=speaker,
        speaker_iso3=iso3,
        on_behalf_of=behalf,
        sentences=split(text),
    )
    found = mask(one)
    parts = [found.text[s.start : s.end] for s in found.sentences]
    assert len(parts) == len(one.sentences)
    assert "".join(found.text.split()) == "".join("".join(parts).split())
    return found.text


def test_tokens() -> None:
    assert TOKENS == (SPEAKER, TARGET, STATE) == ("[SPEAKER]", "[TARGET]", "[STATE]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Poland thanked Kestara.", "[SPEAKER] thanked [TARGET]."),
        ("The Polish delegation thanked Kestarans.", "[SPEAKER] delegation thanked [TARGET]."),
        ("POLAND asked about KESTARA.", "[SPEAKER] asked about [TARGET]."),
        ("Poland’s view of Kestara's laws", "[SPEAKER]'s view of [TARGET]'s laws"),
        ("An Albanian and a Polish law", "A [STATE] and a [SPEAKER] law"),
        ("It met an Albanian at an airport.", "It met a [STATE] at an airport."),
        ("It asked the Netherlands and the Philippines’ friends.", "It asked [STATE] and [STATE]'s friends."),
        ("It quoted ‘friends of the Philippines’.", "It quoted ‘friends of [STATE]’."),
        ("the Government of the Republic of Kestara", "the Government of [TARGET]"),
        ("the People’s Republic of Kestara", "[TARGET]"),
        ("Kestara (Federal Republic of) and Bolivia (Plurinational State of)", "[TARGET] and [STATE]"),
        ("the former Yugoslav Republic of Macedonia", "[STATE]"),
        ("a Poland-led and Kestara-based court", "a [SPEAKER]-led and [TARGET]-based court"),
        ("Guinea-Bissau, Timor-Leste", "[STATE], [STATE]"),
        ("Mr. Jordan met Kestara in Jordan.", "Mr. Jordan met [TARGET] in [STATE]."),
        ("the State, the Republic and US$ 5", "the State, the Republic and US$ 5"),
        ("Côte d'Ivoire and Côte d’Ivoire’s", "[STATE] and [STATE]'s"),
    ],
)
def test_rules(text: str, expected: str) -> None:
    assert masked(text, "Kestara", "Poland") == expected


def test_a_real_target_is_masked_by_all_its_names_and_demonyms() -> None:
    text = "Viet Nam, Vietnam, the Socialist Republic of Viet Nam and the Vietnamese"
    assert masked(text, "Viet Nam") == masked(text, "VNM") == "[TARGET], [TARGET], [TARGET] and [TARGET]"


def test_an_invented_target_is_masked_by_its_parts() -> None:
    text = "The Tolmarene Republic and a Tolmarene law; the Fenmoor Islands, the Islands’ law"
    assert masked(text, "Tolmarene Republic").startswith("[TARGET] and a [TARGET] law; the Fenmoor")
    assert masked(text, "Fenmoor Islands").endswith("[TARGET], [TARGET]'s law")


def test_the_target_wins_over_the_speaker() -> None:
    assert masked("Poland thanked a Pole.", "Poland", "POL") == "[TARGET] thanked a [TARGET]."
    assert masked("Kestara thanked Kestarans.", "Kestara", "Kestara") == "[TARGET] thanked [TARGET]."


def test_an_empty_speaker_is_the_state_that_opens_the_text() -> None:
    assert masked("The Netherlands spoke. The Dutch left Poland.") == "[SPEAKER] spoke. [SPEAKER] left [STATE]."
    assert masked("We heard Poland.") == "We heard [STATE]."
    assert masked("The African Group spoke.") == "[SPEAKER] spoke."


def test_a_speaker_is_known_by_its_code_or_by_its_printed_name() -> None:
    assert masked("Polonia and a Pole spoke.", speaker="Polonia") == "[SPEAKER] and a [SPEAKER] spoke."
    assert masked("POL AND Polonia", target="Andorra", speaker="AND") == "POL AND Polonia"
    assert masked("Lechia and a Pole spoke.", speaker="Lechia", iso3="POL") == "[SPEAKER] and a [SPEAKER] spoke."
    assert masked("Morvania and Morvanians", speaker="Morvania") == "[SPEAKER] and [SPEAKER]"


def test_an_office_is_no_speaker_to_mask() -> None:
    assert masked("The President thanked the President of Poland.", speaker="The President") == (
        "The President thanked the President of [STATE]."
    )


@pytest.mark.parametrize(
    ("text", "behalf"),
    [
        ("Latvia, for the Nordic-Baltic States, spoke.", "the Nordic-Baltic countries"),
        ("Latvia, for the OIC, spoke.", "the Organization of Islamic Cooperation"),
        ("Latvia, for a group of 14 States, spoke.", "a group of 14 States"),
        ("Latvia, for the European Union, spoke.", "EU"),
    ],
)
def test_the_group_spoken_for_is_the_speaker(text: str, behalf: str) -> None:
    assert masked(text, speaker="Latvia", behalf=behalf) == "[SPEAKER], for [SPEAKER], spoke."


def test_states_that_share_a_word_take_the_role_in_play() -> None:
    text = "the Congolese people of the Congo"
    assert masked(text, "Democratic Republic of the Congo") == "[TARGET] people of [TARGET]"
    assert masked(text, speaker="Congo") == "[SPEAKER] people of [SPEAKER]"
    assert masked("It left Korea.", "Democratic People’s Republic of Korea") == "It left [TARGET]."


def test_a_country_in_play_is_not_taken_for_a_person() -> None:
    assert masked("It asked Georgia Public Radio.", "Georgia") == "It asked [TARGET] Public Radio."
    assert masked("It asked Georgia Smith.", "Kestara") == "It asked Georgia Smith."


def test_text_outside_the_sentences_is_masked_too() -> None:
    one = Intervention("1", "Poland: It left.", speaker="Poland", sentences=split("Poland: It left.")[:0])
    assert mask(one).text == "[SPEAKER]: It left."
    assert mask(one).sentences == ()


WORDS = [s.name for s in states().values()] + [
    "the",
    "The",
    "an",
    "a",
    "’s",
    "'",
    ".",
    "(",
    ")",
    "Republic of",
    "Mr.",
    "\n\n",
]
text_of_words = st.lists(st.sampled_from(WORDS)).map(" ".join)
NAMES = st.one_of(st.sampled_from(["", "Poland", "Kestara", "Fenmoor Islands", "the OIC", "POL"]), st.text())


@given(st.one_of(st.text(), text_of_words), NAMES, NAMES, NAMES)
def test_any_intervention_can_be_masked(text: str, target: str, speaker: str, behalf: str) -> None:
    one = Intervention("1", text, target=target, speaker=speaker, on_behalf_of=behalf, sentences=split(text))
    found = mask(one)
    spans = found.sentences
    assert len(spans) == len(one.sentences)
    assert all(s.start < s.end for s in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert not spans or spans[-1].end <= len(found.text)
    assert mask(one) == found
