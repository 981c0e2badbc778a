"""Reading an uploaded transcript in a process of its own, so that a hostile file can at worst end that.

``python -m statestance.apps.server.reading FILE TARGET LAYOUT SECONDS BYTES`` writes the debate as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from statestance.apps.server.errors import Refused
from statestance.apps.server.settings import Limits
from statestance.domain import Intervention, Origin, Span
from statestance.transcripts import Debate

_CRASHED = "expected a transcript; found a file that the reader did not survive; save it anew, or as plain text"


async def read(path: Path, target: str, layout: str, limits: Limits) -> Debate:
    """Read one file. Raises ``Refused`` (422) where it is no transcript, takes too long or too much memory."""
    numbers = (str(int(limits.reading_time)), str(limits.reading_memory))
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "statestance.apps.server.reading", str(path), target, layout, *numbers),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(limits.reading_time):
            out, _ = await child.communicate()
    except TimeoutError:
        raise Refused(
            422, f"expected a file that is read within {limits.reading_time:.0f} s; found a longer one; split it"
        ) from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    try:
        answer = json.loads(out)
    except ValueError:
        raise Refused(422, _CRASHED) from None
    if "error" in answer:
        # The folder is ours, and means nothing to who sent the file.
        raise Refused(422, str(answer["error"]).replace(f"{path.parent}/", ""))
    return _debate(answer, path.name)


def _debate(answer: dict[str, Any], file: str) -> Debate:
    turns = []
    for row in answer["turns"]:
        spans = tuple(Span(**span) for span in row.pop("sentences"))
        place = (row.pop("origin") or {}).get("place", "")
        turns.append(Intervention(**row, sentences=spans, origin=Origin(file, place)))
    known = {name: answer[name] for name in ("name", "target", "target_iso3", "layout")}
    return Debate(**known, file=file, turns=tuple(turns))


def _confine(seconds: int, memory: int) -> None:
    """Bound this process where the system can: it is killed rather than the server."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def main(path: str, target: str, layout: str, seconds: str, memory: str) -> None:
    from statestance import transcripts
    from statestance.domain import StatestanceError

    _confine(int(seconds), int(memory))
    try:
        answer: dict[str, Any] = asdict(transcripts.read(path, target=target, layout=layout))
    except StatestanceError as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {"error": "expected a file that fits in memory; found a bigger one; split it"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
