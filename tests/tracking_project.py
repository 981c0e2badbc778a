"""A project as the stages of the pipeline leave it, in miniature, for the tests of tracking."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statestance import bundle, tracking
from statestance.bundle import Manifest, Temperature

ROWS = {
    "train": [
        ("Veldania had made commendable progress in health.", "supportive"),
        ("The delegation welcomed the new law and commended the reform.", "supportive"),
        ("It was concerned about arbitrary arrests and deplored the torture of detainees.", "critical"),
        ("Arrests of journalists in Veldania were alarming.", "critical"),
        ("It welcomed the law but was concerned about arrests.", "mixed"),
        ("It commended the reform and deplored the torture of detainees.", "mixed"),
        ("The delegation asked about the schedule of the session.", "none"),
        ("The secretariat circulated the list of speakers.", "none"),
    ],
    "dev": [("It welcomed the reform.", "supportive"), ("It deplored the arrests.", "critical")],
    "test": [("It commended the law.", "supportive"), ("It asked about the list.", "none")],
}
CONFIG = {"learner": "linear", "tfidf": {"ngrams": [1, 2], "lowercase": True}, "C": 4.0, "note": None}
CURVES = (
    {"step": 0, "epoch": 1.0, "loss": 0.9, "dev_macro_f1": 0.4},
    {"step": 1, "epoch": 2.0, "loss": 0.5, "dev_macro_f1": 0.6},
    {"step": 2, "epoch": 3.0, "loss": 0.3, "dev_macro_f1": 0.7},
)


@dataclass(frozen=True)
class Project:
    """Writes what each stage writes, where it writes it."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "build" / "data"

    def trained(self, name: str) -> Path:
        return self.root / "build" / "models" / name

    def bundle(self, name: str) -> Path:
        return self.root / "build" / "bundles" / name

    def metrics(self, name: str) -> Path:
        return self.root / "experiments" / "metrics" / f"{name}.json"

    def plots(self, name: str) -> Path:
        return self.root / "build" / "pictures" / name

    def prepare(self) -> Project:
        self.data.mkdir(parents=True)
        (self.root / "dvc.yaml").write_text("stages: {}\n")
        for split, rows in ROWS.items():
            lines = [json.dumps({"id": f"{split}-{i}", "text": t, "stance": s}) for i, (t, s) in enumerate(rows)]
            (self.data / f"{split}.jsonl").write_text("\n".join(lines) + "\n")
        (self.data / "split.json").write_text("{}\n")
        return self

    def train(self, name: str, **changes: Any) -> Path:
        """Weights and ``training.json``, with no trace in MLflow."""
        folder = self.trained(name)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "weights.bin").write_bytes(name.encode())
        record = {
            "model": name,
            "learner": "linear",
            "config": CONFIG,
            "data_digest": tracking.data_digest(self.data),
            "seed": 13,
            "seconds": 12.5,
            "device": "cpu",
            "rows": {"train": 8, "dev": 2},
            "curves": list(CURVES),
            "environment": tracking.environment(),
            "git_commit": "0123456789abcdef0123456789abcdef01234567",
        }
        (folder / "training.json").write_text(json.dumps(record | changes))
        return folder

    def train_live(self, name: str, **changes: Any) -> str:
        """Train inside a run; return its id."""
        with tracking.training_run(name, config=CONFIG, data=self.data, project=self.root) as run:
            for point in changes.get("curves", CURVES):
                run.log({k: v for k, v in point.items() if k != "step"}, point["step"])
            run.finish(self.train(name, **changes))
        return run.run_id

    def export(self, name: str, *, strength: float = 10.0) -> Path:
        """A real bundle of a linear model, fitted on the eight rows."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from skops import io

        from statestance.stance import OUTCOMES

        texts, stances = zip(*ROWS["train"], strict=True)
        model = make_pipeline(TfidfVectorizer(), LogisticRegression(C=strength, max_iter=1000))
        model.fit(list(texts), [OUTCOMES.index(s) for s in stances])
        manifest = Manifest(name=name, learner="linear", engine="skops", unit="document", calibration=Temperature())
        self.bundle(name).parent.mkdir(parents=True, exist_ok=True)
        bundle.write(self.bundle(name), manifest, lambda to: io.dump({"document": model}, to / "model.skops"))
        return self.bundle(name)

    def evaluate(self, name: str, *, macro_f1: float = 0.8) -> None:
        """Metrics as nested figures with intervals, and two plots."""
        figures = {"macro_f1": {"value": macro_f1, "low": macro_f1 - 0.05, "high": macro_f1 + 0.04}}
        tree = {
            "model": name,
            "dev": figures | {"log_loss": 0.4},
            "test": figures
            | {"confusion": [[1, 0], [0, 1]], "per_class": {"mixed": {"f1": 0.75}}, "words": {"<50": 0.7}},
        }
        self.metrics(name).parent.mkdir(parents=True, exist_ok=True)
        self.metrics(name).write_text(json.dumps(tree))
        self.plots(name).mkdir(parents=True, exist_ok=True)
        (self.plots(name) / "confusion.csv").write_text("actual,predicted\nmixed,mixed\n")
        (self.plots(name) / "reliability.csv").write_text("confidence,accuracy\n0.9,0.88\n")

    def select(self, name: str) -> None:
        pointer = {"model": name, "bundle": f"build/bundles/{name}"}
        (self.root / "build" / "champion.json").write_text(json.dumps(pointer))

    def lock(self, *names: str) -> None:
        """``dvc.lock`` as it stands after a whole pipeline of these models."""
        data = {"path": "build/data", "hash": "md5", "md5": "d" * 32 + ".dir"}
        stages: dict[str, Any] = {"prepare": {"cmd": "prepare", "outs": [data]}}
        for name in names:
            model = _entry(f"build/models/{name}", name)
            packed = _entry(f"build/bundles/{name}", name)
            figures = _entry(f"experiments/metrics/{name}.json", name)
            stages[f"train@{name}"] = {"cmd": "train", "deps": [data], "outs": [model]}
            stages[f"export@{name}"] = {"cmd": "export", "deps": [model], "outs": [packed]}
            stages[f"evaluate@{name}"] = {"cmd": "evaluate", "deps": [packed], "outs": [figures]}
        (self.root / "dvc.lock").write_text(json.dumps({"schema": "2.0", "stages": stages}))


def _entry(path: str, salt: str) -> dict[str, str]:
    return {"path": path, "hash": "md5", "md5": hashlib.md5(f"{path}{salt}".encode()).hexdigest()}
