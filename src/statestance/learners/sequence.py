"""Plain fine-tuning: an encoder classifies the whole text into supportive, mixed, critical or no stance."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np

from statestance.learners.common import Examples, Exported, Log, Prepared
from statestance.learners.neural import encoder, finetune, graph
from statestance.stance import OUTCOMES
from statestance.text.encoding import TextEncoder, Window


class Config(finetune.FinetuneConfig):
    """``class_weights``: "balanced" weighs each outcome by the inverse of its count."""

    class_weights: Literal["balanced", "none"] = "balanced"


def _dataset(side: Examples, reader: TextEncoder) -> Any:
    """One example a window: a long text trains by each of its windows."""
    from datasets import Dataset

    windows = reader.windows([t.text for t in side.texts])
    return Dataset.from_dict(
        {
            "input_ids": [list(w.ids) for w in windows],
            "length": [len(w.ids) for w in windows],
            "label": [side.rows[w.text].outcome for w in windows],
        }
    )


def _collate(reader: TextEncoder) -> Any:
    import torch

    def collate(items: list[Mapping[str, Any]]) -> dict[str, Any]:
        batch = reader.pad([Window(0, tuple(i["input_ids"]), ()) for i in items])
        return {
            "input_ids": torch.from_numpy(batch.input_ids),
            "attention_mask": torch.from_numpy(batch.attention_mask),
            "labels": torch.tensor([i["label"] for i in items]),
        }

    return collate


def _score(prediction: Any) -> dict[str, float]:
    answers = np.asarray(prediction.predictions).argmax(axis=-1)
    gold = prediction.label_ids
    return finetune.outcome_scores(gold, answers)


def train(config: Config, data: Prepared, out: Path, *, seed: int, log: Log, checkpoints: Path) -> dict[str, Any]:
    """Fine-tune and write the weights (safetensors), the encoder's config and the tokenizer into ``out``."""
    from transformers import AutoModelForSequenceClassification, set_seed

    set_seed(seed)
    vocabulary = encoder.load_tokenizer(config.encoder, out)
    model = encoder.from_pretrained(
        AutoModelForSequenceClassification.from_pretrained,
        config.encoder,
        num_labels=len(OUTCOMES),
        id2label=dict(enumerate(OUTCOMES)),
        label2id={o: i for i, o in enumerate(OUTCOMES)},
        use_safetensors=True,
    )
    encoder.teach_masking_tokens(model, out / "tokenizer.json", vocabulary)
    limit = encoder.window_limit(model, config.max_length)
    reader = TextEncoder(out / "tokenizer.json", max_length=limit, stride=config.stride)
    loss = _balanced_loss(data.train.outcomes) if config.class_weights == "balanced" else None
    sides = _dataset(data.train, reader), _dataset(data.dev, reader)
    task = finetune.Task(model, *sides, _collate(reader), _score, loss)
    summary = finetune.fit(config, task, seed=seed, log=log, checkpoints=checkpoints)
    model.save_pretrained(out)
    return summary | {"window": limit}


def _balanced_loss(outcomes: list[int]) -> Any:
    """Cross-entropy with balanced class weights (King and Zeng 2001), in the form that the Trainer calls."""
    import torch

    counts = np.bincount(outcomes, minlength=len(OUTCOMES))
    weights = torch.tensor(len(outcomes) / (len(OUTCOMES) * np.maximum(counts, 1)), dtype=torch.float32)

    def loss(outputs: Any, labels: Any, num_items_in_batch: Any = None) -> Any:
        logits = outputs["logits"].float()
        return torch.nn.functional.cross_entropy(logits, labels, weight=weights.to(logits.device))

    return loss


def served(trained: Path) -> Any:
    """What is served of a trained model: ids and mask → logits (B, 4)."""
    import torch
    from transformers import AutoModelForSequenceClassification

    encoder.quiet()
    model = AutoModelForSequenceClassification.from_pretrained(
        trained, use_safetensors=True, attn_implementation="eager", trust_remote_code=False
    )

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.model(input_ids=input_ids, attention_mask=attention_mask).logits

    return Logits()


def export(config: Config, trained: Path, folder: Path) -> Exported:
    """Write the graph and the tokenizer into a bundle folder."""
    import shutil

    module = served(trained)
    graph.write_whole_text(module, folder, config.precision)
    shutil.copyfile(trained / "tokenizer.json", folder / "tokenizer.json")
    return Exported("onnx", "document", "text", encoder.window_limit(module.model, config.max_length), config.stride)
