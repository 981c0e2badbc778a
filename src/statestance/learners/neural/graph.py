"""A trained module as an ONNX graph that ONNX Runtime serves."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any


def write(module: Any, inputs: dict[str, Any], dynamic: dict[str, dict[int, str]], path: Path) -> None:
    """Export ``module`` (called with ``inputs`` by name, returning logits) as a float32 graph with free sizes."""
    import torch

    module.eval()
    # The exporter warns of operators of packages that are not installed and not used.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
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


def write_whole_text(module: Any, path: Path) -> None:
    """Export a module of ``input_ids`` and ``attention_mask`` (B, T) → logits (B, classes)."""
    import torch

    ones = torch.ones((2, 16), dtype=torch.long)
    axes = {0: "batch", 1: "tokens"}
    write(
        module,
        {"input_ids": ones, "attention_mask": ones.clone()},
        {"input_ids": axes, "attention_mask": axes},
        path,
    )
