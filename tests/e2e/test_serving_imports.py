"""What a prediction with the released model imports: nothing of what trains, nothing of what the core lacks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from statestance.apps.cli import main
main(sys.argv[1:], standalone_mode=False)
training = {"torch", "transformers", "datasets", "mlflow", "dvc", "sklearn", "scipy", "skops", "pandas"}
extras = {"pyarrow", "openvino", "ray", "fastapi"}
print("imported:", *sorted((training | extras) & set(sys.modules)))
"""
TABLE = "speaker,target,text\nNorway,Vellmora,We welcome the new law.\nChile,Vellmora,We are concerned about arrests.\n"
SCRIPT = (
    "Dialogue on the situation of human rights in Vellmora\n\nNorway: We welcome the new law.\n\nPeru: We regret it.\n"
)


@pytest.mark.parametrize(("name", "content"), [("few.csv", TABLE), ("few.txt", SCRIPT)])
@pytest.mark.parametrize("options", [["-o", "out.csv"], ["-o", "out.jsonl"], ["--report", "out.html"]])
def test_predicting_imports_nothing_heavy(name: str, content: str, options: list[str], tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    command = [sys.executable, "-c", PROGRAM, "predict", name, "--model", "released", *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=120, check=True)
    assert done.stdout.splitlines()[-1] == "imported:"
    assert (tmp_path / options[1]).stat().st_size
