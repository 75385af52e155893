"""What the artist does to jobs: any number at once, each time one durable transaction."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import Job
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.ui.history import History
from algovera_desktop.ui.job_controller import JobController
from algovera_desktop.ui.known_jobs import KnownJobs
from algovera_desktop.ui.line_block import LineBlock, Move
from algovera_desktop.ui.queue_deeds import (
    CancelDeed,
    ChangeDeed,
    DuplicateDeed,
    FinishedJobs,
    MoveDeed,
    RemoveFinishedDeed,
    RetryDeed,
)


class QueueActions(QObject):
    """Changes jobs in the queue, in the order in which that is asked for, and hands what has
    changed to the JobController. ``history`` takes back what can be taken back; ``finished`` is
    the list that shows what has ended.

    Signals:
        edit_begun: the Job that is held from now on, for the form.
        edit_refused: the id of a job that can no longer be changed.
        edit_ended: the id of a job that goes on, changed or as it was.
        edit_lost: the id of a job that was not being changed any more when it was saved.
    """

    edit_begun = Signal(object)
    edit_refused = Signal(str)
    edit_ended = Signal(str)
    edit_lost = Signal(str)

    def __init__(
        self,
        queue: JobQueue,
        jobs: JobController,
        history: History,
        finished: FinishedJobs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._queue = queue
        self._jobs = KnownJobs(jobs, self)
        self._history = history
        self._finished = finished

    def cancel(self, ids: Sequence[str]) -> None:
        """Cancel jobs in any state; those that failed are dismissed by it. Can be undone."""
        self._history.do(CancelDeed(self._queue, self._jobs, ids))

    def dismiss(self, ids: Sequence[str]) -> None:
        """Take failed jobs, and those whose answer was lost, off the list. Can be undone."""
        self.cancel(ids)

    def retry(self, ids: Sequence[str]) -> None:
        """Run failed jobs again, and send again those whose answer was lost. Can be undone."""
        self._history.do(RetryDeed(self._queue, self._jobs, ids))

    def duplicate(self, ids: Sequence[str]) -> None:
        """Put copies of jobs in line, behind them. Can be undone."""
        self._history.do(DuplicateDeed(self._queue, self._jobs, ids))

    def remove_finished(self) -> None:
        """Take what is done or cancelled off the list. Can be undone."""
        self._history.do(RemoveFinishedDeed(self._finished))

    def move(self, ids: Sequence[str], before: str | None) -> None:
        """Put jobs of the line, in their present order, before another one; None: at the end.
        Can be undone."""
        self._move(ids, lambda block: block.before(before))

    def move_to_front(self, ids: Sequence[str]) -> None:
        """Make jobs the next ones of their server. Can be undone."""
        self._move(ids, LineBlock.to_front)

    def move_up(self, ids: Sequence[str]) -> None:
        """Put jobs before the one that stands before the first of them. Can be undone."""
        self._move(ids, LineBlock.up)

    def move_down(self, ids: Sequence[str]) -> None:
        """Put jobs behind the one that stands behind the last of them. Can be undone."""
        self._move(ids, LineBlock.down)

    def begin_edit(self, job_id: str) -> None:
        """Keep a job of the line from being sent while it is changed."""
        self._history.run(
            self.tr("Change the picture"),
            partial(self._queue.begin_edit, job_id),
            partial(self._on_edit_begun, job_id),
        )

    def end_edit(self, job_id: str, request: GenerationRequest | None) -> None:
        """Let the job go on at its place, with another request, or with None as it was. A change
        can be undone."""
        job, told = self._jobs.find([job_id]).get(job_id), partial(self._on_edit_ended, job_id)
        if job is not None and request not in (None, job.request):
            self._history.do(ChangeDeed(self._queue, self._jobs, job, request, told))
        else:
            name, work = self.tr("Save the picture"), self._queue.end_edit
            self._history.run(name, partial(work, job_id, request), told)

    def _move(self, ids: Sequence[str], find: Callable[[LineBlock], Move]) -> None:
        chosen = frozenset(ids)

        def find_now() -> Move:
            servers = frozenset(job.server_id for job in self._jobs.find(chosen).values())
            return find(LineBlock(self._jobs.line(servers), chosen))

        self._history.do(MoveDeed(self._queue, self._jobs, len(ids), find_now))

    def _on_edit_begun(self, job_id: str, job: Job | None) -> None:
        if job is None:
            self.edit_refused.emit(job_id)
            return
        self._jobs.take([job])
        self.edit_begun.emit(job)

    def _on_edit_ended(self, job_id: str, job: Job | None) -> None:
        if job is None:
            self.edit_lost.emit(job_id)
            return
        self._jobs.take([job])
        self.edit_ended.emit(job_id)
