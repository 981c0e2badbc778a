"""Small parts of models, built in a moment: tokenizers, graphs, bundles, labelled rows with given answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from statestance import bundle
from statestance.bundle import Manifest, MarkScaling, Temperature
from statestance.corpus import Labelled
from statestance.domain import Intervention, Marks, Prediction
from statestance.stance import OUTCOMES, Stance

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[SPEAKER]", "[TARGET]", "[STATE]")


def tokenizer(path: Path, words: Sequence[str], kind: str = "words") -> Path:
    """Write a tokenizer: whole "words", word "pieces" of one letter, or words "spaced" with the space before them."""
    from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

    names = dict.fromkeys((*SPECIAL, *(f"▁{w}" if kind == "spaced" else w for w in words)))
    if kind == "pieces":
        names |= dict.fromkeys(
            c for letter in "abcdefghijklmnopqrstuvwxyz.,0123456789" for c in (letter, "##" + letter)
        )
    vocabulary = {name: number for number, name in enumerate(names)}
    if kind == "pieces":
        made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
        made.normalizer, made.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    else:
        made = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
        made.pre_tokenizer = pre_tokenizers.Metaspace() if kind == "spaced" else pre_tokenizers.Whitespace()
    made.add_special_tokens(list(SPECIAL[:4]))
    made.add_tokens([AddedToken(token, normalized=False) for token in SPECIAL[4:]])
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made.save(str(path))
    return path


def graph(path: Path, table: np.ndarray[Any, Any], *, unit: str) -> Path:
    """Write a graph that looks every token up in ``table`` (V, K) and averages: over the text, or by ``pool``."""
    from onnx import TensorProto, checker, helper, numpy_helper, save

    width, number, real = table.shape[1], TensorProto.INT64, TensorProto.FLOAT
    inputs = [helper.make_tensor_value_info(n, number, ["B", "T"]) for n in ("input_ids", "attention_mask")]
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["rows"])]
    if unit == "sentence":
        inputs.append(helper.make_tensor_value_info("pool", real, ["B", "S", "T"]))
        nodes.append(helper.make_node("MatMul", ["pool", "rows"], ["logits"]))
    else:
        nodes += [
            helper.make_node("Cast", ["attention_mask"], ["mask"], to=real),
            helper.make_node("Unsqueeze", ["mask", "last"], ["weights"]),
            helper.make_node("Mul", ["rows", "weights"], ["kept"]),
            helper.make_node("ReduceSum", ["kept", "middle"], ["total"], keepdims=0),
            helper.make_node("ReduceSum", ["weights", "middle"], ["count"], keepdims=0),
            helper.make_node("Div", ["total", "count"], ["logits"]),
        ]
    constants = [
        numpy_helper.from_array(table.astype(np.float32), "table"),
        numpy_helper.from_array(np.array([2], dtype=np.int64), "last"),
        numpy_helper.from_array(np.array([1], dtype=np.int64), "middle"),
    ]
    shape = ["B", "S", width] if unit == "sentence" else ["B", width]
    outputs = [helper.make_tensor_value_info("logits", real, shape)]
    body = helper.make_graph(nodes, "tiny", inputs, outputs, constants)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    save(model, str(path))
    return path


def manifest(unit: str = "document", engine: str = "skops", **changes: Any) -> Manifest:
    calibration = MarkScaling() if unit == "sentence" else Temperature()
    given = {"name": "tiny", "learner": "tiny", "engine": engine, "unit": unit, "calibration": calibration}
    return Manifest(**given | changes)


def skops_bundle(folder: Path, models: dict[str, Any], **changes: Any) -> Path:
    """A bundle of fitted scikit-learn models."""
    from skops import io

    bundle.write(folder, manifest(**changes), lambda to: io.dump(models, to / "model.skops"))
    return folder


def onnx_bundle(folder: Path, words: Sequence[str], table: np.ndarray[Any, Any], **changes: Any) -> Path:
    """A bundle that looks words up; ``table`` has a row for each of ``SPECIAL``, then one for each word."""

    def fill(to: Path) -> None:
        tokenizer(to / "tokenizer.json", words)
        graph(to / "model.onnx", table, unit=changes["unit"])

    bundle.write(folder, manifest(engine="onnx", **changes), fill)
    return folder


def labelled(number: int, outcome: int, *, debate: str = "d", marks: Marks | None = None, **more: Any) -> Labelled:
    """A row with the label ``OUTCOMES[outcome]``."""
    stance = Stance(OUTCOMES[outcome]) if outcome < len(Stance) else None
    text = more.pop("text", f"Statement {number}.")
    return Labelled(Intervention(f"r{number}", text, debate=debate), stance, marks, **more)


def answered(row: Labelled, chances: Sequence[float], *, marks: Marks | None = None, reason: str = "") -> Prediction:
    """The prediction that gives these probabilities to a row."""
    best = int(np.argmax(chances))
    stance = Stance(OUTCOMES[best]) if best < len(Stance) and not reason else None
    reason = reason or ("" if stance else "no_stance")
    a, b, c, d = (float(p) for p in chances)
    return Prediction(row.intervention, stance, max(a, b, c, d), (a, b, c, d), marks, reason)


def sure(outcome: int, chance: float = 0.7) -> list[float]:
    """Probabilities with most on one outcome."""
    return [chance if n == outcome else (1 - chance) / 3 for n in range(4)]
