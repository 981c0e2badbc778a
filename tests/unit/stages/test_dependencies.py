"""Every stage of dvc.yaml depends on the modules that it imports: none missing (stale results), none too many."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp
import pytest
import yaml

ROOT = Path(__file__).parents[3]
PREFIX = "src/statestance/"
# Logs what a stage does; nothing that a stage writes depends on it.
NOT_COUNTED = "statestance.tracking"


@cache
def _graph() -> grimp.ImportGraph:
    graph = grimp.build_graph("statestance")
    graph.squash_module(NOT_COUNTED)
    return graph


def _imported(modules: list[str]) -> set[str]:
    """Every module of the package that these import, directly or not, themselves included."""
    graph, found, waiting = _graph(), set[str](), list(modules)
    while waiting:
        module = waiting.pop()
        if module in found or module == NOT_COUNTED:
            continue
        found.add(module)
        waiting += graph.find_modules_directly_imported_by(module)
    return found


def _file(module: str) -> Path:
    stem = ROOT / "src" / Path(*module.split("."))
    return stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py")


def _stages() -> Iterator[tuple[str, list[str], list[str]]]:
    """(name, modules that the command runs, code deps) of every stage, one for each learner in a loop."""
    pipeline = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    models = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["models"]
    for name, stage in pipeline.items():
        body = stage.get("do", stage)
        runs = [f"statestance.stages.{name}"]
        if "do" not in stage:
            yield name, runs, body["deps"]
            continue
        for item in {tuple(m.items()): m for m in models.values()}.values():
            deps = [
                d.replace("${item.learner}", item["learner"]).replace("${item.uses}", item["uses"])
                for d in body["deps"]
            ]
            learner = [f"statestance.learners.{item['learner']}"] if name in ("train", "export") else []
            yield f"{name}@{item['learner']}", runs + learner, deps


def _code(path: Path) -> bool:
    """Whether there is code; the released models are data."""
    return path.suffix == ".py" or any(path.rglob("*.py"))


@pytest.mark.parametrize(
    ("name", "runs", "deps"), list(_stages()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_stage_depends_on_what_it_imports(name: str, runs: list[str], deps: list[str]) -> None:
    code = [ROOT / d for d in deps if d.startswith(PREFIX)]
    assert all(path.exists() for path in code), f"{name} depends on code that is not there"
    files = {m: _file(m) for m in _imported(runs) if m != "statestance"}
    # A package's __init__ with nothing but a docstring carries no behaviour.
    needed = {m: f for m, f in files.items() if f.name != "__init__.py" or "import" in f.read_text(encoding="utf-8")}
    missing = sorted(m for m, f in needed.items() if not any(f == c or c in f.parents for c in code))
    assert not missing, f"{name} imports these without depending on them"


def test_no_stage_depends_on_what_none_of_its_learners_imports() -> None:
    imported: dict[str, set[Path]] = {}
    depended: dict[str, set[Path]] = {}
    for name, runs, deps in _stages():
        stage = name.split("@")[0]
        imported.setdefault(stage, set()).update(map(_file, _imported(runs)))
        depended.setdefault(stage, set()).update(ROOT / d for d in deps if d.startswith(PREFIX) and _code(ROOT / d))
    for stage, paths in depended.items():
        surplus = [p for p in paths if not any(f == p or p in f.parents for f in imported[stage])]
        assert not surplus, f"{stage} depends on these without importing them"


def test_every_model_of_params_has_its_config_and_learner() -> None:
    models = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["models"]
    assert models
    for name, item in models.items():
        assert (ROOT / "configs" / "models" / f"{name}.yaml").is_file(), name
        assert (ROOT / "src" / "statestance" / "learners" / f"{item['learner']}.py").is_file(), name
