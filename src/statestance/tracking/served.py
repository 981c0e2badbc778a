"""The served model, as MLflow runs it: a script that it stores beside the bundle, and no pickle.

MLflow executes this file to log and to load the model; nothing else imports it.
"""

from __future__ import annotations

from typing import Any

import mlflow
import pandas as pd

from statestance.predict import load
from statestance.predict.table import as_row


class ServedModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    """Rows with ``text`` (optional ``id``, ``debate``, ``target``, ``speaker``) to rows of predictions."""

    def load_context(self, context: Any) -> None:
        self._predictor = load(context.artifacts["bundle"])

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        rows = [
            {name: value for name, value in row.items() if isinstance(value, str)}
            for row in model_input.to_dict(orient="records")
        ]
        return pd.DataFrame([as_row(prediction) for prediction in self._predictor.predict(rows)])


mlflow.models.set_model(ServedModel())
