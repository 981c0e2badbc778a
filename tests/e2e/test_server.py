"""The service in a process of its own, on a real socket: many clients, big ones, slow ones, and crashes."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from served import DEBATE, Keywords, free_port, program, serving
from statestance import corpus
from statestance.predict.predictor import as_intervention
from statestance.predict.table import as_row


@dataclass(frozen=True)
class Server:
    """A server that runs: where it is, its process, where its corrections are."""

    port: int
    process: Any
    corrections: Path
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def peak(self) -> float:
        """The most memory that the process held so far, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        match = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert match
        return int(match[1]) / 1024

    def count(self, client: httpx2.Client, text: str = DEBATE) -> str:
        """Give a debate and wait until it is counted; its id."""
        given = client.post("/debates", files={"text": (None, text)}).json()["id"]
        while client.get(f"/debates/{given}/state").json()["state"] not in ("done", "failed"):
            time.sleep(0.05)
        return str(given)


Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def run(seconds: float = 0.0, token: str = "", **limits: Any) -> Server:
            port, log = free_port(), tmp_path / "log"
            environment = {"LIMITS": json.dumps(limits), "SECONDS_EACH": str(seconds)}
            folder = tmp_path / "corrections"
            process = stack.enter_context(serving(program(port, folder, token), port, log, **environment))
            return Server(port, process, folder, log)

        yield run


def rows(client: int, count: int = 60) -> list[dict[str, str]]:
    words = ("welcomed", "regretted", "welcomed and regretted", "asked about")
    return [
        {
            "id": f"{client}-{n}",
            "speaker": "Norway",
            "text": f"Norway {words[(client + n) % 4]} plan {client}/{n}. " * 5,
        }
        for n in range(count)
    ]


@pytest.mark.slow
def test_fifty_clients_at_once_get_the_right_answer_or_a_clear_refusal(start: Start) -> None:
    # Fifty times 0.12 s of work on two threads are more than may wait in line for the first of them.
    server = start(seconds=0.002, requests=40, answer_time=2.0)
    before = server.peak()

    def ask(number: int) -> tuple[int, int]:
        """(right answers, refusals) of one client; a refusal is obeyed, then the question asked again."""
        given, refused = rows(number), 0
        expected = [as_row(p) for p in Keywords().predict([as_intervention(r, n) for n, r in enumerate(given, 1)])]
        with httpx2.Client(base_url=server.url, timeout=120) as client:
            for _ in range(20):
                answer = client.post("/predict", json={"interventions": given})
                if answer.status_code == 200:
                    assert answer.json()["predictions"] == expected
                    return 1, refused
                assert answer.status_code in (429, 503), answer.text
                assert answer.json()["error"].startswith("expected ")
                refused += 1
                time.sleep(int(answer.headers["retry-after"]))
        return 0, refused

    with ThreadPoolExecutor(50) as clients:
        found = list(clients.map(ask, range(50)))
    assert sum(right for right, _ in found) == 50
    assert sum(refused for _, refused in found) > 0
    assert server.peak() - before < 100
    assert "Traceback" not in server.log.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/debates", "/predict"])
@pytest.mark.parametrize("declared", [True, False])
def test_two_hundred_megabytes_are_refused_without_being_held(start: Start, path: str, declared: bool) -> None:
    server, size, piece = start(), 200 * 1024 * 1024, b"x" * 65_536
    before = server.peak()
    head = b"--b\r\ncontent-disposition: form-data; name=file; filename=a.txt\r\n\r\n"

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(size // len(piece)):
            yield piece

    headers = {"content-type": "multipart/form-data; boundary=b" if path == "/debates" else "application/json"}
    if declared:
        headers["content-length"] = str(size + len(head))
    with httpx2.Client(base_url=server.url, timeout=60) as client:
        answer = client.post(path, content=body(), headers=headers)
        assert answer.status_code == 413
        assert "split it" in answer.json()["error"]
        assert client.get("/health").status_code == 200
    assert server.peak() - before < 60


def talk(server: Server, sent: bytes) -> tuple[bytes, float]:
    """What a server answers to a client that says something and no more, and after how many seconds it hangs up."""
    started, found = time.monotonic(), b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        line.sendall(sent)
        while piece := line.recv(65_536):
            found += piece
    return found, time.monotonic() - started


def test_a_client_that_does_not_finish_is_let_go(start: Start) -> None:
    server = start(header_time=1.0, idle_time=1.0, body_time=3.0)
    half_a_head = b"POST /predict HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: appl"
    half_a_body = (
        b"POST /predict HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"
    )
    for sent in (half_a_head, half_a_body):
        answer, seconds = talk(server, sent)
        assert answer.startswith(b"HTTP/1.1 408 "), answer
        assert 0.5 < seconds < 10
    assert talk(server, b"")[1] < 10


def test_a_client_that_trickles_is_let_go(start: Start) -> None:
    server = start(header_time=1.0, idle_time=1.0, body_time=2.0)
    heads = (
        b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ",
        b"POST /predict HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 999\r\n\r\n",
    )
    for head in heads:
        with socket.create_connection(("127.0.0.1", server.port), timeout=0.2) as line:
            line.sendall(head)
            started, found = time.monotonic(), b""
            while time.monotonic() - started < 15:
                try:
                    line.sendall(b"x")
                    piece = line.recv(65_536)
                    if not piece:
                        break
                    found += piece
                except TimeoutError:
                    continue
                except OSError:
                    break
            assert found.startswith(b"HTTP/1.1 408 ")
            assert time.monotonic() - started < 10


def test_corrections_outlive_a_server_that_is_killed(start: Start) -> None:
    server = start()
    with httpx2.Client(base_url=server.url) as client:
        debate = server.count(client)
        for row, stance in enumerate(("critical", "critical", "supportive")):
            client.put(f"/debates/{debate}/interventions/{row}/correction", json={"stance": stance}).raise_for_status()
        server.process.kill()
        server.process.wait()
    again = start()
    assert [str(r.stance) for r in corpus.load(again.corrections / "corrections.jsonl")] == [
        "critical",
        "critical",
        "supportive",
    ]
    with httpx2.Client(base_url=again.url) as client:
        gone = client.get(f"/debates/{debate}/state")
        assert gone.status_code == 404 and "restart" in gone.json()["error"]
        # The same words are known again.
        debate = again.count(client)
        assert client.get(f"/debates/{debate}/corrections.jsonl").text.count("\n") == 3
        again_corrected = client.put(
            f"/debates/{debate}/interventions/0/correction", json={"praise": [0], "concern": []}
        )
        assert again_corrected.json()["stance"] == "supportive"
    assert len(corpus.load(again.corrections / "corrections.jsonl")) == 3


def test_an_interrupt_ends_it_in_silence(start: Start) -> None:
    server = start()
    server.process.send_signal(2)
    assert server.process.wait(20) == 0
    assert "Traceback" not in server.log.read_text(encoding="utf-8")
