"""How names are compared: without case, accents, punctuation or a leading article."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

APOSTROPHES = "['’‘ʼ´`]"
_SEPARATORS = re.compile(r"[\W_]+")


@lru_cache(maxsize=8192)
def fold(name: str) -> str:
    """Return the form under which two spellings of one name are equal ("Côte d’Ivoire": "cote d ivoire")."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    words = _SEPARATORS.sub(" ", bare.casefold().replace("&", " and ")).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join("saint" if w == "st" else w for w in words)


def pattern(phrase: str) -> str:
    """Return a regular expression for a phrase: any spacing, any apostrophe, any dash."""
    words = (re.escape(word) for word in phrase.replace("’", "'").split())
    return r"\s+".join(words).replace("'", APOSTROPHES).replace(r"\-", "[-‐‑–]")
