"""What people corrected: labelled rows in one JSONL file that ``corpus`` loads, so that use becomes data."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock, Timeout

from statestance.corpus import Labelled
from statestance.corpus import row as rows_of
from statestance.corpus.faults import Fault, InvalidRowsError
from statestance.corpus.labelled import as_row
from statestance.corpus.rows import read_rows
from statestance.domain import Intervention, Marks, Prediction, StatestanceError
from statestance.predict.table import replacing
from statestance.report import wording
from statestance.stance import NO_STANCE, OUTCOMES, Stance

SOURCE = "correction"
FILE = "corrections.jsonl"


class Key(NamedTuple):
    """Which intervention is meant: ``said`` is a digest of who says what, in which debate, about whom.

    ``occurrence`` counts from 1 where a speaker says the same words several times in one debate. So the
    intervention is found again when the debate is sent again under its name, whatever else changed in it.
    """

    said: str
    occurrence: int


def keys_of(debate: Iterable[Intervention]) -> list[Key]:
    """The keys of a debate's interventions, in their order."""
    times, found = Counter[str](), []
    for one in debate:
        said = _said(one)
        times[said] += 1
        found.append(Key(said, times[said]))
    return found


def _said(one: Intervention) -> str:
    about = (one.target, one.speaker_iso3 or one.speaker, one.on_behalf_of, one.text)
    parts = [one.debate, *(" ".join(part.split()).casefold() for part in about)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class Corrections:
    """The corrections in a folder, one an intervention: the last word on it takes the place of earlier ones.

    A new correction is appended and synced; one that replaces another rewrites the file in one rename. So a
    crash at any moment loses at most the correction that was being saved. One server at a time holds a folder.

    Who says the same words elsewhere is not corrected with it, and may be corrected otherwise; `statestance check`
    then asks which of two labels of one text is right. Rows without ``occurrence`` are a speaker's first.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / FILE
        self._lock = threading.Lock()
        self._held = FileLock(folder / ".lock")
        try:
            self._held.acquire(timeout=0)
        except Timeout:
            raise StatestanceError(
                f"expected to be alone with the corrections in {folder}; found another server that holds them; "
                "give another folder with --corrections"
            ) from None
        self._lines: dict[Key, list[str]] = {}
        self._labels: dict[Key, Labelled] = {}
        try:
            _mend(self.path)
            self._load()
        except BaseException:
            self.close()
            raise

    def _load(self) -> None:
        if not self.path.is_file():
            return
        rows = _read(self.path)
        lines = self.path.read_bytes().decode("utf-8-sig").split("\n")
        for line, key, label in rows:
            self._lines.setdefault(key, []).append(lines[line - 1].strip())
            if label is not None:
                self._labels[key] = label

    def close(self) -> None:
        self._held.release()

    def __len__(self) -> int:
        return len(self._labels)

    def __contains__(self, key: Key) -> bool:
        return key in self._labels

    def put(self, key: Key, prediction: Prediction, stance: Stance | None, marks: Marks | None, model: str) -> None:
        """Save what somebody says about an intervention; ``stance`` counts where there are no marks."""
        one = prediction.intervention
        # The same number of another debate of that name is another text.
        again = f"-{key.occurrence}" if key.occurrence > 1 else ""
        own = replace(one, id=f"{one.id}-{key.said[:8]}{again}")
        label = Labelled(own, marks.stance if marks else stance, marks, source=SOURCE)
        row = as_row(label) | {"occurrence": key.occurrence} | _provenance(prediction, model)
        line = json.dumps(row, ensure_ascii=False)
        with self._lock:
            if key in self._lines:
                self._rewrite(self._lines | {key: [line]})
            else:
                _append(self.path, line)
            self._lines[key], self._labels[key] = [line], label

    def remove(self, key: Key) -> None:
        """Take a correction back."""
        with self._lock:
            if key in self._lines:
                self._rewrite({other: lines for other, lines in self._lines.items() if other != key})
                del self._lines[key]
                self._labels.pop(key, None)

    def text(self, among: Iterable[Key] | None = None) -> str:
        """The rows as they stand in the file, all of them or those of some interventions."""
        with self._lock:
            keys = self._lines if among is None else among
            return "".join(line + "\n" for key in keys for line in self._lines.get(key, []))

    def apply(self, key: Key, prediction: Prediction) -> Prediction:
        """The prediction, or what somebody said instead, with the marks that were given if any.

        What somebody said is certain: its outcome has probability 1 (for no stance, each of the three has 0), and
        so has the confidence. So it adds no width to an interval, here and in ``tally`` of a saved table, and stays
        certain where ``correction`` re-estimates the mix by EMQ; ACC, which knows answers alone, takes it for one of
        the model's. No stance has the reason ``wording.BY_HAND``.
        """
        label = self._labels.get(key)
        if label is None:
            return prediction
        chances = [0.0, 0.0, 0.0, 0.0]
        chances[label.outcome] = 1.0
        return Prediction(
            prediction.intervention,
            label.stance,
            1.0,
            (chances[0], chances[1], chances[2], chances[3]),
            label.marks,
            "" if label.stance else wording.BY_HAND,
        )

    def _rewrite(self, lines: dict[Key, list[str]]) -> None:
        with replacing(self.path) as part:
            text = "".join(line + "\n" for several in lines.values() for line in several)
            part.write_text(text, encoding="utf-8", newline="\n")


def _read(path: Path) -> list[tuple[int, Key, Labelled | None]]:
    """The line, the key and the label of every row; None for a row that says that it is no intervention.

    Raises ``InvalidRowsError`` with all faults. Unlike in ``corpus``, the same words may have several labels.
    """
    faults, found = list[Fault](), list[tuple[int, Key, Labelled | None]]()
    for line, raw in read_rows(path, faults.append):
        one, wrong = rows_of.parse(str(path), line, raw)
        wrong += rows_of.check(one)
        occurrence = raw.get("occurrence", 1)
        if type(occurrence) is not int:
            wrong.append(one.fault("occurrence", occurrence, "no whole number", "mend it, or leave it out"))
        if wrong:
            faults += wrong
            continue
        label = rows_of.labelled(one)
        # ``labelled`` makes up a target where the row names none.
        said = _said(replace(label.intervention, target=one.row.target))
        found.append((line, Key(said, occurrence), None if one.row.not_an_intervention else label))
    if faults:
        raise InvalidRowsError(faults)
    return found


def parse_stance(name: str) -> Stance | None:
    """A stance, or None for "none", from what ``OUTCOMES`` calls it."""
    assert name in OUTCOMES
    return None if name == NO_STANCE else Stance(name)


def _provenance(prediction: Prediction, model: str) -> dict[str, Any]:
    """What the model had said, in columns that ``corpus`` leaves alone."""
    marks = prediction.marks or Marks()
    return {
        "model": model,
        "model_stance": str(prediction.stance or NO_STANCE),
        "model_praise": list(marks.praise),
        "model_concern": list(marks.concern),
        "corrected": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _append(path: Path, line: str) -> None:
    """Add one line, whole and on the disk, or leave the file as it was."""
    new = not path.exists()
    with path.open("ab") as out:
        before = out.tell()
        try:
            out.write(line.encode() + b"\n")
            out.flush()
            os.fsync(out.fileno())
        except OSError:
            out.truncate(before)
            raise
    if new and hasattr(os, "O_DIRECTORY"):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _mend(path: Path) -> None:
    """Finish a last line that a crash left without its end, or put what is no row aside."""
    if not path.is_file():
        return
    data = path.read_bytes()
    whole, _, last = data.rpartition(b"\n")
    if not last.strip():
        return
    try:
        json.loads(last)
    except ValueError:
        with path.with_suffix(".cut").open("ab") as aside:
            aside.write(last + b"\n")
        with replacing(path) as part:
            part.write_bytes(whole + b"\n" if whole else b"")
    else:
        with path.open("ab") as out:
            out.write(b"\n")
