"""The JSON API: what it answers, what it refuses and how, and who may come in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from served import Keywords
from statestance.apps.server.app import create
from statestance.apps.server.schema import PredictedRow
from statestance.apps.server.settings import Limits, Settings
from statestance.domain import StatestanceError
from statestance.predict.table import COLUMNS, as_row

TOKEN = "open-sesame-0123456789"
ROWS = [
    {"text": "Norway welcomed the new law. It was concerned about arrests.", "speaker": "Norway", "target": "Vellmora"},
    {"sentences": ["Chile commended the plan.", "It asked for details."], "id": "c-1", "speaker": "Chile"},
]
Open = Callable[..., TestClient]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Start a server of given settings; each has a folder of its own."""
    with ExitStack() as stack:

        def start(seconds: float = 0.0, **settings: Any) -> TestClient:
            folder = tmp_path / f"corrections-{len(list(tmp_path.iterdir()))}"
            app = create(Keywords(seconds), Settings(corrections=folder, **settings))  # type: ignore[arg-type]
            return stack.enter_context(TestClient(app, base_url="http://127.0.0.1:8000"))

        yield start


def test_health_names_the_model(opened: Open) -> None:
    found = opened().get("/health").json()
    assert (found["status"], found["model"]) == ("ok", "keywords")


def test_predictions_are_those_of_the_predictor_in_the_columns_of_the_batch(opened: Open) -> None:
    found = opened().post("/predict", json={"interventions": ROWS})
    assert found.status_code == 200
    from statestance.predict.predictor import as_intervention

    expected = Keywords().predict([as_intervention(row, n) for n, row in enumerate(ROWS, 1)])
    assert found.json() == {"model": "keywords", "predictions": [as_row(p) for p in expected]}
    assert tuple(found.json()["predictions"][0]) == COLUMNS == tuple(PredictedRow.model_fields)


def test_more_interventions_than_one_piece_keep_their_order(opened: Open) -> None:
    rows = [{"text": f"Norway {'welcomed' if n % 3 else 'regretted'} plan {n}.", "id": f"n{n}"} for n in range(100)]
    found = opened().post("/predict", json={"interventions": rows}).json()["predictions"]
    assert [p["id"] for p in found] == [f"n{n}" for n in range(100)]
    assert all(p["stance"] == ("supportive" if n % 3 else "critical") for n, p in enumerate(found))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "interventions"),
        ({"interventions": []}, "interventions"),
        ({"interventions": [{}]}, "interventions.0"),
        ({"interventions": [{"text": "  "}]}, "interventions.0"),
        ({"interventions": [{"text": 7}]}, "interventions.0.text"),
        ({"interventions": [{"text": "A.", "speakr": "Chile"}]}, "interventions.0.speakr"),
        ({"interventions": [{"text": "A."}] * 501}, "interventions"),
        ({"interventions": [{"text": "A" * 100_001}]}, "interventions.0.text"),
        ({"interventions": [{"sentences": ["A" * 60_000] * 2}]}, "interventions.0"),
        ({"interventions": [{"text": "A.", "speaker_iso3": "Chile"}]}, "interventions.0.speaker_iso3"),
    ],
)
def test_a_faulty_call_is_refused_with_the_field(opened: Open, body: Any, field: str) -> None:
    found = opened().post("/predict", json=body)
    assert found.status_code == 422
    assert [fault["field"] for fault in found.json()["faults"]] == [field]
    assert found.json()["error"].startswith("expected ")


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"interventions": [{"text": "\\ud800"}]}', b"[" * 50_000])
def test_a_broken_body_is_refused(opened: Open, body: bytes) -> None:
    found = opened().post("/predict", content=body, headers={"content-type": "application/json"})
    assert found.status_code in (400, 422)
    assert "error" in found.json()


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("POST", "/predict", b"{}", "found a fault in interventions: Field required; mend it"),
        ("POST", "/predict", b'{"interventions": [{}, {}]}', "found 2 faults, the first in interventions.0: neither "),
        ("POST", "/predict", b'{"a"', "found a fault in (body): no JSON: Expecting ':' delimiter at character 4; mend"),
        ("GET", "/nope", b"", "expected an address of this server; found '/nope'; see /openapi.json"),
        ("GET", "/" + "x" * 300, b"", "x'; see /openapi.json"),
        ("POST", "/debates", b"x", "found: Missing boundary in multipart; mend it"),
    ],
)
def test_a_refusal_says_what_was_found(opened: Open, method: str, path: str, body: bytes, said: str) -> None:
    kind = {"content-type": "multipart/form-data" if path == "/debates" else "application/json"}
    error = opened().request(method, path, content=body, headers=kind).json()["error"]
    assert error.startswith("expected ") and said in error
    assert len(error) < 200


def test_a_body_too_big_is_refused_by_its_declared_length(opened: Open) -> None:
    client = opened(limits=Limits(json_body=1000))
    found = client.post("/predict", content=b"x" * 1001)
    assert found.status_code == 413
    assert "at most 1,000 bytes; found 1,001" in found.json()["error"]


