"""Fetches what a running job has painted so far."""

from functools import partial

from PySide6.QtCore import QBuffer, QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader

from algovera_desktop.domain.errors import EngineError
from algovera_desktop.domain.jobs import Job, JobProgress
from algovera_desktop.services.engine_directory import EngineDirectory
from algovera_desktop.ui.job_controller import JobController
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks

_PRIORITY = -10
"""After everything that a job needs to go on."""

_LONGEST_SIDE_PX = 1024
"""More than ours has; another's is kept no larger, since each tile holds one in memory."""


class JobPreviews(QObject):
    """One fetch at a time for each job; a preview that a newer one has overtaken is left out.

    Signals:
        arrived: a job's id and its unfinished picture, a QImage.
    """

    arrived = Signal(str, object)

    def __init__(
        self, jobs: JobController, engines: EngineDirectory, tasks: Tasks, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._jobs, self._engines, self._tasks = jobs, engines, tasks
        self._fetched: dict[str, int] = {}
        self._under_way: set[str] = set()
        jobs.job_progressed.connect(self._on_jobs_job_progressed)

    def _on_jobs_job_progressed(self, progress: JobProgress) -> None:
        job = self._jobs.jobs.get(progress.job_id)
        if progress.previews and job is not None and job.remote_id is not None:
            self._fetch_if_new(job, job.remote_id, progress.previews)
        self._forget_ended()

    def _fetch_if_new(self, job: Job, remote_id: str, number: int) -> None:
        if job.id in self._under_way or self._fetched.get(job.id) == number:
            return
        self._under_way.add(job.id)
        self._fetched[job.id] = number
        fetch = partial(self._fetch, job.server_id, remote_id)
        task = self._tasks.start(Pool.NETWORK, fetch, priority=_PRIORITY)
        task.succeeded.connect(partial(self._on_task_succeeded, job.id, remote_id))
        task.finished.connect(partial(self._on_task_finished, job.id))

    def _fetch(self, server_id: str, remote_id: str, context: TaskContext) -> QImage | None:
        """On a worker: a picture, or None where there is none; the next one comes soon."""
        try:
            found = self._engines.engine(server_id).preview(remote_id, context.token)
        except EngineError:
            return None
        image = _read(found.data) if found else QImage()
        return None if image.isNull() else image

    def _on_task_succeeded(self, job_id: str, remote_id: str, image: QImage | None) -> None:
        job = self._jobs.jobs.get(job_id)
        # One of an attempt that was given up meanwhile shows what nobody will get.
        if image is not None and job is not None and job.remote_id == remote_id:
            self.arrived.emit(job_id, image)

    def _on_task_finished(self, job_id: str) -> None:
        self._under_way.discard(job_id)
        progress = self._jobs.progress(job_id)
        if progress is not None:
            self._on_jobs_job_progressed(progress)

    def _forget_ended(self) -> None:
        for job_id in [each for each in self._fetched if each not in self._jobs.jobs]:
            del self._fetched[job_id]


def _read(data: bytes) -> QImage:
    """Decode by a reader, which lets other threads run meanwhile; QImage.fromData does not."""
    buffer = QBuffer()
    buffer.setData(data)
    reader = QImageReader(buffer)
    if max(reader.size().toTuple()) > _LONGEST_SIDE_PX:
        room = QSize(_LONGEST_SIDE_PX, _LONGEST_SIDE_PX)
        reader.setScaledSize(reader.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()
