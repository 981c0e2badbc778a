"""Settings and records on disk: YAML that is checked completely when read, JSON that is written whole."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from statestance.domain import StatestanceError


class Params(BaseModel):
    """A section of params.yaml; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


C = TypeVar("C", bound=BaseModel)


def read_settings(path: Path, kind: type[C], section: str = "") -> C:
    """Read a YAML file, or a section of it, into ``kind``; an unknown key or bad value is named."""
    if not path.is_file():
        raise StatestanceError(f"expected settings at {path}; found none; write the file or mend its name")
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StatestanceError(f"expected YAML in {path}; found: {error}; mend it") from error
    if section:
        raw = raw.get(section) if isinstance(raw, dict) else None
    if not isinstance(raw, dict):
        place = f"a section {section!r} of keys" if section else "keys and values"
        raise StatestanceError(f"expected {place} in {path}; found {raw!r}; write it as `key: value` lines")
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        known = ", ".join(kind.model_fields)
        lines = []
        for item in error.errors():
            key = ".".join(str(part) for part in (section, *item["loc"]) if part != "")
            lines.append(f"{path}: {key} = {item['input']!r}: {item['msg']}")
        raise StatestanceError(
            f"expected settings that {kind.__name__} knows; found:\n" + "\n".join(lines) + f"\nknown keys: {known}"
        ) from error


def write_json(path: Path, content: Any) -> None:
    """Write JSON with a stable layout, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    work = path.with_name(path.name + ".partial")
    work.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    work.replace(path)


def run(stage: Callable[[], None]) -> None:
    """Run a stage; what the user can mend is told in one message and ends it with exit code 1."""
    try:
        stage()
    except StatestanceError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from error
