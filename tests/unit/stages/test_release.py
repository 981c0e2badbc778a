"""A release: what serves and no more, under a new version, with a card of figures measured on that very bundle."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_parts import answered, labelled, manifest, onnx_bundle, sure
from statestance import bundle
from statestance.domain import StatestanceError
from statestance.evaluation.measure import measure, of_predictions
from statestance.predict import Predictor
from statestance.stages import release as stage
from statestance.stages.release import Measured, release


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A bundle with a float32 twin beside what it serves."""
    made = onnx_bundle(tmp_path / "made", ["welcomed"], np.zeros((8, 4)), unit="document", max_length=16)

    def fill(to: Path) -> None:
        for name in ("model.onnx", "tokenizer.json"):
            (to / name).write_bytes((made / name).read_bytes())
        (to / "model.float32.onnx").write_bytes(b"large")

    folder = tmp_path / "bundle"
    bundle.write(folder, manifest(engine="onnx", max_length=16, policy="a policy"), fill)
    return folder


def digest(folder: Path) -> str:
    return bundle.digest(bundle.read(folder))


def write(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture
def metrics(source: Path, tmp_path: Path) -> Path:
    """What `evaluate -o` writes of eight rows, one of them answered wrongly."""
    rows = [labelled(n, n % 4, debate=f"d{n % 3}") for n in range(8)]
    made = [answered(row, sure(0 if n == 1 else n % 4)) for n, row in enumerate(rows)]
    part = measure(of_predictions(rows, made), resamples=50, seed=7)
    return write(tmp_path / "m.json", {"model": {"name": "tiny", "digest": digest(source)}, "all": part})


def board(source: Path, path: Path) -> Path:
    line = {"kind": "minimum", "capability": "irony | hints", "cases": 40, "passed": 31, "rate": 0.775, "aim": 0.9}
    return write(path, {"model": {"name": "tiny", "digest": digest(source)}, "capabilities": [line]})


def test_a_release_serves_and_holds_no_twin(source: Path, metrics: Path, tmp_path: Path) -> None:
    folder = release(source, "2026.11", [Measured("Real", metrics, "all")], releases=tmp_path / "released")
    names = {path.name for path in folder.iterdir()}
    assert names == {"manifest.json", "model.onnx", "tokenizer.json", "card.md", "card.json"}
    assert set(bundle.read(folder).files) == names - {"manifest.json"}
    assert Predictor(folder).predict(["Ulvania welcomed it."])[0].probabilities == pytest.approx((0.25,) * 4)


def test_the_card_has_what_was_measured(source: Path, metrics: Path, tmp_path: Path) -> None:
    measured = json.loads(metrics.read_text())["all"]["headline"]["macro_f1"]
    split = {"train": {"composed": {"rows": 2520, "debates": 84, "outcomes": {"supportive": 785, "none": 237}}}}
    folder = release(
        source,
        "2026.11",
        [Measured("Real, held out", metrics, "all")],
        behaviour=board(source, tmp_path / "b.json"),
        data=write(tmp_path / "split.json", split),
        releases=tmp_path / "released",
    )
    card = (folder / "card.md").read_text(encoding="utf-8")
    assert card.startswith("# statestance model 2026.11\n")
    assert "## Real, held out\n\n8 interventions of 3 debates; intervals are 95 %" in card
    value, low, high = (measured[key] for key in ("value", "low", "high"))
    assert f"| macro-F1 (three stances) | {value:.3f} | {low:.3f} to {high:.3f} |" in card
    assert "| minimum | irony \\| hints | 31 of 40 | 0.775 | 0.900 |" in card
    assert "| composed | 2520 | 84 | 785 | 0 | 0 | 237 |" in card
    assert f"| digest of the bundle measured | {digest(source)} |" in card
    assert all(f"## {title}\n" in card for title in ("Limits", "Intended use", "Misuse"))
    assert json.loads((folder / "card.json").read_text())["metrics"]["Real, held out"]["rows"] == 8


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": "v1"}, "expected a version such as"),
        ({"version": "2026/11"}, "expected a version such as"),
        ({"metrics": []}, "give --metrics"),
        ({"part": "test"}, "expected a part 'test' in .*found all; name"),
        ({"part": "model"}, "expected a part 'model'"),
    ],
)
def test_what_is_no_release_is_refused(
    source: Path, metrics: Path, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    figures = change.get("metrics", [Measured("Real", metrics, change.get("part", "all"))])
    with pytest.raises(StatestanceError, match=message):
        release(source, change.get("version", "2026.11"), figures, releases=tmp_path / "released")
    assert not (tmp_path / "released").exists()


def test_figures_of_another_bundle_are_refused(source: Path, metrics: Path, tmp_path: Path) -> None:
    figures = [Measured("Real", metrics, "all")]
    behaviour = board(source, tmp_path / "b.json")
    bundle.settle(source, bundle.read(source).model_copy(update={"min_confidence": 0.6}))
    with pytest.raises(StatestanceError, match=r"in .*m\.json; found .*measure it again"):
        release(source, "2026.11", figures, releases=tmp_path / "released")
    again = json.loads(metrics.read_text())
    write(metrics, again | {"model": {"digest": digest(source)}})
    with pytest.raises(StatestanceError, match=r"in .*b\.json; found .*measure it again"):
        release(source, "2026.11", figures, behaviour=behaviour, releases=tmp_path / "released")
    write(metrics, {"all": again["all"]})
    with pytest.raises(StatestanceError, match="found None"):
        release(source, "2026.11", figures, releases=tmp_path / "released")


def test_a_release_is_small_and_stays_as_it_is(
    source: Path, metrics: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = [Measured("Real", metrics, "all")]
    release(source, "2026.11", figures, releases=tmp_path / "released")
    with pytest.raises(StatestanceError, match="a release stays as it is"):
        release(source, "2026.11", figures, releases=tmp_path / "released")
    monkeypatch.setattr(stage, "LARGEST", 100)
    with pytest.raises(StatestanceError, match=r"most of it (model\.onnx|tokenizer\.json); export the model as int8"):
        release(source, "2026.12", figures, releases=tmp_path / "released")


def test_the_command_says_what_is_wrong_in_one_line(source: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "statestance.stages.release", "--bundle", str(source), "--version", "1999.1"]
    done = subprocess.run([*command, "--metrics", f"Real={tmp_path}/none.json:test"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: expected measured figures in ") and "Traceback" not in done.stderr
