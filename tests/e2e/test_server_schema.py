"""The API against its own OpenAPI description, by requests that schemathesis makes up from it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from served import free_port, program, serving

pytestmark = pytest.mark.slow


CALLS = (
    "GET /health",
    "POST /predict",
    "POST /debates",
    "GET /debates/{debate}/state",
    "DELETE /debates/{debate}",
    "PUT /debates/{debate}/interventions/{row}/correction",
    "DELETE /debates/{debate}/interventions/{row}/correction",
    "GET /corrections.jsonl",
    "GET /debates/{debate}/corrections.jsonl",
    "GET /debates/{debate}/counted.{ending}",
    "GET /debates/{debate}/predictions.{ending}",
)


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    with serving(program(port, folder / "corrections"), port, folder / "log"):
        yield schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")
    assert "Traceback" not in (folder / "log").read_text(encoding="utf-8")


def test_all_calls_are_described(described: schemathesis.BaseSchema) -> None:
    found = [result.ok() for result in described.get_all_operations()]
    assert sorted(f"{one.method.upper()} {one.path}" for one in found) == sorted(CALLS)


PLAIN = ("GET /health", "GET /corrections.jsonl")
"""Calls in which there is nothing to get wrong."""
MODES = [(GenerationMode.POSITIVE, call) for call in CALLS]
MODES += [(GenerationMode.NEGATIVE, call) for call in CALLS if call not in PLAIN]


@pytest.mark.parametrize(("mode", "call"), MODES, ids=lambda value: getattr(value, "value", value))
def test_no_request_breaks_it_and_every_answer_is_described(
    described: schemathesis.BaseSchema, call: str, mode: GenerationMode
) -> None:
    method, path = call.split()
    operation = described[path][method]

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case) -> None:
        # A schema cannot say that a text must not be blank, or that there must be a file or a text.
        excluded = [positive_data_acceptance]
        answer = case.call()
        if answer.status_code == 413:
            excluded.append(negative_data_rejection)  # a faulty body that is too big besides is not read
        case.validate_response(answer, excluded_checks=excluded)

    check()


_LETTERS = st.sampled_from("a𠀀é한 ./\\-\u0301") | st.characters()
_TIMES = st.sampled_from([0, 1, 62, 70, 80, 255, 300])
_NAMES = st.builds(lambda letter, times, rest: letter * times + rest, st.sampled_from("a𠀀"), _TIMES, st.text(_LETTERS))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(name=_NAMES, ending=st.sampled_from([".txt", ".TXT", ".csv", ""]), pasted=st.booleans())
def test_no_name_of_a_file_or_a_text_breaks_it(
    described: schemathesis.BaseSchema, name: str, ending: str, pasted: bool
) -> None:
    operation = described["/debates"]["POST"]
    url = f"{str(operation.base_url).rstrip('/')}/debates"
    content = b"Norway: We welcome it."
    # As bytes: a program may send what no client library takes for a file's name.
    field = b"name=name\r\n\r\n" + name.encode(errors="replace")
    text = b"name=text\r\n\r\n" + content
    quoted = (name + ending).encode(errors="replace").replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    file = b'name=file; filename="' + re.sub(rb"[\r\n\0]", b"_", quoted) + b'"\r\n\r\n' + content
    parts = (text, field) if pasted else (file,)
    body = b"".join(b"--edge\r\ncontent-disposition: form-data; " + part + b"\r\n" for part in parts) + b"--edge--\r\n"
    kind = {"content-type": "multipart/form-data; boundary=edge"}
    answer = requests.post(url, data=body, headers=kind, timeout=30)
    assert answer.status_code in (202, 422), answer.text
    operation.validate_response(answer)
    if answer.status_code == 202:
        requests.delete(f"{url}/{answer.json()['id']}", timeout=30)
