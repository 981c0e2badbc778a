"""The HTML: its markup is what scripts and the service rely on, and nothing in a debate acts in it."""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from made_up import one, unsure
from statestance.domain import Marks
from statestance.report import Facts, build, html, markdown
from statestance.report.html import Slots

FACTS = Facts(model="evidence", date="2026-11-25")


def page(*rows: object, slots: Slots | None = None) -> BeautifulSoup:
    return BeautifulSoup(html.render(build(rows, facts=FACTS), slots=slots), "html.parser")  # type: ignore[arg-type]


def test_every_intervention_is_an_article_with_its_sentences_marked() -> None:
    found = page(one("Norway", "mixed"), unsure("Chile", "critical"), one("Ghana", "none"))
    articles = {a["data-row"]: a for a in found.select("article.intervention")}
    assert {row: a["data-stance"] for row, a in articles.items()} == {"0": "mixed", "1": "none", "2": "none"}
    first = articles["0"]
    assert (first["id"], first["data-state"]) == ("i-0", "NOR")
    assert first["data-group"] == "Western European and Others Group"
    assert [s["data-sentence"] for s in first.select(".sentence")] == ["0", "1", "2"]
    assert [m.parent["data-sentence"] for m in first.select("mark.praise, mark.concern")] == ["0", "1"]
    assert not first.select_one(".tools").get_text()
    assert [a["data-row"] for a in found.select("#abstained article")] == ["1", "2"]


def test_who_was_read_by_a_human_is_not_asked_for_again() -> None:
    rows = [one("Ghana", "none", reason="by_hand"), one("Chile", "none")]
    found = page(*rows)
    assert [a["data-state"] for a in found.select("#interventions article")] == ["GHA"]
    assert [a["data-state"] for a in found.select("#abstained article")] == ["CHL"]
    left, tally = found.select_one("#left"), found.select_one("#tally .rest")
    assert left and "1 intervention got no stance and asks for a human" in left.get_text()
    assert tally and "read by a human, or left to one" in tally.get_text()
    text = markdown.render(build(rows, facts=FACTS))
    assert text.index("**Ghana**") < text.index("## For a human to decide") < text.index("**Chile**")


def test_where_a_human_read_all_that_has_no_stance_nothing_is_asked() -> None:
    rows = [one("Ghana", "none", reason="by_hand"), one("Norway", "mixed")]
    found = page(*rows)
    assert not found.select("#abstained article, #left p, nav a[href='#abstained']")
    asked, tally = found.select_one("#asked"), found.select_one("#tally .rest")
    assert asked and asked.get_text(strip=True).startswith("None is left")
    assert tally and "left to" not in tally.get_text()
    assert "For a human" not in markdown.render(build(rows, facts=FACTS))


def test_a_report_says_everywhere_how_many_were_corrected_by_hand() -> None:
    rows = [one("Norway", "mixed"), one("Chile", "critical"), one("Ghana", "supportive", debate="d2")]
    found = BeautifulSoup(html.render(build(rows, facts=FACTS, by_hand=[1])), "html.parser")
    said = [found.select_one(css).get_text() for css in (".kicker", "#sentence", ".limits")]  # type: ignore[union-attr]
    assert all("1 of 3 interventions corrected by hand" in text for text in said), said
    assert ["corrected by hand" in note.get_text() for note in found.select(".debate > .said")] == [True, False]
    assert "1 of 3 interventions corrected by hand" in markdown.render(build(rows, facts=FACTS, by_hand=[1]))
    plain = page(*rows).get_text()
    assert "by hand" not in plain and "The stances are a model's, not those of the States" in plain


def test_what_is_counted_though_the_model_was_unsure_is_listed_for_a_human_with_a_way_to_it() -> None:
    found = page(one("Norway", "mixed", sure=0.72), one("Chile", "critical", sure=0.56), one("Peru", "mixed"))
    lines = [" ".join(li.get_text(" ").split()) for li in found.select("#abstained #unsure li")]
    assert lines == ["Chile − critical confidence 0.56", "Norway ± mixed confidence 0.72"]
    assert [a["href"] for a in found.select("#unsure a")] == ["#i-1", "#i-0"]
    assert [a["data-row"] for a in found.select("#interventions article")] == ["0", "1", "2"], (
        "they stay where they are"
    )
    doubts = found.select_one("#doubts")
    assert doubts and "2 interventions are counted though the model was unsure" in doubts.get_text()
    assert found.select("nav a[href='#abstained']") and not page(one("Peru", "mixed")).select("#unsure li, #doubts p")


