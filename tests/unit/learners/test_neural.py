"""The encoder-based learners on a tiny local encoder: they learn, resume, export, and are served alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import invented_rows
import tiny_encoder
from statestance.corpus import load
from statestance.domain import StatestanceError

pytestmark = [pytest.mark.train, pytest.mark.slow]
torch = pytest.importorskip("torch")
EPOCHS = {"sequence": 6, "evidence": 9, "embedding": 1}
# A majority answer scores 0.1. From random weights, sentence marks teach much faster than a label a text.
LEARNED = {"sequence": 0.3, "evidence": 0.6}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from statestance.learners.common import prepared

    folder = tmp_path_factory.mktemp("data")
    marked, plain = invented_rows.rows(96), invented_rows.rows(24, seed=8, marks=False)
    for number, row in enumerate(plain):
        row["id"] = f"p{number}"
    invented_rows.write(folder / "train.jsonl", marked + plain)
    invented_rows.write(folder / "dev.jsonl", invented_rows.rows(40, seed=9))
    return prepared(folder)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory, data: Any) -> Path:
    return tiny_encoder.build(tmp_path_factory.mktemp("encoder"), [t.text for t in data.train.texts])


def _module(name: str) -> Any:
    import importlib

    return importlib.import_module(f"statestance.learners.{name}")


def _config(name: str, encoder: Path, **changes: Any) -> Any:
    settings: dict[str, Any] = {"encoder": str(encoder), "max_length": 48, "stride": 8}
    if name == "embedding":
        settings |= {"precision": "float32"}
    if name != "embedding":
        settings |= {"epochs": 3, "batch_size": 16, "learning_rate": 3e-3, "freeze_embeddings": False}
    return _module(name).Config(**settings | changes)


def _train(
    name: str, config: Any, data: Any, out: Path, **options: Any
) -> tuple[dict[str, Any], list[dict[str, float]]]:
    out.mkdir(parents=True, exist_ok=True)
    logged: list[dict[str, float]] = []
    options = {"seed": 1, "checkpoints": out.parent / f"{out.name}-checkpoints"} | options
    summary = _module(name).train(config, data, out, log=lambda m, step: logged.append({"step": step, **m}), **options)
    return summary, logged


@pytest.fixture(scope="module", params=["sequence", "evidence", "embedding"])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, data: Any, encoder: Path) -> Any:
    name, out = request.param, tmp_path_factory.mktemp("trained") / "model"
    config = _config(name, encoder, **({} if name == "embedding" else {"epochs": EPOCHS[name], "patience": 99}))
    summary, logged = _train(name, config, data, out)
    return name, config, out, summary, logged


def test_training_logs_curves_and_leaves_no_checkpoint(trained: Any) -> None:
    name, _, out, _, logged = trained
    scores = [m["dev_outcome_macro_f1"] for m in logged if "dev_outcome_macro_f1" in m]
    assert len(scores) == EPOCHS[name]
    assert all(0 <= s <= 1 for s in scores)
    assert not list(out.parent.glob("*-checkpoints"))
    assert not [p.name for p in out.rglob("*") if p.suffix in {".bin", ".pt", ".pkl", ".pth"}], "safetensors only"


def test_fine_tuning_learns_what_is_easy(trained: Any) -> None:
    name, _, _, _, logged = trained
    # A random encoder that stays frozen knows nothing; only its linear layer learns.
    assert max(m.get("dev_outcome_macro_f1", 0.0) for m in logged) > LEARNED.get(name, 0.1)


def _served(trained: Any, folder: Path) -> Any:
    import json

    from statestance.stages.export import ExportParams, build

    name, config, out, _, _ = trained
    record = {
        "model": name,
        "learner": name,
        "config": config.model_dump(mode="json"),
        "data_digest": "0" * 64,
        "seed": 1,
    }
    (out / "training.json").write_text(json.dumps(record), encoding="utf-8")
    dev = invented_rows.write(folder / "dev.jsonl", invented_rows.rows(40, seed=9))
    build(out, folder / "bundle", dev, ExportParams(precision=0.95))
    from statestance.predict import Predictor

    return Predictor(folder / "bundle")


def _texts() -> list[Any]:
    """Short ones, ones of many lengths, and one far over the window."""
    from statestance.predict.predictor import as_intervention

    rows = [dict(r, text=" ".join(r["sentences"])) for r in invented_rows.rows(60, seed=21)]
    rows += [
        {"text": "Yes."},
        {"text": " ".join(r["text"] for r in rows[:12]), "speaker": "Norway", "target": "Quorra"},
    ]
    return [as_intervention({k: v for k, v in r.items() if k != "sentences"}, i) for i, r in enumerate(rows)]


def test_the_graph_gives_what_the_framework_gives(trained: Any, tmp_path: Path) -> None:
    """Parity of ONNX Runtime with torch: logits within 1e-4, batch by batch, whatever the padding."""
    from statestance.bundle import GRAPH
    from statestance.learners.common import FLOAT32
    from statestance.predict.runtime import open_graph
    from statestance.text.encoding import TextEncoder, place_sentences, pool_matrix
    from statestance.text.masking import mask

    name, _, out, _, _ = trained
    predictor, texts = _served(trained, tmp_path), _texts()
    masked = [mask(t) for t in texts]
    manifest = predictor.manifest
    reader = TextEncoder(out / "tokenizer.json", max_length=manifest.max_length, stride=manifest.stride)
    windows = reader.windows([m.text for m in masked])
    assert len(windows) > len(masked), "one text must need several windows"
    places = place_sentences(windows, [[(s.start, s.end) for s in m.sentences] for m in masked])
    graph = predictor.folder / (GRAPH if name == "embedding" else FLOAT32)
    module, run = _torch_model(name, out), open_graph(graph).run
    for number, window in enumerate(windows):
        batch = reader.pad([window])
        feed = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}
        if manifest.unit == "sentence":
            feed["pool"] = pool_matrix([places[number]], batch.input_ids.shape[1])
        with torch.no_grad():
            expected = module(**{k: torch.from_numpy(v) for k, v in feed.items()}).numpy()
        found = run(feed)
        np.testing.assert_allclose(found, expected, atol=1e-4)
    alone = [predictor.scores([t])[0] for t in texts]
    for one, together in zip(alone, predictor.scores(texts), strict=True):
        np.testing.assert_allclose(one, together, atol=1e-4)


def test_a_graph_tells_nothing_of_the_machine_that_made_it(trained: Any, tmp_path: Path) -> None:
    """Else the same training, exported in another folder, would be another file."""
    import statestance

    folder = _served(trained, tmp_path).folder
    homes = [str(Path(module.__file__).parent).encode() for module in (statestance, torch)]
    for graph in folder.glob("*.onnx"):
        content = graph.read_bytes()
        assert not [home for home in homes if home in content], graph.name


def _torch_model(name: str, out: Path) -> Any:
    if name == "evidence":
        model = _module(name).EvidenceModel.from_pretrained(out).eval()
        return lambda **feed: model(**feed)["logits"]
    if name == "sequence":
        from transformers import AutoModelForSequenceClassification

        model = AutoModelForSequenceClassification.from_pretrained(out).eval()
        return lambda **feed: model(**feed).logits
    from safetensors.torch import load_file
    from transformers import AutoModel

    model = _module(name).MeanLinear(AutoModel.from_pretrained(out), 4).eval()
    model.head.load_state_dict(load_file(out / "head.safetensors"))
    return model


def test_evidence_agrees_with_the_stance(trained: Any, tmp_path: Path) -> None:
    from statestance.stance import decide

    predictor = _served(trained, tmp_path)
    for prediction in predictor.predict(_texts()):
        if predictor.manifest.unit == "document":
            assert prediction.marks is None
        elif prediction.abstain_reason != "low_confidence":
            assert prediction.marks is not None
            assert decide(bool(prediction.marks.praise), bool(prediction.marks.concern)) == prediction.stance


@pytest.mark.parametrize("name", ["sequence", "evidence"])
def test_a_resumed_training_ends_as_a_straight_one(name: str, data: Any, encoder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    config = _config(name, encoder, patience=9)
    _train(name, config, data, tmp_path / "straight")

    class StoppedError(Exception):
        pass

    def stop_after_two_epochs(metrics: dict[str, float], step: int) -> None:
        if "dev_loss" in metrics and step >= 16:
            raise StoppedError

    (tmp_path / "resumed").mkdir()
    checkpoints = tmp_path / "kept"
    with pytest.raises(StoppedError):
        _module(name).train(
            config, data, tmp_path / "resumed", seed=1, log=stop_after_two_epochs, checkpoints=checkpoints
        )
    assert list(checkpoints.rglob("checkpoint-*")), "an interrupted training leaves something to resume from"
    summary, _ = _train(name, config, data, tmp_path / "resumed", checkpoints=checkpoints)
    assert summary["resumed"]
    straight, resumed = (load_file(tmp_path / d / "model.safetensors") for d in ("straight", "resumed"))
    for key, value in straight.items():
        np.testing.assert_allclose(resumed[key], value, atol=1e-5, err_msg=key)


@pytest.mark.parametrize("name", ["sequence", "evidence"])
def test_the_same_seed_gives_the_same_weights(name: str, data: Any, encoder: Path, tmp_path: Path) -> None:
    for attempt in ("a", "b"):
        _train(name, _config(name, encoder, epochs=1), data, tmp_path / attempt)
    assert (tmp_path / "a/model.safetensors").read_bytes() == (tmp_path / "b/model.safetensors").read_bytes()


def test_members_are_averaged_and_a_finished_one_is_not_trained_again(data: Any, encoder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    for seed in (1, 2):
        _train("evidence", _config("evidence", encoder, epochs=1), data, tmp_path / f"{seed}", seed=seed)
    one, other = (load_file(tmp_path / f"{seed}/model.safetensors") for seed in (1, 2))
    both = _config("evidence", encoder, epochs=1, members=2)
    (tmp_path / "both").mkdir()

    def stop_in_the_second(metrics: dict[str, float], step: int) -> None:
        if any(name.endswith("_1") for name in metrics):
            raise KeyboardInterrupt

    options = {"seed": 1, "checkpoints": tmp_path / "kept"}
    with pytest.raises(KeyboardInterrupt):
        _module("evidence").train(both, data, tmp_path / "both", log=stop_in_the_second, **options)
    summary, logged = _train("evidence", both, data, tmp_path / "both", **options)
    assert summary["resumed"] and all("loss" not in metrics for metrics in logged), "the first member stood already"
    averaged = load_file(tmp_path / "both/model.safetensors")
    for name, weight in averaged.items():
        np.testing.assert_allclose(weight, (one[name] + other[name]) / 2, atol=1e-6, err_msg=name)
    assert not (tmp_path / "kept").exists()


def test_a_student_keeps_the_layers_that_it_is_told_to(data: Any, encoder: Path, tmp_path: Path) -> None:
    config = _config("evidence", encoder, epochs=1, layers=(1,))
    _train("evidence", config, data, tmp_path / "model")
    from statestance.learners.evidence import EvidenceModel

    model = EvidenceModel.from_pretrained(tmp_path / "model")
    assert len(model.encoder.encoder.layer) == model.config.encoder["num_hidden_layers"] == 1
    with pytest.raises(StatestanceError, match=r"expected layers from 0 to 1; found \[0, 2\]"):
        _train("evidence", _config("evidence", encoder, layers=(0, 2)), data, tmp_path / "other")


def test_frozen_embeddings_stay_as_they_were(data: Any, encoder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    _train("evidence", _config("evidence", encoder, epochs=1, freeze_embeddings=True), data, tmp_path / "m")
    name = "embeddings.word_embeddings.weight"
    before = load_file(encoder / "model.safetensors")[name]
    after = load_file(tmp_path / "m/model.safetensors")[f"encoder.{name}"]
    np.testing.assert_array_equal(after[: len(before)], before)
    assert len(after) == len(before) + 3, "one row for each masking token"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("/nowhere/at/all", "encoder folder at /nowhere/at/all"),
        ("./missing-encoder", "encoder folder at ./missing-encoder"),
        ("nobody/no-such-encoder", "nobody/no-such-encoder"),
    ],
)
def test_an_encoder_that_is_not_there_is_one_clear_error(
    name: str, told: str, data: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(StatestanceError, match=r"expected an encoder.*found.*mend `encoder`") as caught:
        _train("sequence", _module("sequence").Config(encoder=name), data, tmp_path / "m")
    assert told in str(caught.value)


def test_rows_with_a_stance_only_train_the_evidence_model_alone(encoder: Path, tmp_path: Path) -> None:
    from statestance.learners.common import Prepared, examples

    plain = load(invented_rows.write(tmp_path / "plain.jsonl", invented_rows.rows(96, marks=False)))
    dev = load(invented_rows.write(tmp_path / "dev.jsonl", invented_rows.rows(40, seed=9)))
    data = Prepared(examples(plain), examples(dev))
    _, logged = _train("evidence", _config("evidence", encoder, epochs=9, patience=9), data, tmp_path / "m")
    assert max(m.get("dev_outcome_macro_f1", 0.0) for m in logged) > LEARNED["sequence"]
