"""Speakers that are no State: the chair, UN bodies, experts, NGOs, national institutions, by their names."""

from __future__ import annotations

import re

from statestance.transcripts.debate import LeftOut

_ARTICLE = r"^(?:the|le|la|les|l['’]|el|los|las|un|une)?\s*"
_CHAIR = re.compile(
    _ARTICLE + r"(?:(?:acting|temporary|interim|outgoing|honorary)\s+)?(?:co-?|vice[- ])?"
    r"(?:president(?!\s+(?-i:[A-Z])\w+\s+(?-i:[a-z]))|presiding officer|chair|chairman|chairwoman|chairperson|"
    r"chairpersons|moderator|facilitator|"
    r"rapporteur of the (?:committee|working group)|troika|président|présidente|presidente|presidenta|"
    r"modérateur|moderador|moderadora|"
    r"secretary of the (?:council|committee|assembly)|speaker of the house|interpreter)\b",
    re.I,
)
_CHAIR_OF_STATE = re.compile(
    r"president of the (?:republic|federation|state|union|government|national|supreme|constitutional)", re.I
)
_EXPERT = re.compile(
    r"\b(?:special rapporteur|country rapporteur|independent expert|special representative|special envoy|"
    r"special adviser|"
    r"commission of inquiry|fact-finding mission|working group on|panel of experts|group of experts|expert mechanism|"
    r"panellists?|experts?|rapporteuse spéciale|rapporteur spécial|relator especial|relatora especial|"
    r"committee (?:member|expert)s?)\b",
    re.I,
)
_UN_BODY = re.compile(
    r"\b(?:(?i:united nations) (?i:children|development|population|high commissioner|entity|office|"
    r"educational|environment|country team|fund|"
    r"programme|system|secretariat|assistance|mission|organization)|(?i:high commissioner)|haut-commissaire|"
    r"alto comisionado|alta comisionada|"
    r"secretary-general|secrétaire général|secretario general|secretariat|UNICEF|UNDP|UNHCR|OHCHR|UNFPA|"
    r"UNESCO|UNAIDS|UNEP|UNODC|"
    r"UN[- ]?Women|UN[- ]?Habitat|ILO|WHO|FAO|IOM|WFP|UNRWA|OCHA|World (?:Bank|Health Organization|Food Programme)|"
    r"International (?:Labour Organi[sz]ation|Organization for Migration|Monetary Fund)|"
    r"Food and Agriculture Organization|"
    r"Committee on the|Human Rights Committee|Committee against)\b"
)
_NHRI = re.compile(
    r"\b(?:national (?:human rights|commission|council)|human rights (?:commission|institution)|ombuds\w*|"
    r"defensor[ií]a|defensor del pueblo|médiateur|commission nationale|comisión nacional|GANHRI|public defender)\b",
    re.I,
)
_NGO = re.compile(
    r"\b(?:NGOs?|non-governmental|ONG|"
    r"amnesty international|human rights watch|civil society|indigenous (?:peoples|world)|"
    r"associations?|associazione|asociación|society|sociedad|société|federation of|fédération|federación|"
    r"foundation|fondation|fundación|"
    r"centre|center|centro|alliance|network|institute|institut|instituto|league|ligue|liga|movement|mouvement|movimiento|forum|"
    r"commission of jurists|service for human rights|coalition|caucus|congress|trust|campaign|caritas|franciscans|"
    r"organi[sz]ation|international (?:federation|union|council|fellowship|bar|humanist|service|committee)|"
    r"conectas|article 19|"
    r"FIDH|OMCT|ILGA|save the children|world (?:organisation against torture|vision|"
    r"council|association|federation|jewish|muslim)|"
    r"lawyers|defenders|students|women['’]s|youth|watch|monitor|christian solidarity|christian concern|reporters)\b",
    re.I,
)


def role(name: str) -> LeftOut | None:
    """What a printed name is, where it is the name of no State; None where it shows nothing."""
    if _CHAIR.match(name) and not _CHAIR_OF_STATE.search(name):
        return LeftOut.CHAIR
    for pattern, reason in (
        (_EXPERT, LeftOut.EXPERT),
        (_UN_BODY, LeftOut.UN_BODY),
        (_NHRI, LeftOut.INSTITUTION),
        (_NGO, LeftOut.NGO),
    ):
        if pattern.search(name):
            return reason
    return None
