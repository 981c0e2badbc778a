"""The predictor: interventions in, predictions out, by one bundle."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from copy import copy
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from statestance import bundle
from statestance.bundle import Manifest
from statestance.domain import Intervention, Prediction, Span, StatestanceError, join_sentences
from statestance.predict.decision import conclude, doubt_of, set_threshold
from statestance.predict.locate import AUTO, locate
from statestance.predict.runtime import Run, Runtime
from statestance.predict.scorers import Scorer, open_scorer
from statestance.probability import FloatArray
from statestance.text.masking import Masked, mask
from statestance.text.sentences import split
from statestance.text.states import iso3

_BLOCK, _AHEAD = 256, 2


class Predictor:
    """A loaded bundle. Masking, calibration, thresholds and abstention are applied here and nowhere else."""

    def __init__(
        self,
        folder: Path,
        *,
        runtime: Runtime = "onnxruntime",
        threads: int | None = None,
        run: Run | None = None,
        fast: bool = False,
    ) -> None:
        self.folder, self.runtime, self.fast = folder, runtime, fast
        self.manifest: Manifest = bundle.read(folder)
        self._scorer: Scorer = open_scorer(folder, self.manifest, runtime=runtime, threads=threads, run=run, fast=fast)
        self.coverage: float | None = None

    def with_sets(self, coverage: float) -> Predictor:
        """The same predictor, giving every prediction the set of outcomes that holds the right one at this rate."""
        if self.fast:
            raise StatestanceError(
                "expected prediction sets of the whole model, on which their rate was learned; found --fast beside "
                "--coverage; leave one of the two out"
            )
        set_threshold(doubt_of(self.manifest), coverage)
        other = copy(self)
        other.coverage = coverage
        return other

    def predict(self, rows: Iterable[Intervention | Mapping[str, Any] | str]) -> list[Prediction]:
        """Predict every row, in order. A mapping needs ``text`` (or ``sentences``); see ``as_intervention``."""
        return list(self.stream(rows))

    def stream(self, rows: Iterable[Intervention | Mapping[str, Any] | str]) -> Iterator[Prediction]:
        """Predict rows as they come, in blocks, so that memory stays bounded.

        While one block is computed, the next is already read, masked and cut into tokens.
        """
        numbered = (as_intervention(row, number) for number, row in enumerate(rows, 1))
        waiting: deque[tuple[list[Intervention], Future[list[FloatArray]]]] = deque()
        with ThreadPoolExecutor(_AHEAD, thread_name_prefix="block") as pool:
            while True:
                if block := list(islice(numbered, _BLOCK)):
                    waiting.append((block, pool.submit(self.scores, block)))
                if not waiting:
                    return
                if block and len(waiting) < _AHEAD:
                    continue
                done, scores = waiting.popleft()
                for one, score in zip(done, scores.result(), strict=True):
                    yield conclude(one, score, self.manifest, self.coverage)

    def scores(self, interventions: Sequence[Intervention]) -> list[FloatArray]:
        """Raw scores, before calibration; identical masked texts are computed once."""
        masked = [mask(i) for i in interventions]
        unique: dict[Masked, int] = {}
        places = [unique.setdefault(m, len(unique)) for m in masked]
        found = self._scorer.score(list(unique))
        return [found[place] for place in places]


def as_intervention(row: Intervention | Mapping[str, Any] | str, number: int) -> Intervention:
    """A text, or a mapping with ``text`` or ``sentences``, maybe ``id, debate, target, speaker, on_behalf_of``."""
    if isinstance(row, Intervention):
        # Without its sentences a sentence model would read nothing and find no stance.
        return row if row.sentences else replace(row, sentences=split(row.text))
    if isinstance(row, str):
        row = {"text": row}
    given = row.get("sentences")
    text: Any = row.get("text")
    spans: tuple[Span, ...] = ()
    if isinstance(given, Sequence) and not isinstance(given, str) and given and all(isinstance(s, str) for s in given):
        text, spans = join_sentences(given)
    if not isinstance(text, str) or not text.strip():
        raise StatestanceError(f"expected text in row {number}; found text = {text!r}; give a non-empty string")

    def field(name: str) -> str:
        value = row.get(name)
        # pandas hands over NaN for an empty cell; it is the one value that differs from itself.
        return "" if value is None or value != value else str(value)

    return Intervention(
        id=field("id") or str(number),
        text=text,
        debate=field("debate"),
        target=field("target"),
        speaker=field("speaker"),
        speaker_iso3=field("speaker_iso3") or iso3(field("speaker")),
        on_behalf_of=field("on_behalf_of"),
        sentences=spans or split(text),
    )


def load(
    model: str | Path = AUTO,
    *,
    runtime: Runtime = "onnxruntime",
    threads: int | None = None,
    fast: bool = False,
) -> Predictor:
    """Load the model that ``locate.locate`` finds: ``auto``, ``champion``, ``released`` or a bundle's folder.

    ``runtime`` computes the graph of a fine-tuned encoder; a scikit-learn model has none. With ``fast`` the linear
    model in an evidence model's bundle answers for it where it is sure.
    """
    return Predictor(locate(model).folder, runtime=runtime, threads=threads, fast=fast)
