"""Groups of States as headers of turns print them: also with their members, in French and in Spanish."""

from __future__ import annotations

import re
from functools import cache

from statestance.text import groups
from statestance.text.names import fold

_FRENCH_SPANISH = {
    "african": ("Groupe africain", "Groupe des États d'Afrique", "Groupe des États africains", "Grupo Africano",
                "Grupo de Estados de África", "Grupo de los Estados de África"),
    "arab-league": ("Groupe arabe", "Groupe des États arabes", "Ligue des États arabes", "Grupo Árabe",
                    "Grupo de los Estados Árabes", "Grupo de Estados Árabes", "Liga de los Estados Árabes"),
    "grulac": ("Groupe des États d'Amérique latine et des Caraïbes",
               "Grupo de los Estados de América Latina y el Caribe", "Grupo de Estados de América Latina y el Caribe"),
    "eu": ("Union européenne", "Unión Europea", "UE"),
    "oic": ("Organisation de la coopération islamique", "Organización de Cooperación Islámica",
            "Organización de la Cooperación Islámica", "OCI"),
    "nam": ("Mouvement des pays non alignés", "Mouvement des non-alignés", "Movimiento de los Países No Alineados",
            "Movimiento de Países No Alineados", "MNOAL"),
    "asean": ("Association des nations de l'Asie du Sud-Est", "Asociación de Naciones de Asia Sudoriental"),
    "ldc": ("Pays les moins avancés", "Groupe des pays les moins avancés", "Países Menos Adelantados"),
    "sids": ("Petits États insulaires en développement", "Pequeños Estados insulares en desarrollo"),
    "lldc": ("Pays en développement sans littoral", "Países en desarrollo sin litoral"),
    "nordic": ("Pays nordiques", "Países nórdicos"),
    "nordic-baltic": ("Pays nordiques et baltes", "Países nórdicos y bálticos"),
    "caricom": ("Communauté des Caraïbes", "Comunidad del Caribe"),
    "gcc": ("Conseil de coopération du Golfe", "Consejo de Cooperación del Golfo"),
}  # fmt: skip
_MEMBERS_OF = re.compile(
    r"^(?:all\s+)?(?:the\s+)?(?:\d+\s+|[a-z]+(?:-[a-z]+)?\s+)?(?:member\s+(?:States|countries)|members|States members|"
    r"(?:États|pays|Estados|países)\s+(?:membres|miembros))\s+(?:of|de|del|des|du)\s+(?:the\s+|la\s+|l['’])?",
    re.I,
)
_WITH_MEMBERS = re.compile(
    r"\s+(?:and\s+its\s+(?:\d+\s+|[a-z-]+\s+)?member\s+(?:States|countries)|member\s+(?:States|countries)|members|"
    r"et\s+ses\s+États\s+membres|y\s+sus\s+Estados\s+miembros)$",
    re.I,
)


def group(printed: str) -> groups.Group | None:
    """The group that a header names ("the member States of the OIC", "l'Union européenne"), if it is in the table."""
    for name in (printed, _MEMBERS_OF.sub("", printed), _WITH_MEMBERS.sub("", printed)):
        known = groups.group(name) or _foreign().get(fold(name))
        if known is not None:
            return known
    return None


@cache
def _foreign() -> dict[str, groups.Group]:
    table = groups.groups()
    return {fold(name): table[key] for key, names in _FRENCH_SPANISH.items() for name in names}
