"""The newest of each open job, for actions that follow one another faster than the window."""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from PySide6.QtCore import QObject

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import Job, JobState
from algovera_desktop.ui.job_controller import JobController


class KnownJobs(QObject):
    """What a JobController knows, and what it was handed and has not yet had time to take in."""

    def __init__(self, controller: JobController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._handed: dict[str, Job] = {}
        controller.jobs_added.connect(self._on_controller_jobs_told)
        controller.jobs_changed.connect(self._on_controller_jobs_told)
        controller.jobs_removed.connect(self._on_controller_jobs_removed)
        controller.job_completed.connect(self._on_controller_job_completed)

    def take(self, jobs: Sequence[Job]) -> None:
        """Hand jobs to the controller as an action has changed them."""
        known = self._controller.jobs
        for job in jobs:
            # A worker may have gone on with it, and that may have been told first.
            if job.id not in known or known[job.id].revision < job.revision:
                self._handed[job.id] = job
        self._controller.take(jobs)

    def find(self, ids: Iterable[str]) -> dict[str, Job]:
        """Those of these jobs that are open, by their ids."""
        known, handed = self._controller.jobs, self._handed
        found = ((job_id, handed.get(job_id) or known.get(job_id)) for job_id in ids)
        return {job_id: job for job_id, job in found if job is not None and not _is_gone(job)}

    def line(self, server_ids: frozenset[str]) -> list[str]:
        """The ids of what stands in line for these servers, the next one first."""
        jobs = self._controller.jobs
        if self._handed:
            jobs = {**jobs, **self._handed}
        in_line = [job for job in jobs.values() if _is_in_line(job) and job.server_id in server_ids]
        in_line.sort(key=attrgetter("position", "id"))
        return [job.id for job in in_line]

    def _on_controller_jobs_told(self, jobs: list[Job]) -> None:
        if not self._handed:
            return
        for job in jobs:
            handed = self._handed.get(job.id)
            if handed is not None and handed.revision <= job.revision:
                del self._handed[job.id]

    def _on_controller_jobs_removed(self, ids: list[str]) -> None:
        for job_id in ids:
            handed = self._handed.get(job_id)
            # One that was brought back meanwhile has not been told of yet.
            if handed is not None and _is_gone(handed):
                del self._handed[job_id]

    def _on_controller_job_completed(self, job: Job, _record: ImageRecord) -> None:
        self._handed.pop(job.id, None)


# Not by asking a set, as elsewhere: an Enum's hash is slow, and ten thousand may be asked at once.


def _is_gone(job: Job) -> bool:
    return job.state is JobState.CANCELLED or job.state is JobState.DONE


def _is_in_line(job: Job) -> bool:
    return job.state is JobState.WAITING or job.state is JobState.HELD
