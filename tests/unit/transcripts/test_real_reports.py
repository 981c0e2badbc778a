"""The 197 real reports beside the project: what is read of them, against their labels."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from transcript_files import typeset

from statestance.domain import Intervention
from statestance.transcripts import Debate, LeftOut, read, stream

UPR = Path(__file__).parents[3] / "../shared/upr"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not (UPR / "reports").is_dir(), reason=f"no reports at {UPR}"),
]

# Where the reference is wrong, by cause.
LIST_ITEMS = {  # lines of the recommendation lists, labelled under a paragraph's number as if they were interventions
    "ethiopia2010-4", "ethiopia2010-5", "ethiopia2010-9", "ethiopia2010-16", "ethiopia2010-17", "ethiopia2010-18",
    "ethiopia2010-56", "macedonia2009-13", "southafrica2008-20", "uzbekistan2009-8",
}  # fmt: skip
OTHER_STATE = {  # the State under review, named in the opening clause, given as the speaker
    "bahrain2008-21", "cambodia2010-66", "mauritius2009-63", "russia2009-82", "vanuatu2009-33", "vietnam2009-51",
    "vietnam2009-55", "vietnam2009-58", "vietnam2009-63", "lesotho2010-57",
}  # fmt: skip
CUT = {
    "kenya2010-30",
    "rwanda2011-29",
    "turkey2010-27",
    "cambodia2010-28",
}  # the text stops, or goes on, at a page's footnote
TWO_STATES = {"cambodia2010-77", "chile2009-22"}  # a second State's paragraph run into the first one's
NOBODY = {"uzbekistan2009-30"}  # "… was commended": the speaker is not named


@pytest.fixture(scope="module")
def debates() -> dict[str, Debate]:
    return {d.name: d for d in stream([UPR / "reports"])}


@pytest.fixture(scope="module")
def turns(debates: Mapping[str, Debate]) -> dict[str, Intervention]:
    return {t.id: t for d in debates.values() for t in d.turns}


@pytest.fixture(scope="module")
def labels() -> list[dict[str, Any]]:
    with (UPR / "labelled.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_every_report_is_parsed(debates: Mapping[str, Debate]) -> None:
    assert len(debates) == 197
    assert {d.layout for d in debates.values()} == {"upr"}
    assert all(d.target_iso3 for d in debates.values())
    assert min(len(d.interventions) for d in debates.values()) >= 15
    assert sum(d.left_out[LeftOut.UNATTRIBUTED] for d in debates.values()) <= 90


def agrees(label: Mapping[str, Any], turn: Intervention | None) -> bool:
    return (
        turn is not None
        and not turn.left_out
        and (turn.text, turn.speaker_iso3) == (label["text"], label["speaker_iso3"])
    )


def test_interventions_are_recovered(turns: Mapping[str, Intervention], labels: list[dict[str, Any]]) -> None:
    wanted = [r for r in labels if not r.get("not_an_intervention")]
    missed = {r["id"] for r in wanted if not agrees(r, turns.get(r["id"]))}
    assert len(missed) <= 0.02 * len(wanted)
    assert missed <= LIST_ITEMS | OTHER_STATE | CUT | TWO_STATES | NOBODY


def test_what_is_no_intervention_is_left_out(turns: Mapping[str, Intervention], labels: list[dict[str, Any]]) -> None:
    others = [r for r in labels if r.get("not_an_intervention")]
    kept = [
        r["id"]
        for r in others
        if not getattr(turns.get(r["id"]), "left_out", "missing") and turns[r["id"]].text == r["text"]
    ]
    assert len(kept) <= 0.05 * len(others), kept


@pytest.mark.parametrize("report", ["cambodia2010", "sudan2011", "norway2010", "thailand2011", "kenya2010"])
def test_full_debates_hold_nothing_else(
    report: str, debates: Mapping[str, Debate], labels: list[dict[str, Any]]
) -> None:
    known = {r["id"] for r in labels if r["report"] == report}
    assert {t.id for t in debates[report].interventions} - known <= {"cambodia2010-77b"}


def test_where_the_reference_is_cut_the_paragraph_goes_on(
    turns: Mapping[str, Intervention], labels: list[dict[str, Any]]
) -> None:
    for label in labels:
        if label["id"] in CUT:
            text = turns[label["id"]].text
            assert re.search(r"\.$", text) and text[:100] == label["text"][:100]


def test_words_of_other_parts_never_enter_an_intervention(debates: Mapping[str, Debate]) -> None:
    found: Counter[str] = Counter()
    for debate in debates.values():
        for turn in debate.interventions:
            found["symbol"] += bool(re.search(r"\bA/HRC/\d+/\d+\s+Page\b|GE\.\d\d-\d{5}", turn.text))
            found["heading"] += "Conclusions and/or recommendations" in turn.text
    assert found["symbol"] == found["heading"] == 0


@pytest.mark.parametrize("columns", [1, 2])
def test_a_report_typeset_as_pdf_gives_the_same_interventions(
    columns: int, debates: Mapping[str, Debate], tmp_path: Path
) -> None:
    source = debates["sudan2011"]
    paragraphs = [
        f"{number}. {turn.text}"
        for turn in source.turns
        if (number := turn.id.rpartition("-")[2]).isdigit()
        and turn.left_out not in (LeftOut.RECOMMENDATIONS, LeftOut.ANNEX)
        and int(number) >= 5
    ]
    heading = "B. Interactive dialogue and responses by the State under review"
    path = typeset(tmp_path / "sudan2011.pdf", [heading, *paragraphs], columns=columns)
    found = read(path, target="Sudan")
    assert [(t.speaker_iso3, t.text) for t in found.interventions] == [
        (t.speaker_iso3, t.text) for t in source.interventions
    ]