def test_who_was_read_by_a_human_is_not_asked_about_though_the_model_was_unsure() -> None:
    rows = [
        one("Norway", "mixed", sure=0.72),
        one("Chile", "critical", sure=0.56),
        one("Fiji", "none", reason="by_hand"),
    ]
    found = BeautifulSoup(html.render(build(rows, facts=FACTS, by_hand=[1, 2])), "html.parser")
    assert [li["data-item"] for li in found.select("#unsure li")] == ["i-0"]
    assert found.select("nav a[href='#abstained']") and not found.select("#abstained article")
    asked = found.select_one("#asked")
    assert asked and asked.get_text(strip=True) == "Somebody read every intervention that has no stance."
    found = BeautifulSoup(html.render(build(rows, facts=FACTS, by_hand=[0, 1, 2])), "html.parser")
    assert not found.select("nav a[href='#abstained'], #unsure li, #doubts p")


def test_a_stance_given_by_hand_has_no_confidence_of_the_model() -> None:
    rows = [one("Norway", "mixed"), one("Chile", "critical")]
    found = BeautifulSoup(html.render(build(rows, facts=FACTS, by_hand=[1])), "html.parser")
    said = [" ".join(v.get_text().split()) for v in found.select(".confidence")]
    assert said == ["confidence 0.94, high", "corrected by hand"]
    assert "− critical, corrected by hand" in markdown.render(build(rows, facts=FACTS, by_hand=[1]))


def test_a_sentence_of_both_marks_nests_them() -> None:
    found = page(replace(one("Norway", "mixed"), marks=Marks((0,), (0,))))
    assert found.select("mark.praise > mark.concern")


@given(st.text(st.sampled_from("<>&\"'`{}%/script img=onerror\u0000\u202e "), min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_text_of_a_debate_is_never_markup(noise: str) -> None:
    known = page(one("Norway", "mixed"), one("Chile", "none"))
    rows = [
        one(
            f"Norway{noise}", "mixed", texts=[f"A{noise}.", f"B{noise}.", "C."], debate=noise, target=noise, for_=noise
        ),
        one("Chile", "none", debate=noise, target=noise),
    ]
    found = page(*rows)
    for tag in ("script", "img", "style", "article", "iframe"):
        assert len(found.select(tag)) == len(known.select(tag))
    handlers = [name for element in found.find_all(True) for name in element.attrs if name.startswith("on")]
    assert not handlers


def test_the_policy_names_exactly_the_script_and_the_styles_that_are_there() -> None:
    found = page(one("Norway", "mixed"))
    policy = str(found.select_one("meta[http-equiv=Content-Security-Policy]")["content"])
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy
    for tag, source in (("script", html.script_source()), ("style", html.style_source())):
        (element,) = found.select(tag)
        digest = hashlib.sha256(element.string.encode()).digest()
        assert source == f"'sha256-{base64.b64encode(digest).decode()}'" and source in policy
    assert not found.select("[style], [src], link[rel=stylesheet]")


def test_slots_are_trusted_and_leave_the_policy_to_the_server() -> None:
    found = page(one("Norway", "mixed"), slots=Slots("<meta name=a>", "<b id=top></b>", "<i id=bottom></i>"))
    assert not found.select("meta[http-equiv]")
    assert found.select_one("head > meta[name=a]") and found.select_one("main > #top")
    assert found.select_one("body > #bottom")


def test_several_debates_have_a_count_each_and_their_own_lists() -> None:
    rows = [one("Norway", "mixed", debate="d1"), one("Norway", "critical", debate="d2")]
    found = page(*rows)
    names = [name.find(string=True) for name in found.select("#debates tbody .name")]
    assert names == ["d1", "d2"]
    assert [len(part.select("article")) for part in found.select(".debate.list")] == [1, 1]
    assert found.select_one("#filter-debate") and not page(rows[0]).select_one("#filter-debate")


@pytest.mark.parametrize("rows", [(), (one("Norway", "none"),)])
def test_a_debate_without_any_stance_has_a_page(rows: tuple[object, ...]) -> None:
    assert len(page(*rows).select("#summary, #tally, #interventions, #abstained, #made")) == 5


def test_two_hundred_interventions_are_quick() -> None:
    rows = [one("Norway", "mixed", debate=f"d{n % 3}", texts=["It welcomed it."] * 12) for n in range(200)]
    start = time.perf_counter()
    text = html.render(build(rows, facts=FACTS))
    assert time.perf_counter() - start < 5 and len(text) < 2_000_000
