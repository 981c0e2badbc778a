"""Files, folders and globs to debates, one after the other."""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from statestance.domain import StatestanceError
from statestance.transcripts import table
from statestance.transcripts.debate import Debate, LeftOut, Turn, build
from statestance.transcripts.detect import check_name, layout_of
from statestance.transcripts.layouts import BY_NAME
from statestance.transcripts.readers import ENDINGS, READERS, TABLES, tables
from statestance.transcripts.readers.tables import Meter
from statestance.transcripts.target import find


def read(path: str | Path, *, target: str = "", layout: str = "auto") -> Debate:
    """Read one transcript, of any type, whole.

    ``target`` is the State under review, as a name or an ISO 3166-1 alpha-3 code; "" looks for it in
    the title. Raises StatestanceError where the file is missing, unreadable, empty or of no known layout.
    """
    check_name(layout)
    path = _checked(Path(path))
    if path.suffix.lower() in TABLES or layout == "table":
        _expect_table(path)
        parts = list(table.blocks(path, target))
        first = parts[0]
        turns = tuple(turn for part in parts for turn in part.turns)
        targets = {p.target for p in parts}
        if len(targets) == 1:
            return Debate(first.name, first.target, first.target_iso3, first.layout, first.file, turns)
        return Debate(first.name, "", "", first.layout, first.file, turns)
    return _transcript(path, target, layout, path.stem)


def stream(
    inputs: Sequence[str | Path],
    *,
    target: str = "",
    layout: str = "auto",
    failed: Callable[[Path, StatestanceError], None] | None = None,
) -> Iterator[Debate]:
    """Read files, folders (with what they hold, at any depth) and globs; big tables come in blocks of 2,000 rows.

    ``failed`` is told of a file that cannot be read, and reading goes on; without it the error is raised.
    """
    check_name(layout)
    for source in sources(inputs):
        try:
            yield from debates(source, target=target, layout=layout)
        except StatestanceError as error:
            if failed is None:
                raise
            failed(source.path, error)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read, and the name of its debate."""

    path: Path
    name: str


def sources(inputs: Sequence[str | Path]) -> Iterator[Source]:
    """What ``stream`` reads for the inputs, in its order."""
    named = Counter[str]()
    for path in expand(inputs):
        named[path.stem] += 1
        # Two files of one name, as in folders by year, are two debates.
        yield Source(path, f"{path.stem}-{named[path.stem]}" if named[path.stem] > 1 else path.stem)


def debates(
    source: Source,
    *,
    target: str = "",
    layout: str = "auto",
    skip: int = 0,
    tolerant: bool = False,
    meter: Meter | None = None,
) -> Iterator[Debate]:
    """The debates of one file: one, or for a table as many as it has blocks; the first ``skip`` are passed over.

    With ``tolerant``, bad rows of a table are kept in ``Debate.rejected``; without it they are errors.
    ``meter`` is told how much of a table is read.
    """
    path = _checked(source.path)
    if path.suffix.lower() in TABLES or layout == "table":
        _expect_table(path)
        yield from table.blocks(path, target, skip=skip, tolerant=tolerant, meter=meter)
    elif not skip:
        yield _transcript(path, target, layout, source.name)


def blocks_of(source: Source, *, layout: str = "auto") -> int:
    """How many debates ``debates`` gives of a file, told without reading it.

    Raises ``StatestanceError`` for a table other than Parquet, which does not say how many rows it has.
    """
    kind = source.path.suffix.lower()
    if kind not in TABLES and layout != "table":
        return 1
    if kind != ".parquet":
        raise StatestanceError(
            f"expected transcripts or Parquet tables, which say how many rows they have; found {source.path}; "
            "convert it to .parquet"
        )
    try:
        return -(-tables.rows_of_parquet(_checked(source.path)) // table.BLOCK)
    except StatestanceError:
        return 0


def expand(inputs: Sequence[str | Path]) -> Iterator[Path]:
    """The files that the inputs name; those of a folder or a glob sorted, and only ones we can read."""
    for given in inputs:
        path = Path(given)
        if path.is_dir():
            found = sorted(
                p for p in path.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file() and not _hidden(p, path)
            )
            if not found:
                raise StatestanceError(
                    f"expected transcripts ({_endings()}) in the folder {path}; found none; name another folder"
                )
            yield from found
        elif not path.exists() and glob.has_magic(str(given)):
            matches = sorted(Path(m) for m in glob.glob(str(given), recursive=True))  # noqa: PTH207 - an absolute pattern has no Path to start from
            found = [p for p in matches if p.is_file()]
            if not found:
                raise StatestanceError(f"expected files that match {given}; found none; mend the pattern")
            yield from found
        else:
            yield path


def is_batch(inputs: Sequence[str | Path]) -> bool:
    """Whether the inputs may be more than one file."""
    return len(inputs) > 1 or not Path(inputs[0]).is_file()


def ignored(inputs: Sequence[str | Path]) -> list[Path]:
    """The files in the given folders that ``stream`` passes over, as no reader knows their ending."""
    folders = [Path(given) for given in inputs if Path(given).is_dir()]
    return sorted(
        p
        for f in folders
        for p in f.rglob("*")
        if p.is_file() and p.suffix.lower() not in ENDINGS and not _hidden(p, f)
    )


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.relative_to(root).parts)


def _endings() -> str:
    return ", ".join(sorted(ENDINGS))


def _checked(path: Path) -> Path:
    if path.is_dir():
        raise StatestanceError(f"expected a file at {path}; found a folder; name a file in it")
    if not path.is_file():
        raise StatestanceError(f"expected a transcript at {path}; found no such file; check the path")
    if path.suffix.lower() not in ENDINGS:
        raise StatestanceError(
            f"expected a transcript ending in {_endings()}; found {path}; convert it, or mend its ending"
        )
    return path


def _expect_table(path: Path) -> None:
    if path.suffix.lower() not in TABLES:
        raise StatestanceError(
            f"expected a table ({', '.join(sorted(TABLES))}) for the layout table; found {path}; choose "
            f"another --layout"
        )


def _transcript(path: Path, target: str, layout: str, name: str) -> Debate:
    document = READERS[path.suffix.lower()](path)
    if not any(line.text.strip() for line in document.lines):
        raise StatestanceError(f"expected a transcript in {path}; found an empty file; check what was exported")
    context = find(document, target)
    chosen = layout_of(document) if layout == "auto" else BY_NAME[layout]
    unread = (Turn("", place, left_out=LeftOut.UNREADABLE) for place in document.unread)
    footnotes = (Turn(note.text, note.place, left_out=LeftOut.FOOTNOTE) for note in document.footnotes)
    debate = build(
        chain(chosen.turns(document, context), footnotes, unread),
        name=name,
        target=context.target,
        target_iso3=context.target_iso3,
        layout=chosen.name,
        file=str(path),
    )
    if not debate.turns:
        raise StatestanceError(
            f"expected turns in the layout {chosen.name} in {path}; found none; name its layout with --layout"
        )
    return debate
