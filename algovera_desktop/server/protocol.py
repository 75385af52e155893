"""The bodies and answers of Algovera's HTTP protocol, with our additions."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from algovera_desktop.domain.generation import GenerationRequest, ModelInfo
from algovera_desktop.server.jobs import StoredState
from algovera_desktop.server.studio import JobReport

MAX_WAIT_S = 30.0

FIELD_NAMES = {
    "steps": "inf_steps",
    "negative_prompt": "neg_prompt",
    "model": "base_model",
}
"""What the protocol calls the fields of a GenerationRequest that it names differently."""


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _unicode(value: str) -> str:
    """JSON can smuggle half a surrogate pair into a string, which nothing can write down."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("must be valid Unicode") from None
    return value


WholeNumber = Annotated[int, BeforeValidator(_whole), Field(strict=True)]
Text = Annotated[str, AfterValidator(_unicode)]
Key = Annotated[Text, Field(description="An API key, 64 hex characters")]
ClientRef = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")]


class Txt2ImgBody(BaseModel):
    """A job. Defaults and names as the documentation has them; limits: see `/api/models`."""

    model_config = ConfigDict(strict=True)

    prompt: Text
    base_model: Text
    api_key: Key
    height: WholeNumber = 512
    width: WholeNumber = 512
    inf_steps: WholeNumber = 50
    guidance_scale: Annotated[float, Field(allow_inf_nan=False)] = 7.5
    seed: WholeNumber = 69
    neg_prompt: Text = ""
    client_ref: Annotated[
        ClientRef | None,
        Field(
            description=(
                "The client's own name for this job, such as a UUID. The first POST with it makes"
                " a job; each later one with the same key is answered with that job's `job_uuid`,"
                " whatever else it says and however full the queue is. Names are remembered"
                " longer than jobs, so a job that was deleted is not made again."
            )
        ),
    ] = None

    def to_request(self) -> GenerationRequest:
        return GenerationRequest(
            prompt=self.prompt,
            model=self.base_model,
            width=self.width,
            height=self.height,
            steps=self.inf_steps,
            guidance_scale=self.guidance_scale,
            seed=self.seed,
            negative_prompt=self.neg_prompt,
        )


class JobBody(BaseModel):
    """Which job, and whose."""

    model_config = ConfigDict(strict=True)

    api_key: Key
    job_uuid: Text


class BaseModelsAnswer(BaseModel):
    base_models: list[str]


class ModelsAnswer(BaseModel):
    """Each model with its limits: sides and sizes in pixels, weights in bytes."""

    models: list[ModelInfo]


class HealthAnswer(BaseModel):
    """``engine`` is "starting", "ready" or "unavailable"; ``queue_length`` leaves out what runs;
    ``client_ref`` says that a job may be posted again under its ``client_ref``."""

    version: str
    queue_length: int
    engine: str
    device: str
    client_ref: bool = True


class CreatedAnswer(BaseModel):
    job_uuid: str


class StatusAnswer(BaseModel):
    """``job_status`` is "created", "done" or "failed"; ``queue_position`` 0 while it runs, null
    when it has ended; ``error`` one sentence when it failed, else null; ``previews`` how many
    there have been, of which `/api/preview` has the last while the job runs."""

    job_uuid: str
    job_status: str
    progress: float
    queue_position: int | None
    error: str | None
    previews: int

    @classmethod
    def of(cls, report: JobReport) -> "StatusAnswer":
        job = report.job
        is_open = job.state.is_open
        return cls(
            job_uuid=job.id,
            job_status=_WORDS[job.state],
            progress=report.progress,
            queue_position=job.queue_position if is_open else None,
            error=job.error or None,
            previews=report.previews,
        )


class ErrorAnswer(BaseModel):
    detail: str


class FieldError(BaseModel):
    """One field that cannot be as it is. ``limit`` says what is allowed, ``value`` what came."""

    loc: list[str | int]
    msg: str
    type: str
    limit: str
    value: str | int | float | bool | None


class FieldErrorsAnswer(BaseModel):
    detail: list[FieldError]


_WORDS = {
    StoredState.QUEUED: "created",
    StoredState.RUNNING: "created",
    StoredState.DONE: "done",
    StoredState.FAILED: "failed",
    StoredState.CANCELLED: "failed",
}
