"""Reports and their labels, joined by checksum; and the DVC import that brings the reports."""

from __future__ import annotations

import json
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from statestance.curation import stand_off
from statestance.curation.upr import Cause, join

ROOT = Path(__file__).parents[3]
REPORTS = ROOT / "../shared/upr/reports"
SAID = "Kelmarra welcomed the new law on courts. It was concerned about the press."
REPORT = (
    "Report of the Working Group\r1.\tDorvania was reviewed.\r2.\tKelmarra welcomed the\rnew law on courts. "
    "It was concerned\r about the press.\r3.\tAurelle made recommendations.\r"
)


def labels(path: Path, paragraph: int = 2, text: str = SAID) -> Path:
    first = len("Kelmarra welcomed the new law on courts.")
    spans = [[0, first], [first + 1, len(SAID)]]
    row = (
        f'dorvania2010,{paragraph},Dorvania,Kelmarra,,train,false,false,mixed,"{json.dumps(spans)}",'
        f'"{json.dumps(spans[:1])}","{json.dumps(spans[1:])}",{sha256(text.encode()).hexdigest()}'
    )
    path.write_text(",".join(stand_off.COLUMNS) + "\n" + row + "\n", encoding="utf-8")
    return path


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/dorvania2010.txt").write_bytes(REPORT.encode("mac-roman"))
    return tmp_path / "reports"


def test_a_label_finds_its_text_whatever_the_line_ends(reports: Path, tmp_path: Path) -> None:
    found = join(stand_off.read(labels(tmp_path / "labels.csv")), reports, "upr")
    assert not found.unmatched
    (row,) = found.rows
    assert " ".join(row["sentences"]) == SAID
    assert (row["praise"], row["concern"], row["stance"], row["split"]) == ([0], [1], "mixed", "train")


@pytest.mark.parametrize(
    ("paragraph", "text", "cause"),
    [(9, SAID, Cause.NO_PARAGRAPH), (3, SAID + " More.", Cause.OTHER_TEXT)],
)
def test_what_cannot_be_joined_is_told_with_its_cause(
    paragraph: int, text: str, cause: Cause, reports: Path, tmp_path: Path
) -> None:
    good = stand_off.read(labels(tmp_path / "good.csv"))
    bad = stand_off.read(labels(tmp_path / "bad.csv", paragraph, text))
    found = join([*good, *bad], reports, "upr")
    assert len(found.rows) == 1
    assert [one.cause for one in found.unmatched] == [cause]


@pytest.mark.shared
def test_every_shipped_label_finds_its_paragraph() -> None:
    if not REPORTS.is_dir():
        pytest.skip(f"no reports at {REPORTS}")
    for name, rows in (("labels.csv", 1548), ("labels-once.csv", 664)):
        found = join(stand_off.read(ROOT / "data/upr" / name), REPORTS, "upr")
        assert (len(found.rows), [str(one) for one in found.unmatched]) == (rows, [])


def test_held_out_reports_lend_no_label_to_training() -> None:
    held = {one.report for one in stand_off.read(ROOT / "data/upr/labels.csv") if one.split in ("dev", "test")}
    once = stand_off.read(ROOT / "data/upr/labels-once.csv")
    assert len(held) == 41
    assert not held & {one.report for one in once} and {one.split for one in once} == {"train"}


def _git(folder: Path, *args: str) -> str:
    made = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *made, *args], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pytest.importorskip("dvc")
    from dvc.repo import Repo

    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")
    folder = tmp_path / "project"
    folder.mkdir()
    _git(folder, "init", "-q")
    Repo.init(str(folder)).close()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.train
def test_the_shipped_import_is_one_that_dvc_takes_as_unchanged(project: Path) -> None:
    from dvc.repo import Repo

    (project / "data/upr").mkdir(parents=True)
    shutil.copyfile(ROOT / "data/upr/reports.dvc", project / "data/upr/reports.dvc")
    with Repo(str(project)) as repo:
        (stage,) = repo.stage.load_file("data/upr/reports.dvc")
        assert stage.md5 == stage.compute_md5() and not stage.changed_stage()
        assert stage.is_repo_import and stage.frozen


@pytest.mark.train
def test_an_import_holds_its_commit_until_it_is_updated(project: Path, tmp_path: Path) -> None:
    from dvc.repo import Repo

    source = tmp_path / "source"
    (source / "reports").mkdir(parents=True)
    (source / "reports/dorvania2010.txt").write_bytes(REPORT.encode())
    _git(source, "init", "-q")
    _git(source, "add", ".")
    _git(source, "commit", "-q", "-m", "one")
    first = _git(source, "rev-parse", "HEAD")
    with Repo(str(project)) as repo:
        repo.imp(str(source), "reports", out="reports")
        assert first in (project / "reports.dvc").read_text()
        (source / "reports/kelmarra2011.txt").write_text("1.\tNothing.\n")
        _git(source, "add", ".")
        _git(source, "commit", "-q", "-m", "two")
        shutil.rmtree(project / "reports")
        repo.pull(["reports.dvc"])
        assert sorted(p.name for p in (project / "reports").iterdir()) == ["dorvania2010.txt"]
        repo.update(["reports.dvc"])
        assert sorted(p.name for p in (project / "reports").iterdir()) == ["dorvania2010.txt", "kelmarra2011.txt"]
    assert _git(source, "rev-parse", "HEAD") in (project / "reports.dvc").read_text()
