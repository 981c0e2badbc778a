"""The names under which things stand in MLflow."""

from __future__ import annotations

from enum import StrEnum

EXPERIMENT = "statestance"
REGISTERED_MODEL = "statestance"
CHAMPION = "champion"


class Tag(StrEnum):
    """Tags of a run; ``BUNDLE`` and ``MODEL`` stand on registered versions too."""

    MODEL = "statestance.model"
    PIPELINE = "statestance.pipeline"
    DATA = "statestance.data"
    TRAINED = "statestance.trained"
    BUNDLE = "statestance.bundle"
    EVALUATION = "statestance.evaluation"
    RECREATED = "statestance.recreated"
    ERROR = "statestance.error"
    HOST = "statestance.host"
    PID = "statestance.pid"
    PROCESS_STARTED = "statestance.process_started"
    DVC_EXPERIMENT = "statestance.dvc.experiment"
    DVC_DATA = "statestance.dvc.data"
    DVC_MODEL = "statestance.dvc.model"
    DVC_BUNDLE = "statestance.dvc.bundle"
