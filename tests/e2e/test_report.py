"""The report, through the command line: what it shows, and that nothing in a debate can act in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from typer.testing import CliRunner

from statestance.apps.cli import main
from statestance.predict import table


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Predictions as ``predict -o`` writes them, of three States on one that was invented."""
    from statestance.domain import Intervention, Marks, Prediction, join_sentences
    from statestance.stance import Stance

    def one(number: str, speaker: str, sentences: list[str], stance: Stance | None, marks: Marks) -> Prediction:
        text, spans = join_sentences(sentences)
        chances = {Stance.MIXED: (0.1, 0.8, 0.1, 0.0), Stance.SUPPORTIVE: (0.9, 0.1, 0.0, 0.0)}
        shown = Intervention(number, text, debate="d1", target="Dorvania", speaker=speaker, sentences=spans)
        if stance is None:
            return Prediction(shown, None, 0.9, (0.0, 0.0, 0.1, 0.9), marks, "no_stance")
        return Prediction(shown, stance, max(chances[stance]), chances[stance], marks)

    rows = [
        one("1", "Aurelle", ["We commend the new law.", "We deplore the arrests of journalists."], Stance.MIXED,
            Marks((0,), (1,))),
        one("2", "Kelmarra", ["<script>alert(1)</script> We commend the schools."], Stance.SUPPORTIVE, Marks((0,))),
        one("3", "Lorvane", ["We have a question."], None, Marks()),
    ]  # fmt: skip
    table.write(rows, tmp_path / "saved.csv")
    return tmp_path / "saved.csv"


@pytest.fixture
def page(saved: Path) -> BeautifulSoup:
    out = saved.with_name("report.html")
    found = CliRunner().invoke(main, ["tally", str(saved), "--report", str(out)])
    assert found.exit_code == 0, found.output
    return BeautifulSoup(out.read_text(encoding="utf-8"), "html.parser")


def test_the_sentence_counts_states_with_their_interval(page: BeautifulSoup) -> None:
    said = " ".join(page.select_one("#summary").get_text(" ").split())  # type: ignore[union-attr]
    assert re.search(r"1 of 3 States was supportive of Dorvania", said), said
    assert "90 %" in said


def test_every_intervention_shows_its_stance_and_marked_sentences(page: BeautifulSoup) -> None:
    articles = page.select("article.intervention")
    assert [a["data-stance"] for a in articles if a["data-row"] == "0"] == ["mixed"]
    first = next(a for a in articles if a["data-row"] == "0")
    assert next(m.get_text() for m in first.select("mark.praise")).count("We commend the new law.") == 1
    assert "arrests of journalists" in first.select("mark.concern")[0].get_text()
    assert {a["data-row"] for a in articles} == {"0", "1", "2"}


def test_what_got_no_stance_stands_apart(page: BeautifulSoup) -> None:
    apart = page.select_one("#abstained")
    assert isinstance(apart, Tag) and "We have a question." in apart.get_text()


def test_script_in_a_debate_is_text(page: BeautifulSoup) -> None:
    assert "<script>alert(1)</script>" in page.get_text()
    assert all("alert(1)" not in script.get_text() for script in page.select("script"))
    policy = page.select_one("meta[http-equiv='Content-Security-Policy']")
    assert isinstance(policy, Tag) and "default-src 'none'" in str(policy["content"])
    assert not page.select("[src^=http], link[href^=http]"), "nothing is fetched"


def test_a_report_of_an_unknown_ending_is_refused(saved: Path) -> None:
    found = CliRunner().invoke(main, ["tally", str(saved), "--report", str(saved.with_suffix(".docx"))])
    assert found.exit_code == 1 and "expected a report ending in .html" in found.output
