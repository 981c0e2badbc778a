"""The report, through the command line: what it shows, and that nothing in a debate can act in it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from typer.testing import CliRunner

from made_up import one
from statestance.apps.cli import main
from statestance.predict import table

REAL = Path(__file__).parents[2] / "../shared/upr/reports/cambodia2010.txt"
EXAMPLE = Path(__file__).parents[2] / "examples/debate.txt"


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Predictions as ``predict -o`` writes them, of three States on one that was invented."""
    from statestance.domain import Intervention, Marks, Prediction, join_sentences
    from statestance.stance import Stance

    def row(number: str, speaker: str, sentences: list[str], stance: Stance | None, marks: Marks) -> Prediction:
        text, spans = join_sentences(sentences)
        chances = {Stance.MIXED: (0.1, 0.8, 0.1, 0.0), Stance.SUPPORTIVE: (0.9, 0.1, 0.0, 0.0)}
        shown = Intervention(number, text, debate="d1", target="Dorvania", speaker=speaker, sentences=spans)
        if stance is None:
            return Prediction(shown, None, 0.9, (0.0, 0.0, 0.1, 0.9), marks, "no_stance")
        return Prediction(shown, stance, max(chances[stance]), chances[stance], marks)

    rows = [
        row("1", "Aurelle", ["We commend the new law.", "We deplore the arrests of journalists."], Stance.MIXED,
            Marks((0,), (1,))),
        row("2", "Kelmarra", ["<script>alert(1)</script> We commend the schools."], Stance.SUPPORTIVE, Marks((0,))),
        row("3", "Lorvane", ["We have a question."], None, Marks()),
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


def test_every_format_is_written_at_once_and_the_page_says_what_is_not_known(saved: Path) -> None:
    outs = [saved.with_name(f"r.{ending}") for ending in ("html", "md", "xlsx")]
    found = CliRunner().invoke(main, ["tally", str(saved), *(a for o in outs for a in ("--report", str(o)))])
    assert found.exit_code == 0 and all(out.stat().st_size > 500 for out in outs)
    assert "Model: the saved predictions do not say which model made them" in outs[1].read_text(encoding="utf-8")


def test_predict_reports_the_model_and_what_was_read(tmp_path: Path) -> None:
    program = Path(__file__).with_name("keyword_predictor.py")
    command = [sys.executable, str(program), "predict", str(EXAMPLE), "--report", "r.html", "-o", "out.csv"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0 and "wrote the report r.html" in done.stderr, done.stderr
    page = BeautifulSoup((tmp_path / "r.html").read_text(encoding="utf-8"), "html.parser")
    assert "17 of 27 States were supportive of Vellmora, 10 were mixed and none was critical" in page.get_text()
    made = page.select_one("#made")
    assert isinstance(made, Tag) and "keywords" in made.get_text()
    assert "debate.txt: layout script; kept 27 interventions" in made.get_text()


@pytest.mark.shared
@pytest.mark.skipif(not REAL.is_file(), reason=f"no {REAL.name} beside the project")
def test_a_real_report_end_to_end(tmp_path: Path) -> None:
    program = Path(__file__).with_name("keyword_predictor.py")
    command = [sys.executable, str(program), "predict", str(REAL), "--report", "r.html", "--report", "r.xlsx"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    page = BeautifulSoup((tmp_path / "r.html").read_text(encoding="utf-8"), "html.parser")
    assert "State under review: Cambodia" in page.get_text()
    assert len(page.select("article.intervention")) == len(page.select("#filter-state option")) - 1 == 53


def test_compare_shows_moves_in_the_terminal_and_in_a_report(tmp_path: Path) -> None:
    table.write([one("Norway", "supportive"), one("Chile", "mixed")], tmp_path / "a.csv")
    table.write([one("Norway", "mixed", debate="d2"), one("Chile", "mixed", debate="d2")], tmp_path / "b.jsonl")
    out = tmp_path / "moves.html"
    files = [str(tmp_path / name) for name in ("a.csv", "b.jsonl")]
    found = CliRunner().invoke(main, ["compare", *files, "--report", str(out)])
    assert found.exit_code == 0, found.output
    assert re.search(r"Norway +\+ supportive +± mixed +↓ towards concern", found.output)
    assert "Of 2 speakers with a stance in d1 and in d2" in found.output
    assert "How States moved on Vellmora" in out.read_text(encoding="utf-8")


def test_the_same_file_twice_is_refused(saved: Path) -> None:
    found = CliRunner().invoke(main, ["compare", str(saved), str(saved)])
    assert found.exit_code == 1 and "expected each file once" in found.output
