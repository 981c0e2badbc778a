"""Frozen encoder: mean token vector of a text, never fine-tuned, under a logistic regression."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from pydantic import Field
from transformers import AutoModel

from statestance.domain import StatestanceError
from statestance.learners.common import Exported, LearnerConfig, Log, Precision, Prepared
from statestance.learners.neural import encoder, graph
from statestance.stance import OUTCOMES
from statestance.text.encoding import TextEncoder, Window


class Config(LearnerConfig):
    """``c``: inverse regularisation strength. Lengths are in tokens."""

    encoder: str = "default"
    max_length: int = Field(384, ge=16)
    stride: int = Field(64, ge=0)
    c: float = Field(1.0, gt=0)
    class_weights: Literal["balanced", "none"] = "balanced"
    precision: Precision = "int8"


class MeanLinear(torch.nn.Module):
    """Encoder, mean over tokens, one linear layer: logits (B, 4)."""

    def __init__(self, inner: Any, classes: int) -> None:
        super().__init__()
        self.encoder = inner
        self.head = torch.nn.Linear(inner.config.hidden_size, classes)

    def vectors(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return (hidden * weights).sum(dim=1) / weights.sum(dim=1)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.vectors(input_ids, attention_mask))
        return logits


def _vectors(model: MeanLinear, reader: TextEncoder, windows: list[Window]) -> np.ndarray[Any, Any]:
    from rich.progress import track

    rows = np.zeros((len(windows), model.encoder.config.hidden_size), dtype=np.float64)
    batches = list(reader.batches(windows))
    with torch.no_grad():
        for batch in track(batches, "embedding"):
            ids, mask = torch.from_numpy(batch.input_ids), torch.from_numpy(batch.attention_mask)
            rows[list(batch.windows)] = model.vectors(ids, mask).double().numpy()
    return rows


def train(config: Config, data: Prepared, out: Path, *, seed: int, log: Log, checkpoints: Path) -> dict[str, Any]:
    """Fit the linear layer; write encoder, tokenizer and ``head.safetensors`` into ``out``."""
    from safetensors.numpy import save_file
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score

    vocabulary = encoder.load_tokenizer(config.encoder, out)
    inner = encoder.from_pretrained(AutoModel.from_pretrained, config.encoder, use_safetensors=True).eval()
    encoder.teach_masking_tokens(inner, out / "tokenizer.json", vocabulary)
    limit = encoder.window_limit(inner, config.max_length)
    reader, model = (
        TextEncoder(out / "tokenizer.json", max_length=limit, stride=config.stride),
        MeanLinear(inner, 1),
    )
    sides = []
    for side in (data.train, data.dev):
        windows = reader.windows([t.text for t in side.texts])
        sides.append((_vectors(model, reader, windows), np.array([side.outcomes[w.text] for w in windows])))
    (x, y), (dev_x, dev_y) = sides
    if len(set(y.tolist())) < 2:
        raise StatestanceError("expected at least two outcomes to learn from; found one; add labelled rows")
    weights = None if config.class_weights == "none" else "balanced"
    linear = LogisticRegression(C=config.c, class_weight=weights, max_iter=5000, random_state=seed).fit(x, y)
    log(
        {"dev_outcome_macro_f1": float(f1_score(dev_y, linear.predict(dev_x), average="macro", zero_division=0.0))},
        1,
    )
    weight, bias = (
        np.zeros((len(OUTCOMES), x.shape[1]), np.float32),
        np.full(len(OUTCOMES), -20.0, np.float32),
    )
    binary = len(linear.classes_) == 2
    weight[linear.classes_] = np.vstack([-linear.coef_, linear.coef_]) / 2 if binary else linear.coef_
    bias[linear.classes_] = np.hstack([-linear.intercept_, linear.intercept_]) / 2 if binary else linear.intercept_
    inner.save_pretrained(out)
    save_file({"weight": weight, "bias": bias}, out / "head.safetensors")
    return {"device": "cpu", "window": limit}


def served(trained: Path) -> MeanLinear:
    """What is served of a trained model: ids and mask → logits (B, 4)."""
    from safetensors.torch import load_file

    encoder.quiet()
    inner = AutoModel.from_pretrained(
        trained, use_safetensors=True, attn_implementation="eager", trust_remote_code=False
    )
    model = MeanLinear(inner, len(OUTCOMES))
    model.head.load_state_dict(load_file(trained / "head.safetensors"))
    return model


def export(config: Config, trained: Path, folder: Path) -> Exported:
    """Write encoder, mean and linear layer as one graph, and the tokenizer, into a bundle folder."""
    import shutil

    model = served(trained)
    graph.write_whole_text(model, folder, config.precision)
    shutil.copyfile(trained / "tokenizer.json", folder / "tokenizer.json")
    return Exported("onnx", "document", "text", encoder.window_limit(model.encoder, config.max_length), config.stride)
