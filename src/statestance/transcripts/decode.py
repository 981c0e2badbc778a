"""Bytes to text, when nobody says which encoding: BOM, UTF-8, UTF-16, then the likeliest 8-bit one."""

from __future__ import annotations

import codecs
import re
from collections import Counter

from statestance.domain import StatestanceError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_EIGHT_BIT = ("cp1252", "mac_roman", "latin-1")
_SAMPLE = 4_000_000
_HIGH = re.compile(rb"[\x80-\xff]")


def decode(data: bytes, file: str) -> str:
    """The text of a file with LF line ends and no control characters; raises on bytes that are no text."""
    text = _decoded(data, file).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub(" ", text)


_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\x80-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")


def _decoded(data: bytes, file: str) -> str:
    for bom, name in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(name)
            except UnicodeDecodeError as error:
                raise _undecodable(file, f"byte {data[error.start]:#04x} at {error.start} of {name} text") from error
    utf16 = _utf16(data)
    if utf16:
        try:
            return data.decode(utf16)
        except UnicodeDecodeError as error:
            raise _undecodable(file, f"bytes of {utf16} text broken at {error.start}") from error
    if data.count(0) > len(data) // 50:
        raise _undecodable(file, f"{data.count(0)} NUL bytes, as in a binary file")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        high = len(_HIGH.findall(data[:_SAMPLE]))
        if high > 0.3 * min(len(data), _SAMPLE):
            raise _undecodable(
                file, f"byte {data[error.start]:#04x} at {error.start}, and {high} others beyond ASCII"
            ) from error
    return _mixed(data)


def encoding_of(sample: bytes, file: str) -> str:
    """The name of the encoding that a file's first bytes show, for reading it line by line."""
    for bom, name in _BOMS:
        if sample.startswith(bom):
            return name
    utf16 = _utf16(sample)
    if utf16:
        return utf16
    if sample.count(0) > len(sample) // 50:
        raise _undecodable(file, f"{sample.count(0)} NUL bytes, as in a binary file")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return eight_bit(sample)
    return "utf-8"


def _undecodable(file: str, found: str) -> StatestanceError:
    return StatestanceError(f"expected text in {file}; found {found}; save it as UTF-8, or mend its ending")


def _utf16(data: bytes) -> str:
    """UTF-16 without a mark: most high bytes of Latin text are NUL."""
    sample = data[:4096]
    if len(sample) < 4:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > 0.6 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.05 * half:
        return "utf-16-be"
    return ""


def _mixed(data: bytes) -> str:
    """8-bit text; lines that are valid UTF-8 among lines that are not keep their own reading."""
    best = eight_bit(data[:_SAMPLE])
    out = []
    for line in re.split(rb"(\r\n|\r|\n)", data):
        try:
            out.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            out.append(line.decode(best, errors="replace"))
    return "".join(out)


def eight_bit(data: bytes) -> str:
    """The likeliest of Windows-1252, Mac Roman and Latin-1, by the company its accents and quotes keep."""
    contexts = Counter(re.findall(rb"(?s)[\x00-\x7f]?[\x80-\xff]+[\x00-\x7f]?", data))
    scores = {name: sum(_score(bytes(c), name) * n for c, n in contexts.items()) for name in _EIGHT_BIT}
    return max(_EIGHT_BIT, key=lambda name: scores[name])


_LOWER = frozenset("àáâãäåæçèéêëìíîïñòóôõöøœùúûüýßăşţžšğı")
_UPPER = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØŒÙÚÛÜÝŽŠ")
_MARKS = frozenset("’‘“”–—…•«»°º§£€\xa0")


def _score(context: bytes, name: str) -> float:
    """How natural the characters beyond ASCII look between their neighbours."""
    text, total = context.decode(name, errors="replace"), 0.0
    for at, char in enumerate(text):
        if ord(char) < 128:
            continue
        before = text[at - 1] if at else " "
        after = text[at + 1] if at + 1 < len(text) else " "
        total += _one(char, before, after)
    return total


def _one(char: str, before: str, after: str) -> float:
    if char in _LOWER:
        # An accented small letter stands among small letters; alone or after a digit it is a misread mark.
        return 2.0 if (before.isalpha() or after.islower()) and not after.isupper() else -0.5
    if char in _UPPER:
        return 2.0 if not before.islower() and (after.isalpha() or before.isupper()) else -2.0
    if char == "…":
        return 1.5 if not after.isalnum() else 0.5
    if char == "’":
        return 3.0 if before.isalpha() and (after.isalpha() or not after.isalnum()) else 0.5
    if char in "“‘«":
        return 3.0 if not before.isalnum() and not after.isspace() else 0.2
    if char in "”»":
        return 3.0 if not before.isspace() and not after.isalnum() else 0.2
    if char in _MARKS:
        return 1.5
    return -2.0
