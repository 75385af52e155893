"""Has the steps taken that the schedule names, and tells the window what becomes of the jobs."""

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from threading import Lock

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import END_STATES, Job, JobProgress, JobState
from algovera_desktop.services.estimates import Estimates
from algovera_desktop.services.holds import Hold
from algovera_desktop.services.outcomes import (
    Completed,
    NothingWaiting,
    Outcome,
    Parted,
    Released,
    Step,
    StillRunning,
)
from algovera_desktop.services.patience import Patience
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.services.schedule import Schedule
from algovera_desktop.services.servers import ServerList
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.job_mirror import JobMirror
from algovera_desktop.ui.job_servers import JobServers
from algovera_desktop.ui.server_monitor import ServerMonitor
from algovera_desktop.ui.step_tasks import RunStep, StepTasks
from algovera_desktop.ui.tasks import Pool, Task, TaskContext, Tasks

_PAGE_LENGTH = 250
"""So many jobs are taken in before the window gets its turn again."""

_PRIORITY = 20
"""Before thumbnails and pages of pictures: nothing is made before it is in the queue."""

_LONGEST_PAUSE_S = 3600.0
_SUMMARY_PAUSE_MS = 100


class JobController(QObject):
    """The shell around the schedule: one timer, a worker for each step that is due, and a mirror
    of the open jobs for the window. What a server's trouble holds up needs no work a job.

    Signals:
        jobs_added: list[Job], in the order of the queue, so many at most that it takes no time.
        jobs_changed: list[Job] that are in another state, or other in anything else.
        jobs_removed: list[str], the ids of jobs that were cancelled or dismissed.
        job_progressed: a JobProgress.
        job_completed: the Job and its ImageRecord.
        summary_changed: a QueueSummary.
        hold_changed: the id of a server that is held, or held for another reason, or no more.
        start_requested: the user wants this computer's server, which has stopped, to be tried.
        paused_changed: the user has paused something, or goes on with it.
        loaded: all jobs that were open at start have been told.
        failed: an AlgoveraError of the queue itself.
    """

    jobs_added = Signal(object)
    jobs_changed = Signal(object)
    jobs_removed = Signal(object)
    job_progressed = Signal(object)
    job_completed = Signal(object, object)
    summary_changed = Signal(object)
    hold_changed = Signal(str)
    start_requested = Signal()
    paused_changed = Signal()
    loaded = Signal()
    failed = Signal(object)

    def __init__(
        self,
        queue: JobQueue,
        run_step: RunStep,
        monitor: ServerMonitor,
        servers: ServerList,
        settings: SettingsStore,
        tasks: Tasks,
        parent: QObject | None = None,
        *,
        patience: Patience | None = None,
    ) -> None:
        super().__init__(parent)
        self._queue = queue
        self._monitor = monitor
        self._tasks = tasks
        self._schedule = Schedule(patience=patience)
        self._mirror = JobMirror()
        self._estimates = Estimates()
        self._arrivals: deque[Job] = deque()
        self._submissions: deque[Callable[[], list[Job]]] = deque()
        self._submitting = Lock()
        self._is_read = False
        self._servers = JobServers(self._schedule, monitor, servers, settings, self)
        self._steps = StepTasks(run_step, tasks, self)
        self._due_timer = self._timer(self._go_on)
        self._arrival_timer = self._timer(self._take_arrivals)
        self._summary_timer = self._timer(self._on_summary_timer_timeout)
        self._servers.hold_changed.connect(self._on_servers_hold_changed)
        self._servers.changed.connect(self._go_on)
        self._servers.start_requested.connect(self.start_requested)
        self._steps.claimed.connect(self._on_steps_claimed)
        self._steps.ended.connect(self._on_steps_ended)

    @property
    def jobs(self) -> Mapping[str, Job]:
        """Every open job by its id, as it was last heard of."""
        return self._mirror.jobs

    @property
    def estimates(self) -> Estimates:
        return self._estimates

    def progress(self, job_id: str) -> JobProgress | None:
        """What the server last said of a running job."""
        return self._mirror.progress(job_id)

    def elapsed_s(self, job_id: str) -> float | None:
        """For how long a job has been made; None if that was not seen from its beginning on."""
        return self._schedule.elapsed_s(job_id, time.monotonic())

    def server_ids(self) -> list[str]:
        """Every server that has had a job."""
        return self._mirror.server_ids()

    def count(self, server_id: str, *states: JobState) -> int:
        """How many of a server's jobs are in these states."""
        return self._mirror.count(server_id, states)

    def hold(self, server_id: str) -> Hold | None:
        """What keeps the jobs of a server from going on."""
        return self._servers.hold(server_id)

    def is_paused(self, server_id: str | None = None) -> bool:
        """Whether the user has paused a server; without an id, all of them."""
        return self._servers.is_paused(server_id)

    def start(self) -> None:
        """Read the queue back, page by page; what was running is taken up again."""

        def work(context: TaskContext) -> None:
            self._queue.recover()
            context.report(Estimates(self._queue.timings()))
            page = self._queue.open_jobs(limit=_PAGE_LENGTH)
            while page:
                context.report(page)
                page = self._queue.open_jobs(after=page[-1], limit=_PAGE_LENGTH)

        self._start(work).succeeded.connect(self._on_loading_succeeded)

    def submit(
        self, server_id: str, requests: Sequence[GenerationRequest], *, parent_sha256: str = ""
    ) -> None:
        """Put pictures into the queue, as one group; they vary the picture with this hash."""

        def work(context: TaskContext) -> None:
            # Whichever worker comes first takes what was asked for first.
            with self._submitting:
                add = self._submissions.popleft()
                context.report(add())

        self._submissions.append(
            partial(self._queue.add, server_id, requests, parent_sha256=parent_sha256)
        )
        self._start(work, is_deed=True)

    def forget_refs(self, server_id: str) -> None:
        """The server gets another address or key: a POST whose answer was lost is not repeated
        there, for it would make a second job. The user says what becomes of it."""

        def work(context: TaskContext) -> None:
            jobs = self._queue.forget_refs(server_id)
            context.report([job for job in jobs if job.state not in END_STATES])

        unknown = (one for one in self.jobs.values() if one.state is JobState.UNKNOWN)
        self._schedule.drop([job.id for job in unknown if job.server_id == server_id])
        self._start(work, is_deed=True)

    def take(self, jobs: Sequence[Job]) -> None:
        """Take in jobs that a user's action has changed or brought back. Those that it has
        cancelled are stopped, and their servers told."""
        self._steps.cancel({job.id for job in jobs if job.state is JobState.CANCELLED})
        is_idle = not self._arrivals
        self._arrivals.extend(jobs)
        if is_idle:
            self._take_arrivals()

    def set_paused(self, paused: bool, server_id: str | None = None) -> None:
        """Send nothing new, or go on; without an id that is for all servers. What has been sent
        runs on and is fetched."""
        self._servers.set_paused(paused, server_id)
        self.paused_changed.emit()
        self._touch_summary()

    def release(self, server_id: str) -> None:
        """The user wants a server that is held to be tried again."""
        self._servers.release(server_id)

    def server_changed(self, server_id: str) -> None:
        """The user has added, edited or removed a server."""
        self._servers.server_changed(server_id)
        self._touch_summary()

    def wake(self) -> None:
        """The computer has slept: ask at once what has become of everything."""
        self._schedule.wake(time.monotonic())
        self._monitor.wake()
        self._go_on()

    def _timer(self, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True)
        # A coarse timer may come 5 % early, and a server's Retry-After is to be kept.
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(slot)
        return timer

    def _start(self, work: Callable[[TaskContext], None], *, is_deed: bool = False) -> Task:
        task = self._tasks.start(Pool.STORAGE, work, priority=_PRIORITY, is_deed=is_deed)
        task.progressed.connect(self._on_task_progressed)
        task.failed.connect(self.failed)
        return task

    def _on_task_progressed(self, payload: object) -> None:
        if isinstance(payload, Estimates):
            self._estimates = payload
        elif isinstance(payload, list):
            self.take(payload)

    def _on_loading_succeeded(self) -> None:
        self._is_read = True
        self._tell_if_loaded()

    def _tell_if_loaded(self) -> None:
        if self._is_read and not self._arrivals:
            self._is_read = False
            self.loaded.emit()

    def _take_arrivals(self) -> None:
        count = min(len(self._arrivals), _PAGE_LENGTH)
        jobs = [self._arrivals.popleft() for _ in range(count)]
        self._schedule.put(jobs)
        self._show(jobs)
        for server_id in {job.server_id for job in jobs}:
            self._servers.meet(server_id)
        self._go_on()
        if self._arrivals:
            self._arrival_timer.start(0)
        self._tell_if_loaded()

    def _show(self, jobs: Iterable[Job]) -> None:
        """Mirror these jobs, and tell what is news."""
        added: list[Job] = []
        changed: list[Job] = []
        removed: list[str] = []
        for job in jobs:
            is_known = job.id in self._mirror.jobs
            if job.state is JobState.CANCELLED:
                removed += [job.id] * self._mirror.drop(job)
            elif job.state is not JobState.DONE and self._mirror.put(job):
                (changed if is_known else added).append(job)
        for told, signal in (
            (added, self.jobs_added),
            (changed, self.jobs_changed),
            (removed, self.jobs_removed),
        ):
            if told:
                signal.emit(told)
        self._touch_summary()

    def _go_on(self) -> None:
        """Begin all steps that are due, and set the timer to the next ones."""
        now_s = time.monotonic()
        steps = self._schedule.due(now_s)
        self._servers.notice()
        for step in steps:
            self._steps.start(step)
        next_s = self._schedule.next_due_s()
        if next_s is None:
            self._due_timer.stop()
        else:
            pause_s = min(max(next_s - now_s, 0.0), _LONGEST_PAUSE_S)
            self._due_timer.start(math.ceil(pause_s * 1000))

    def _on_steps_claimed(self, job: Job) -> None:
        if self._mirror.is_gone(job):
            self._steps.cancel({job.id})
            return
        self._schedule.put([job])
        self._show([job])

    def _on_steps_ended(self, step: Step, outcome: Outcome) -> None:
        self._schedule.ended(step, outcome, time.monotonic())
        if isinstance(outcome, Completed):
            self._complete(step, outcome)
        elif isinstance(outcome, Released):
            self._show(outcome.jobs)
        elif isinstance(outcome, StillRunning):
            self._show_progress(outcome)
        elif not isinstance(outcome, NothingWaiting | Parted) and outcome.job is not None:
            self._show([outcome.job])
        self._servers.take_outcome(step.server_id, outcome)
        self._go_on()

    def _complete(self, step: Step, completed: Completed) -> None:
        job = completed.job
        if step.seconds is not None:
            self._estimates.learn(job, step.seconds)
        self._mirror.drop(job)
        self.job_completed.emit(job, completed.record)
        self._touch_summary()

    def _show_progress(self, answer: StillRunning) -> None:
        status = answer.status
        progress = JobProgress(
            answer.job.id, status.progress, status.queue_position, previews=status.previews
        )
        if self._mirror.put_progress(progress):
            self.job_progressed.emit(progress)
            self._touch_summary()

    def _on_servers_hold_changed(self, server_id: str) -> None:
        self.hold_changed.emit(server_id)
        self._touch_summary()

    def _touch_summary(self) -> None:
        if not self._summary_timer.isActive():
            self._summary_timer.start(_SUMMARY_PAUSE_MS)

    def _on_summary_timer_timeout(self) -> None:
        now_s = time.monotonic()
        summary = self._mirror.summary(
            self._servers.terms,
            self._estimates,
            lambda job_id: self._schedule.elapsed_s(job_id, now_s),
        )
        self.summary_changed.emit(summary)
