"""Bytes to text, whatever the encoding and the line ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statestance.domain import StatestanceError
from statestance.transcripts.decode import decode, eight_bit

FRENCH = "La République de Côte d’Ivoire a noté « l’été » – déjà ; Türkiye, España y São Tomé aussi. “Élan” à 5 °C"
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, end: str) -> None:
    text = f"{FRENCH}\nNorway: one.\n{FRENCH}\n"
    assert decode(text.replace("\n", end).encode(encoding), "f") == text


def test_latin1_is_told_from_mac_roman() -> None:
    text = "Les États ont noté la réponse du Gouvernement à la société civile.\n"
    assert decode(text.encode("latin-1"), "f") == text


@pytest.mark.parametrize(
    "text",
    [
        "Norway’s plan",
        "the “plan” of",
        "2009–2013",
        "Côte d’Ivoire",
        "señor Ibáñez",
        "Türkiye",
        "naïve",
        "São Tomé",
        "Österreich",
        "Øresund",
    ],
)
@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
def test_one_word_is_enough(text: str, encoding: str) -> None:
    assert text.encode(encoding).decode(eight_bit(text.encode(encoding))) == text


def test_lines_of_two_encodings_in_one_file() -> None:
    data = "Côte d’Ivoire: déjà.\n".encode() + "Perú: ¿Cuándo?, señor.\n".encode("cp1252")
    assert decode(data, "f") == "Côte d’Ivoire: déjà.\nPerú: ¿Cuándo?, señor.\n"


def test_some_nul_bytes_are_white_space() -> None:
    assert decode(b"Norway: one" + b" two three four five" * 10 + b"\x00.", "f").endswith("five .")


@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 40, b"\x00" * 100, b"\xff\xfe\x00\xd8", bytes(range(128, 256)) * 9]
)
def test_what_is_no_text_is_an_error(data: bytes) -> None:
    with pytest.raises(StatestanceError, match=r"f\.txt.*UTF-8"):
        decode(data, "f.txt")


@given(st.binary(max_size=300))
def test_any_bytes_decode_or_say_why(data: bytes) -> None:
    try:
        text = decode(data, "f")
    except StatestanceError:
        return
    assert "\r" not in text and "\x00" not in text


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn"), exclude_characters="\ufeff"),
        max_size=200,
    )
)
def test_utf8_is_never_misread(text: str) -> None:
    assert decode(text.encode(), "f") == text
