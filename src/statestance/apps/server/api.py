"""The JSON API: health, predictions, debates, corrections, and their files."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Literal

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from starlette.background import BackgroundTask
from starlette.datastructures import FormData, UploadFile
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response

from statestance import __version__
from statestance.apps.server import schema
from statestance.apps.server.corrections import Key, parse_stance
from statestance.apps.server.debates import Held, Upload, new_upload, safe_name
from statestance.apps.server.errors import Refused, busy, not_saved, wants_page
from statestance.apps.server.schema import refusals
from statestance.apps.server.settings import MIB
from statestance.domain import Marks, Prediction
from statestance.predict import table
from statestance.stance import NO_STANCE
from statestance.transcripts import LAYOUTS
from statestance.transcripts.readers import ENDINGS

if TYPE_CHECKING:
    from statestance.apps.server.app import Service

PASTED = 4 * MIB
_UPLOADING = 8
_Id = Annotated[str, InPath(max_length=40)]
_Row = Annotated[int, InPath(ge=0, le=1_000_000)]
_Ending = Literal["csv", "jsonl", "parquet"]
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": ", ".join(sorted(ENDINGS))},
                        "text": {"type": "string", "maxLength": PASTED},
                        "name": {"type": "string", "maxLength": 80, "description": "What to call a pasted text."},
                        "target": {"type": "string", "maxLength": 200, "description": "The State under review."},
                        "layout": {"type": "string", "enum": list(LAYOUTS), "default": "auto"},
                    },
                }
            }
        },
    }
}


def router(service: Service) -> APIRouter:
    """The routes of one server."""
    routes = APIRouter()
    _predicting(routes, service)
    _debates(routes, service)
    _corrections(routes, service)
    _files(routes, service)
    return routes


def _predicting(routes: APIRouter, service: Service) -> None:
    @routes.get("/health", response_model=schema.Health, responses=dict(refusals()))
    async def health() -> Response:
        """Whether the server lives, and with which model."""
        return JSONResponse({"status": "ok", "model": service.model, "version": __version__})

    @routes.post("/predict", response_model=schema.Predicted, responses=dict(refusals(400, 408, 413, 422)))
    async def predict(call: schema.PredictCall) -> Response:
        """Give each intervention its stance, in the columns of `statestance predict -o`."""
        found = await service.workers.predict(call.rows(), service.settings.limits.answer_time)
        return JSONResponse({"model": service.model, "predictions": [table.as_row(p) for p in found]})


def _debates(routes: APIRouter, service: Service) -> None:
    uploading = asyncio.Semaphore(_UPLOADING)

    @routes.post(
        "/debates",
        status_code=202,
        response_model=schema.DebateState,
        openapi_extra=_FORM,
        responses=dict(refusals(400, 408, 413, 422, 507)),
    )
    async def count(request: Request) -> Response:
        """Start to count a debate: a file, or pasted text. Its state is at the Location that the answer names."""
        service.debates.check_room()
        if uploading.locked():
            raise busy(f"{_UPLOADING} uploads under way")
        try:
            async with uploading, request.form(max_files=1, max_fields=8, max_part_size=PASTED) as form:
                one = service.debates.add(await _upload(form))
        except OSError as error:
            raise not_saved("the debate", error) from error
        except UnicodeError as error:  # of the charset that the form says it is in
            raise Refused(400, "expected a form in UTF-8; found another character set; send it as UTF-8") from error
        where = f"/debates/{one.id}"
        if wants_page(request.scope):
            return RedirectResponse(where, 303)
        return JSONResponse(_state(one), 202, {"Location": f"{where}/state"})

    @routes.get("/debates/{debate}/state", response_model=schema.DebateState, responses=dict(refusals(404, 410, 422)))
    async def state(debate: _Id) -> Response:
        """How far a debate is."""
        return JSONResponse(_state(service.debates.get(debate)))

    @routes.delete("/debates/{debate}", status_code=204, responses=dict(refusals(404, 410, 422)))
    async def forget(debate: _Id) -> Response:
        """Forget a debate now. Its corrections stay."""
        service.debates.forget(debate)
        return Response(status_code=204)


def _state(one: Held) -> dict[str, Any]:
    done = len(one.predictions)
    return {"id": one.id, "file": one.file, "state": one.state, "done": done, "total": one.total, "error": one.error}


def _word(form: FormData, name: str, longest: int, otherwise: str = "") -> str:
    value = form.get(name) or otherwise
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise Refused(422, f"expected {name} of at most {longest} printable characters; found others; shorten it")
    return value.strip()


async def _upload(form: FormData) -> Upload:
    """What was sent, on disk; raises ``Refused`` (422) unless it is one file or text that can be read."""
    file, text, layout = form.get("file"), form.get("text"), _word(form, "layout", 20, "auto")
    target, name = _word(form, "target", 200), _word(form, "name", 80)
    if layout not in LAYOUTS:
        raise Refused(422, f"expected one of the layouts {', '.join(LAYOUTS)}; found {layout!r}; leave it at auto")
    if isinstance(file, UploadFile) and file.filename:
        found = safe_name(file.filename)
        if Path(found).suffix.lower() not in ENDINGS:
            raise Refused(422, f"expected a file ending in {', '.join(sorted(ENDINGS))}; found {found!r}; convert it")
        return await _stored(new_upload(file.filename, target, layout), file.file)
    if not isinstance(text, str) or not text.strip():
        raise Refused(422, "expected a file or a text; found neither; choose a file, or paste what was said")
    if "\0" in text:
        raise Refused(422, "expected text; found NUL characters; send the file itself")
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise Refused(422, "expected text; found half characters (surrogates); send it as UTF-8") from None
    return await _stored(new_upload(f"{name or _name_of(text)}.txt", target, layout), BytesIO(data))


def _name_of(text: str) -> str:
    """A name for a text that has none: the same for the same words, as corrections are kept by a debate's name."""
    return f"pasted-{hashlib.sha256(' '.join(text.split()).encode()).hexdigest()[:8]}"


