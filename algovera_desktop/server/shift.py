"""Takes the jobs that wait, in their turns, and sees each through to its end."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from algovera_desktop.domain.errors import DiskFullError, LibraryError
from algovera_desktop.server.bell import ChangeBell
from algovera_desktop.server.jobs import MAYBE_PAID, JobStore, StoredJob, StoredState
from algovera_desktop.server.metrics import Histogram
from algovera_desktop.server.painting import (
    Painter,
    PainterDiedError,
    PainterOutdatedError,
    PainterUnavailableError,
    PaintingCancelledError,
    PaintingFailedError,
    PaintOrder,
)
from algovera_desktop.server.pictures import PictureFolder, most_png_bytes
from algovera_desktop.server.pipelines.base import Checkpoint
from algovera_desktop.server.remote import RemoteModels
from algovera_desktop.server.studio_metrics import StudioMetrics

_TIDY_EVERY_S = 3600.0
_STORAGE_RETRY_S = 5.0
_DAY_S = 86_400.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lane:
    """A painter, and which jobs it takes: those that cost money, those that cost none, or, with
    None, all."""

    painter: Painter
    once: bool | None = None


class Painting:
    """A job on its way: the listener of its painter, and what others may see of it."""

    def __init__(
        self,
        job: StoredJob,
        lane: Lane,
        bell: ChangeBell,
        steps: Histogram,
        keep_address: Callable[[str, str], None],
    ) -> None:
        self._bell, self._steps, self._keep_address = bell, steps, keep_address
        self._steps_done, self._stepped_s = 0, 0.0
        self.job, self.lane = job, lane
        self.address = job.address
        self.progress = 0.0
        self.preview = b""
        self.previews = 0
        self.is_begun = False
        self.is_called_off = False

    def on_step(self, done: int, total: int) -> None:
        self.progress = min(done / max(total, 1), 1.0)
        now_s = time.monotonic()
        if done > self._steps_done > 0:  # the first step may have had to load the model
            self._steps.observe((now_s - self._stepped_s) / (done - self._steps_done))
        self._steps_done, self._stepped_s = done, now_s
        self._bell.ring(self.job.id)

    def on_preview(self, jpeg: bytes) -> None:
        self.preview = jpeg
        self.previews += 1
        self._bell.ring(self.job.id)

    def on_paid(self, address: str) -> None:
        self.address = address
        self._keep_address(self.job.id, address)


class Shift:
    """Paints as many jobs at once as each lane's painter can. Belongs to one event loop.

    What ended over ``keep_days`` ago is deleted; 0 keeps it.
    """

    def __init__(
        self,
        jobs: JobStore,
        pictures: PictureFolder,
        lanes: Sequence[Lane],
        checkpoints: RemoteModels,
        bell: ChangeBell,
        metrics: StudioMetrics,
        keep_days: float,
    ) -> None:
        self._jobs, self._pictures = jobs, pictures
        self._lanes, self._checkpoints = tuple(lanes), checkpoints
        self._bell, self._metrics = bell, metrics
        self._keep_days = keep_days
        self._something_changed = asyncio.Event()
        self._paintings: dict[str, Painting] = {}
        self._at_work: set[asyncio.Task[None]] = set()
        self._writing: set[asyncio.Task[None]] = set()
        self._tidied_at = 0.0
        self._taker: asyncio.Task[None] | None = None
        self._is_closing = False
        self._is_taking = False

    def open(self) -> None:
        """Start to paint what waits."""
        for lane in self._lanes:
            lane.painter.start(self.look)
        self._taker = asyncio.create_task(self._paint_for_ever())

    def look(self) -> None:
        """Look soon whether a job waits that can be painted."""
        self._something_changed.set()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being painted."""
        return not self._at_work and not self._is_taking

    @property
    def is_closing(self) -> bool:
        """Whether nothing is begun any more."""
        return self._is_closing

    def stop_taking(self) -> None:
        """Let what is being painted come to its end, and begin nothing from now on."""
        self._is_closing = True

    async def close(self) -> None:
        """Stop painting; the jobs under way wait for the next server."""
        self._is_closing = True  # Python 3.11's wait_for may swallow the cancellation
        if self._taker is not None:
            self._taker.cancel()
            await asyncio.gather(self._taker, return_exceptions=True)
        tasks = list(self._at_work)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *self._writing, return_exceptions=True)
        for painting in self._paintings.values():
            await self._leave_behind(painting)
        for lane in self._lanes:
            await asyncio.to_thread(lane.painter.close)

    def painting(self, job_id: str) -> Painting | None:
        """How far a job is that is being painted."""
        return self._paintings.get(job_id)

    def paintings(self) -> list[Painting]:
        """All that is being painted; may be called from any thread."""
        return list(self._paintings.values())

    def call_off(self, job_id: str) -> None:
        """Have this job not painted, or not to its end."""
        if (painting := self._paintings.get(job_id)) is not None:
            painting.is_called_off = True
            painting.lane.painter.stop_painting(job_id)

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
        self._is_taking = True
        try:
            for lane in self._lanes:
                while self._has_room(lane) and (job := await self._claim(lane)) is not None:
                    self._begin(job, lane)
        finally:
            self._is_taking = False

    def _has_room(self, lane: Lane) -> bool:
        busy = sum(painting.lane is lane for painting in self._paintings.values())
        return busy < lane.painter.capacity and not self._is_closing

    async def _claim(self, lane: Lane) -> StoredJob | None:
        """The lane's next job. One that is claimed while the server ends waits again at once."""
        claim = asyncio.ensure_future(self._jobs.claim(lane.once))
        try:
            return await asyncio.shield(claim)
        except asyncio.CancelledError:
            with contextlib.suppress(LibraryError):  # the next server's start sees to it
                if (job := await claim) is not None:
                    await self._jobs.put_back(job.id, was_begun=False)
            raise

    def _begin(self, job: StoredJob, lane: Lane) -> None:
        self._metrics.waits.observe(max(time.time() - job.created_at, 0.0))
        # Known from now on: its end may be asked for before its painter has heard of it.
        painting = Painting(job, lane, self._bell, self._metrics.steps, self._keep_address)
        self._paintings[job.id] = painting
        self._bell.ring(job.id)
        self._bell.ring_round()
        task = asyncio.create_task(self._see_through(painting))
        self._at_work.add(task)
        task.add_done_callback(partial(self._on_job_ended, job.id))

    def _on_job_ended(self, job_id: str, task: asyncio.Task[None]) -> None:
        self._at_work.discard(task)
        if task.cancelled():  # by ``close``, which still has to know of it
            return
        del self._paintings[job_id]
        self._bell.ring(job_id)
        self.look()
        if (error := task.exception()) is not None:
            _log.error("A job was left unfinished", exc_info=error)

    def _keep_address(self, job_id: str, address: str) -> None:
        task = asyncio.create_task(self._write_address(job_id, address))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write_address(self, job_id: str, address: str) -> None:
        try:
            await self._jobs.keep_address(job_id, address)
        except LibraryError:  # the worker fetches it all the same
            _log.exception("Where job %s's picture lies could not be written down", job_id)

    async def _leave_behind(self, painting: Painting) -> None:
        """Write down how far an interrupted job was; raises nothing: what a dead database keeps
        is taken up again at the next start."""
        job_id = painting.job.id
        try:
            if await asyncio.to_thread(self._pictures.has, job_id):
                await self._jobs.finish(job_id, StoredState.DONE)
            else:
                await self._jobs.put_back(job_id, was_begun=painting.is_begun)
        except LibraryError:
            _log.exception("Job %s could not be put back", job_id)

    async def _tidy_if_time(self) -> None:
        """Delete what is too old and what nobody has; nothing is claimed meanwhile."""
        if self._tidied_at and time.monotonic() - self._tidied_at < _TIDY_EVERY_S:
            return
        # Asked for before the done ones: what ends in between is among those.
        kept = set(self._paintings)
        if self._keep_days > 0:
            oldest = time.time() - self._keep_days * _DAY_S
            await self._jobs.forget_finished_before(oldest)
        kept |= await self._jobs.done_ids()
        await asyncio.to_thread(self._pictures.keep_only, kept)
        self._tidied_at = time.monotonic()

    async def _see_through(self, painting: Painting) -> None:
        job_id = painting.job.id
        try:
            state, error = await self._paint(painting)
        except PainterOutdatedError:
            self.stop_taking()
            # This painter has begun nothing, but the one before may have paid and then died.
            painting.is_begun = bool(painting.address)
            await self._leave_behind(painting)
            return
        if state is not StoredState.DONE:
            await asyncio.to_thread(self._pictures.release, job_id)
        await self._record(job_id, state, error)
        self._metrics.ended.add(state.value)

    async def _paint(self, painting: Painting) -> tuple[StoredState, str]:
        job = painting.job
        try:
            order = await self._order(painting)
            await self._make_room(job)
            if painting.is_called_off:
                raise PaintingCancelledError
            painting.is_begun = True
            data = await self._painted(painting, order)
            await self._keep(painting, data)
        except PaintingCancelledError:
            return StoredState.CANCELLED, "The job was cancelled."
        except PainterOutdatedError:
            raise
        except (PaintingFailedError, PainterUnavailableError, LibraryError) as error:
            # Not in which words: they may repeat the prompt. The job's owner is told them.
            _log.warning("Job %s failed (%s)", job.id, type(error).__name__)
            return StoredState.FAILED, _reason(painting, error)
        except Exception:
            _log.exception("Job %s met a mistake in the server", job.id)
            return StoredState.FAILED, "The server made a mistake; its log says more."
        return StoredState.DONE, ""

    async def _make_room(self, job: StoredJob) -> None:
        """Before a picture is paid for, see that there is space to keep it; raises
        PaintingFailedError. One that was paid for already is fetched all the same, and waits."""
        if not job.once or job.address:
            return
        most_bytes = most_png_bytes(job.request.width, job.request.height)
        try:
            await asyncio.to_thread(self._pictures.reserve, job.id, most_bytes)
        except LibraryError as error:
            raise PaintingFailedError(f"{error} Nothing was paid.") from error

    async def _order(self, painting: Painting) -> PaintOrder:
        job = painting.job
        if job.address:  # whose model and key may be gone by now
            return PaintOrder(job.id, job.request, address=job.address)
        checkpoint = await self._checkpoint(painting)
        access = self._checkpoints.access_for(checkpoint)
        return PaintOrder(job.id, job.request, checkpoint, access)

    async def _painted(self, painting: Painting, order: PaintOrder) -> bytes:
        """A picture's PNG bytes; one that was paid for is fetched by another painter, once, when
        the first one dies over it."""
        painter = painting.lane.painter
        try:
            return await painter.paint(order, painting)
        except PainterDiedError:
            if order.address or not painting.address or painting.is_called_off:
                raise
            return await painter.paint(replace(order, address=painting.address), painting)

    async def _keep(self, painting: Painting, data: bytes) -> None:
        """Put a picture on disk. It waits for space, unless nobody wants it any more; one that was
        paid for waits whatever is the matter."""
        job = painting.job
        while job.once or not painting.is_called_off:
            try:
                await asyncio.to_thread(self._pictures.save, job.id, data)
                return
            except LibraryError as error:
                if not job.once and not isinstance(error, DiskFullError):
                    raise
                _log.warning("Job %s's picture has no place yet: %s", job.id, error)
                await asyncio.sleep(_STORAGE_RETRY_S)
        raise PaintingCancelledError

    async def _checkpoint(self, painting: Painting) -> Checkpoint | None:
        """The installed model of this name, None for one that the painter carries.

        Raises PaintingFailedError if the model was removed while the job waited.
        """
        name = painting.job.request.model
        if any(each.name == name for each in (await painting.lane.painter.workshop()).models):
            return None
        for checkpoint in await self._checkpoints.installed():
            if checkpoint.model.name == name:
                return checkpoint
        raise PaintingFailedError(f"The model {name} is no longer installed.")

    async def _record(self, job_id: str, state: StoredState, error: str) -> None:
        while True:
            try:
                await self._jobs.finish(job_id, state, error)
                return
            except LibraryError:  # a full disk: the picture waits here until there is space
                _log.exception("Job %s's end could not be recorded", job_id)
                await asyncio.sleep(_STORAGE_RETRY_S)


def _reason(painting: Painting, error: Exception) -> str:
    """Why a job has no picture, for its owner."""
    is_paid_perhaps = painting.job.once and isinstance(error, PainterDiedError)
    is_paid_perhaps |= bool(painting.address) and isinstance(error, PainterUnavailableError)
    return f"{error} {MAYBE_PAID}" if is_paid_perhaps else str(error)
