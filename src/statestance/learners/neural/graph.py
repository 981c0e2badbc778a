"""A trained module as ONNX graphs that ONNX Runtime serves: fused in float32, and int8 made from it."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from statestance.learners.common import FLOAT32, Precision

GRAPH = "model.onnx"
_FUSED = "statestance_fused"
_LARGE = 1000
"""Rows from which a table is worth keeping in int8."""
_PLAIN = {"bert", "camembert", "electra", "roberta", "xlm-roberta"}
"""Encoders whose attention is softmax(QKᵀ · scale + mask) V and nothing more."""


def write(
    module: Any, inputs: dict[str, Any], dynamic: dict[str, dict[int, str]], folder: Path, precision: Precision
) -> None:
    """Export ``module`` (called with ``inputs`` by name, returning logits) with free sizes.

    For int8 the float32 graph that it is made from is kept beside it.
    """
    import onnx
    from onnxruntime.transformers import optimizer

    with tempfile.TemporaryDirectory() as work, _told_less():
        plain = Path(work) / "plain.onnx"
        with _fused_attention(module):
            _export(module, inputs, dynamic, plain)
        _clear(plain)
        # Level 0: only the fusions that hold on any processor; ONNX Runtime adds its own when it opens the graph.
        fused = optimizer.optimize_model(str(plain), model_type="bert", num_heads=0, hidden_size=0, opt_level=0)
    if precision == "float32":
        onnx.save(fused.model, str(folder / GRAPH))
        return
    onnx.save(fused.model, str(folder / FLOAT32))
    quantize(folder / FLOAT32, folder / GRAPH)


def write_whole_text(module: Any, folder: Path, precision: Precision) -> None:
    """Export a module of ``input_ids`` and ``attention_mask`` (B, T) → logits (B, classes)."""
    import torch

    ones = torch.ones((2, 16), dtype=torch.long)
    axes = {0: "batch", 1: "tokens"}
    write(
        module,
        {"input_ids": ones, "attention_mask": ones.clone()},
        {"input_ids": axes, "attention_mask": axes},
        folder,
        precision,
    )


def quantize(float32: Path, int8: Path) -> None:
    """Write the graph with weights in int8: matrices in blocks of 32 with a scale and a zero point
    each, token tables by row.

    Activations stay in float32. Scaled as they come, they would take their scale from the whole batch, so that
    a text's answer hung on its neighbours; and GELU's outliers cost them most of the eight bits.
    """
    import onnx
    from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer

    settings = DefaultWeightOnlyQuantConfig(
        bits=8, block_size=32, is_symmetric=False, accuracy_level=0, op_types_to_quantize=("MatMul",)
    )
    matrices = MatMulNBitsQuantizer(onnx.load(str(float32)), algo_config=settings)
    with _told_less():
        matrices.process()
    _quantize_tables(matrices.model.model)
    matrices.model.save_model_to_file(str(int8))


def _quantize_tables(model: Any) -> None:
    """Keep the large tables of which rows are looked up in int8, with a scale a row.

    The quantizer of ONNX Runtime has one scale for a whole table, which the rarest token's outlier sets.
    """
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    weights = {w.name: w for w in graph.initializer}
    for place, node in reversed(list(enumerate(graph.node))):
        table = weights.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or table.data_type != TensorProto.FLOAT or len(table.dims) != 2 or table.dims[0] < _LARGE:
            continue
        rows = numpy_helper.to_array(table)
        scale = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-12) / 127
        kept, scales = f"{table.name}_int8", f"{table.name}_scale"
        if kept not in weights:
            small = np.rint(rows / scale).astype(np.int8)
            graph.initializer.extend([numpy_helper.from_array(small, kept), numpy_helper.from_array(scale, scales)])
            weights[kept] = table
        found, ids = node.output[0], node.input[1]
        names = [f"{found}_int8", f"{found}_scale", f"{found}_float"]
        for new in (
            helper.make_node("Mul", [names[2], names[1]], [found]),
            helper.make_node("Cast", [names[0]], [names[2]], to=TensorProto.FLOAT),
            helper.make_node("Gather", [scales, ids], [names[1]], axis=0),
            helper.make_node("Gather", [kept, ids], [names[0]], axis=0),
        ):
            graph.node.insert(place, new)
        graph.node.remove(node)
    used = {name for node in graph.node for name in node.input}
    for name, weight in weights.items():
        if name == weight.name and name not in used:
            graph.initializer.remove(weight)


def _export(module: Any, inputs: dict[str, Any], dynamic: dict[str, dict[int, str]], path: Path) -> None:
    import torch

    module.eval()
    with torch.no_grad():
        torch.onnx.export(
            module,
            (),
            str(path),
            kwargs=inputs,
            input_names=list(inputs),
            output_names=["logits"],
            dynamic_shapes={name: dict.fromkeys(axes, torch.export.Dim.DYNAMIC) for name, axes in dynamic.items()},
            dynamo=True,
            external_data=False,
            verbose=False,
        )


def _clear(path: Path) -> None:
    """Take out the source lines that the exporter notes, with their paths on this machine; no run reads them."""
    import onnx_ir
    from onnx_ir.passes.common import ClearMetadataAndDocStringPass

    model = onnx_ir.load(path)
    ClearMetadataAndDocStringPass()(model)
    model.metadata_props.clear()
    onnx_ir.save(model, path)


@contextmanager
def _fused_attention(module: Any) -> Iterator[None]:
    """While it lasts, the encoders inside ``module`` attend by ONNX Runtime's one operator.

    The optimizer does not find attention in what the exporter makes of it. Encoders with an attention of their own
    (relative positions, say) do not come through this gate and keep theirs.
    """
    from transformers import AttentionInterface, PreTrainedModel
    from transformers.masking_utils import AttentionMaskInterface

    AttentionInterface.register(_FUSED, _attention)
    AttentionMaskInterface.register(_FUSED, _token_mask)
    inner = [m for m in module.modules() if isinstance(m, PreTrainedModel)]
    before = [m.config._attn_implementation for m in inner]
    try:
        for one in inner:
            if getattr(one, "_supports_attention_backend", False) and one.config.model_type in _PLAIN:
                one.set_attn_implementation(_FUSED)
        yield
    finally:
        for one, kept in zip(inner, before, strict=True):
            one.config._attn_implementation = kept


def _token_mask(*_: Any, attention_mask: Any = None, **__: Any) -> Any:
    """Which tokens there are, (B, T), as the operator wants it."""
    return attention_mask


def _attention(module: Any, query: Any, key: Any, value: Any, attention_mask: Any, **options: Any) -> tuple[Any, None]:
    """What transformers calls for attention: (B, heads, T, D) each → (B, T, heads, D), as one operator."""
    import torch

    batch, heads, tokens, size = query.shape
    flat = [x.transpose(1, 2).reshape(batch, tokens, heads * size) for x in (query, key, value)]
    found = torch.onnx.ops.symbolic(
        "com.microsoft::MultiHeadAttention",
        [*flat, None, attention_mask.to(torch.int32)],
        {"num_heads": heads, "scale": float(options.get("scaling") or size**-0.5)},
        dtype=query.dtype,
        shape=flat[0].shape,
        version=1,
    )
    return found.reshape(batch, tokens, heads, size), None


@contextmanager
def _told_less() -> Iterator[None]:
    """Keep quiet the advice of exporter and quantizer that is not for the reader."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxruntime.transformers", "")]
    before = [one.level for one in loggers]
    try:
        for one in loggers:
            one.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for one, level in zip(loggers, before, strict=True):
            one.setLevel(level)
