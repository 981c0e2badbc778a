"""Debates on the server: uploads of every kind, progress, refusals, and what is forgotten."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from starlette.testclient import TestClient

from served import DEBATE, Keywords
from statestance import corpus
from statestance.apps.server import reading
from statestance.apps.server.app import create
from statestance.apps.server.debates import safe_name
from statestance.apps.server.errors import Refused
from statestance.apps.server.settings import Limits, Settings
from statestance.domain import Marks
from statestance.predict import table
from statestance.stance import Stance
from statestance.tally import tally


class Server:
    """A server and what a program does with it."""

    def __init__(self, folder: Path, seconds: float = 0.0, **limits: Any) -> None:
        settings = Settings(corrections=folder, limits=Limits(**limits))
        self.client = TestClient(create(Keywords(seconds), settings), base_url="http://127.0.0.1:8000")  # type: ignore[arg-type]

    def give(self, text: str = DEBATE, **fields: str) -> Any:
        return self.client.post("/debates", files={"text": (None, text)}, data=fields)

    def file(self, name: str, content: bytes, **fields: str) -> Any:
        return self.client.post("/debates", files={"file": (name, content)}, data=fields)

    def wait(self, answer: Any) -> dict[str, Any]:
        assert answer.status_code == 202, answer.text
        deadline = time.monotonic() + 30
        while True:
            state: dict[str, Any] = self.client.get(answer.headers["location"]).json()
            if state["state"] in ("done", "failed"):
                return state
            assert time.monotonic() < deadline, state
            time.sleep(0.02)

    def correct(self, debate: str, row: int, **correction: Any) -> Any:
        return self.client.put(f"/debates/{debate}/interventions/{row}/correction", json=correction)


ALIKE = "The debate on Vellmora\n\n" + "\n\n".join(
    f"{name}: We thank the delegation and join the consensus." for name in ("Chile", "Peru")
)


def shown(server: Server, debate: str) -> tuple[str, dict[str, str]]:
    """The sentence of a page, and what the card of each State says of its stance."""
    page = BeautifulSoup(server.client.get(f"/debates/{debate}").text, "html.parser")
    sentence = page.select_one("#sentence")
    assert sentence
    cards = {
        str(a["data-state"]): " ".join(a.select_one(".verdict").get_text().split()) for a in page.select("article")
    }  # type: ignore[union-attr]
    return sentence.get_text(), cards


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    found = Server(tmp_path)
    with found.client:
        yield found


def test_a_pasted_debate_is_read_and_predicted(server: Server) -> None:
    state = server.wait(server.give(name="Vellmora 2031"))
    assert (state["state"], state["done"], state["total"]) == ("done", 4, 4)
    assert state["file"] == "Vellmora 2031.txt"
    text = server.client.get(f"/debates/{state['id']}/predictions.csv").text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(r["speaker"], r["stance"]) for r in rows] == [
        ("Norway", "mixed"),
        ("Chile", "supportive"),
        ("Ghana", "critical"),
        ("Peru", ""),
    ]
    assert {r["target"] for r in rows} == {"Vellmora"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("debate.txt", DEBATE.encode()),
        ("debate.txt", DEBATE.encode("utf-16")),
        ("debate.md", DEBATE.encode()),
        ("debate.html", ("<p>" + DEBATE.replace("\n\n", "</p><p>") + "</p>").encode()),
        (
            "debate.csv",
            b"text,speaker,target\nNorway welcomed it.,Norway,Vellmora\nChile regretted it.,Chile,Vellmora\n",
        ),
        ("debate.jsonl", b'{"text": "Norway welcomed it.", "speaker": "Norway"}\n'),
    ],
)
def test_files_of_every_kind_are_read(server: Server, name: str, content: bytes) -> None:
    state = server.wait(server.file(name, content))
    assert state["state"] == "done", state
    assert state["file"] == name


def test_all_predictions_come_back_in_every_format(server: Server, tmp_path: Path) -> None:
    state = server.wait(server.give())
    for ending in ("csv", "jsonl", "parquet"):
        found = server.client.get(f"/debates/{state['id']}/predictions.{ending}")
        assert found.headers["content-disposition"] == f'attachment; filename="{Path(state["file"]).stem}.{ending}"'
        path = tmp_path / f"back.{ending}"
        path.write_bytes(found.content)
        assert [str(p.stance) for p in table.read(path)] == ["mixed", "supportive", "critical", "None"]
    assert server.client.get(f"/debates/{state['id']}/predictions.exe").status_code == 422


@pytest.mark.parametrize(
    ("files", "data", "said"),
    [
        ({}, {"text": "   "}, "found neither"),
        ({"file": ("a.exe", b"MZ")}, {}, "a.exe"),
        ({"file": ("a.txt", b"x")}, {"layout": "poem"}, "'poem'"),
        ({"file": ("a.txt", b"x")}, {"target": "V" * 201}, "expected target"),
        ({"file": ("a.txt", b"x")}, {"target": "a\0b"}, "expected target"),
        ({"text": (None, "Norway: \0")}, {}, "NUL"),
    ],
)
def test_what_cannot_be_read_is_refused(server: Server, files: Any, data: dict[str, str], said: str) -> None:
    found = server.client.post("/debates", files=files or None, data=data)
    assert found.status_code == 422
    assert said in found.json()["error"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.txt", b"", "empty file"),
        ("scan.pdf", b"%PDF-1.4 nothing", "cannot be read"),
        ("broken.docx", b"PK\x03\x04broken", "another kind"),
        ("prose.txt", b"Once upon a time.\n", "found none"),
    ],
)
def test_a_file_that_is_no_debate_fails_with_what_to_do(server: Server, name: str, content: bytes, said: str) -> None:
    state = server.wait(server.file(name, content))
    assert state["state"] == "failed"
    assert said in state["error"] and name in state["error"]
    assert "/tmp" not in state["error"]
    assert server.client.get(f"/debates/{state['id']}/predictions.csv").status_code == 409


def test_markup_in_a_name_is_shown_as_text(server: Server) -> None:
    state = server.wait(server.file("<img src=x onerror=alert(1)>.txt", b""))
    assert "<" not in state["file"]
    page = server.client.get(f"/debates/{state['id']}").text
    assert "<img" not in page


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\debates\\a.pdf", "a.pdf"),
        ("..", "debate"),
        ("", "debate"),
        (".txt", "txt"),
        ("a\n$(b).txt", "a__(b).txt"),
        ("é" * 200 + ".pdf", "é" * 80 + ".pdf"),
        ("𠀀" * 90 + ".txt", "𠀀" * 40 + ".txt"),
        ("𠀀" * 90, "𠀀" * 40),
        ("a" * 78 + " -" + "𠀀" * 90 + ".txt", "a" * 78 + " -.txt"),
        ("a." + "𠀀" * 90, "a." + "𠀀" * 5),
    ],
)
def test_a_name_is_made_harmless(given: str, expected: str) -> None:
    assert safe_name(given) == expected


@pytest.mark.parametrize("name", ["𠀀" * 80, "é" * 80, "🂡" * 80, "a" * 78 + "/" + "b"])
def test_a_name_of_many_bytes_is_taken(server: Server, name: str) -> None:
    for given in (server.file(f"{name}.txt", DEBATE.encode()), server.give(name=name)):
        state = server.wait(given)
        assert state["state"] == "done", state
        assert server.client.get(f"/debates/{state['id']}/predictions.parquet").status_code == 200


@pytest.mark.parametrize(
    "fails", ["shutil.copyfileobj", "tempfile.mkdtemp", "starlette.formparsers.SpooledTemporaryFile"]
)
@pytest.mark.parametrize("page", [False, True])
def test_a_debate_for_which_the_disk_has_no_room_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str, page: bool
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    server = Server(tmp_path / "corrections")
    with server.client, monkeypatch.context() as broken:
        broken.setattr(fails, full)
        accept = {"accept": "text/html"} if page else {}
        found = server.client.post("/debates", files={"file": ("a.txt", DEBATE.encode())}, headers=accept)
    assert found.status_code == 507
    assert "o save the debate; found: No space left on device; free some space" in found.text
    assert [p.name for p in tmp_path.iterdir()] == ["corrections"]


def test_a_table_for_which_the_disk_has_no_room_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    server = Server(tmp_path / "corrections")
    with server.client:
        debate = server.wait(server.give())["id"]
        with monkeypatch.context() as broken:
            broken.setattr("statestance.predict.table.os.fsync", full)
            found = server.client.get(f"/debates/{debate}/predictions.csv")
    assert found.status_code == 507 and str(tmp_path) not in found.text
    assert [p.name for p in tmp_path.iterdir()] == ["corrections"]


@pytest.mark.parametrize(("charset", "code"), [("unicode_escape", 422), ("undefined", 400), ("utf-7", 202)])
def test_a_form_in_an_odd_character_set_is_answered(server: Server, charset: str, code: int) -> None:
    body = b"--b\r\ncontent-disposition: form-data; name=text\r\n\r\nNorway: We welcome \\ud800 it.\r\n--b--\r\n"
    kind = {"content-type": f"multipart/form-data; boundary=b; charset={charset}"}
    assert server.client.post("/debates", content=body, headers=kind).status_code == code


def test_what_the_page_counts_is_a_table_that_tally_counts_alike(server: Server, tmp_path: Path) -> None:
    debate = server.wait(server.give())["id"]
    server.correct(debate, 0, praise=[], concern=[1])
    server.correct(debate, 1, stance="mixed")
    server.correct(debate, 2, stance="none")
    sentence, _ = shown(server, debate)
    for ending in ("csv", "jsonl", "parquet"):
        found = server.client.get(f"/debates/{debate}/counted.{ending}")
        assert found.headers["content-disposition"].endswith(".counted." + ending + '"')
        path = tmp_path / f"back.{ending}"
        path.write_bytes(found.content)
        rows = table.read(path)
        assert [str(p.stance) for p in rows] == ["critical", "mixed", "None", "None"]
        assert [(p.confidence, max(p.probabilities), p.abstain_reason) for p in rows] == [
            (1.0, 1.0, ""),
            (1.0, 1.0, ""),
            (1.0, 1.0, "by_hand"),
            (0.97, 0.97, "no_stance"),
        ]
        assert rows[0].marks == Marks((), (1,)) and rows[1].marks is None
        counts = tally(rows).by_state
        assert [(counts[s].counted, counts[s].low, counts[s].high) for s in Stance] == [(0, 0, 0), (1, 1, 1), (1, 1, 1)]
        assert sentence.startswith("None of 4 States was supportive of Vellmora, 1 was mixed and 1 was critical")
    own = tmp_path / "own.csv"
    own.write_bytes(server.client.get(f"/debates/{debate}/predictions.csv").content)
    assert [str(p.stance) for p in table.read(own)] == ["mixed", "supportive", "critical", "None"]


def test_a_correction_shows_in_the_state_the_file_and_nowhere_in_the_predictions(server: Server) -> None:
    debate = server.wait(server.give())["id"]
    before = server.client.get(f"/debates/{debate}/predictions.jsonl").text
    found = server.correct(debate, 0, praise=[], concern=[1])
    assert found.json() == {"row": 0, "stance": "critical", "praise": [], "concern": [1], "corrected": True}
    assert server.correct(debate, 3, stance="supportive").json()["praise"] is None
    assert server.client.get(f"/debates/{debate}/predictions.jsonl").text == before
    assert server.client.get(f"/debates/{debate}/corrections.jsonl").text.count("\n") == 2
    undone = server.client.delete(f"/debates/{debate}/interventions/3/correction").json()
    assert undone == {"row": 3, "stance": "none", "praise": [], "concern": [], "corrected": False}
    assert server.client.get("/corrections.jsonl").text.count("\n") == 1


def test_who_used_the_same_words_is_not_corrected_too(server: Server) -> None:
    debate = server.wait(server.give(ALIKE))["id"]
    server.correct(debate, 0, stance="critical")
    sentence, cards = shown(server, debate)
    assert "1 was critical" in sentence
    assert cards["CHL"] == "− critical corrected by hand"
    assert cards["PER"] == "? no stance given confidence 0.97, high"


def test_a_correction_is_known_again_in_its_own_debate_alone(server: Server) -> None:
    first = server.wait(server.give(ALIKE))["id"]
    server.correct(first, 0, stance="critical")
    again = server.wait(server.give(ALIKE.replace("\n", "\r\n")))["id"]
    assert "corrected by hand" in shown(server, again)[1]["CHL"]
    others = [server.give(ALIKE + "\n\nGhana: We join it."), server.give(ALIKE, name="Another day")]
    others += [server.give(ALIKE, target="Orsinia")]
    for other in others:
        assert "corrected by hand" not in shown(server, server.wait(other)["id"])[1]["CHL"]


def test_corrections_of_a_debate_are_a_file_that_corpus_loads(server: Server, tmp_path: Path) -> None:
    debate, other = (server.wait(server.give(text))["id"] for text in (DEBATE, DEBATE.replace("reporters", "poets")))
    server.correct(debate, 0, praise=[0], concern=[])
    server.correct(other, 0, stance="critical")
    path = tmp_path / "saved.jsonl"
    path.write_text(server.client.get(f"/debates/{debate}/corrections.jsonl").text, encoding="utf-8")
    (row,) = corpus.load(path)
    assert "reporters" in row.intervention.text and str(row.stance) == "supportive"


@pytest.mark.parametrize(
    ("correction", "code"),
    [
        ({"praise": [2], "concern": []}, 422),
        ({"praise": [0, 0], "concern": []}, 422),
        ({"praise": [-1], "concern": []}, 422),
        ({"praise": [0]}, 422),
        ({"stance": "hostile"}, 422),
        ({"stance": "mixed", "praise": [0], "concern": []}, 422),
        ({}, 422),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(server: Server, correction: Any, code: int) -> None:
    debate = server.wait(server.give())["id"]
    assert server.correct(debate, 0, **correction).status_code == code
    assert server.client.get("/corrections.jsonl").text == ""


def test_a_row_or_a_debate_that_is_not_there(server: Server) -> None:
    debate = server.wait(server.give())["id"]
    assert server.correct(debate, 4, stance="mixed").status_code == 404
    assert server.correct("nowhere", 0, stance="mixed").status_code == 404


def test_a_forgotten_debate_is_said_to_be_forgotten(server: Server) -> None:
    debate = server.wait(server.give())["id"]
    server.correct(debate, 0, stance="critical")
    assert server.client.delete(f"/debates/{debate}").status_code == 204
    assert server.client.get(f"/debates/{debate}/state").status_code == 410
    assert server.client.get("/corrections.jsonl").text.count("\n") == 1


def test_the_debate_not_looked_at_for_longest_goes_first(tmp_path: Path) -> None:
    server = Server(tmp_path, debates=2)
    with server.client:
        first, second = (server.wait(server.give(name=f"d{n}"))["id"] for n in range(2))
        server.client.get(f"/debates/{first}/state")
        third = server.wait(server.give(name="d3"))["id"]
        codes = [server.client.get(f"/debates/{one}/state").status_code for one in (first, second, third)]
    assert codes == [200, 410, 200]


def test_more_debates_than_may_wait_are_refused_and_may_come_again(tmp_path: Path) -> None:
    server = Server(tmp_path, seconds=0.2, jobs=2)
    with server.client:
        taken = [server.give() for _ in range(2)]
        refused = server.give()
        assert refused.status_code == 503 and int(refused.headers["retry-after"]) > 0
        assert [server.wait(one)["state"] for one in taken] == ["done", "done"]
        assert server.give().status_code == 202


def test_a_short_request_does_not_wait_for_a_long_debate(tmp_path: Path) -> None:
    server = Server(tmp_path, seconds=0.01)
    with server.client:
        long = server.give("\n\n".join(f"Norway: We welcome plan {n}." for n in range(400)))
        started = time.monotonic()
        assert server.client.post("/predict", json={"interventions": [{"text": "Chile regretted."}]}).status_code == 200
        assert time.monotonic() - started < 2
        assert server.client.get(long.headers["location"]).json()["state"] != "done"


def test_a_debate_with_too_many_interventions_is_refused(tmp_path: Path) -> None:
    server = Server(tmp_path, debate=3)
    with server.client:
        state = server.wait(server.give())
    assert state["state"] == "failed" and "statestance predict" in state["error"]


def test_an_upload_too_big_is_refused_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    server = Server(tmp_path / "corrections", upload=10_000)
    with server.client:
        found = server.file("big.txt", b"x" * 10_001)
    assert found.status_code == 413
    assert [p.name for p in tmp_path.iterdir()] == ["corrections"]


def test_a_browser_without_script_is_led_to_the_debate(server: Server) -> None:
    found = server.client.post(
        "/debates", files={"text": (None, DEBATE)}, headers={"accept": "text/html"}, follow_redirects=False
    )
    assert found.status_code == 303 and found.headers["location"].startswith("/debates/")


def test_a_reader_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    fifo = tmp_path / "debate.txt"
    fifo.write_text(DEBATE, encoding="utf-8")
    with pytest.raises(Refused, match="within 0 s"):
        asyncio.run(reading.read(fifo, "", "auto", Limits(reading_time=0.01)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs limits on a process's memory")
def test_a_reader_that_takes_too_much_memory_ends_alone(tmp_path: Path) -> None:
    big = tmp_path / "debate.txt"
    big.write_text("Norway: We welcome it.\n" * 400_000, encoding="utf-8")
    with pytest.raises(Refused, match=r"memory|survive"):
        asyncio.run(reading.read(big, "", "auto", Limits(reading_memory=150 * 1024 * 1024)))
