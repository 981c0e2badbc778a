"""Fine-tuning with the Hugging Face Trainer, in one way for every encoder-based learner."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from statestance.learners.common import LearnerConfig, Log, Precision

OUTCOME_MACRO_F1 = "outcome_macro_f1"


class FinetuneConfig(LearnerConfig):
    """How an encoder is fine-tuned. Lengths are in tokens, ``warmup`` is a share of all steps.

    ``patience``: epochs without a better dev score before training stops. ``freeze_embeddings`` keeps the
    token table as it is: half of a small encoder's weights. ``bf16``: compute in bfloat16 where the hardware
    multiplies it faster (a GPU, a processor with AMX); weights and optimiser stay in float32. ``precision`` is that
    of the served graph.
    """

    encoder: str = "default"
    epochs: float = Field(4, gt=0)
    batch_size: int = Field(16, ge=1)
    learning_rate: float = Field(1e-4, gt=0)
    warmup: float = Field(0.1, ge=0, le=1)
    weight_decay: float = Field(0.01, ge=0)
    patience: int = Field(2, ge=1)
    max_length: int = Field(384, ge=16)
    stride: int = Field(64, ge=0)
    freeze_embeddings: bool = True
    bf16: bool = True
    precision: Precision = "int8"


@dataclass(frozen=True, slots=True)
class Task:
    """What is particular to one learner: its model, examples, batches, dev score, and its loss if not the model's."""

    model: Any
    train: Any
    dev: Any
    collate: Callable[[list[Mapping[str, Any]]], dict[str, Any]]
    score: Callable[[Any], dict[str, float]]
    loss: Callable[..., Any] | None = None


def device() -> str:
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else "cpu"


def _fast_bf16() -> bool:
    """Whether bfloat16 is quicker than float32 here; a processor that only emulates it would be slower."""
    import torch

    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_amx_tile_supported())


def _arguments(config: FinetuneConfig, task: Task, checkpoints: Path, seed: int) -> Any:
    import torch
    from transformers import TrainingArguments

    gpu = torch.cuda.is_available()
    return TrainingArguments(
        output_dir=str(checkpoints),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=4 * config.batch_size,
        learning_rate=config.learning_rate,
        warmup_steps=config.warmup,
        weight_decay=config.weight_decay,
        train_sampling_strategy="group_by_length",
        length_column_name="length",
        eval_strategy="epoch",
        save_strategy="epoch",
        logging_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model=OUTCOME_MACRO_F1,
        greater_is_better=True,
        bf16=config.bf16 and _fast_bf16(),
        use_cpu=not gpu,
        dataloader_pin_memory=gpu,
        remove_unused_columns=False,
        label_names=["labels"],
        seed=seed,
        data_seed=seed,
        disable_tqdm=not sys.stderr.isatty(),
        report_to="none",
    )


def _callbacks(config: FinetuneConfig, log: Log) -> list[Any]:
    from transformers import EarlyStoppingCallback, TrainerCallback

    class Curves(TrainerCallback):
        """Hands every logged metric on, while training goes on."""

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
            numbers = {
                k.replace("eval_", "dev_"): float(v) for k, v in (logs or {}).items() if isinstance(v, int | float)
            }
            timing = ("runtime", "per_second", "total_flos")
            kept = {k: v for k, v in numbers.items() if not any(t in k for t in timing)}
            log(kept, int(state.global_step))

    return [EarlyStoppingCallback(early_stopping_patience=config.patience), Curves()]


def fit(config: FinetuneConfig, task: Task, *, seed: int, log: Log, checkpoints: Path) -> dict[str, Any]:
    """Train ``task.model`` in place; its best epoch on dev is what remains.

    ``checkpoints`` is this very training's own folder: if an earlier attempt left a checkpoint there,
    training goes on from it. It is removed when training is done.
    """
    import torch
    from transformers import set_seed
    from transformers.trainer_utils import get_last_checkpoint

    set_seed(seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    if config.freeze_embeddings:
        task.model.get_input_embeddings().weight.requires_grad_(False)
    checkpoints.mkdir(parents=True, exist_ok=True)
    trainer = _trainer(config, task, checkpoints, seed, _callbacks(config, log))
    last = get_last_checkpoint(str(checkpoints))
    trainer.train(resume_from_checkpoint=last)
    best = trainer.state.best_metric
    shutil.rmtree(checkpoints, ignore_errors=True)
    return {
        "device": device(),
        "epochs_run": float(trainer.state.epoch or 0),
        "best_dev": best,
        "resumed": last is not None,
    }


def _trainer(config: FinetuneConfig, task: Task, checkpoints: Path, seed: int, callbacks: list[Any]) -> Any:
    from transformers import Trainer

    return Trainer(
        model=task.model,
        args=_arguments(config, task, checkpoints, seed),
        train_dataset=task.train,
        eval_dataset=task.dev,
        data_collator=task.collate,
        compute_metrics=task.score,
        compute_loss_func=task.loss,
        callbacks=callbacks,
    )


def dev_score(config: FinetuneConfig, task: Task, checkpoints: Path) -> float:
    """The score on dev by which ``fit`` chooses epochs, of the model as it stands."""
    return float(_trainer(config, task, checkpoints, 0, []).evaluate()[f"eval_{OUTCOME_MACRO_F1}"])


def outcome_scores(gold: Sequence[int], answers: Sequence[int]) -> dict[str, float]:
    """Macro-F1 and accuracy over the four outcomes: what chooses the best epoch on dev."""
    from sklearn.metrics import accuracy_score, f1_score

    return {
        OUTCOME_MACRO_F1: float(f1_score(gold, answers, average="macro", zero_division=0.0)),
        "accuracy": float(accuracy_score(gold, answers)),
    }
