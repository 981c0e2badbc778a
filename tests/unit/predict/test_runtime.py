"""The engines: the same graph by either, one batch or many, and answers that do not hang on the neighbours."""

from __future__ import annotations

import builtins
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import invented_rows
import model_parts
from statestance.domain import StatestanceError
from statestance.predict import load
from statestance.predict.locate import locate
from statestance.predict.runtime import Graph, open_graph
from statestance.probability import FloatArray


def _texts() -> list[str]:
    short = [" ".join(row["sentences"]) for row in invented_rows.rows(60)]
    return [*short, " ".join(short[:20]), "Thank you."]


def test_batches_come_back_in_order_however_many_are_computed_at_a_time() -> None:
    def slow_first(feed: Any) -> Any:
        import time

        time.sleep(0.05 if feed["n"] == 0 else 0)
        return feed["n"]

    for at_once in (1, 3):
        assert list(Graph(slow_first, at_once=at_once).run_all([{"n": n} for n in range(7)])) == list(range(7))


def test_a_runtime_that_is_not_installed_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **options: Any) -> Any:
        if name == "openvino":
            raise ImportError(name)
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(StatestanceError, match=r"expected OpenVINO .* pip install 'statestance\[openvino\]'"):
        open_graph(Path("model.onnx"), runtime="openvino")


_BEGIN_TOGETHER = """
import sys
from pathlib import Path
import numpy as np
from statestance.predict.runtime import open_graph
sys.setswitchinterval(1e-6)
graph = open_graph(Path(sys.argv[1]), runtime="openvino", threads=2)
ids = np.array([[2, 7, 3]])
feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "pool": np.ones((1, 1, 3), dtype=np.float32)}
assert len(list(graph.run_all([feed] * 4))) == 4
"""


@pytest.mark.slow
def test_threads_that_begin_together_do_not_lock_each_other(tmp_path: Path) -> None:
    # Before the first look at an array was taken while loading, one process of four never came to its end.
    pytest.importorskip("openvino")
    pytest.importorskip("onnx")
    model_parts.onnx_bundle(tmp_path / "m", ("law",), np.ones((8, 2)), unit="sentence", max_length=16, stride=4)
    command = [sys.executable, "-c", _BEGIN_TOGETHER, str(tmp_path / "m" / "model.onnx")]
    for _ in range(10):
        subprocess.run(command, check=True, timeout=120)


def _probabilities(found: list[Any]) -> FloatArray:
    return np.array([p.probabilities for p in found])


def test_openvino_takes_the_stances_of_onnxruntime() -> None:
    pytest.importorskip("openvino")
    texts, released = _texts(), locate("released").folder
    ours, theirs = (load(released, runtime=runtime).predict(texts) for runtime in ("onnxruntime", "openvino"))
    assert [p.stance for p in theirs] == [p.stance for p in ours]
    assert [p.marks for p in theirs] == [p.marks for p in ours]
    assert np.abs(_probabilities(theirs) - _probabilities(ours)).max() < 0.03


@pytest.mark.parametrize(("runtime", "within"), [("onnxruntime", 1e-5), ("openvino", 0.02)])
def test_an_answer_does_not_hang_on_its_neighbours(runtime: Any, within: float) -> None:
    if runtime == "openvino":
        pytest.importorskip("openvino")
    predictor, texts = load(locate("released").folder, runtime=runtime), _texts()
    together = predictor.predict(texts)
    alone = [predictor.predict([text])[0] for text in texts]
    assert [p.stance for p in together] == [p.stance for p in alone]
    assert np.abs(_probabilities(together) - _probabilities(alone)).max() < within


def test_openvino_reports_to_nobody() -> None:
    pytest.importorskip("openvino")
    program = """
import socket
def refuse(*_): raise AssertionError("a connection was opened")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
from statestance.predict import load
print(load("released", runtime="openvino").predict(["We commend the abolition of the death penalty."])[0].stance)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "supportive\n", ""), done
