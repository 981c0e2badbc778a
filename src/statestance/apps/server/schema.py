"""What the JSON API takes and gives, as its OpenAPI description shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from statestance.apps.server.settings import Limits
from statestance.domain import Intervention
from statestance.predict.predictor import as_intervention

_MOST = Limits()
_Word = Annotated[str, StringConstraints(max_length=500)]
_Text = Annotated[str, StringConstraints(max_length=_MOST.text)]
_Numbers = Annotated[list[Annotated[int, Field(ge=0, lt=_MOST.sentences)]], Field(max_length=_MOST.sentences)]
Outcome = Literal["supportive", "mixed", "critical", "none"]


class Given(BaseModel):
    """One intervention: its text, or its sentences; who speaks and about whom, where that is known."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"anyOf": [{"required": ["text"]}, {"required": ["sentences"]}]}
    )

    text: _Text | None = None
    sentences: Annotated[list[_Text], Field(min_length=1, max_length=_MOST.sentences)] | None = None
    id: _Word = ""
    debate: _Word = ""
    target: _Word = Field("", description="The State under review.")
    speaker: _Word = ""
    speaker_iso3: Annotated[str, StringConstraints(pattern="^([A-Z]{3})?$")] = ""
    on_behalf_of: _Word = ""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        said = "".join(self.sentences) if self.sentences else self.text or ""
        if not said.strip():
            raise ValueError("neither text nor sentences; give one that is not blank")
        if len(said) > _MOST.text:
            raise ValueError(f"more than {_MOST.text:,} characters; split it")
        return self


class PredictCall(BaseModel):
    """Interventions to predict, in one call."""

    model_config = ConfigDict(extra="forbid")

    interventions: Annotated[list[Given], Field(min_length=1, max_length=_MOST.interventions)]

    def rows(self) -> list[Intervention]:
        return [as_intervention(given.model_dump(), number) for number, given in enumerate(self.interventions, 1)]


class PredictedRow(BaseModel):
    """One prediction, in the columns of `statestance predict -o`."""

    id: str
    debate: str
    target: str
    speaker: str
    speaker_iso3: str
    on_behalf_of: str
    text: str
    sentences: list[str]
    stance: Literal["supportive", "mixed", "critical", ""]
    confidence: float
    p_supportive: float
    p_mixed: float
    p_critical: float
    praise: list[int]
    concern: list[int]
    abstained: bool
    abstain_reason: str
    prediction_set: list[Literal["supportive", "mixed", "critical", "none"]]


class Predicted(BaseModel):
    """The predictions, in the order of the call."""

    model: str
    predictions: list[PredictedRow]


class Health(BaseModel):
    status: Literal["ok"]
    model: str
    version: str


class DebateState(BaseModel):
    """How far a debate is: ``done`` of ``total`` interventions are predicted."""

    id: str
    file: str
    state: Literal["waiting", "reading", "predicting", "done", "failed"]
    done: int
    total: int
    error: str


class MarksCorrection(BaseModel):
    """The sentences that praise and those that voice concern, by their 0-based numbers; the stance follows."""

    model_config = ConfigDict(extra="forbid")

    praise: _Numbers
    concern: _Numbers


class StanceCorrection(BaseModel):
    """The stance alone, where nobody says which sentences show it."""

    model_config = ConfigDict(extra="forbid")

    stance: Outcome


class Corrected(BaseModel):
    """What holds for an intervention now. ``praise`` and ``concern`` are null where no marks are known."""

    row: int
    stance: Outcome
    praise: list[int] | None
    concern: list[int] | None
    corrected: bool


class Refusal(BaseModel):
    """Why the server said no: what was expected, what was found, what to do; and each fault, if there are several."""

    error: str
    faults: list[dict[str, str]] = []


def refusals(*codes: int) -> Mapping[int | str, dict[str, Any]]:
    """The refusals that any call may meet, and those of this one, for the OpenAPI description."""
    return {code: {"model": Refusal, "description": _MEANING[code]} for code in (401, 403, 421, 503, *codes)}


_MEANING = {
    400: "The body is not what its content type says.",
    401: "The token is missing or wrong.",
    403: "The request comes from the page of another site.",
    404: "There is no such debate or intervention.",
    408: "The body took too long.",
    409: "The debate is not counted yet.",
    410: "The debate was forgotten to make room.",
    413: "The body is too big.",
    421: "The Host header does not name this server.",
    422: "A field is missing or wrong.",
    503: "Too much is under way; Retry-After says when to come back.",
    507: "The disk does not take what has to be saved.",
}
