"""Settings that cannot be read are named, by file and by key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from statestance.domain import StatestanceError
from statestance.stages.settings import Params, read_settings, run, write_json


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    depth: int = 1


class Choices(Params):
    seed: int
    share: float = Field(0.5, ge=0, le=1)
    inner: Inner = Inner()


def _write(tmp_path: Path, text: str) -> Path:
    (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "params.yaml"


def test_a_file_and_a_section_of_it_are_read(tmp_path: Path) -> None:
    assert read_settings(_write(tmp_path, "seed: 3\n"), Choices) == Choices(seed=3)
    path = _write(tmp_path, "other: {x: 1}\ntrain:\n  seed: 4\n  share: 0.25 # a note\n  inner: {depth: 2}\n")
    assert read_settings(path, Choices, "train") == Choices(seed=4, share=0.25, inner=Inner(depth=2))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("train: {seed: 1, sead: 2}", "train.sead = 2: "),
        ("train: {seed: many}", "train.seed = 'many': "),
        ("train: {share: 0.5}", "train.seed = "),
        ("train: {seed: 1, share: 1.5}", "train.share = 1.5: "),
        ("train: {seed: 1, inner: {width: 2}}", "train.inner.width = 2: "),
    ],
)
def test_an_unknown_key_or_bad_value_is_named_with_the_file_and_the_known_keys(
    tmp_path: Path, text: str, named: str
) -> None:
    path = _write(tmp_path, text)
    with pytest.raises(StatestanceError) as caught:
        read_settings(path, Choices, "train")
    assert f"{path}: {named}" in str(caught.value)
    assert str(caught.value).endswith("known keys: seed, share, inner")


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(StatestanceError) as caught:
        read_settings(_write(tmp_path, "seed: x\nshare: 7\ncolour: red\n"), Choices)
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[1].split(" = ")[0] for line in lines[1:-1]] == ["seed", "share", "colour"]


@pytest.mark.parametrize("text", ["other: {seed: 1}", "train: 3", "train:", "- train", "", "train: [seed]"])
def test_a_section_that_is_not_there_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(StatestanceError, match=r"expected a section 'train' of keys in .*params\.yaml"):
        read_settings(_write(tmp_path, text), Choices, "train")


def test_a_file_that_is_not_keys_and_values_is_named(tmp_path: Path) -> None:
    with pytest.raises(StatestanceError, match=r"expected keys and values in .*found \['seed'\]"):
        read_settings(_write(tmp_path, "- seed"), Choices)


@pytest.mark.parametrize("content", [b"seed: [1", b"seed: \xff", b"a: b: c", b"!!python/object/apply:os.getcwd []"])
def test_a_file_that_is_no_yaml_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(content)
    with pytest.raises(StatestanceError, match=r"expected YAML in .*params\.yaml"):
        read_settings(path, Choices)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StatestanceError, match=r"expected settings at .*none\.yaml"):
        read_settings(tmp_path / "none.yaml", Choices)


def test_json_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "record.json"
    write_json(path, {"b": [1, 2], "a": "é"})
    assert path.read_text(encoding="utf-8") == '{\n  "b": [\n    1,\n    2\n  ],\n  "a": "é"\n}\n'
    with pytest.raises(TypeError):
        write_json(path, {"b": object()})
    assert json.loads(path.read_text(encoding="utf-8"))["a"] == "é"
    assert list(path.parent.iterdir()) == [path]


def test_a_stage_ends_with_one_message_for_what_the_user_can_mend(capsys: pytest.CaptureFixture[str]) -> None:
    def stage() -> None:
        raise StatestanceError("expected rows; found none; add some")

    with pytest.raises(SystemExit) as caught:
        run(stage)
    assert caught.value.code == 1
    assert capsys.readouterr() == ("", "error: expected rows; found none; add some\n")


def test_a_fault_of_the_program_is_not_hidden() -> None:
    def stage() -> None:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        run(stage)
