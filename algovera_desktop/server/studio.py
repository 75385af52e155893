"""Where jobs become pictures: takes them in, has them painted, answers for them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from algovera_desktop.domain.errors import InvalidRequestError
from algovera_desktop.domain.generation import GenerationRequest, ModelInfo
from algovera_desktop.server.bell import ChangeBell
from algovera_desktop.server.jobs import JobStore, StoredJob, StoredState
from algovera_desktop.server.keys import KeyOwner
from algovera_desktop.server.limits import KeyLimits
from algovera_desktop.server.painting import Painter
from algovera_desktop.server.pictures import PictureFolder
from algovera_desktop.server.remote import RemoteModels
from algovera_desktop.server.shift import Lane, Shift
from algovera_desktop.server.studio_metrics import StudioMetrics


class UnknownJobError(Exception):
    """This owner has no such job, or no longer."""


class ClosingError(Exception):
    """The server is about to end, and takes no more jobs."""


class NotFinishedError(Exception):
    """The job has no picture yet."""


class JobFailedError(Exception):
    """The job will never have a picture; the text says why."""


@dataclass(frozen=True, slots=True)
class StudioRules:
    """``queue_limit`` jobs may wait; what ended over ``keep_days`` ago is deleted (0: never);
    ``limits`` are those of a key that has none of its own."""

    queue_limit: int = 100
    keep_days: float = 30.0
    limits: KeyLimits = field(default_factory=KeyLimits)


@dataclass(frozen=True, slots=True)
class JobReport:
    """A job, how far it is, 0.0 to 1.0, and how many previews of it there have been."""

    job: StoredJob
    progress: float
    previews: int = 0


class Studio:
    """Belongs to one event loop, and to no other server at the same data folder.

    With a ``buyer`` jobs that cost money go to it, and all others to the ``painter``.
    """

    def __init__(
        self,
        jobs: JobStore,
        pictures: PictureFolder,
        painter: Painter,
        checkpoints: RemoteModels,
        rules: StudioRules,
        metrics: StudioMetrics | None = None,
        buyer: Painter | None = None,
    ) -> None:
        self._jobs = jobs
        self._pictures = pictures
        self._painter = painter
        self._checkpoints = checkpoints
        self._rules = rules
        self.metrics = metrics or StudioMetrics()
        self._bell = ChangeBell()
        apart = () if buyer is None else (Lane(painter, once=False), Lane(buyer, once=True))
        lanes = apart or (Lane(painter),)
        self._shift = Shift(
            jobs, pictures, lanes, checkpoints, self._bell, self.metrics, rules.keep_days
        )

    async def open(self) -> None:
        """Start to paint what waits."""
        self._shift.open()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being painted."""
        return self._shift.is_idle

    def stop_taking(self) -> None:
        """Let what is being painted come to its end, and begin nothing from now on."""
        self._shift.stop_taking()

    def release_waiters(self) -> None:
        """Answer everybody who waits for a change, from now on at once."""
        self._bell.close()

    async def close(self) -> None:
        """Stop painting; the jobs under way wait for the next server."""
        self._shift.stop_taking()
        self.release_waiters()
        await self._shift.close()

    async def models(self) -> list[ModelInfo]:
        """What can be painted with now; raises PainterUnavailableError or LibraryError."""
        carried = (await self._painter.workshop()).models
        return [*carried, *(each.model for each in await self._checkpoints.installed())]

    async def known_models(self) -> list[ModelInfo]:
        """Those, and the ones that could be installed too; raises as ``models`` does."""
        models = await self.models()
        names = {model.name for model in models}
        known: Sequence[ModelInfo] = await self._checkpoints.known()
        return [*models, *(model for model in known if model.name not in names)]

    def is_painting_with(self, model_name: str) -> bool:
        """Whether a picture is on its way with this model; may be called from any thread."""
        return any(each.job.request.model == model_name for each in self._shift.paintings())

    @property
    def condition(self) -> tuple[str, str]:
        """``starting``, ``ready`` or ``unavailable``, and the device once it is known."""
        return self._painter.condition

    async def queue_length(self) -> int:
        """How many jobs wait, the running one not counted."""
        return await self._jobs.queue_length()

    async def metrics_text(self) -> str:
        """What Prometheus reads."""
        return self.metrics.text(await self._jobs.count_by_state())

    async def submit(
        self, owner: KeyOwner, request: GenerationRequest, client_ref: str | None = None
    ) -> str:
        """Queue a job and return its id.

        A ``client_ref`` that this owner has used before is answered with the first one's job,
        even when nothing new could be taken. Raises InvalidRequestError, QueueFullError,
        TooManyWaitingError, ClosingError, PainterUnavailableError or LibraryError.
        """
        if client_ref is not None:
            known = await self._jobs.id_for(owner.id, client_ref)
            if known is not None:
                return known
        if self._shift.is_closing:
            raise ClosingError
        await self._validate(request)
        limits = owner.limits.or_else(self._rules.limits)
        limits.check(request)
        job_id = await self._jobs.add(
            owner.id,
            request,
            self._rules.queue_limit,
            client_ref,
            owner_limit=limits.waiting,
            once=await self._costs_money(request.model),
        )
        self._shift.look()
        return job_id

    async def report(self, owner: str, job_id: str, wait_s: float = 0.0) -> JobReport:
        """How a job is; with ``wait_s`` when it next changes, or after as many seconds.

        Raises UnknownJobError.
        """
        with self._bell.waiter(job_id) as waiter:
            report = await self._report_now(owner, job_id)
            if wait_s <= 0 or not report.job.state.is_open:
                return report
            await waiter.wait(wait_s)
        return await self._report_now(owner, job_id)

    async def cancel(self, owner: str, job_id: str) -> JobReport:
        """End a job, a running one at its next step. Raises UnknownJobError."""
        before = await self._jobs.cancel(owner, job_id)
        if before is None:
            raise UnknownJobError
        self._shift.call_off(job_id)
        self._bell.ring(job_id)
        self._bell.ring_round()
        return await self._report_now(owner, job_id)

    async def picture(self, owner: str, job_id: str) -> bytes:
        """A finished job's PNG bytes.

        Raises UnknownJobError, NotFinishedError, JobFailedError or LibraryError.
        """
        job = await self._jobs.get(owner, job_id)
        if job is None:
            raise UnknownJobError
        if job.state.is_open:
            raise NotFinishedError
        if job.state is not StoredState.DONE:
            raise JobFailedError(job.error)
        data = await asyncio.to_thread(self._pictures.load, job_id)
        if data is None:
            raise UnknownJobError
        return data

    async def preview(self, owner: str, job_id: str) -> bytes:
        """A running job's picture as it stands, a small JPEG.

        Raises UnknownJobError, or NotFinishedError while there is none.
        """
        if await self._jobs.get(owner, job_id) is None:
            raise UnknownJobError
        painting = self._shift.painting(job_id)
        if painting is None or not painting.preview:
            raise NotFinishedError
        return painting.preview

    async def _validate(self, request: GenerationRequest) -> None:
        models = {model.name: model for model in await self.models()}
        if request.model not in models:
            limit = f"must be one of: {', '.join(models)}"
            raise InvalidRequestError("model", limit, request.model)
        models[request.model].validate(request)

    async def _costs_money(self, model_name: str) -> bool:
        installed = await self._checkpoints.installed()
        return any(each.model.name == model_name and each.is_paid for each in installed)

    async def _report_now(self, owner: str, job_id: str) -> JobReport:
        job = await self._jobs.get(owner, job_id)
        if job is None:
            raise UnknownJobError
        painting = self._shift.painting(job_id)
        done = 1.0 if job.state is StoredState.DONE else 0.0
        if painting is None:
            return JobReport(job, done)
        return JobReport(job, painting.progress, painting.previews)
