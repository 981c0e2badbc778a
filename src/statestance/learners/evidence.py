"""The evidence model: which sentences praise, which voice concern, and the stance that follows.

Token vectors of the whole-text encoding are averaged sentence by sentence; two logits a sentence; the whole
text carries a mark if some sentence does (noisy-or, Pearl 1988). Trained on sentence marks and document
marks together; a row with a stance only trains by its document marks.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pydantic import Field
from torch.nn import functional
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel, set_seed

from statestance.corpus import Labelled
from statestance.learners.common import Examples, Exported, Log, Prepared
from statestance.learners.neural import encoder, finetune, first_pass, graph
from statestance.learners.neural.mixing import among_neutral
from statestance.probability import noisy_or
from statestance.stance import NO_STANCE, OUTCOMES, Stance, decide
from statestance.text.encoding import Place, TextEncoder, Window, place_sentences, pool_matrix
from statestance.text.ngrams import FIRST_PASS

_SUMMARY = "summary.json"
_UNKNOWN, _ABSENT = -1.0, -100.0  # a label that nobody gave; a row that only pads the batch


class Config(finetune.FinetuneConfig):
    """``sentence_weight``: the share of the loss that sentence marks carry, the rest is the document's.

    ``members``: how many models are trained, from seeds in a row, for their weights to be averaged into one.
    ``layers``: those of the encoder's that are kept, counted from 0; all of them by default.
    ``among_neutral``: the share of the rows with marks that are trained once more, among neutral sentences of others.
    ``first_pass``: inverse regularisation strength of the linear model that answers first where speed is asked for.
    """

    members: int = Field(1, ge=1)
    layers: tuple[int, ...] | None = Field(None, min_length=1)
    sentence_weight: float = Field(0.5, ge=0, le=1)
    among_neutral: float = Field(0.0, ge=0, le=1)
    first_pass: float = Field(30.0, gt=0)
    dropout: float = Field(0.1, ge=0, lt=1)


class EvidenceConfig(PretrainedConfig):
    """The encoder's own config, and the dropout before the two logits."""

    model_type = "statestance-evidence"

    def __init__(
        self,
        encoder: dict[str, Any] | None = None,
        dropout: float = 0.1,
        sentence_weight: float = 0.5,
        **kwargs: Any,
    ) -> None:
        self.encoder = encoder or {}
        self.dropout = dropout
        self.sentence_weight = sentence_weight
        super().__init__(**kwargs)


