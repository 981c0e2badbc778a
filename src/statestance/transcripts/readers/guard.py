"""What keeps a broken or hostile file from doing harm: size checks, and one way to say what is wrong."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from statestance.domain import StatestanceError

MAX_UNPACKED = 256 * 1024 * 1024
"""Bytes that an office file may unpack to."""

MAX_TREE = 16 * 1024 * 1024
"""Bytes of XML that may be read as one tree, which takes up to forty times as much memory."""


@contextmanager
def readable(path: Path, kind: str, fix: str = "open it and save it again") -> Iterator[None]:
    """Turn whatever a parser raises on a broken file into a clear error about ``path``."""
    try:
        yield
    except StatestanceError:
        raise
    except MemoryError as error:
        raise StatestanceError(
            f"expected {kind} at {path} that fits in memory; found a bigger one; split it"
        ) from error
    except Exception as error:  # parsers of hostile bytes raise almost anything
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise StatestanceError(
            f"expected {kind} at {path}; found a file that cannot be read ({said}); {fix}"
        ) from error


def check_zip(path: Path, kind: str, *, streamed: str = "") -> None:
    """Raise unless an office file is a whole zip archive of a sane unpacked size.

    Its XML is read as trees, but for the parts whose names begin with ``streamed``. No entry can unpack
    to more than it declares: ``zipfile`` stops there.
    """
    if not zipfile.is_zipfile(path):
        raise StatestanceError(
            f"expected {kind} at {path}; found a file of another kind, or a part of one; mend its ending, or "
            f"save it again"
        )
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    trees = [
        e.file_size
        for e in entries
        if e.filename.endswith((".xml", ".rels")) and not (streamed and e.filename.startswith(streamed))
    ]
    for limit, sizes in ((MAX_UNPACKED, [e.file_size for e in entries]), (MAX_TREE, trees)):
        if sum(sizes) > limit:
            raise StatestanceError(
                f"expected {kind} of at most {limit:,} bytes unpacked; found {sum(sizes):,} in {path}; split "
                f"it, or save it as text"
            )
