"""Who speaks: from the head of a reported paragraph ("Norway welcomed …")."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from functools import cache

from statestance.text import states
from statestance.transcripts.attribution import (
    ARTICLES,
    OFFICE,
    Context,
    Who,
    as_state,
    behalf,
    is_target,
    joint,
    state_at,
)
from statestance.transcripts.debate import LeftOut
from statestance.transcripts.roles import role

_DELEGATION = re.compile(
    r"[^.]{0,250}?\b(?:(?:the|its|his|her|their|this)\s+(?:[\w’'.-]+\s+){0,2}?(?:head of "
    r"(?:the\s+)?(?:\w+\s+)?delegation|delegation(?! of\b)|"
    r"(?:vice-|deputy |prime )?minister\b|attorney[- ]general|(?:state )?secretary of state|(?:State (?:party|"
    r"under review))|"
    r"representatives?(?! of\b)|response[s]?\b|concluding remarks|final remarks)|member of the delegation|"
    r"delegation member|head of (?:\w+['’]s )?delegation)",
    re.I,
)
_ITSELF = re.compile(
    r"(?:The\s+)?(?P<name>[A-Z][^.,;:]{1,60}?),? speaking as (?:a|the) (?:concerned|country concerned|State)\b"
)
_ITS_DELEGATION = re.compile(r"(?:the|its)\s+(?:head of (?:the\s+)?delegation|delegation)\b(?! of)", re.I)
_GENERAL = re.compile(
    r"(?:during|in|at) the (?:ensuing |subsequent )?(?:inter-?active )?(?:dialogue|discussion|debate)|in the ensuing|"
    r"(?:a (?:large )?number of|a total of \d+|many|several|some|numerous|most|all|other|various|[\w-]+|\d+) "
    r"(?:delegations|States|speakers|countries|representatives)\b|recommendations made\b|all conclusions and|"
    r"(?:additional )?statements (?:which|that|were)|speaking in the (?:discussion|debate|interactive)|speakers\b|"
    r"the (?:following )?(?:delegations|recommendations|meeting|working group|council|list of speakers)\b",
    re.I,
)


_ITS_OFFICE = re.compile(
    r"['’]s?\s+(?:(?:permanent|deputy)\s+)*(?:representative|delegate|delegation|ambassador|speaker)\b(?!['’])"
)
# What unnamed speakers said, summed up.
_PASSIVE = re.compile(
    r"\s+(?:was|were)\s+(?:also\s+)?(?:commended|congratulated|praised|encouraged|urged|asked|invited|thanked|"
    r"recommended|called upon)\b"
)


def of_paragraph(text: str, context: Context, *, answers: bool = False) -> Who:
    """Who speaks in a reported paragraph: "Norway welcomed …", "While noting …, Norway asked …".

    ``answers``: besides States only the State under review has the floor, so "the Minister" is its.
    """
    text = _doubled(text[:1500])
    group, end = behalf(text)
    if group and text[end : end + 1] == ",":
        who = of_paragraph(text[end + 1 :], context, answers=answers)
        return replace(who, on_behalf_of=group) if not who.left_out else who
    office = OFFICE.match(text)
    body = text[office.end() :] if office else text
    head = state_at(body, context)
    office_of_it = _ITS_OFFICE.match(body, head[2]) if head is not None else None
    if head is not None and office_of_it and not is_target(head[0], head[1], context):
        after = body[office_of_it.end() : office_of_it.end() + 300]
        return as_state(head[0], head[1], behalf(after)[0], after, context)
    if head is not None and not answers and re.match(r"\s[A-Z]", body[head[2] :]) and (body_of := role(_subject(text))):
        # "China Society for …", "Norway National Human Rights Institution".
        return Who(_subject(text), left_out=body_of)
    if head is not None and not re.match(r"['’]s?\b", body[head[2] :]):
        printed, iso3, end = head
        if is_target(printed, iso3, context) and _PASSIVE.match(body, end):
            return Who(left_out=LeftOut.PROCEDURE)
        together, after = joint(printed, body[end : end + 300], context)
        return as_state(printed, iso3, behalf(after)[0] or together, after, context)
    itself = _ITSELF.match(text)
    if itself:
        return Who(itself["name"], left_out=LeftOut.DELEGATION)
    later = _after_clause(text, context)
    if later is not None:
        return later
    if _GENERAL.match(text):
        return Who(left_out=LeftOut.PROCEDURE)
    misspelt = _misspelt(text, context)
    if misspelt is not None:
        return misspelt
    if (_DELEGATION if answers else _ITS_DELEGATION).match(text):
        return Who(left_out=LeftOut.DELEGATION)
    subject, reason = _subject(text), None
    if subject:
        reason = role(subject) or role((_SUBJECT.match(text) or {"office": ""})["office"] or "")
    return Who(subject, left_out=reason) if reason else Who(left_out=LeftOut.UNATTRIBUTED)


def _misspelt(text: str, context: Context) -> Who | None:
    """A State whose name is printed with a slip at the head of a paragraph ("Saudia Arabia noted …")."""
    subject = ARTICLES.sub("", _subject(text))
    if len(subject) < 8 or not _SAYS.match(text[text.find(subject) + len(subject) :]):
        return None
    near = get_close_matches(subject.replace("’", "'"), _long_names(), n=1, cutoff=0.9)
    if not near or (states.mentions(subject)[:1] and states.mentions(subject)[0].demonym):
        return None
    return as_state(subject, states.iso3(near[0]), "", "", context)


@cache
def _long_names() -> tuple[str, ...]:
    return tuple(n.replace("’", "'") for state in states.states().values() for n in state.names if len(n) >= 8)


def _doubled(text: str) -> str:
    """The slips of the press in names: "The Republic of Republic of N", "Republic ofN"."""
    text = re.sub(r"\bof(?=[A-Z])", "of ", text[:80]) + text[80:]
    return re.sub(r"^((?:The\s+)?)((?:[A-Z]\w+\s+){1,2}of\s+)\2", r"\1\2", text)


_VERB = (
    r"(?:\s*,[^,.]{2,80},)?,?(?:\s+\([a-z]\))?(?:\s+(?:also|further|however|nevertheless|therefore|still|"
    r"strongly|then|again|furthermore|in particular))*\s+"
    r"(?:(?!need|offered|signed|ratified|provided|adopted|submitted|established|supported by|based|used|"
    r"listed|caused|imposed|concerned)"
    r"[a-z]{3,}ed|said|asks?|made|felt|spoke|drew|paid|sought|put|took note|understood|"
    r"(?:was|were|is|are) (?:\w+ly )?(?:concerned|pleased|encouraged|interested|alarmed|grateful|troubled|"
    r"worried|impressed|"
    r"convinced|disappointed|of the view|keen)|"
    r"would (?:like|appreciate|welcome|be)|wished|wishes|welcomes?|recommends?|notes?|"
    r"encourages?|urges?|commends?|expresses|hoped?s?)\b"
)
_SAYS = re.compile(_VERB)
_CLAUSE = re.compile(r"(?:While|As|Noting|Although|Whereas|Despite|Given|Recognizing|Acknowledging|Welcoming)\b")


def _after_clause(text: str, context: Context) -> Who | None:
    """The subject that follows an opening clause: a State between a comma and a verb of saying."""
    sentence = text[:700]
    for mention in _named(sentence, context):
        before, after = sentence[: mention.start], sentence[mention.end :]
        if mention.demonym and before:
            continue
        if re.search(r"[a-z’”)][.?!]\s+[A-Z]", before):
            return None
        lead = re.search(r",[”\"’)]?\s+(?:the\s+(?:(?:delegation|representative) of\s+(?:the\s+)?)?)?$", before)
        unled = (
            _CLAUSE.match(text) and re.search(r"[a-z]\s+(?:the\s+)?$", before) and mention.iso3 != context.target_iso3
        )
        if (before and not (lead or unled)) or re.search(
            r"\b(?:that|which|whether|if|by|and|or)\s+(?:the\s+)?$", before
        ):
            continue
        if not _SAYS.match(after):
            continue
        group, _ = behalf(after)
        return as_state(sentence[mention.start : mention.end], mention.iso3, group, after, context)
    return None


def _named(text: str, context: Context) -> list[states.Mention]:
    """The States that a text names, the State under review among them where no table knows it."""
    found = list(states.mentions(text))
    if context.target and not context.target_iso3:
        own = re.finditer(rf"(?<!\w){re.escape(context.target)}(?![\w’'])", text)
        found = sorted([*found, *(states.Mention(m.start(), m.end(), "", False) for m in own)], key=lambda m: m.start)
    return found


_SUBJECT = re.compile(
    r"(?P<name>(?:The\s+)?[A-Z][\w.’'&-]*(?:\s+(?:[A-Z0-9][\w.’'&-]*|of|the|for|on|and|in|to|de|des|del|la|"
    r"against|du|et|y|pour)){0,14}?)"
    r"(?:\s*,(?P<office>[^,.]{2,120}),|\s*\([^)]{1,60}\)|,)?\s+(?:[a-z]{2,}ed|said|says|asks?|made|felt|was|"
    r"were|spoke|drew|also|[a-z]+s)\b"
)


def _subject(text: str) -> str:
    match = _SUBJECT.match(text)
    return match["name"] if match else ""
