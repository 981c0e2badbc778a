"""The command line with a predictor that needs no training: it marks sentences by a few words.

Run as a program it is ``statestance`` with that predictor, for tests that need a process of their own.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from statestance.bundle import Manifest, MarkScaling
from statestance.domain import Intervention, Marks, Prediction, StatestanceError

PRAISE = re.compile(
    r"welcom|commend|congratul|applaud|appreciat|pleased|satisf|encouraged by|encouraging|highlight|salute|"
    r"praise|tribute|recogni|deserves|acknowledge|real commitment|improved|values the",
    re.IGNORECASE,
)
CONCERN = re.compile(
    r"concerned|shrunk|regret|troubled|deplore|alarmed|disappointing|harass|censorship|pass over in silence",
    re.IGNORECASE,
)


class KeywordPredictor:
    """Deterministic: probabilities 0.97 for what the words say and 0.01 for each of the others."""

    manifest = Manifest(name="keywords", learner="keywords", engine="skops", unit="sentence", calibration=MarkScaling())
    folder = Path("keywords")
    coverage, runtime, fast = None, "onnxruntime", False

    def predict(self, rows: Iterable[Intervention]) -> list[Prediction]:
        return [self._one(row) for row in rows]

    def _one(self, one: Intervention) -> Prediction:
        if "SLEEP" in one.text:
            time.sleep(60)
        praise, concern = (
            tuple(n for n, sentence in enumerate(one.sentence_texts) if words.search(sentence))
            for words in (PRAISE, CONCERN)
        )
        marks = Marks(praise, concern)
        place = {"supportive": 0, "mixed": 1, "critical": 2, None: 3}[marks.stance]
        chances = [0.97 if n == place else 0.01 for n in range(4)]
        reason = "" if marks.stance else "no_stance"
        return Prediction(one, marks.stance, 0.97, tuple(chances), marks, reason)  # type: ignore[arg-type]


def load(
    model: str | Path = "auto", *, runtime: str = "onnxruntime", threads: int | None = None, fast: bool = False
) -> KeywordPredictor:
    if str(model) != "auto":
        raise StatestanceError(f"expected a model: auto or a folder; found {str(model)!r}; check --model")
    return KeywordPredictor()


if __name__ == "__main__":
    import statestance.predict
    from statestance.apps.cli import main

    # A shell that starts the tests in the background has Ctrl-C ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    statestance.predict.load = load  # type: ignore[assignment]
    if os.environ.get("STDERR_IS_A_TERMINAL"):
        sys.stderr.isatty = lambda: True  # type: ignore[method-assign]
    main()
