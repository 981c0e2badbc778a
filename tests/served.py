"""The service with a predictor that needs no training, in this process or in one of its own.

``python tests/served.py PORT CORRECTIONS TOKEN`` serves it on 127.0.0.1; LIMITS (JSON) and SECONDS_EACH, what an
intervention takes, are read from the environment.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from statestance.bundle import Manifest, MarkScaling
from statestance.domain import Intervention, Marks, Prediction

PRAISE = re.compile(r"welcom|commend|congratul|applaud|appreciat|pleased|praise", re.IGNORECASE)
CONCERN = re.compile(r"concerned|regret|deplore|alarmed|harass|troubled", re.IGNORECASE)

DEBATE = """The debate on Vellmora

Norway: We welcome the new law on legal aid. We are concerned about the arrest of reporters.

Chile: We commend the fall in child mortality. We congratulate Vellmora on its new school for nurses.

Ghana: We are alarmed by the ban on assemblies.

Peru: We thank the delegation for its report.
"""


class Keywords:
    """Deterministic: 0.97 for what a few words say, 0.7 with a "perhaps"; each of the others a third of the rest."""

    manifest = Manifest(name="keywords", learner="none", engine="onnx", unit="sentence", calibration=MarkScaling())
    folder, fast = Path("keywords"), False

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        """How long each intervention takes."""

    def predict(self, rows: Sequence[Intervention]) -> list[Prediction]:
        return [self._one(row) for row in rows]

    def _one(self, one: Intervention) -> Prediction:
        time.sleep(self.seconds)
        praise, concern = (
            tuple(n for n, sentence in enumerate(one.sentence_texts) if words.search(sentence))
            for words in (PRAISE, CONCERN)
        )
        marks = Marks(praise, concern)
        place = {"supportive": 0, "mixed": 1, "critical": 2, None: 3}[marks.stance]
        sure = 0.7 if "perhaps" in one.text else 0.97
        chances: Any = tuple(sure if n == place else round((1 - sure) / 3, 6) for n in range(4))
        return Prediction(one, marks.stance, sure, chances, marks, "" if marks.stance else "no_stance")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def serving(command: Sequence[str], port: int, log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command that serves on a port of this machine, from the moment it answers until the end of the block."""
    with log.open("wb") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out, env=os.environ | environment)
        try:
            _wait(f"http://127.0.0.1:{port}/health", server, log)
            yield server
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            assert server.poll() is None and time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.1)


def program(port: int, corrections: Path, token: str = "") -> list[str]:
    return [sys.executable, str(Path(__file__).resolve()), str(port), str(corrections), token]


if __name__ == "__main__":
    from statestance.apps.server.run import serve
    from statestance.apps.server.settings import Limits, Settings

    limits = Limits(**json.loads(os.environ.get("LIMITS", "{}")))
    given = Settings(port=int(sys.argv[1]), corrections=Path(sys.argv[2]), token=sys.argv[3], limits=limits)
    serve(Keywords(float(os.environ.get("SECONDS_EACH", "0"))), given)  # type: ignore[arg-type]
