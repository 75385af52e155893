"""One job from its POST to its picture on disk, each step written down before the next.

What is promised, whatever fails and whenever the program dies: a job is posted at most once
for each time that it was claimed; its remote id is on the disk before it is used; a picture
that was paid for is fetched again, or found in its folder, until it has its record.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Timer

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    AlgoveraError,
    EngineError,
    EngineTimeoutError,
    EngineUnreachableError,
    JobCancelledError,
    JobForgottenError,
    LibraryError,
    RateLimitedError,
    SubmissionUncertainError,
)
from algovera_desktop.domain.images import ImageRecord, NewImage
from algovera_desktop.domain.jobs import Job, JobProgress, JobState
from algovera_desktop.engines.base import Engine
from algovera_desktop.library.files import FoundPicture, PictureFiles
from algovera_desktop.services.failures import failure_of
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.services.remote_job import Patience, ProgressReport, RemoteJob

_log = logging.getLogger(__name__)

_PASSING_REFUSALS = (
    JobCancelledError,
    EngineUnreachableError,
    EngineTimeoutError,
    RateLimitedError,
)
"""Why a job could not be sent that can be sent later as it is."""


class JobRunner:
    """Runs jobs, one for each thread that calls."""

    def __init__(
        self, queue: JobQueue, files: PictureFiles, *, patience: Patience | None = None
    ) -> None:
        self._queue = queue
        self._files = files
        self._patience = patience or Patience()
        self._unsettled: set[str] = set()

    def run(
        self,
        job: Job,
        engine: Engine,
        *,
        server_name: str,
        model_title: str,
        token: CancelToken,
        on_progress: Callable[[JobProgress], None],
    ) -> ImageRecord:
        """Bring a claimed job, or one that was left running or fetching, to its end.

        Whatever goes wrong stands in the queue, as failed or unknown, and is raised. A job that
        could not be sent, for its server is away or asks for patience, is waiting again. A user
        who cancels does so in the queue first, and by ``token`` then: the remote job is cancelled
        too. A token that is cancelled without that (the program ends) leaves the job as it is,
        to be taken up again. What may pass by itself is waited for, and told as ``held_up_by``;
        the first progress is told as soon as the job has been accepted.
        """
        run = _Run(
            queue=self._queue,
            files=self._files,
            patience=self._patience,
            unsettled=self._unsettled,
            engine=engine,
            token=token,
            report=ProgressReport(job.id, on_progress),
            job=job,
            remote_id=job.remote_id,
        )
        try:
            return run.complete(run.picture(), server_name, model_title)
        except JobCancelledError:
            run.cancel_remotely()
            raise
        except Exception as error:
            run.fail(error)
            raise


@dataclass
class _Run:
    """One run of one job. ``unsettled`` holds the jobs, of all runs, that were posted without
    anything about that on the disk yet."""

    queue: JobQueue
    files: PictureFiles
    patience: Patience
    unsettled: set[str]
    engine: Engine
    token: CancelToken
    report: ProgressReport
    job: Job
    remote_id: str | None

    def picture(self) -> FoundPicture:
        """The job's picture on disk; a run that died may have stored it already."""
        if self.job.state is JobState.SUBMITTING:
            self._submit()
        assert self.remote_id is not None
        remote = RemoteJob(self.engine, self.remote_id, self.token, self.report, self.patience)
        self.report.begin()
        try:
            if self.job.state is JobState.RUNNING:
                remote.await_end()
                self.job = self.queue.fetching(self.job.id)
            return self.files.find(self.job) or self._fetched(remote)
        except JobForgottenError:
            found = self.files.find(self.job)
            if found is None:
                raise
            if self.job.state is JobState.RUNNING:
                self.job = self.queue.fetching(self.job.id)
            return found

    def complete(self, found: FoundPicture, server_name: str, model_title: str) -> ImageRecord:
        """The picture's record, written together with the job's end."""
        image = NewImage(
            path=found.stored.path,
            sha256=found.stored.sha256,
            size_bytes=found.stored.size_bytes,
            media_type=found.media_type,
            width=found.width,
            height=found.height,
            created_at=datetime.now(UTC),
            server_name=server_name,
            model_title=model_title,
            job_id=self.job.id,
            request=self.job.request,
        )
        try:
            return self.queue.completed(self.job.id, image)
        except JobCancelledError:
            self.files.discard(image.path)
            raise

    def fail(self, error: Exception) -> None:
        """Write down how the job ended; JobCancelledError if the user ended it before that."""
        if self.job.state in (JobState.UNKNOWN, JobState.WAITING):
            return
        try:
            self.queue.failed(self.job.id, failure_of(error))
        except JobCancelledError:
            self.cancel_remotely()
            raise
        except LibraryError as unrecorded:
            # The job stays as it was, to be taken up again.
            _log.error("job %s: its failure could not be written: %s", self.job.id, unrecorded)

    def cancel_remotely(self) -> None:
        """If it was the user who cancelled, tell the engine; its answer changes nothing, so a
        server that does not give one holds up neither the next job nor the program's end."""
        if self.remote_id is None:
            return
        patience = CancelToken()
        timer = Timer(self.patience.farewell_s, patience.cancel)
        timer.start()
        try:
            job = self.queue.get(self.job.id)
            if job is not None and job.state is JobState.CANCELLED:
                self.engine.cancel(self.remote_id, patience)
        except (EngineError, LibraryError, JobCancelledError) as error:
            _log.info("job %s: not cancelled at its server: %s", self.job.id, error)
        finally:
            timer.cancel()
            timer.join()

    def _submit(self) -> None:
        """Post the job, and have on the disk what became of that before anything else."""
        if self.job.id in self.unsettled:
            self._record_uncertain()
            raise SubmissionUncertainError("this job was posted before")
        self.unsettled.add(self.job.id)
        try:
            self.remote_id = remote_id = self.engine.submit(self.job.request, self.token)
        except SubmissionUncertainError:
            self._record_uncertain()
            raise
        except AlgoveraError as error:
            # By the engine's contract, the job was not taken.
            self.unsettled.discard(self.job.id)
            if isinstance(error, _PASSING_REFUSALS):
                self.job = self.queue.put_back(self.job.id)
            raise
        except Exception:
            self._record_uncertain()
            raise
        self._settle(lambda: self.queue.accepted(self.job.id, remote_id))

    def _record_uncertain(self) -> None:
        self._settle(lambda: self.queue.uncertain(self.job.id))

    def _settle(self, record: Callable[[], Job]) -> None:
        """Write down what became of a POST, however long the library refuses: nothing else
        knows the remote id, and a job that only failed would be posted again."""
        for pause_s in self.patience.pauses_s():
            try:
                self.job = record()
            except LibraryError as error:
                self.report.held_up(failure_of(error).kind)
                self.token.wait(pause_s)
            else:
                self.unsettled.discard(self.job.id)
                return

    def _fetched(self, remote: RemoteJob) -> FoundPicture:
        image = remote.fetch()
        stored = self.files.save(image.data, image.media_type, self.job)
        return FoundPicture(stored, image.media_type, image.width, image.height)
