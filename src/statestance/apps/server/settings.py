"""What one server is told: where it listens, who may come in, and how much it takes on."""

from __future__ import annotations

import ipaddress
import os
import socket
from dataclasses import dataclass, field
from pathlib import Path

from statestance.domain import StatestanceError

MIB = 1024 * 1024
SHORTEST_TOKEN = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the server takes on at a time; what is over is refused with 413, 408, 422 or 503.

    Sizes are bytes, lengths are characters, times are seconds. Memory is bounded by ``requests`` times
    ``json_body`` for what waits, and by ``debates`` and ``characters`` for what is kept.
    """

    json_body: int = MIB
    upload: int = 32 * MIB
    interventions: int = 500
    """In one call of /predict."""
    text: int = 100_000
    sentences: int = 2_000
    """In one intervention."""
    debate: int = 2_000
    """Interventions in one debate that is uploaded."""
    requests: int = 80
    jobs: int = 8
    """Debates that are being read or predicted, or wait for it."""
    debates: int = 20
    """Debates kept in memory; the one not looked at for longest goes first."""
    characters: int = 40_000_000
    """In all debates that are kept."""
    header_time: float = 15.0
    idle_time: float = 15.0
    """Between two parts of a request's body."""
    body_time: float = 120.0
    answer_time: float = 60.0
    """For the work of one /predict; half of it for waiting."""
    write_time: float = 60.0
    """That a client may leave an answer unread."""
    reading_time: float = 90.0
    reading_memory: int = 3 * 1024 * MIB


@dataclass(frozen=True, slots=True)
class Settings:
    """One server. Raises ``StatestanceError`` where it could be reached from elsewhere without a token."""

    host: str = "127.0.0.1"
    port: int = 8000
    token: str = ""
    names: tuple[str, ...] = ()
    """Further host names under which browsers may reach it."""
    corrections: Path = Path("corrections")
    workers: int = 2
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if not self.token and not self.local:
            raise StatestanceError(
                f"expected a token for a server that others can reach; found none with --host {self.host}; "
                "give one in the environment variable STATESTANCE_TOKEN, or leave --host out"
            )
        if self.token and (
            len(self.token) < SHORTEST_TOKEN or not self.token.isascii() or not self.token.isprintable()
        ):
            raise StatestanceError(
                f"expected a token of at least {SHORTEST_TOKEN} printable ASCII characters; found one of "
                f"{len(self.token)}; make one with `openssl rand -hex 16`"
            )

    @property
    def threads(self) -> int:
        """How many threads the model takes for one prediction, so that all workers together take all cores."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return max(1, cores // self.workers)

    @property
    def local(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def answers_to(self, host: str) -> bool:
        """Whether a request's Host header names this server, with or without a port.

        Addresses are let in as they are: a page of another site that has its name point here (DNS
        rebinding) still sends its own name.
        """
        name = host.rsplit("]", 1)[0].removeprefix("[") if host.startswith("[") else host.rsplit(":", 1)[0]
        try:
            ipaddress.ip_address(name)
        except ValueError:
            known = {"localhost", self.host.casefold(), *(n.casefold() for n in self.names)}
            return name.casefold() in (known if self.local else known | {socket.gethostname().casefold()})
        return True
