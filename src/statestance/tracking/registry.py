"""The registry: versions of the served model, and which of them is the champion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import statestance
from statestance.domain import StatestanceError
from statestance.predict.table import COLUMNS
from statestance.tracking.digests import folder_digest
from statestance.tracking.names import CHAMPION, REGISTERED_MODEL, Tag
from statestance.tracking.store import Store, address, connect, globally, import_mlflow, locked

EXAMPLE = {
    "id": "example-1",
    "debate": "example",
    "target": "Veldania",
    "speaker": "Norway",
    "text": "Norway welcomed the law on legal aid. It was concerned about arrests of reporters in Veldania.",
}


def register(bundle: Path, run_id: str, *, project: Path | None = None) -> int:
    """Make a bundle the champion of the registry; return the number of its version.

    A version with the same content is used again, so that a second call changes nothing.
    """
    return registered(connect(project), bundle, run_id)[0]


def registered(store: Store, bundle: Path, run_id: str) -> tuple[int, bool]:
    """As ``register``; also say whether anything changed."""
    digest = folder_digest(bundle)
    with locked(store.home):
        version, champion = _version_of(store, digest), _champion(store)
        if version is not None and champion == version:
            return version, False
        version = version or _new_version(store, bundle, digest, run_id)
        store.client.set_registered_model_alias(REGISTERED_MODEL, CHAMPION, str(version))
    return version, True


def fetch_bundle(uri: str, into: Path) -> Path:
    """Copy the model ``models:/NAME@ALIAS`` (or ``models:/NAME/VERSION``) into a folder; return its bundle.

    The bundle alone is for use; the script that MLflow keeps beside it is not run.
    """
    store, mlflow = address(Path.cwd()), import_mlflow()
    into.mkdir(parents=True, exist_ok=True)
    try:
        with globally(store):
            folder = Path(mlflow.artifacts.download_artifacts(uri, dst_path=str(into)))
        flavor = mlflow.models.Model.load(str(folder)).flavors["python_function"]
        bundle: Path = folder / flavor["artifacts"]["bundle"]["path"]
    except Exception as error:
        found = str(error).splitlines()[0]
        raise StatestanceError(
            f"expected a registered model {uri} in {store}; found: {found}; check the name"
        ) from error
    if not bundle.resolve().is_relative_to(folder.resolve()):
        raise StatestanceError(f"expected the bundle of {uri} inside the model; found {bundle}; register again")
    return bundle


def _version_of(store: Store, digest: str) -> int | None:
    found = store.client.search_model_versions(f"name = '{REGISTERED_MODEL}' and tags.`{Tag.BUNDLE}` = '{digest}'")
    return max((int(version.version) for version in found), default=None)


def _champion(store: Store) -> int | None:
    mlflow = import_mlflow()
    try:
        return int(store.client.get_model_version_by_alias(REGISTERED_MODEL, CHAMPION).version)
    except mlflow.MlflowException:
        return None


def _new_version(store: Store, bundle: Path, digest: str, run_id: str) -> int:
    mlflow = import_mlflow()
    run = store.client.get_run(run_id)
    tags = {str(Tag.BUNDLE): digest, str(Tag.MODEL): run.data.tags.get(Tag.MODEL, bundle.name)}
    model = store.client.create_logged_model(
        store.experiment, REGISTERED_MODEL, source_run_id=run_id, tags=tags, params=run.data.params
    )
    with globally(store.uri):
        # Model.log, unlike pyfunc.log_model, writes to a finished run without opening it again.
        info = mlflow.models.Model.log(
            artifact_path=None,
            model_id=model.model_id,
            flavor=mlflow.pyfunc,
            run_id=run_id,
            python_model=str(Path(__file__).with_name("served.py")),
            artifacts={"bundle": str(bundle)},
            signature=_signature(),
            input_example=_example(),
            pip_requirements=_requirements(bundle),
        )
        version = mlflow.register_model(info.model_uri, REGISTERED_MODEL, tags=tags)
    return int(version.version)


def _requirements(bundle: Path) -> list[str]:
    extra = "[baselines]" if any(bundle.glob("*.skops")) else ""
    return [f"statestance{extra}=={statestance.__version__}", "mlflow", "pandas"]


def _example() -> Any:
    import pandas as pd

    return pd.DataFrame([EXAMPLE])


def _signature() -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema
    from mlflow.types.schema import Array

    optional = ("id", "debate", "target", "speaker")
    inputs = [ColSpec(DataType.string, "text")]
    inputs += [ColSpec(DataType.string, name, required=False) for name in optional]
    kinds: dict[str, Any] = dict.fromkeys(("sentences", "prediction_set"), Array(DataType.string))
    kinds |= {"abstained": DataType.boolean}
    kinds |= dict.fromkeys(("confidence", "p_supportive", "p_mixed", "p_critical"), DataType.double)
    kinds |= dict.fromkeys(("praise", "concern"), Array(DataType.long))
    outputs = [ColSpec(kinds.get(name, DataType.string), name) for name in COLUMNS]
    return ModelSignature(Schema(inputs), Schema(outputs))
