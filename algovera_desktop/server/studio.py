"""Where jobs become pictures: takes them in, has them painted, answers for them."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from algovera_desktop.domain.errors import InvalidRequestError, LibraryError
from algovera_desktop.domain.generation import GenerationRequest, ModelInfo
from algovera_desktop.server.bell import ChangeBell
from algovera_desktop.server.jobs import MAYBE_PAID, JobStore, StoredJob, StoredState
from algovera_desktop.server.keys import KeyOwner
from algovera_desktop.server.limits import KeyLimits
from algovera_desktop.server.metrics import Histogram
from algovera_desktop.server.painting import (
    Painter,
    PainterDiedError,
    PainterUnavailableError,
    PaintingCancelledError,
    PaintingFailedError,
    PaintOrder,
)
from algovera_desktop.server.pictures import PictureFolder
from algovera_desktop.server.pipelines.base import Checkpoint
from algovera_desktop.server.remote import RemoteModels
from algovera_desktop.server.studio_metrics import StudioMetrics

_TIDY_EVERY_S = 3600.0
_STORAGE_RETRY_S = 5.0
_DAY_S = 86_400.0

_log = logging.getLogger(__name__)


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


class _Painting:
    """A job on its way: the listener of its painter, and what others may see of it."""

    def __init__(self, job_id: str, model: str, bell: ChangeBell, steps: Histogram) -> None:
        self._job_id, self._bell, self._steps = job_id, bell, steps
        self._steps_done, self._stepped_s = 0, 0.0
        self.model = model
        self.progress = 0.0
        self.preview = b""
        self.previews = 0
        self.is_called_off = False

    def on_step(self, done: int, total: int) -> None:
        self.progress = min(done / max(total, 1), 1.0)
        now_s = time.monotonic()
        if done > self._steps_done > 0:  # the first step may have had to load the model
            self._steps.observe((now_s - self._stepped_s) / (done - self._steps_done))
        self._steps_done, self._stepped_s = done, now_s
        self._bell.ring(self._job_id)

    def on_preview(self, jpeg: bytes) -> None:
        self.preview = jpeg
        self.previews += 1
        self._bell.ring(self._job_id)


class Studio:
    """Belongs to one event loop, and to no other server at the same data folder."""

    def __init__(
        self,
        jobs: JobStore,
        pictures: PictureFolder,
        painter: Painter,
        checkpoints: RemoteModels,
        rules: StudioRules,
        metrics: StudioMetrics | None = None,
    ) -> None:
        self._jobs = jobs
        self._pictures = pictures
        self._painter = painter
        self._checkpoints = checkpoints
        self._rules = rules
        self.metrics = metrics or StudioMetrics()
        self._bell = ChangeBell()
        self._something_changed = asyncio.Event()
        self._paintings: dict[str, _Painting] = {}
        self._at_work: set[asyncio.Task[None]] = set()
        self._tidied_at = 0.0
        self._shift: asyncio.Task[None] | None = None
        self._is_closing = False
        self._is_taking = False

    async def open(self) -> None:
        """Start to paint what waits."""
        self._painter.start(self._something_changed.set)
        self._shift = asyncio.create_task(self._paint_for_ever())

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being painted."""
        return not self._at_work and not self._is_taking

    def stop_taking(self) -> None:
        """Let what is being painted come to its end, and begin nothing from now on."""
        self._is_closing = True

    def release_waiters(self) -> None:
        """Answer everybody who waits for a change, from now on at once."""
        self._bell.close()

    async def close(self) -> None:
        """Stop painting; the jobs under way wait for the next server."""
        self._is_closing = True  # Python 3.11's wait_for may swallow the cancellation
        self.release_waiters()
        tasks = [*self._at_work, *([self._shift] if self._shift is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(self._painter.close)

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
        return any(painting.model == model_name for painting in list(self._paintings.values()))

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
        if self._is_closing:
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
        self._something_changed.set()
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
        if (painting := self._paintings.get(job_id)) is not None:
            painting.is_called_off = True
            self._painter.stop_painting(job_id)
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
        painting = self._paintings.get(job_id)
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
        painting = self._paintings.get(job_id)
        done = 1.0 if job.state is StoredState.DONE else 0.0
        if painting is None:
            return JobReport(job, done)
        return JobReport(job, painting.progress, painting.previews)

    async def _paint_for_ever(self) -> None:
        while not self._is_closing:
            try:
                self._something_changed.clear()
                await self._tidy_if_time()
                await self._take_jobs()
            except Exception:  # a full disk or our own mistake: the next job gets its chance
                _log.exception("Painting goes on in %g s after an error", _STORAGE_RETRY_S)
                await asyncio.sleep(_STORAGE_RETRY_S)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._something_changed.wait(), _TIDY_EVERY_S)

    async def _take_jobs(self) -> None:
        while len(self._at_work) < self._painter.capacity and not self._is_closing:
            self._is_taking = True
            try:
                job = await self._jobs.claim()
            finally:
                self._is_taking = False
            if job is None:
                return
            self.metrics.waits.observe(max(time.time() - job.created_at, 0.0))
            self._bell.ring(job.id)
            self._bell.ring_round()
            # Known from now on: its end may be asked for before its painter has heard of it.
            painting = _Painting(job.id, job.request.model, self._bell, self.metrics.steps)
            self._paintings[job.id] = painting
            task = asyncio.create_task(self._see_through(job, painting))
            self._at_work.add(task)
            task.add_done_callback(self._on_job_ended)

    def _on_job_ended(self, task: asyncio.Task[None]) -> None:
        self._at_work.discard(task)
        self._something_changed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("A job was left unfinished", exc_info=error)

    async def _tidy_if_time(self) -> None:
        if self._tidied_at and time.monotonic() - self._tidied_at < _TIDY_EVERY_S:
            return
        if self._at_work:  # a picture that is not recorded yet would look forgotten
            return
        if self._rules.keep_days > 0:
            oldest = time.time() - self._rules.keep_days * _DAY_S
            await self._jobs.forget_finished_before(oldest)
        await asyncio.to_thread(self._pictures.keep_only, await self._jobs.done_ids())
        self._tidied_at = time.monotonic()

    async def _see_through(self, job: StoredJob, painting: _Painting) -> None:
        try:
            state, error = await self._paint(job, painting)
            await self._record(job.id, state, error)
            self.metrics.ended.add(state.value)
        except asyncio.CancelledError:
            await self._jobs.put_back(job.id)
            raise
        finally:
            del self._paintings[job.id]
        self._bell.ring(job.id)

    async def _paint(self, job: StoredJob, painting: _Painting) -> tuple[StoredState, str]:
        try:
            checkpoint = await self._checkpoint(job.request.model)
            access = self._checkpoints.access_for(checkpoint)
            order = PaintOrder(job.id, job.request, checkpoint, access)
            if painting.is_called_off:
                raise PaintingCancelledError
            data = await self._painter.paint(order, painting)
            await self._keep(job, data)
        except PaintingCancelledError:
            return StoredState.CANCELLED, "The job was cancelled."
        except (PaintingFailedError, PainterUnavailableError, LibraryError) as error:
            # Not in which words: they may repeat the prompt. The job's owner is told them.
            _log.warning("Job %s failed (%s)", job.id, type(error).__name__)
            return StoredState.FAILED, _reason(job, error)
        except Exception:
            _log.exception("Job %s met a mistake in the server", job.id)
            return StoredState.FAILED, "The server made a mistake; its log says more."
        return StoredState.DONE, ""

    async def _keep(self, job: StoredJob, data: bytes) -> None:
        """Put a picture on disk; one that was paid for waits until there is space."""
        while True:
            try:
                await asyncio.to_thread(self._pictures.save, job.id, data)
                return
            except LibraryError:
                if not job.once:
                    raise
                _log.exception("Job %s's picture, which was paid for, has no place yet", job.id)
                await asyncio.sleep(_STORAGE_RETRY_S)

    async def _checkpoint(self, model_name: str) -> Checkpoint | None:
        """The installed model of this name, None for one that the painter carries.

        Raises PaintingFailedError if the model was removed while the job waited.
        """
        if any(model.name == model_name for model in (await self._painter.workshop()).models):
            return None
        for checkpoint in await self._checkpoints.installed():
            if checkpoint.model.name == model_name:
                return checkpoint
        raise PaintingFailedError(f"The model {model_name} is no longer installed.")

    async def _record(self, job_id: str, state: StoredState, error: str) -> None:
        while True:
            try:
                await self._jobs.finish(job_id, state, error)
                return
            except LibraryError:  # a full disk: the picture waits here until there is space
                _log.exception("Job %s's end could not be recorded", job_id)
                await asyncio.sleep(_STORAGE_RETRY_S)


def _reason(job: StoredJob, error: Exception) -> str:
    """Why a job has no picture, for its owner."""
    is_paid_perhaps = job.once and isinstance(error, PainterDiedError)
    return f"{error} {MAYBE_PAID}" if is_paid_perhaps else str(error)
