"""What a run is made of besides numbers: the machine, the code's commit, DVC's hashes."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml

_PACKAGES = (
    "statestance", "numpy", "onnxruntime", "tokenizers", "scikit-learn", "skops", "torch", "transformers",
    "accelerate", "datasets", "onnx", "mlflow", "dvc",
)  # fmt: skip


def environment() -> dict[str, str]:
    """Versions of Python and of the packages that shape a model, and the platform."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def git_commit(project: Path) -> str:
    """The commit checked out, with ``-dirty`` after it where tracked files differ; "" without git."""
    try:
        commit = _git(project, "rev-parse", "HEAD")
        return f"{commit}-dirty" if _git(project, "status", "--porcelain", "--untracked-files=no") else commit
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(project: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=project, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@dataclass(frozen=True, slots=True)
class DvcLock:
    """What ``dvc.lock`` says: for each stage the hash of every path it read and wrote."""

    reads: Mapping[str, Mapping[str, str]]
    writes: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, project: Path) -> DvcLock:
        """Read ``dvc.lock``; where there is none, or it is being written, nothing is known."""
        try:
            stages = yaml.safe_load((project / "dvc.lock").read_text(encoding="utf-8"))["stages"]
        except (OSError, yaml.YAMLError, TypeError, KeyError):
            stages = {}
        return cls(
            {name: _hashes(stage.get("deps")) for name, stage in stages.items()},
            {name: _hashes(stage.get("outs")) for name, stage in stages.items()},
        )

    def hash_of(self, path: str) -> str:
        """The hash of an output, or those of the outputs in it ("name:hash, ..."); "" if unknown."""
        outs = {out: value for written in self.writes.values() for out, value in written.items()}
        if path in outs:
            return outs[path]
        inside = {out: value for out, value in outs.items() if out.startswith(f"{path}/")}
        return ", ".join(f"{out[len(path) + 1 :]}:{value}" for out, value in sorted(inside.items()))

    def outdated(self, path: str) -> str:
        """Say which input of an output has changed since it was written; "" if none, or unknown."""
        stage = next((name for name, outs in self.writes.items() if path in outs), None)
        for dep, value in self.reads.get(stage or "", {}).items():
            now = self.hash_of(dep)
            if now and ":" not in now and now != value:
                return dep
            if found := self.outdated(dep):
                return found
        return ""


def _hashes(entries: Any) -> dict[str, str]:
    return {e["path"]: e[e.get("hash", "md5")] for e in entries or () if e.get("hash", "md5") in e}