def test_a_body_too_big_is_refused_while_it_streams(opened: Open) -> None:
    sent = []

    def endless() -> Iterator[bytes]:
        for _ in range(10_000):
            sent.append(1)
            yield b" " * 1000

    client = opened(limits=Limits(json_body=5000))
    found = client.post("/predict", content=endless(), headers={"content-type": "application/json"})
    assert found.status_code == 413


def test_work_that_takes_too_long_is_refused_and_may_come_again(opened: Open) -> None:
    client = opened(seconds=0.02, limits=Limits(answer_time=0.1))
    found = client.post("/predict", json={"interventions": [{"text": f"Norway welcomed {n}."} for n in range(100)]})
    assert found.status_code == 503
    assert int(found.headers["retry-after"]) > 0
    # What is under way is worked on to its end; then there is a place again.
    short = {"interventions": [{"text": "Chile was concerned."}]}
    assert any(client.post("/predict", json=short).status_code == 200 or time.sleep(0.1) for _ in range(100))


def test_more_requests_than_places_are_refused(opened: Open) -> None:
    client = opened(limits=Limits(requests=0))
    found = client.post("/predict", json={"interventions": ROWS})
    assert found.status_code == 503
    assert found.headers["retry-after"] == "5"
    assert client.get("/health").status_code == 200


def test_another_name_in_the_host_header_is_refused(opened: Open) -> None:
    client = opened(names=("stances.example",))
    assert client.get("/", headers={"host": "evil.example:8000"}).status_code == 421
    for name in ("stances.example", "localhost:8000", "127.0.0.1", "[::1]:8000", "192.0.2.7:80"):
        assert client.get("/health", headers={"host": name}).status_code == 200, name


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://127.0.0.1:8000"}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({}, 200),
    ],
)
def test_a_page_of_another_site_cannot_send_anything(opened: Open, headers: dict[str, str], code: int) -> None:
    assert opened().post("/predict", json={"interventions": ROWS}, headers=headers).status_code == code


def test_with_a_token_nothing_is_open_without_it(opened: Open) -> None:
    client = opened(token=TOKEN)
    for path in ("/", "/corrections.jsonl", "/openapi.json", "/debates/x/state", "/assets/app.js"):
        found = client.get(path)
        assert (found.status_code, found.headers["www-authenticate"]) == (401, "Bearer"), path
    assert client.post("/predict", json={"interventions": ROWS}).status_code == 401
    wrong = {"authorization": "Bearer wrong-0123456789"}
    assert client.post("/predict", json={"interventions": ROWS}, headers=wrong).status_code == 401
    right = {"authorization": f"Bearer {TOKEN}"}
    assert client.post("/predict", json={"interventions": ROWS}, headers=right).status_code == 200


def test_a_link_with_the_token_leaves_a_cookie_in_its_place(opened: Open) -> None:
    client = opened(token=TOKEN)
    found = client.get(f"/?token={TOKEN}", follow_redirects=False)
    assert (found.status_code, found.headers["location"]) == (303, "/")
    assert TOKEN not in found.headers["set-cookie"]
    assert "HttpOnly" in found.headers["set-cookie"] and "SameSite=lax" in found.headers["set-cookie"]
    assert client.get("/").status_code == 200


def test_a_link_with_the_token_leads_nowhere_else(opened: Open) -> None:
    found = opened(token=TOKEN).get(f"http://127.0.0.1:8000//evil.example/?token={TOKEN}", follow_redirects=False)
    assert found.headers["location"] == "/evil.example/"


def test_the_login_form_takes_the_token_and_no_other(opened: Open) -> None:
    client = opened(token=TOKEN)
    asked = client.get("/", headers={"accept": "text/html"})
    assert asked.status_code == 401 and 'type="password"' in asked.text
    assert client.post("/login", data={"token": "no"}, follow_redirects=False).status_code == 401
    assert client.post("/login", data={"token": TOKEN}, follow_redirects=False).status_code == 303
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "stances.example"])
def test_without_a_token_it_stays_on_this_machine(host: str) -> None:
    with pytest.raises(StatestanceError, match="expected a token"):
        Settings(host=host)
    assert Settings(host=host, token=TOKEN).local is False


@pytest.mark.parametrize("token", ["short", "ä" * 20, "line\nbreak-0123456789"])
def test_a_weak_token_is_refused(token: str) -> None:
    with pytest.raises(StatestanceError, match="at least 16 printable"):
        Settings(token=token)


def test_every_answer_says_what_browsers_may_do_with_it(opened: Open) -> None:
    client = opened()
    for path in ("/", "/health", "/none", "/assets/app.css"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'"), path
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")


def test_a_person_is_refused_with_a_page_and_a_program_with_json(opened: Open) -> None:
    client = opened()
    page = client.get("/debates/<b>none", headers={"accept": "text/html"})
    assert page.status_code == 404 and "text/html" in page.headers["content-type"]
    assert "error" in client.get("/debates/none").json()
    assert client.put("/predict").json()["error"].startswith("expected another method than PUT")
