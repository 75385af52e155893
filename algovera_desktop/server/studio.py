"""Where jobs become pictures: takes them in, paints one after the other, answers for them."""

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass

from algovera_desktop.domain.errors import InvalidRequestError, LibraryError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server.bell import ChangeBell
from algovera_desktop.server.jobs import JobStore, StoredJob, StoredState
from algovera_desktop.server.painter import (
    Painter,
    PainterUnavailableError,
    PaintingCancelledError,
    PaintingFailedError,
    Workshop,
)
from algovera_desktop.server.pictures import PictureFolder

_TIDY_EVERY_S = 3600.0
_STORAGE_RETRY_S = 5.0
_DAY_S = 86_400.0

_log = logging.getLogger(__name__)


class UnknownJobError(Exception):
    """This owner has no such job, or no longer."""


class NotFinishedError(Exception):
    """The job has no picture yet."""


class JobFailedError(Exception):
    """The job will never have a picture; the text says why."""


@dataclass(frozen=True, slots=True)
class StudioRules:
    """``queue_limit`` jobs may wait; what ended over ``keep_days`` ago is deleted (0: never)."""

    queue_limit: int = 100
    keep_days: float = 30.0


@dataclass(frozen=True, slots=True)
class JobReport:
    """A job and how far it is, 0.0 to 1.0."""

    job: StoredJob
    progress: float


class Studio:
    """Belongs to one event loop, and to no other server at the same data folder."""

    def __init__(
        self, jobs: JobStore, pictures: PictureFolder, painter: Painter, rules: StudioRules
    ) -> None:
        self._jobs = jobs
        self._pictures = pictures
        self._painter = painter
        self._rules = rules
        self._bell = ChangeBell()
        self._work_came = asyncio.Event()
        self._progress: dict[str, float] = {}
        self._tidied_at = 0.0
        self._shift: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start to paint what waits."""
        self._painter.start()
        self._shift = asyncio.create_task(self._paint_for_ever())

    def release_waiters(self) -> None:
        """Answer everybody who waits for a change, from now on at once."""
        self._bell.close()

    async def close(self) -> None:
        """Stop painting; the job under way waits for the next server."""
        self.release_waiters()
        if self._shift is not None:
            self._shift.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._shift
        await asyncio.to_thread(self._painter.close)

    async def workshop(self) -> Workshop:
        """What can be painted; raises PainterUnavailableError."""
        return await self._painter.workshop()

    @property
    def condition(self) -> tuple[str, str]:
        """``starting``, ``ready`` or ``unavailable``, and the device once it is known."""
        return self._painter.condition

    async def queue_length(self) -> int:
        """How many jobs wait, the running one not counted."""
        return await self._jobs.queue_length()

    async def submit(
        self, owner: str, request: GenerationRequest, client_ref: str | None = None
    ) -> str:
        """Queue a job and return its id.

        A ``client_ref`` that this owner has used before is answered with the first one's job,
        even when nothing new could be taken. Raises InvalidRequestError, QueueFullError,
        PainterUnavailableError or LibraryError.
        """
        if client_ref is not None:
            known = await self._jobs.id_for(owner, client_ref)
            if known is not None:
                return known
        await self._validate(request)
        job_id = await self._jobs.add(owner, request, self._rules.queue_limit, client_ref)
        self._work_came.set()
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
        if before.state is StoredState.RUNNING:
            self._painter.stop_painting(job_id)
        self._bell.ring_all()
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

    async def _validate(self, request: GenerationRequest) -> None:
        models = {model.name: model for model in (await self.workshop()).models}
        if request.model not in models:
            limit = f"must be one of: {', '.join(models)}"
            raise InvalidRequestError("model", limit, request.model)
        models[request.model].validate(request)

    async def _report_now(self, owner: str, job_id: str) -> JobReport:
        job = await self._jobs.get(owner, job_id)
        if job is None:
            raise UnknownJobError
        done = 1.0 if job.state is StoredState.DONE else 0.0
        return JobReport(job, self._progress.get(job_id, done))

    async def _paint_for_ever(self) -> None:
        while True:
            try:
                if time.monotonic() - self._tidied_at > _TIDY_EVERY_S or self._tidied_at == 0:
                    await self._tidy()
                await self._paint_next()
            except Exception:  # a full disk or our own mistake: the next job gets its chance
                _log.exception("Painting goes on in %g s after an error", _STORAGE_RETRY_S)
                await asyncio.sleep(_STORAGE_RETRY_S)

    async def _tidy(self) -> None:
        # Only ever between two jobs: a picture that is not recorded yet would look forgotten.
        if self._rules.keep_days > 0:
            oldest = time.time() - self._rules.keep_days * _DAY_S
            await self._jobs.forget_finished_before(oldest)
        await asyncio.to_thread(self._pictures.keep_only, await self._jobs.done_ids())
        self._tidied_at = time.monotonic()

    async def _paint_next(self) -> None:
        self._work_came.clear()
        job = await self._jobs.claim()
        if job is None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._work_came.wait(), _TIDY_EVERY_S)
            return
        self._bell.ring_all()
        try:
            state, error = await self._paint(job)
        except asyncio.CancelledError:
            await self._jobs.put_back(job.id)
            raise
        await self._record(job.id, state, error)

    async def _paint(self, job: StoredJob) -> tuple[StoredState, str]:
        def on_step(done: int, total: int) -> None:
            self._progress[job.id] = min(done / max(total, 1), 1.0)
            self._bell.ring(job.id)

        try:
            data = await self._painter.paint(job.id, job.request, on_step)
            await asyncio.to_thread(self._pictures.save, job.id, data)
        except PaintingCancelledError:
            return StoredState.CANCELLED, "The job was cancelled."
        except (PaintingFailedError, PainterUnavailableError, LibraryError) as error:
            _log.warning("Job %s failed: %s", job.id, error)
            return StoredState.FAILED, str(error)
        except Exception:
            _log.exception("Job %s met a mistake in the server", job.id)
            return StoredState.FAILED, "The server made a mistake; its log says more."
        return StoredState.DONE, ""

    async def _record(self, job_id: str, state: StoredState, error: str) -> None:
        while True:
            try:
                await self._jobs.finish(job_id, state, error)
                break
            except LibraryError:  # a full disk: the picture waits here until there is space
                _log.exception("Job %s's end could not be recorded", job_id)
                await asyncio.sleep(_STORAGE_RETRY_S)
        self._progress.pop(job_id, None)
        self._bell.ring_all()