class EvidenceModel(PreTrainedModel):
    """An encoder with two logits a sentence: praise, concern."""

    config_class = EvidenceConfig

    def __init__(self, config: EvidenceConfig) -> None:
        super().__init__(config)
        inner = dict(config.encoder)
        self.encoder = AutoModel.from_config(AutoConfig.for_model(inner.pop("model_type"), **inner))
        self.dropout = torch.nn.Dropout(config.dropout)
        self.head = torch.nn.Linear(self.encoder.config.hidden_size, 2)
        self.post_init()

    def get_input_embeddings(self) -> Any:
        return self.encoder.get_input_embeddings()

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        pool: torch.Tensor,
        labels: torch.Tensor | None = None,
    ) -> Any:
        """Logits (B, S, 2) for input ids (B, T) and pool (B, S, T).

        ``labels`` (B, S + 1, 2): row 0 the document's marks, then the sentences'; -1 where unknown, -100 past the end.
        """
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        logits = self.head(self.dropout(pool.to(hidden.dtype) @ hidden))
        if labels is None:
            return {"logits": logits}
        return {"loss": self._loss(logits.float(), labels, pool.sum(dim=-1) > 0), "logits": logits}

    def _loss(self, logits: torch.Tensor, labels: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        document, sentences = labels[:, 0], labels[:, 1:]
        known = (sentences >= 0) & there.unsqueeze(-1)
        by_sentence = functional.binary_cross_entropy_with_logits(logits, sentences.clamp(min=0), reduction="none")
        sentence_loss = (by_sentence * known).sum() / known.sum().clamp(min=1)
        none = (functional.softplus(logits) * there.unsqueeze(-1)).sum(dim=1).clamp(min=1e-6)
        # -log P(mark) and -log P(no mark) of the whole text, P(no mark) = exp(-none).
        by_document = torch.where(document > 0.5, -torch.log(-torch.expm1(-none)), none)
        seen = document >= 0
        document_loss = (by_document * seen).sum() / seen.sum().clamp(min=1)
        share = float(self.config.sentence_weight)
        return share * sentence_loss + (1 - share) * document_loss


def _marks_of(row: Labelled) -> tuple[float, float]:
    praise = row.stance in (Stance.SUPPORTIVE, Stance.MIXED)
    return float(praise), float(row.stance in (Stance.CRITICAL, Stance.MIXED))


def _dataset(side: Examples, reader: TextEncoder) -> Any:
    """One example a window. Only a window that holds its whole text knows the document's marks."""
    from datasets import Dataset

    windows = reader.windows([t.text for t in side.texts])
    places = place_sentences(windows, [[(s.start, s.end) for s in t.sentences] for t in side.texts])
    alone = np.bincount([w.text for w in windows], minlength=len(side.rows)) == 1
    columns: dict[str, list[Any]] = {"input_ids": [], "length": [], "places": [], "marks": []}
    for window, found in zip(windows, places, strict=True):
        row = side.rows[window.text]
        document = _marks_of(row) if alone[window.text] else (_UNKNOWN, _UNKNOWN)
        marks = [document]
        for place in found:
            if row.marks is None:
                marks.append((_UNKNOWN, _UNKNOWN))
            else:
                marks.append((float(place.sentence in row.marks.praise), float(place.sentence in row.marks.concern)))
        columns["input_ids"].append(list(window.ids))
        columns["length"].append(len(window.ids))
        columns["places"].append([[p.sentence, p.first, p.end] for p in found])
        columns["marks"].append(marks)
    return Dataset.from_dict(columns)


def _collate(reader: TextEncoder) -> Any:
    def collate(items: list[Mapping[str, Any]]) -> dict[str, Any]:
        batch = reader.pad([Window(0, tuple(i["input_ids"]), ()) for i in items])
        pool = pool_matrix([[Place(*p) for p in i["places"]] for i in items], batch.input_ids.shape[1])
        labels = np.full((len(items), pool.shape[1] + 1, 2), _ABSENT, dtype=np.float32)
        for row, item in enumerate(items):
            labels[row, : len(item["marks"])] = item["marks"]
        return {
            "input_ids": torch.from_numpy(batch.input_ids),
            "attention_mask": torch.from_numpy(batch.attention_mask),
            "pool": torch.from_numpy(pool),
            "labels": torch.from_numpy(labels),
        }

    return collate


def _score(prediction: Any) -> dict[str, float]:
    """Dev score by the one rule on noisy-or document marks. The Trainer pads batches with -100 too."""
    gold, answers = [], []
    for logits, labels in zip(prediction.predictions, prediction.label_ids, strict=True):
        if labels[0, 0] < 0:
            continue
        there = labels[1:, 0] > _ABSENT
        praise, concern = noisy_or(np.asarray(logits, dtype=np.float64)[: there.sum()]) > 0
        gold.append(OUTCOMES.index(decide(labels[0, 0] > 0.5, labels[0, 1] > 0.5) or NO_STANCE))
        answers.append(OUTCOMES.index(decide(bool(praise), bool(concern)) or NO_STANCE))
    return finetune.outcome_scores(gold, answers)


def train(config: Config, data: Prepared, out: Path, *, seed: int, log: Log, checkpoints: Path) -> dict[str, Any]:
    """Fine-tune and write the weights (safetensors), the config and the tokenizer into ``out``."""
    set_seed(seed)
    vocabulary = encoder.load_tokenizer(config.encoder, out)
    inner = encoder.from_pretrained(AutoModel.from_pretrained, config.encoder, use_safetensors=True)
    if config.layers:
        encoder.keep_layers(inner, config.layers)
    encoder.teach_masking_tokens(inner, out / "tokenizer.json", vocabulary)
    limit = encoder.window_limit(inner, config.max_length)
    settings = EvidenceConfig(inner.config.to_dict(), config.dropout, config.sentence_weight)
    reader = TextEncoder(out / "tokenizer.json", max_length=limit, stride=config.stride)
    sides = _dataset(among_neutral(data.train, config.among_neutral, seed), reader), _dataset(data.dev, reader)

    def task(model: EvidenceModel) -> finetune.Task:
        return finetune.Task(model, *sides, _collate(reader), _score)

    summaries: list[dict[str, Any]] = []
    resumed = (checkpoints / "member-0" / _SUMMARY).is_file()
    for number in range(config.members):
        kept = checkpoints / f"member-{number}"
        if not (kept / _SUMMARY).is_file():
            set_seed(seed + number)
            model = EvidenceModel(settings)
            model.encoder.load_state_dict(inner.state_dict())
            summary = finetune.fit(
                config,
                task(model),
                seed=seed + number,
                log=_of_member(number, log),
                checkpoints=checkpoints / f"training-{number}",
            )
            model.save_pretrained(kept)
            (kept / _SUMMARY).write_text(json.dumps(summary), encoding="utf-8")
        summaries.append(json.loads((kept / _SUMMARY).read_text(encoding="utf-8")))
    model = average([checkpoints / f"member-{number}" for number in range(config.members)])
    score = finetune.dev_score(config, task(model), checkpoints / "score")
    model.save_pretrained(out)
    first_pass.fit(data.train, reader, out, c=config.first_pass)
    shutil.rmtree(checkpoints, ignore_errors=True)
    return {
        "device": finetune.device(),
        "epochs_run": [s["epochs_run"] for s in summaries],
        "best_dev": score,
        "best_dev_of_members": [s["best_dev"] for s in summaries],
        "resumed": resumed or any(s["resumed"] for s in summaries),
        "window": limit,
    }


def _of_member(number: int, log: Log) -> Log:
    """The log of one member; the first one keeps the plain names."""
    return log if number == 0 else lambda metrics, step: log({f"{k}_{number}": v for k, v in metrics.items()}, step)


def average(members: Sequence[Path]) -> EvidenceModel:
    """One model with the mean of the members' weights.

    Fine-tunings of one encoder lie in one basin, where the mean errs less than its parts, at the price of one
    at prediction time (Wortsman et al. 2022, "Model soups").
    """
    models = [EvidenceModel.from_pretrained(folder, use_safetensors=True) for folder in members]
    mean: EvidenceModel = models[0]
    others = [model.state_dict() for model in models]
    with torch.no_grad():
        for name, weight in mean.state_dict().items():
            if weight.is_floating_point():
                weight.copy_(torch.stack([other[name] for other in others]).mean(dim=0))
    return mean


def served(trained: Path) -> torch.nn.Module:
    """What is served of a trained model: ids, mask and pool → logits (B, S, 2)."""
    encoder.quiet()
    model = EvidenceModel.from_pretrained(trained, use_safetensors=True, attn_implementation="eager")

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any, pool: Any) -> Any:
            return self.model(input_ids=input_ids, attention_mask=attention_mask, pool=pool)["logits"]

    return Logits()


def export(config: Config, trained: Path, folder: Path) -> Exported:
    """Write the graph, sentence pooling inside, and the tokenizer into a bundle folder."""
    module = served(trained)
    shape = (2, 16)
    inputs = {
        "input_ids": torch.ones(shape, dtype=torch.long),
        "attention_mask": torch.ones(shape, dtype=torch.long),
        "pool": torch.full((2, 3, 16), 1 / 16),
    }
    axes = {0: "batch", 1: "tokens"}
    free = {"input_ids": axes, "attention_mask": axes, "pool": {0: "batch", 1: "sentences", 2: "tokens"}}
    graph.write(module, inputs, free, folder, config.precision)
    for name in ("tokenizer.json", FIRST_PASS):
        # Without sentence marks in training there is no first pass.
        if (trained / name).is_file():
            shutil.copyfile(trained / name, folder / name)
    return Exported(
        "onnx", "sentence", "text", encoder.window_limit(module.model.encoder, config.max_length), config.stride
    )
