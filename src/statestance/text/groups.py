"""Groups of States that speak or are counted together, each with its source and the date it holds for.

Special cases of the five regional groups of the United Nations, so that every member is counted once:
Türkiye takes part in the Asia-Pacific and the Western European groups and stands in the latter, its group
for elections; the United States is an observer of the Western European and Others Group and stands in it;
Israel is a member of it; Kiribati stands in the Asia-Pacific Group.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from statestance.text.names import fold


@dataclass(frozen=True, slots=True)
class Group:
    """A group: ``names`` starts with ``name``; ``members`` are ISO3 codes, as of ``date`` (ISO 8601)."""

    key: str
    name: str
    names: tuple[str, ...]
    members: frozenset[str]
    source: str
    date: str


@cache
def groups() -> Mapping[str, Group]:
    """Return every group by its key."""
    rows = json.loads(files("statestance.text").joinpath("data/groups.json").read_text(encoding="utf-8"))
    found = {}
    for key, row in rows.items():
        names = (row["name"], *row["names"])
        found[key] = Group(key, row["name"], names, frozenset(row["members"]), row["source"], row["date"])
    return MappingProxyType(found)


@cache
def _by_fold() -> dict[str, Group]:
    return {fold(name): one for one in groups().values() for name in (one.key, *one.names)}


def group(name: str) -> Group | None:
    """Return the group of that name, abbreviation or key ("the OIC", "Group of African States"), if any."""
    return _by_fold().get(fold(name))


@cache
def of(iso3: str) -> tuple[Group, ...]:
    """Return the groups that the State of an ISO3 code belongs to, in the order of the table."""
    return tuple(one for one in groups().values() if iso3 in one.members)
