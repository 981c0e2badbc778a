"""Who speaks: from a name in a turn's header."""

from __future__ import annotations

import re
from dataclasses import dataclass

from statestance.text import states
from statestance.transcripts import blocs
from statestance.transcripts.debate import LeftOut
from statestance.transcripts.roles import role


@dataclass(frozen=True, slots=True)
class Context:
    """The State under review: its name as printed and its ISO 3166-1 alpha-3 code ("" for none)."""

    target: str = ""
    target_iso3: str = ""


@dataclass(frozen=True, slots=True)
class Who:
    """The speaker of a turn; ``left_out`` says why the turn is not an intervention."""

    speaker: str = ""
    iso3: str = ""
    on_behalf_of: str = ""
    left_out: str = ""


def is_target(printed: str, iso3: str, context: Context) -> bool:
    """Whether a speaker is the State under review itself."""
    if context.target_iso3:
        return iso3 == context.target_iso3
    return bool(context.target) and _bare(printed) == _bare(context.target)


ARTICLES = re.compile(r"^(?:the|la|le|les|el|los|las)\s+|^l['’]", re.I)


def _bare(name: str) -> str:
    return " ".join(ARTICLES.sub("", name.strip()).casefold().split())


def state_at(text: str, context: Context) -> tuple[str, str, int] | None:
    """The State, group or State under review that a text opens with: (printed, ISO3 or "", end)."""
    article = re.match(r"\s*(?:the\s+)?", text, re.I)
    start = article.end() if article else 0
    if context.target and not context.target_iso3:
        name = context.target
        if (
            text[start : start + len(name)].casefold() == name.casefold()
            and not text[start + len(name) :][:1].isalnum()
        ):
            return text[start : start + len(name)], "", start + len(name)
    head = states.at_start(text)
    if head is None and text[start:].startswith("former "):
        # Its official English name begins in small letters.
        head = states.at_start(text[:start] + "F" + text[start + 1 :])
        head = head and ("f" + head[0][1:], head[1], head[2])
    if head is None:
        bare = ARTICLES.sub("", text.lstrip(), count=1)
        if bare != text.lstrip():
            head = states.at_start(bare)
            head = head and (head[0], head[1], head[2] + len(text) - len(bare))
    return head


_BEHALF = re.compile(
    r"(?:\s+(?:said|stated|noted|stressed|recalled|added)(?=\s*,))?[\s,(\[–—-]*(?:(?:also|who|which)\s+)?(?:(?:was\s+)?(?:speaking|speaks|spoke|delivering|"
    r"making)\s+)?(?:(?:a\s+)?(?:joint\s+)?statement\s+)?"
    r"(?:in a joint statement\s*,?\s*)?(?:also\s+)?"
    r"(?:(?:made|delivered)\s+)?(?:on behalf of|(?<=speaking )for(?=\s+the\b)|in the name of|au nom (?:de\s|"
    r"des\s|du\s|d['’])|en nombre (?:de\s|del\s)|en representación (?:de\s|del\s))"
    r"\s*(?:the\s+|la\s+|les?\s+|l['’]|los\s+|el\s+)?(?P<group>[^,();:\[\]–—]{2,120})",
    re.I,
)
_GROUP_END = re.compile(
    r"\s+(?:said|stated|noted|welcomed|asked|commended|thanked|expressed|recommended|recalled|urged|appreciated|"
    r"encouraged|stressed|congratulated|was|were|called|condemned|regretted|highlighted|reiterated|remained|"
    r"emphasi[sz]ed|"
    r"acknowledged|recogni[sz]ed|underlined|shared|supported|reaffirmed|commented|made|hoped|observed|raised)\b.*",
    re.S,
)


def behalf(rest: str) -> tuple[str, int]:
    """The group for which the words after a name say that it speaks, and where they end; ("", 0) for none."""
    match = _BEHALF.match(rest)
    if match is None:
        return "", 0
    printed = _GROUP_END.sub("", match["group"]).strip(" .")
    known = blocs.group(printed)
    return (known.name if known else printed), match.start("group") + len(printed)


_AND = re.compile(r"\s*(?:,\s*(?:and\s+)?|\s(?:and|&|et|y)\s+(?:also\s+)?)")


def joint(printed: str, after: str, context: Context) -> tuple[str, str]:
    """("Norway and Sweden", what follows) where States speak together, else ("", ``after``)."""
    rest, more = after, 0
    while match := _AND.match(rest):
        head = state_at(rest[match.end() :], context)
        if head is None:
            break
        rest, more = rest[match.end() + head[2] :], more + 1
    if not more or not re.match(r"\s*(?:$|[:(]|,|[a-z])", rest) or re.match(r"['’]", rest):
        return "", after
    return f"{printed}{after[: len(after) - len(rest)]}".rstrip(" ,"), rest


