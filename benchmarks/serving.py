"""How fast the service answers, beside `mlflow models serve` of the same registered model, in the same run.

    python benchmarks/serving.py [--model models:/statestance@champion] [--requests 40] [--rounds 3] [--crowd] [--alone]

Both servers stay up and idle while the other is asked, in turn. Printed are the median and the 95th percentile of
one intervention at a time, and interventions a second under 8 clients; with --crowd also 50 clients of 60
interventions each against the service: right answers (those that one client alone gets), refusals, peak memory.
Answers of the two must agree. --alone leaves the peer out, for a model that no registry holds (--model released).
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from measured import machine

from statestance import transcripts

DEBATE = Path(__file__).parents[1] / "examples" / "debate.txt"
CLIENTS = 8
Row = dict[str, str]


@dataclass
class Target:
    """A server, how it is asked, and what was measured of it."""

    name: str
    url: str
    body: Callable[[Sequence[Row]], dict[str, Any]]
    seconds: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def ask(self, client: httpx2.Client, rows: Sequence[Row]) -> httpx2.Response:
        return client.post(self.url, json=self.body(rows))

    def one_by_one(self, rows: Sequence[Row]) -> list[Any]:
        found = []
        with httpx2.Client(timeout=60) as client:
            for row in rows:
                started = time.perf_counter()
                answer = self.ask(client, [row])
                self.seconds.append(time.perf_counter() - started)
                found.append(answer.raise_for_status().json()["predictions"][0])
        return found

    def under_load(self, rows: Sequence[Row]) -> None:
        def client_of(number: int) -> None:
            with httpx2.Client(timeout=120) as client:
                for row in rows[number::CLIENTS]:
                    self.ask(client, [row]).raise_for_status()

        started = time.perf_counter()
        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(client_of, range(CLIENTS)))
        self.rates.append(len(rows) / (time.perf_counter() - started))


@contextmanager
def running(command: Sequence[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            deadline = time.monotonic() + 120
            while True:
                try:
                    httpx2.get(f"http://127.0.0.1:{port}/health", timeout=5).raise_for_status()
                    break
                except httpx2.HTTPError:
                    if server.poll() is not None or time.monotonic() > deadline:
                        log.seek(0)
                        sys.exit(f"{command} did not start:\n{log.read().decode()[-3000:]}")
                    time.sleep(0.3)
            yield server
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def rows(count: int) -> list[Row]:
    """Interventions of the example debate, each text its own."""
    turns = transcripts.read(DEBATE).interventions
    return [
        {"text": f"{one.text} ({n})", "speaker": one.speaker, "target": one.target}
        for n, one in ((n, turns[n % len(turns)]) for n in range(count))
    ]


def said(predictions: Sequence[Any]) -> list[tuple[str, str, float]]:
    """What two answers have to agree on."""
    return [(p["text"], p["stance"], round(p["confidence"], 3)) for p in predictions]


def crowd(target: Target, server: subprocess.Popen[bytes]) -> str:
    """50 clients at once, 60 interventions each; a refusal is obeyed and the question asked again."""
    alone = said(target.one_by_one(rows(60)))

    def client_of(number: int) -> tuple[int, int]:
        given, refused = rows(60), 0
        with httpx2.Client(timeout=300) as client:
            while (answer := target.ask(client, given)).status_code == 503:
                refused += 1
                time.sleep(int(answer.headers["retry-after"]) + number % 5)
        predictions = answer.raise_for_status().json()["predictions"]
        return sum(a == b for a, b in zip(said(predictions), alone, strict=True)), refused

    started = time.perf_counter()
    with ThreadPoolExecutor(50) as clients:
        found = list(clients.map(client_of, range(50)))
    seconds = time.perf_counter() - started
    peak = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{server.pid}/status").read_text(encoding="ascii"))
    right, refused = (sum(column) for column in zip(*found, strict=True))
    memory = f"{int(peak[1]) / 1024:.0f} MB" if peak else "unknown"
    return f"{right} of 3000 answered rightly in {seconds:.0f} s, {refused} refusals, peak memory {memory}"


def measure(targets: Sequence[Target], requests: int, rounds: int) -> None:
    """Ask the targets in turn; end the program where two of them disagree."""
    for target in targets:
        target.one_by_one(rows(10))  # warms it
        target.seconds.clear()
    for _ in range(rounds):
        first, *others = (said(target.one_by_one(rows(requests))) for target in targets)
        if any(other != first for other in others):
            sys.exit("the two servers disagree")
        for target in targets:
            target.under_load(rows(requests * 2))


def told(target: Target) -> str:
    ms = [1000 * s for s in target.seconds]
    p95 = statistics.quantiles(ms, n=20)[-1]
    return (
        f"{target.name:20} p50 {statistics.median(ms):6.1f} ms  p95 {p95:6.1f} ms  "
        f"{statistics.median(target.rates):6.1f} a second, {CLIENTS} clients"
    )


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="models:/statestance@champion")
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--crowd", action="store_true")
    parser.add_argument("--alone", action="store_true")
    return parser.parse_args()


def main() -> None:
    args = parsed()
    os.environ.setdefault("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
    # MLflow starts uvicorn by its bare name.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    ours, theirs = free_port(), free_port()
    targets = [Target("statestance serve", f"http://127.0.0.1:{ours}/predict", lambda r: {"interventions": list(r)})]
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        program = "from statestance.apps.cli import main; main()"
        serve = [sys.executable, "-c", program, "serve", "--model", args.model, "--port", str(ours)]
        serve += ["--corrections", folder, "--workers", str(args.workers)]
        server = stack.enter_context(running(serve, ours))
        if not args.alone:
            mlflow = [sys.executable, "-m", "mlflow", "models", "serve", "-m", args.model, "--env-manager", "local"]
            stack.enter_context(running([*mlflow, "-p", str(theirs)], theirs))
            url = f"http://127.0.0.1:{theirs}/invocations"
            targets.append(Target("mlflow models serve", url, lambda r: {"dataframe_records": list(r)}))
        print(f"{machine()}, {args.model}")
        measure(targets, args.requests, args.rounds)
        for target in targets:
            print(told(target))
        if args.crowd:
            print("50 clients of 60:", crowd(targets[0], server))


if __name__ == "__main__":
    main()
