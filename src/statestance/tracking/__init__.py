"""MLflow: one run a model, from training to evaluation, and the registry with its champion.

Nothing here is the truth about a model: that is in the outputs of the pipeline, and every run can
be written again from them (``sync``).
"""

from statestance.tracking.digests import data_digest, folder_digest
from statestance.tracking.evaluations import log_evaluation
from statestance.tracking.facts import environment, git_commit
from statestance.tracking.registry import fetch_bundle, register
from statestance.tracking.runs import TrainingRun, ensure_run, training_run
from statestance.tracking.sync import SyncReport, sync

__all__ = [
    "SyncReport",
    "TrainingRun",
    "data_digest",
    "ensure_run",
    "environment",
    "fetch_bundle",
    "folder_digest",
    "git_commit",
    "log_evaluation",
    "register",
    "sync",
    "training_run",
]
