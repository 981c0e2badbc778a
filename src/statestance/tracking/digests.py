"""Digests of files and folders: SHA-256, independent of where they lie and when they were written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from statestance.domain import StatestanceError


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _combined(folder: Path, files: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for name, path in sorted((path.relative_to(folder).as_posix(), path) for path in files):
        whole.update(f"{name}\0{file_digest(path)}\n".encode())
    return whole.hexdigest()


def folder_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of every file in a folder, in hex."""
    if not folder.is_dir():
        raise StatestanceError(f"expected a folder at {folder}; found none; run `dvc repro`")
    return _combined(folder, (path for path in folder.rglob("*") if path.is_file()))


def data_digest(data: Path) -> str:
    """SHA-256 of the prepared data: every ``.jsonl`` of the folder, its reports left aside."""
    files = sorted(data.glob("*.jsonl"))
    if not files:
        raise StatestanceError(f"expected the prepared data (*.jsonl) in {data}; found none; run `dvc repro prepare`")
    return _combined(data, files)


def count_rows(data: Path) -> dict[str, int]:
    """The rows of every ``.jsonl`` of the prepared data, by the file's stem."""
    return {path.stem: path.read_bytes().count(b"\n") for path in sorted(data.glob("*.jsonl"))}
