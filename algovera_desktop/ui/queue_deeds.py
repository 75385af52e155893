"""What can be done to jobs and taken back: each a Deed of the window's history."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, Protocol

from PySide6.QtCore import QCoreApplication

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import ACTIVE_STATES, LINE_STATES, Job, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.ui.known_jobs import KnownJobs
from algovera_desktop.ui.line_block import Move

translate = QCoreApplication.translate

_STOPPED_STATES = frozenset({JobState.FAILED, JobState.UNKNOWN})


class FinishedJobs(Protocol):
    """A list of jobs in which those that have ended stay until they are removed."""

    def remove_finished(self) -> Sequence[Any]:
        """Take out what is done or cancelled, and return what was taken out."""
        ...

    def restore_finished(self, finished: Sequence[Any], /) -> None:
        """Put back what ``remove_finished`` returned."""
        ...


class CancelDeed:
    """Cancel jobs; those that failed or whose answer was lost are dismissed by it."""

    def __init__(self, queue: JobQueue, jobs: KnownJobs, ids: Sequence[str]) -> None:
        self._queue = queue
        self._jobs = jobs
        self._ids = tuple(ids)
        self._before: dict[str, Job] = {}
        self._words = ""
        self.begin()

    def name(self) -> str:
        count = len(self._before)
        if self._is_dismissal():
            one = translate("QueueActions", "Dismiss")
            return (
                one if count == 1 else translate("QueueActions", "Dismiss %n pictures", "", count)
            )
        one = translate("QueueActions", "Cancel")
        return one if count == 1 else translate("QueueActions", "Cancel %n pictures", "", count)

    def begin(self) -> None:
        self._before = self._jobs.find(self._ids)

    def do(self) -> "_Cancelled | None":
        jobs = self._queue.cancel(list(self._before))
        # On this worker what can be: of ten thousand jobs it would hold the window up.
        before = {job.id: _as_it_was(self._before[job.id], job) for job in jobs}
        begun_at = {job.server_id for job in before.values() if job.state in ACTIVE_STATES}
        return _Cancelled(jobs, before, begun_at) if jobs else None

    def done(self, cancelled: "_Cancelled | None") -> None:
        if cancelled is None:
            return
        self._before = cancelled.before
        self._words = self._words_for_cancelled(cancelled.begun_at)
        self._jobs.take(cancelled.jobs)

    def not_done(self) -> None:
        """Nothing was shown that is not so."""

    def words(self) -> str:
        return self._words

    def undo(self) -> list[Job]:
        return self._queue.restore(list(self._before.values()))

    def undone(self, restored: list[Job]) -> None:
        self._jobs.take(restored)

    def _words_for_cancelled(self, begun_at: Set[str]) -> str:
        count = len(self._before)
        if self._is_dismissal():
            one = translate("QueueActions", "The picture was dismissed.")
            many = translate("QueueActions", "%n pictures were dismissed.", "", count)
        else:
            one = translate("QueueActions", "The picture was cancelled.")
            many = translate("QueueActions", "%n pictures were cancelled.", "", count)
        return f"{one if count == 1 else many} {_price_of_undo(begun_at)}".strip()

    def _is_dismissal(self) -> bool:
        return all(job.state in _STOPPED_STATES for job in self._before.values())


@dataclass(frozen=True, slots=True)
class _Cancelled:
    """Jobs that were cancelled, as they are now and as they were before, and the servers at which
    some of them had been begun."""

    jobs: list[Job]
    before: dict[str, Job]
    begun_at: Set[str]


def _price_of_undo(begun_at: Set[str]) -> str:
    """What Undo costs for what was at its server already, or may have been."""
    if not begun_at:
        return ""
    if begun_at == {LOCAL_SERVER_ID}:
        return translate("QueueActions", "What was begun is painted anew after Undo.")
    return translate(
        "QueueActions",
        "What was at its server already is sent again by Undo, and may be charged again.",
    )


def _as_it_was(before: Job, cancelled: Job) -> Job:
    """A job right before it was cancelled, as far as Undo has to know that."""
    is_seen = cancelled.revision == before.revision + 1
    if is_seen or before.state not in LINE_STATES:
        return before
    # A worker took it up after we had looked.
    return replace(before, state=JobState.SUBMITTING)


class RetryDeed:
    """Run failed jobs again, and send again those whose answer was lost. When it is taken back,
    those that still stand in line stop there as they were; the others go on."""

    def __init__(self, queue: JobQueue, jobs: KnownJobs, ids: Sequence[str]) -> None:
        self._queue = queue
        self._jobs = jobs
        self._ids = tuple(ids)
        self._before: list[Job] = []
        self.begin()

    def name(self) -> str:
        count = len(self._before)
        one = translate("QueueActions", "Retry")
        return one if count == 1 else translate("QueueActions", "Retry %n pictures", "", count)

    def begin(self) -> None:
        jobs = self._jobs.find(self._ids).values()
        self._before = [job for job in jobs if job.state in _STOPPED_STATES]

    def do(self) -> list[Job]:
        return self._queue.retry([job.id for job in self._before])

    def done(self, retried: list[Job]) -> None:
        again = {job.id for job in retried}
        self._before = [job for job in self._before if job.id in again]
        self._jobs.take(retried)

    def not_done(self) -> None:
        """Nothing was shown that is not so."""

    def words(self) -> str:
        return ""

    def undo(self) -> list[Job]:
        return self._queue.give_up(self._before)

    def undone(self, given_up: list[Job]) -> str | None:
        self._jobs.take(given_up)
        late = len(self._before) - len(given_up)
        if not late:
            return None
        one = translate("QueueActions", "Too late: the picture is being made, or has been.")
        many = translate(
            "QueueActions", "Too late for %n pictures: they are being made, or have been.", "", late
        )
        return one if late == 1 else many


class ChangeDeed:
    """Let a job of the line go on with another request than ``before``, as which the form holds
    it. ``told`` hears once what became of it: the job, or None if it was no longer held."""

    def __init__(
        self,
        queue: JobQueue,
        jobs: KnownJobs,
        before: Job,
        request: GenerationRequest,
        told: Callable[[Job | None], None],
    ) -> None:
        self._queue = queue
        self._jobs = jobs
        self._before = before
        self._request = request
        self._told = told
        self._after: Job | None = None
        self._is_told = False

    def name(self) -> str:
        return translate("QueueActions", "Change the picture")

    def begin(self) -> None:
        """Nothing has to be looked at."""

    def do(self) -> Job | None:
        if self._after is not None:
            return self._queue.revise(self._after)
        self._after = self._queue.end_edit(self._before.id, self._request)
        return self._after

    def done(self, changed: Job | None) -> None:
        if self._is_told:
            self._take(changed)
        else:
            self._is_told = True
            self._told(changed)

    def not_done(self) -> None:
        """The form still holds it."""

    def words(self) -> str:
        return ""

    def undo(self) -> Job | None:
        return self._queue.revise(self._before)

    def undone(self, changed: Job | None) -> None:
        self._take(changed)

    def _take(self, changed: Job | None) -> None:
        if changed is not None:
            self._jobs.take([changed])


class MoveDeed:
    """Put jobs elsewhere in line; ``find`` says where, once this has its turn."""

    def __init__(
        self,
        queue: JobQueue,
        jobs: KnownJobs,
        count: int,
        find: Callable[[], Move],
    ) -> None:
        self._queue = queue
        self._jobs = jobs
        self._count = count
        self._find = find
        self._ids: Sequence[str] = ()
        self._target: str | None = None
        self._positions: dict[str, int] = {}

    def name(self) -> str:
        if self._count == 1:
            return translate("QueueActions", "Move")
        return translate("QueueActions", "Move %n pictures", "", self._count)

    def begin(self) -> None:
        self._ids, self._target = self._find()

    def do(self) -> list[Job]:
        return self._queue.move(list(self._ids), self._target) if self._ids else []

    def done(self, moved: list[Job]) -> None:
        before = self._jobs.find(job.id for job in moved)
        self._positions = {job_id: job.position for job_id, job in before.items()}
        self._jobs.take(moved)

    def not_done(self) -> None:
        """Nothing was shown that is not so."""

    def words(self) -> str:
        return ""

    def undo(self) -> list[Job]:
        return self._queue.reposition(self._positions)

    def undone(self, moved: list[Job]) -> None:
        self._jobs.take(moved)


class DuplicateDeed:
    """Put copies of jobs in line; they are cancelled when it is taken back."""

    def __init__(self, queue: JobQueue, jobs: KnownJobs, ids: Sequence[str]) -> None:
        self._queue = queue
        self._jobs = jobs
        self._ids = list(ids)
        self._copies: list[str] = []

    def name(self) -> str:
        return translate("QueueActions", "Duplicate")

    def begin(self) -> None:
        """Nothing has to be looked at."""

    def do(self) -> list[Job]:
        return self._queue.duplicate(self._ids)

    def done(self, copies: list[Job]) -> None:
        self._copies = [job.id for job in copies]
        self._jobs.take(copies)

    def not_done(self) -> None:
        """Nothing was shown that is not so."""

    def words(self) -> str:
        return ""

    def undo(self) -> list[Job]:
        return self._queue.cancel(self._copies)

    def undone(self, cancelled: list[Job]) -> None:
        self._jobs.take(cancelled)


class RemoveFinishedDeed:
    """Take what has ended out of a list. Pictures are not touched by it, and nothing is written."""

    def __init__(self, finished: FinishedJobs) -> None:
        self._finished = finished
        self._removed: Sequence[Any] = ()

    def name(self) -> str:
        return translate("QueueActions", "Remove finished")

    def begin(self) -> None:
        self._removed = self._finished.remove_finished()

    def do(self) -> Sequence[Any]:
        return self._removed

    def done(self, removed: Sequence[Any]) -> None:
        pass

    def not_done(self) -> None:
        """It is done as soon as it has begun."""

    def words(self) -> str:
        return translate("QueueActions", "Finished pictures were taken off the list.")

    def undo(self) -> Sequence[Any]:
        return self._removed

    def undone(self, removed: Sequence[Any]) -> None:
        self._finished.restore_finished(removed)
