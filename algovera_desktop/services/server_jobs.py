"""The open jobs of one server, each where its next step is taken from."""

from collections import deque
from collections.abc import Iterable

from algovera_desktop.domain.jobs import FailureKind, Job, JobState
from algovera_desktop.services.due_heap import DueHeap
from algovera_desktop.services.tracked_job import TrackedJob

AT_SERVER = frozenset({JobState.RUNNING, JobState.FETCHING})


class ServerJobs:
    """Told of a job in any state, it keeps what of it there is to do. O(log n) a job.

    ``line_version`` grows when a job gets in line. ``busy`` are the jobs with a step under way:
    no second one is queued. ``unrecorded`` are posted, which is not written down yet.
    """

    def __init__(self) -> None:
        self.tracked: dict[str, TrackedJob] = {}
        self.polls, self.fetches, self.settles = DueHeap(), DueHeap(), DueHeap()
        self.farewells: deque[Job] = deque()
        self.held: set[str] = set()
        self.busy: set[str] = set()
        self.unrecorded: set[str] = set()
        self.line_version = 0
        self._releasing: set[str] = set()
        self._waiting: set[str] = set()
        self._claimed: set[str] = set()
        self._at_server: set[str] = set()
        # Of every job ever seen, lest an old snapshot brings one back that has gone on.
        self._revisions: dict[str, int] = {}

    @property
    def at_server(self) -> int:
        """How many are running, being fetched or about to be known as running."""
        return len(self._at_server) + len(self.unrecorded)

    def unclaimed(self, submits: int) -> int:
        """How many wait for a claim, while so many claims are under way."""
        return len(self._waiting) - max(submits - len(self._claimed), 0)

    def nothing_waits(self) -> None:
        """The queue says so."""
        self._waiting.clear()

    def place(self, job: Job, counted_s: float) -> TrackedJob | None:
        """Take note of a job as it is now; what is tracked of it, None if nothing is."""
        if job.revision < self._revisions.get(job.id, 0):
            return self.tracked.get(job.id)
        self._revisions[job.id] = job.revision
        old, was_waiting = self.tracked.get(job.id), job.id in self._waiting
        self.forget(job.id)
        if job.state is JobState.WAITING:
            self._waiting.add(job.id)
            self.line_version += 1
        elif job.state is JobState.SUBMITTING and was_waiting:
            self._claimed.add(job.id)
        elif job.state is JobState.HELD and not _is_edited(job):
            self.held.add(job.id)
        elif job.state is JobState.CANCELLED and old and old.job.state in AT_SERVER:
            self.farewells.append(job)
        elif job.state in AT_SERVER or _can_be_settled(job):
            return self._track(job, old, counted_s)
        return None

    def forget(self, job_id: str) -> None:
        tracked = self.tracked.pop(job_id, None)
        if tracked is not None:
            self.unqueue(tracked)
        here = (self._waiting, self._claimed, self._at_server, self.held, self._releasing)
        for group in here:
            group.discard(job_id)

    def begin_release(self) -> None:
        """The held jobs are about to be released; what is held from now on is another matter."""
        self._releasing, self.held = self.held, set()

    def end_release(self, released: Iterable[Job] | None, counted_s: float) -> None:
        """They were, or could not be: None."""
        if released is None:
            self.held |= self._releasing
        self._releasing = set()
        for job in released or ():
            self.place(job, counted_s)

    def end_step(self, job_id: str) -> None:
        self.busy.discard(job_id)
        if job_id in self.tracked:
            self.queue(self.tracked[job_id])

    def queue(self, tracked: TrackedJob) -> None:
        """Name its next step when it is due, unless one is under way."""
        if tracked.job.id not in self.busy:
            self._heap_of(tracked.job).put(tracked.job.id, tracked.due_s)

    def unqueue(self, tracked: TrackedJob) -> None:
        """Name no next step for it."""
        self._heap_of(tracked.job).remove(tracked.job.id)

    def make_all_due(self) -> None:
        for heap in self._heaps():
            heap.make_all_due()

    def _track(self, job: Job, old: TrackedJob | None, counted_s: float) -> TrackedJob:
        if old is not None and old.job.state is job.state:
            old.job = job
            tracked = old
        else:
            tracked = TrackedJob(job, counted_s)
        self.tracked[job.id] = tracked
        if job.state in AT_SERVER:
            self._at_server.add(job.id)
        self.queue(tracked)
        return tracked

    def _heap_of(self, job: Job) -> DueHeap:
        if job.state is JobState.RUNNING:
            return self.polls
        return self.fetches if job.state is JobState.FETCHING else self.settles

    def _heaps(self) -> Iterable[DueHeap]:
        return (self.polls, self.fetches, self.settles)


def _is_edited(job: Job) -> bool:
    return job.failure is not None and job.failure.kind is FailureKind.EDITED


def _can_be_settled(job: Job) -> bool:
    return job.state is JobState.UNKNOWN and job.client_ref is not None