async def _stored(upload: Upload, content: BinaryIO) -> Upload:
    """The upload with its content on the disk; nothing is left there where that fails or is given up."""

    def copy() -> None:
        with upload.path.open("wb") as out:
            shutil.copyfileobj(content, out)

    try:
        await asyncio.to_thread(copy)
    except BaseException:
        upload.discard()
        raise
    return upload


def _corrections(routes: APIRouter, service: Service) -> None:
    where = "/debates/{debate}/interventions/{row}/correction"
    asked = dict(refusals(400, 404, 408, 409, 410, 413, 422, 507))

    @routes.put(where, response_model=schema.Corrected, responses=asked)
    async def correct(debate: _Id, row: _Row, correction: schema.MarksCorrection | schema.StanceCorrection) -> Response:
        """Say what an intervention's marks are, or its stance alone; again, and the last word counts."""
        key, prediction = _intervention(service.debates.done(debate), row)
        stance, marks = None, None
        if isinstance(correction, schema.MarksCorrection):
            marks = _marks(correction, len(prediction.intervention.sentences))
        else:
            stance = parse_stance(correction.stance)
        await _saved(service.corrections.put, key, prediction, stance, marks, service.model)
        return JSONResponse(_corrected(service, key, prediction, row))

    @routes.delete(where, response_model=schema.Corrected, responses=asked)
    async def undo(debate: _Id, row: _Row) -> Response:
        """Take a correction back: the model's word counts again."""
        key, prediction = _intervention(service.debates.done(debate), row)
        await _saved(service.corrections.remove, key)
        return JSONResponse(_corrected(service, key, prediction, row))


async def _saved(work: Any, *values: Any) -> None:
    try:
        await asyncio.to_thread(work, *values)
    except OSError as error:
        raise not_saved("the correction", error) from error


def _intervention(one: Held, row: int) -> tuple[Key, Prediction]:
    if row >= len(one.predictions):
        raise Refused(404, f"expected a row below {len(one.predictions)}; found {row}; look at the predictions")
    return one.keys[row], one.predictions[row]


def _marks(given: schema.MarksCorrection, sentences: int) -> Marks:
    for name, numbers in (("praise", given.praise), ("concern", given.concern)):
        if len(set(numbers)) < len(numbers) or any(n >= sentences for n in numbers):
            raise Refused(422, f"expected {name} to number sentences below {sentences}, each once; found {numbers}")
    return Marks(tuple(sorted(given.praise)), tuple(sorted(given.concern)))


def _corrected(service: Service, key: Key, prediction: Prediction, row: int) -> dict[str, Any]:
    now = service.corrections.apply(key, prediction)
    return {
        "row": row,
        "stance": str(now.stance or NO_STANCE),
        "praise": None if now.marks is None else list(now.marks.praise),
        "concern": None if now.marks is None else list(now.marks.concern),
        "corrected": key in service.corrections,
    }


def _files(routes: APIRouter, service: Service) -> None:
    asked, written = dict(refusals(404, 409, 410, 422)), dict(refusals(404, 409, 410, 422, 507))

    @routes.get("/corrections.jsonl", response_class=Response, responses=dict(refusals()))
    async def all_corrections() -> Response:
        """Every correction in the folder, as labelled rows that `statestance check` reads."""
        return _jsonl(service.corrections.text(), "corrections.jsonl")

    @routes.get("/debates/{debate}/corrections.jsonl", response_class=Response, responses=asked)
    async def corrections(debate: _Id) -> Response:
        """The corrections of this debate."""
        one = service.debates.done(debate)
        return _jsonl(service.corrections.text(one.keys), f"{Path(one.file).stem}.corrections.jsonl")

    @routes.get("/debates/{debate}/predictions.{ending}", response_class=FileResponse, responses=written)
    async def predictions(debate: _Id, ending: _Ending) -> Response:
        """The model's predictions, as `statestance predict -o` writes them; corrections stand apart."""
        one = service.debates.done(debate)
        return await _table(one.predictions, f"{Path(one.file).stem}.{ending}")

    @routes.get("/debates/{debate}/counted.{ending}", response_class=FileResponse, responses=written)
    async def counted(debate: _Id, ending: _Ending) -> Response:
        """What the page counts, in the same columns: the predictions, and for what was corrected what somebody said.

        A corrected row is certain: confidence 1, probability 1 for its stance, or 0 for each of the three where it has
        none, with the `abstain_reason` "by_hand". So `statestance tally` gives the counts and intervals of the page.
        """
        one = service.debates.done(debate)
        return await _table(service.counted(one), f"{Path(one.file).stem}.counted.{ending}")


async def _table(rows: Sequence[Prediction], name: str) -> Response:
    """A table as a file to save."""
    try:
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="statestance-"))
    except OSError as error:
        raise not_saved("the table", error) from error
    try:
        await asyncio.to_thread(table.write, rows, folder / name)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error.__cause__, OSError):
            raise not_saved("the table", error.__cause__) from error
        raise
    after = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(folder / name, filename=name, background=after)


def _jsonl(text: str, name: str) -> Response:
    return Response(text, media_type="application/x-ndjson", headers=attached(name))


def attached(name: str) -> dict[str, str]:
    """The header of a file to save; its name is in ASCII, as headers are."""
    printed = name.encode("ascii", "replace").decode().replace("?", "_")
    return {"Content-Disposition": f'attachment; filename="{printed}"'}
