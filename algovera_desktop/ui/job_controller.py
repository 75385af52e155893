"""Moves jobs from the queue to the workers, and tells the window what becomes of them."""

import logging
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from algovera_desktop.domain.errors import (
    AlgoveraError,
    JobCancelledError,
    LibraryError,
    RateLimitedError,
)
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import ACTIVE_STATES, END_STATES, Job, JobProgress, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerState
from algovera_desktop.services.failures import failure_of
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.ui.server_monitor import ServerMonitor, ServerStatus
from algovera_desktop.ui.tasks import Pool, Task, TaskContext, Tasks

_log = logging.getLogger(__name__)

_AT_ONCE_LOCAL = 1
_AT_ONCE_REMOTE = 3
_REST_S = 5.0
"""After trouble that meets every job of a server, before the next one is tried."""

_LONGEST_REST_S = 3600.0

RunJob = Callable[[Job, TaskContext], ImageRecord]
"""Runs one claimed job to its end on a worker thread and records that end in the queue."""


@dataclass(frozen=True, slots=True)
class QueueSummary:
    """How many jobs are in which condition; ``progress`` 0.0-1.0 of those that run and say so."""

    running: int = 0
    waiting: int = 0
    failed: int = 0
    progress: float | None = None


@dataclass(frozen=True, slots=True)
class _Claimed:
    job: Job


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How a run ended: the job as the queue has it now, and its picture or what went wrong."""

    job: Job
    image: ImageRecord | None = None
    error: Exception | None = None


class _Run(QObject):
    """A worker that claims a job and runs it. ``job`` is None until one was claimed."""

    def __init__(self, controller: "JobController", server_id: str, resume: Job | None) -> None:
        super().__init__(controller)
        self.server_id = server_id
        self.job = resume
        self._controller = controller
        self.task = controller.start_work(self._work)
        self.task.progressed.connect(self._on_task_progressed)
        self.task.failed.connect(self._on_task_failed)
        self.task.finished.connect(self._on_task_finished)

    def _work(self, context: TaskContext) -> None:
        queue = self._controller.queue
        job = queue.get(self.job.id) if self.job else queue.claim(self.server_id)
        if job is None or job.state not in ACTIVE_STATES:
            return
        context.report(_Claimed(job))
        try:
            image = self._controller.run_job(job, context)
        except JobCancelledError:
            raise
        except Exception as error:
            context.report(_Outcome(self._as_recorded(job), error=error))
            if not isinstance(error, AlgoveraError):
                raise
            _log.info("Job %s: %s", job.id, error)
        else:
            context.report(_Outcome(job, image))

    def _as_recorded(self, job: Job) -> Job:
        try:
            return self._controller.queue.get(job.id) or job
        except LibraryError:
            return job

    def _on_task_progressed(self, payload: object) -> None:
        if isinstance(payload, _Claimed):
            self.job = payload.job
            self._controller.take_claim(self, payload.job)
        elif isinstance(payload, JobProgress):
            self._controller.take_progress(payload)
        elif isinstance(payload, _Outcome):
            self._controller.take_outcome(payload)

    def _on_task_failed(self, error: Exception) -> None:
        self._controller.take_trouble(self.server_id, error)

    def _on_task_finished(self) -> None:
        self._controller.take_end(self)
        self.deleteLater()


class JobController(QObject):
    """Keeps as many jobs running as each server bears, and mirrors the open ones for the window.

    Nothing is sent to a server that does not answer: its jobs wait, and go on when it does.

    Signals:
        jobs_added: list[Job], in the order of the queue.
        job_changed: a Job in a new state.
        job_progressed: a JobProgress.
        job_completed: the Job and its ImageRecord.
        job_removed: the id of a job that was cancelled or dismissed.
        summary_changed: a QueueSummary.
        failed: an AlgoveraError of the queue itself.
    """

    jobs_added = Signal(object)
    job_changed = Signal(object)
    job_progressed = Signal(object)
    job_completed = Signal(object, object)
    job_removed = Signal(str)
    summary_changed = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        queue: JobQueue,
        run_job: RunJob,
        monitor: ServerMonitor,
        tasks: Tasks,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.queue = queue
        self.run_job = run_job
        self._monitor = monitor
        self._tasks = tasks
        self._jobs: dict[str, Job] = {}
        self._progress: dict[str, float] = {}
        self._runs: list[_Run] = []
        self._count: Counter[JobState] = Counter()
        self._stalled: dict[str, Job] = {}
        self._cancelled: set[str] = set()
        self._rests: dict[str, QTimer] = {}
        monitor.status_changed.connect(self._on_monitor_status_changed)

    def start(self) -> None:
        """Read the queue back after a start; what was running is taken up again."""

        def work(_context: TaskContext) -> list[Job]:
            self.queue.recover()
            return self.queue.open_jobs()

        self._start(work, self._on_jobs_added)

    def submit(self, server_id: str, requests: Sequence[GenerationRequest]) -> None:
        """Put pictures into the queue, as one group."""

        def work(_context: TaskContext) -> list[Job]:
            return self.queue.add(server_id, requests)

        self._start(work, self._on_jobs_added)

    def cancel(self, job_id: str) -> None:
        """Cancel a job in any state, or dismiss one that failed; the picture is not kept."""
        self._start(lambda _context: self.queue.cancel(job_id), self._on_job_cancelled)

    def retry(self, job_id: str) -> None:
        """Run a failed job again, or send one again whose answer was lost."""
        stalled = self._stalled.pop(job_id, None)
        if stalled is not None:
            self._take_up(stalled)
            return
        self._start(lambda _context: self.queue.retry(job_id), self._on_job_retried)

    def start_work(self, work: Callable[[TaskContext], Any]) -> Task:
        return self._tasks.start(Pool.NETWORK, work)

    def take_claim(self, run: _Run, job: Job) -> None:
        """A worker holds this job now."""
        if job.id in self._cancelled:
            run.task.cancel()
            return
        self._change(job)

    def take_progress(self, progress: JobProgress) -> None:
        """A running job went on. The first word of one that is not held up says that the server
        has accepted it."""
        job = self._jobs.get(progress.job_id)
        if job is None:
            return
        if job.state is JobState.SUBMITTING and progress.held_up_by is None:
            self._change(replace(job, state=JobState.RUNNING))
        if progress.progress is not None:
            self._progress[job.id] = progress.progress
        self.job_progressed.emit(progress)
        self._emit_summary()

    def take_outcome(self, outcome: _Outcome) -> None:
        """A run ended, and the queue knows how; or its disk is full and it does not."""
        job = outcome.job
        if outcome.image is not None:
            self._drop(job.id)
            self.job_completed.emit(job, outcome.image)
            self._emit_summary()
            return
        if job.state in ACTIVE_STATES and outcome.error is not None:
            self._stalled[job.id] = job
            job = replace(job, state=JobState.FAILED, failure=failure_of(outcome.error))
        if job.state not in END_STATES:
            self._change(job)
        if job.state is JobState.WAITING and outcome.error is not None:
            self._let_wait(job, outcome.error)

    def take_trouble(self, server_id: str, error: Exception) -> None:
        """A worker could not claim a job, or met our own mistake."""
        self._rest(server_id, _REST_S)
        self.failed.emit(error)

    def take_end(self, run: _Run) -> None:
        """A worker is free."""
        self._runs.remove(run)
        self._fill(run.server_id)

    def _start(self, work: Callable[[TaskContext], Any], then: Callable[[object], None]) -> None:
        task = self.start_work(work)
        task.succeeded.connect(then)
        task.failed.connect(self.failed)

    def _on_jobs_added(self, jobs: object) -> None:
        assert isinstance(jobs, list)
        for job in jobs:
            self._put(job)
        if jobs:
            self.jobs_added.emit(jobs)
        self._emit_summary()
        for server_id in {job.server_id for job in jobs}:
            self._monitor.watch(server_id)
            self._fill(server_id)

    def _on_job_cancelled(self, job: object) -> None:
        assert isinstance(job, Job)
        if job.state is not JobState.CANCELLED:
            return  # It ended otherwise in the meantime; its run tells how.
        self._cancelled.add(job.id)
        self._drop(job.id)
        for run in self._runs:
            if run.job is not None and run.job.id == job.id:
                run.task.cancel()
        self.job_removed.emit(job.id)
        self._emit_summary()

    def _on_job_retried(self, job: object) -> None:
        assert isinstance(job, Job)
        # In any other state it was retried before, and a worker may hold it already.
        if job.state in (JobState.WAITING, JobState.RUNNING):
            self._take_up(job)

    def _take_up(self, job: Job) -> None:
        self._change(job)
        self._monitor.watch(job.server_id)
        self._fill(job.server_id)

    def _on_monitor_status_changed(self, status: ServerStatus) -> None:
        if status.state is ServerState.READY:
            self._fill(status.server_id)

    def _fill(self, server_id: str) -> None:
        """Start as many workers as the server bears and there are jobs for."""
        rest = self._rests.get(server_id)
        if (rest and rest.isActive()) or not self._monitor.is_ready(server_id):
            return
        here = [run for run in self._runs if run.server_id == server_id]
        held = {run.job.id for run in here if run.job is not None}
        claiming = sum(run.job is None for run in here)
        jobs = [job for job in self._jobs.values() if job.server_id == server_id]
        resumable = [job for job in jobs if job.state in ACTIVE_STATES and job.id not in held]
        waiting = sum(job.state is JobState.WAITING for job in jobs) - claiming
        at_once = _AT_ONCE_LOCAL if server_id == LOCAL_SERVER_ID else _AT_ONCE_REMOTE
        free = at_once - len(here)
        todo: list[Job | None] = [*resumable, *([None] * waiting)]
        for resume in todo[: max(free, 0)]:
            self._runs.append(_Run(self, server_id, resume))

    def _let_wait(self, job: Job, error: Exception) -> None:
        """The job was not sent, for its server is away or too busy, and so were the next ones."""
        self.job_progressed.emit(JobProgress(job.id, held_up_by=failure_of(error).kind))
        asked_s = error.retry_after_s if isinstance(error, RateLimitedError) else None
        self._rest(job.server_id, min(max(asked_s or 0.0, _REST_S), _LONGEST_REST_S))
        if job.server_id != LOCAL_SERVER_ID and not isinstance(error, RateLimitedError):
            self._monitor.ask_again(job.server_id)

    def _rest(self, server_id: str, seconds: float) -> None:
        """Start nothing there for a while, or what fails at once would turn in circles."""
        timer = self._rests.get(server_id)
        if timer is None:
            timer = self._rests[server_id] = QTimer(self, singleShot=True)
            # A coarse timer may come 5 % early, and a server's Retry-After is to be kept.
            timer.setTimerType(Qt.TimerType.PreciseTimer)
            timer.timeout.connect(partial(self._fill, server_id))
        timer.start(max(math.ceil(seconds * 1000) + 1, timer.remainingTime()))

    def _change(self, job: Job) -> None:
        self._put(job)
        self.job_changed.emit(job)
        self._emit_summary()

    def _put(self, job: Job) -> None:
        self._drop(job.id)
        self._jobs[job.id] = job
        self._count[job.state] += 1

    def _drop(self, job_id: str) -> None:
        old = self._jobs.pop(job_id, None)
        if old is not None:
            self._count[old.state] -= 1
        self._progress.pop(job_id, None)

    def _emit_summary(self) -> None:
        count = self._count
        shares = list(self._progress.values())
        self.summary_changed.emit(
            QueueSummary(
                running=sum(count[state] for state in ACTIVE_STATES),
                waiting=count[JobState.WAITING],
                failed=count[JobState.FAILED] + count[JobState.UNKNOWN],
                progress=sum(shares) / len(shares) if shares else None,
            )
        )
