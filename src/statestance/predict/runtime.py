"""The engines that compute an ONNX graph. Both read the same file; numbers in, logits out."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np

from statestance.domain import StatestanceError

Runtime = Literal["onnxruntime", "openvino"]
"""``onnxruntime`` computes in float32 and gives the same answers on any machine. ``openvino`` is several times as
fast on processors with AMX, where it computes in bfloat16: probabilities differ in the third figure."""

Run = Callable[[Mapping[str, Any]], Any]
"""One batch: arrays by input name → logits, as an engine or, to compare, the training framework computes them."""


class Graph:
    """A loaded graph: ``run`` for one batch; ``run_all`` for many, several of them at a time."""

    def __init__(self, run: Run, *, at_once: int = 1) -> None:
        self.run = run
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="graph") if at_once > 1 else None

    def run_all(self, feeds: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
        """The logits of every batch, in order."""
        return self._pool.map(self.run, feeds) if self._pool else map(self.run, feeds)


def open_graph(path: Path, *, runtime: Runtime = "onnxruntime", threads: int | None = None) -> Graph:
    """Load an ONNX graph; ``threads`` as many as this process may use, unless given.

    Raises ``StatestanceError`` for a runtime that is not installed.
    """
    threads = threads or _cores()
    return _openvino(path, threads) if runtime == "openvino" else _onnxruntime(path, threads)


def _cores() -> int:
    """The processor cores that this process may use; not every system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _onnxruntime(path: Path, threads: int) -> Graph:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return Graph(lambda feed: session.run(["logits"], dict(feed))[0])


def _openvino(path: Path, threads: int) -> Graph:
    """A stream a thread: each batch on one core, so that none waits for another in the middle of a layer."""
    try:
        import openvino
        from openvino.passes import ConstantFolding, Manager
    except ImportError as error:
        raise StatestanceError(
            "expected OpenVINO for --runtime openvino; found none; pip install 'statestance[openvino]'"
        ) from error
    core = openvino.Core()
    fast = "BF16" in cast("list[str]", core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
    settings = {
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": threads,
        "INFERENCE_PRECISION_HINT": "bf16" if fast else "f32",
    }
    graph = core.read_model(str(path))
    # Weights are kept in int8; made whole once, they are not made whole again for every batch.
    passes = Manager()
    passes.register_pass(ConstantFolding())
    passes.run_passes(graph)
    model = core.compile_model(graph, "CPU", settings)
    # Its first look at an array sets up the bindings to numpy; two threads that do so at once lock each other for good.
    openvino.Tensor(np.zeros(1, dtype=np.float32)).data  # noqa: B018
    own = threading.local()

    def run(feed: Mapping[str, Any]) -> Any:
        if not hasattr(own, "request"):
            own.request = model.create_infer_request()
        return own.request.infer(dict(feed))["logits"].copy()

    return Graph(run, at_once=threads)
