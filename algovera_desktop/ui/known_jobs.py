"""The newest of each open job, for actions that follow one another faster than the window."""

from collections.abc import Sequence

from PySide6.QtCore import QObject

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import END_STATES, LINE_STATES, Job
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

    def get(self, job_id: str) -> Job | None:
        """An open job; None for any other."""
        job = self._handed.get(job_id) or self._controller.jobs.get(job_id)
        return None if job is None or job.state in END_STATES else job

    def line(self, server_ids: frozenset[str]) -> list[str]:
        """The ids of what stands in line for these servers, the next one first."""
        jobs = self._controller.jobs
        if self._handed:
            jobs = {**jobs, **self._handed}
        turns = sorted(
            (job.position, job.id)
            for job in jobs.values()
            if job.server_id in server_ids and job.state in LINE_STATES
        )
        return [job_id for _, job_id in turns]

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
            if handed is not None and handed.state in END_STATES:
                del self._handed[job_id]

    def _on_controller_job_completed(self, job: Job, _record: ImageRecord) -> None:
        self._handed.pop(job.id, None)
