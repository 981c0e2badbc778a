"""Files, folders and globs, one debate after the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from statestance.domain import StatestanceError
from statestance.transcripts import ignored, stream


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "debates"
    for name in ("b.txt", "a.md", "deep/er/c.csv", ".hidden/d.txt", "deep/.e.txt", "~$f.docx", "notes.log"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "text,speaker\nWe thank.,Norway\n" if name.endswith("csv") else "Norway: We thank.\nSweden: We too.\n"
        )
    return root


def names(*inputs: str | Path) -> list[str]:
    return [d.name for d in stream(inputs)]


def test_a_folder_is_read_at_any_depth_in_order(folder: Path) -> None:
    assert names(folder) == ["a", "b", "c"]


def test_globs_files_and_folders_together(folder: Path) -> None:
    assert names(f"{folder}/*.txt", folder / "deep", str(folder / "a.md")) == ["b", "c", "a"]
    assert names(f"{folder}/**/*.csv") == ["c"]


def test_a_name_with_brackets_is_a_file_first(folder: Path) -> None:
    (folder / "x[1].txt").write_text("Norway: We thank.\nSweden: We too.\n")
    assert names(folder / "x[1].txt") == ["x[1]"]


def test_nothing_is_read_before_it_is_asked_for(folder: Path) -> None:
    debates = stream([folder / "b.txt", folder / "none.txt"])
    assert next(debates).name == "b"
    with pytest.raises(StatestanceError, match=r"none\.txt"):
        next(debates)


def test_what_holds_no_transcript_is_an_error(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(StatestanceError, match="empty; found none"):
        names(tmp_path / "empty")
    with pytest.raises(StatestanceError, match=r"z\*.*found none"):
        names(f"{folder}/z*.txt")
    with pytest.raises(StatestanceError, match="log"):
        names(folder / "notes.log")
    with pytest.raises(StatestanceError, match="layout"):
        list(stream([folder], layout="play"))


def test_what_a_folder_holds_besides_is_told(folder: Path) -> None:
    assert [p.name for p in ignored([folder, folder / "b.txt"])] == ["notes.log"]