OFFICE = re.compile(
    r"\s*(?:(?:the|an?|le|la|el|los|las|les|une?|una?)\s+|l['’])?"
    r"(?:(?:government|distinguished|permanent|deputy|observer|head of the|h\.?\s?e\.?)\s+)*"
    r"(?:representatives?|delegates?|speaker|delegation|ambassador|permanent mission|mission|observer|minister|"
    r"government|représentante?|délégué|délégation|ambassadeur|ambassadrice|representante|delegado|delegación|embajadora?)"
    r"\s+(?:of|for|from|de la|de l['’]|del|de|du|des|d['’])\s*",
    re.I,
)
_LATER_OFFICE = re.compile(
    r"[,–—-]\s*[^()]{0,60}?\b(?:minist(?:er|re|ro|ra)|ambassad(?:or|eur|rice)|embajadora?|representatives?|représentante?|"
    r"representante|attorney[- ]general|secretary of state|chargée? d['’]affaires|head of (?:the )?delegation)\b",
    re.I,
)
_HEAD_OF_STATE = re.compile(r"(?:the\s+)?president\s+(?!of\b)\w", re.I)
_TO_THE_UN = re.compile(r"\s+(?:to the|auprès de|ante)\s.*", re.I | re.S)
_ITS_OFFICE = re.compile(
    r"['’]s?\s+(?:delegate|delegation|representative|ambassador|permanent representative)\s*$", re.I
)
_BY_DEMONYM = re.compile(r"\s+(?:delegate|delegation|representative|ambassador|mission)s?\s*$", re.I)
_PAREN = re.compile(r"[(\[]([^()\[\]]{2,100}(?:\([^()]{2,60}\)[^()\[\]]{0,40})?)[)\]]")
_REST = re.compile(r"\s*(?:[(\[,].*)?$", re.S)
_SPOKEN = re.compile(
    r"\s*[(\[]\*?\s*(?:spoke|speaking|speaks|interpretation from|interpretation|translated from|parle|en|"
    r"original|habla|hablando|in|via|by|video)\b[^)\]]{0,60}[)\]]",
    re.I,
)
_UNDER_REVIEW = re.compile(
    r"(?:speaking )?as (?:a|the) (?:concerned country|country concerned|State (?:under review|concerned)|"
    r"concerned State)",
    re.I,
)


def of_name(printed: str, context: Context) -> Who | None:
    """Who a printed name in a turn's header is; None where it is nobody's name that we know."""
    name = " ".join(_SPOKEN.sub(" ", printed.replace("*", "")).split()).strip(" _.:-–—")
    if not name or len(name) > 200:
        return None
    office = OFFICE.match(name)
    who = _state_header(name[office.end() :] if office else name, context)
    if who is None and role(_PAREN.sub("", name)) == LeftOut.CHAIR and not _HEAD_OF_STATE.match(name):
        # "The Chair (Jordan)": his State does not speak.
        return Who(name, left_out=LeftOut.CHAIR)
    if who is None and not office:
        # "Mr. N. (Norway)", also with what he is between the two.
        for inside in _PAREN.finditer(name):
            who = _state_header(inside[1], context, rest=name[inside.end() :])
            if who is not None:
                break
    if who is None and not office:
        who = _by_office(name, context)
    if who is None:
        people = next(iter(states.mentions(name[:60])), None)
        if people and people.demonym and people.start <= 4 and _BY_DEMONYM.match(name[people.end :]):
            who = as_state(name[people.start : people.end], people.iso3, "", "", context)
    if who is not None:
        return who
    reason = role(name)
    return Who(name, left_out=reason) if reason else None


def _by_office(name: str, context: Context) -> Who | None:
    """The State of "H.E. Mr. N. N., Minister of Justice of Norway"."""
    office = _LATER_OFFICE.search(name)
    if office is None or role(name):
        return None
    for of in re.finditer(r"\s(?:of|for|de|du|del)\s+(?=\S)", name[office.start() :]):
        who = _state_header(_TO_THE_UN.sub("", name[office.start() + of.end() :]), context)
        if who is not None:
            return who
    return None


def _state_header(name: str, context: Context, rest: str = "") -> Who | None:
    head = state_at(name.strip(), context)
    if head is None:
        return None
    printed, iso3, end = head
    after = name.strip()[end:] + rest
    group, _ = behalf(after)
    if not group:
        group, after = joint(printed, after, context)
    if not group and not _REST.match(after) and not _ITS_OFFICE.match(after):
        return None
    return as_state(printed, iso3, group, after, context)


def as_state(printed: str, iso3: str, group: str, after: str, context: Context) -> Who:
    if is_target(printed, iso3, context) or _UNDER_REVIEW.search(after[:160]):
        return Who(printed, iso3, left_out=LeftOut.DELEGATION)
    if not iso3 and not group:
        known = blocs.group(printed)
        group = known.name if known else ""
    return Who(printed, iso3, group)
