"""What people corrected: labelled rows in one JSONL file that ``corpus`` loads, so that use becomes data."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from statestance.corpus import Labelled, read
from statestance.corpus.labelled import as_row
from statestance.domain import Intervention, Marks, Prediction, StatestanceError
from statestance.predict.table import replacing
from statestance.report import wording
from statestance.stance import NO_STANCE, OUTCOMES, Stance

SOURCE = "correction"
FILE = "corrections.jsonl"


class Corrections:
    """The corrections in a folder, one a text: correcting a text again takes the place of what was said before.

    A new correction is appended and synced; one that replaces another rewrites the file in one rename. So a
    crash at any moment loses at most the correction that was being saved. One server at a time holds a folder.
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
        self._lines: dict[str, list[str]] = {}
        self._labels: dict[str, Labelled] = {}
        try:
            _mend(self.path)
            self._load()
        except BaseException:
            self.close()
            raise

    def _load(self) -> None:
        if not self.path.is_file() or not self.path.stat().st_size:
            return
        for label in read(self.path).rows:
            self._labels[key(label.intervention.text)] = label
        for line in self.path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                row = json.loads(line)
                text = row.get("text") or " ".join(row["sentences"])
                self._lines.setdefault(key(text), []).append(line)

    def close(self) -> None:
        self._held.release()

    def __len__(self) -> int:
        return len(self._labels)

    def find(self, one: Intervention) -> Labelled | None:
        return self._labels.get(key(one.text))

    def put(self, prediction: Prediction, stance: Stance | None, marks: Marks | None, model: str) -> None:
        """Save what somebody says about an intervention; ``stance`` counts where there are no marks."""
        one = prediction.intervention
        name = key(one.text)
        # The same number of another debate of that name is another text.
        own = replace(one, id=f"{one.id}-{hashlib.sha256(name.encode()).hexdigest()[:8]}")
        label = Labelled(own, marks.stance if marks else stance, marks, source=SOURCE)
        line = json.dumps(as_row(label) | _provenance(prediction, model), ensure_ascii=False)
        with self._lock:
            if name in self._lines:
                self._rewrite(self._lines | {name: [line]})
            else:
                _append(self.path, line)
            self._lines[name], self._labels[name] = [line], label

    def remove(self, one: Intervention) -> None:
        """Take a correction back."""
        name = key(one.text)
        with self._lock:
            if name in self._lines:
                self._rewrite({other: lines for other, lines in self._lines.items() if other != name})
                del self._lines[name], self._labels[name]

    def text(self, among: Collection[Intervention] | None = None) -> str:
        """The rows as they stand in the file, all of them or those of some interventions."""
        names = self._lines if among is None else dict.fromkeys(key(one.text) for one in among)
        with self._lock:
            return "".join(line + "\n" for name in names for line in self._lines.get(name, []))

    def apply(self, prediction: Prediction) -> Prediction:
        """The prediction, or what somebody said instead: certain, and with the marks that were given if any."""
        label = self.find(prediction.intervention)
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

    def _rewrite(self, lines: dict[str, list[str]]) -> None:
        with replacing(self.path) as part:
            text = "".join(line + "\n" for several in lines.values() for line in several)
            part.write_text(text, encoding="utf-8", newline="\n")


def key(text: str) -> str:
    """What makes two texts the same: ``corpus`` takes one label for them."""
    return " ".join(text.split()).casefold()


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
