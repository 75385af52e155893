"""One step of one job, written down before the next: POST, question, fetch and store.

What is promised, whatever fails and whenever the program dies: a job is posted at most once for
each time that it was claimed, but under a client_ref that its server knows to repeat; its remote
id is on the disk before it is used; a picture that was paid for is fetched again, or found in its
folder, until it has its record.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from threading import Timer

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    AlgoveraError,
    AuthenticationError,
    CredentialError,
    EngineError,
    EngineFailedError,
    EngineTimeoutError,
    EngineUnreachableError,
    InsecureAddressError,
    InvalidRequestError,
    JobCancelledError,
    JobForgottenError,
    LibraryError,
    PaymentRequiredError,
    RateLimitedError,
    SubmissionUncertainError,
)
from algovera_desktop.domain.images import NewImage
from algovera_desktop.domain.jobs import Job, JobState
from algovera_desktop.engines.base import Engine, RemoteState
from algovera_desktop.library.files import FoundPicture, PictureFiles
from algovera_desktop.services.failures import failure_of
from algovera_desktop.services.outcomes import (
    Advanced,
    Completed,
    Ended,
    Interrupted,
    NothingWaiting,
    Outcome,
    Parted,
    Released,
    Step,
    StepKind,
    StillRunning,
    Strange,
    Troubled,
    Unrecorded,
)
from algovera_desktop.services.queue import IllegalTransitionError, JobQueue

_log = logging.getLogger(__name__)

_MEETS_EVERY_JOB = (
    CredentialError,
    EngineUnreachableError,
    EngineTimeoutError,
    RateLimitedError,
    AuthenticationError,
    PaymentRequiredError,
    InsecureAddressError,
    LibraryError,
)


class StepRunner:
    """Takes steps, one on each thread that calls. Every call blocks.

    ``strange_refusals``: so many times in a row a server may refuse a job in a way that makes no
    sense before the job fails. ``farewell_s``: what a server gets to take note that a job is not
    wanted.
    """

    def __init__(
        self,
        queue: JobQueue,
        files: PictureFiles,
        *,
        strange_refusals: int = 5,
        farewell_s: float = 4.0,
    ) -> None:
        self._queue = queue
        self._files = files
        self._strange_refusals = strange_refusals
        self._farewell_s = farewell_s
        self._refusals: dict[str, int] = {}
        self._unrecorded: dict[str, Callable[[], Outcome]] = {}

    def run(
        self,
        step: Step,
        engine: Engine,
        *,
        server_name: str,
        model_title: str,
        token: CancelToken,
        on_claim: Callable[[Job], None],
    ) -> Outcome:
        """Take a step and have on the disk what became of it.

        ``on_claim`` is told the job that a SUBMIT or SETTLE is about to post. ``server_name`` and
        ``model_title`` go into the record of a picture that a FETCH stores. A user who cancels
        does so in the queue first, and by ``token`` then; a token that is cancelled without that
        (the program ends) leaves the job to be taken up again.

        A mistake of ours is ``Ended`` with the exception; it is raised where no job was met.
        """
        work = _Work(step, engine, token, on_claim, server_name, model_title)
        try:
            return self._take(work)
        except (JobCancelledError, IllegalTransitionError) as error:
            return self._as_it_stands(step.job, error)
        except AlgoveraError as error:
            return self.troubled(step, error)
        except Exception as error:
            if step.job is None:
                raise
            return self._stumbled(step.job, error)

    def troubled(self, step: Step, error: AlgoveraError) -> Outcome:
        """What an error that a step met, or that was met before it began, means."""
        failure = failure_of(error)
        if step.job is None or isinstance(error, _MEETS_EVERY_JOB):
            return Troubled(step.job, failure, _retry_after_s(error))
        return Strange(step.job, failure)

    def farewell(self, job: Job, engine: Engine) -> None:
        """Tell a server that a job is not wanted any more, and take away what is stored of it.

        The answer changes nothing, so a server that does not give one holds nobody up for long.
        """
        patience = CancelToken()
        timer = Timer(self._farewell_s, patience.cancel)
        timer.start()
        try:
            self._discard_unwanted(job)
            if job.remote_id is not None:
                engine.cancel(job.remote_id, patience)
        except AlgoveraError as error:
            _log.info("job %s: not cancelled at its server: %s", job.id, error)
        finally:
            timer.cancel()
            timer.join()

    def _take(self, work: "_Work") -> Outcome:
        kind = work.step.kind
        if kind is StepKind.SUBMIT:
            return self._submit(work)
        if kind is StepKind.RELEASE:
            return Released(tuple(self._queue.release(work.step.server_id)))
        job = work.step.job
        assert job is not None
        if kind is StepKind.SETTLE:
            return self._settle(job, work)
        if kind is StepKind.RECORD:
            return self._record(job)
        if kind is StepKind.POLL:
            return self._poll(job, work)
        if kind is StepKind.FETCH:
            return self._fetch(job, work)
        if kind is StepKind.GIVE_UP:
            return self._give_up(job, work.step)
        self.farewell(job, work.engine)
        return Parted()

    def _submit(self, work: "_Work") -> Outcome:
        job = self._queue.claim(work.step.server_id, with_ref=work.engine.can_repeat)
        if job is None:
            return NothingWaiting()
        work.on_claim(job)
        return self._post(job, work, is_repeat=False)

    def _settle(self, job: Job, work: "_Work") -> Outcome:
        """Post once more what may have been posted; only where that makes no second job."""
        if not work.engine.can_repeat:
            return Interrupted(job)
        claimed = self._queue.settle(job.id)
        if claimed is None:
            return Interrupted(self._queue.get(job.id))
        work.on_claim(claimed)
        return self._post(claimed, work, is_repeat=True)

    def _post(self, job: Job, work: "_Work", *, is_repeat: bool) -> Outcome:
        try:
            remote_id = work.engine.submit(job.request, work.token, client_ref=job.client_ref)
        except Exception as error:
            record = partial(self._not_accepted, job, error, is_repeat=is_repeat)
        else:
            record = partial(self._accepted, job, remote_id, work.engine)
        self._unrecorded[job.id] = record
        return self._record(job)

    def _record(self, job: Job) -> Outcome:
        """Write down what became of a POST: nothing else knows, and so it is tried until the
        library takes it. Until then nothing claims the job again."""
        record = self._unrecorded.get(job.id)
        if record is None:
            return Interrupted(self._queue.get(job.id))
        try:
            outcome = record()
        except LibraryError as error:
            return Unrecorded(job, failure_of(error))
        del self._unrecorded[job.id]
        return outcome

    def _accepted(self, job: Job, remote_id: str, engine: Engine) -> Outcome:
        self._refusals.pop(job.id, None)
        try:
            return Advanced(self._queue.accepted(job.id, remote_id))
        except JobCancelledError as error:
            outcome = self._as_it_stands(job, error)
            self.farewell(replace(job, remote_id=remote_id), engine)
            return outcome

    def _not_accepted(self, job: Job, error: Exception, *, is_repeat: bool) -> Outcome:
        try:
            return self._refused(job, error, is_repeat=is_repeat)
        except JobCancelledError as cancelled:
            return self._as_it_stands(job, cancelled)

    def _refused(self, job: Job, error: Exception, *, is_repeat: bool) -> Outcome:
        """By the engine's contract, only SubmissionUncertainError leaves open whether this POST
        was taken; about an earlier one of the same job a refusal says nothing, but that of its
        parameters: a repeated POST would have been answered whatever it asks for."""
        if isinstance(error, SubmissionUncertainError) or not isinstance(error, AlgoveraError):
            return Ended(self._queue.uncertain(job.id), error)
        failure = failure_of(error)
        if isinstance(error, InvalidRequestError):
            return Ended(self._queue.failed(job.id, failure), error)
        if is_repeat:
            job = self._queue.uncertain(job.id)
        elif self._is_refused_too_often(job, error):
            return Ended(self._queue.failed(job.id, failure), error)
        elif isinstance(error, JobCancelledError):
            job = self._queue.put_back(job.id)
        else:
            job = self._queue.held(job.id, failure)
        if isinstance(error, JobCancelledError):
            return Interrupted(job)
        if isinstance(error, _MEETS_EVERY_JOB):
            return Troubled(job, failure, _retry_after_s(error))
        return Strange(job, failure)

    def _is_refused_too_often(self, job: Job, error: AlgoveraError) -> bool:
        if isinstance(error, (*_MEETS_EVERY_JOB, JobCancelledError)):
            return False
        refusals = self._refusals.get(job.id, 0) + 1
        self._refusals[job.id] = refusals
        if refusals < self._strange_refusals:
            return False
        del self._refusals[job.id]
        return True

    def _poll(self, job: Job, work: "_Work") -> Outcome:
        assert job.remote_id is not None
        asked_at_s = time.monotonic()
        try:
            status = work.engine.status(job.remote_id, work.token, wait_s=work.step.wait_s)
        except JobForgottenError:
            if self._files.find(job) is None:
                raise
            return Advanced(self._queue.fetching(job.id, self._stem(job)))
        if status.state is RemoteState.FAILED:
            return self._failed(job, EngineFailedError(status.error or "no reason was given"))
        if status.state is RemoteState.DONE:
            return Advanced(self._queue.fetching(job.id, self._stem(job)))
        return StillRunning(job, status, time.monotonic() - asked_at_s)

    def _fetch(self, job: Job, work: "_Work") -> Outcome:
        """A run that died may have stored the picture already."""
        found = self._files.find(job) or self._brought(job, work)
        image = NewImage(
            path=found.stored.path,
            sha256=found.stored.sha256,
            size_bytes=found.stored.size_bytes,
            media_type=found.media_type,
            width=found.width,
            height=found.height,
            created_at=found.created_at,
            server_name=work.server_name,
            model_title=work.model_title,
            job_id=job.id,
            request=job.request,
            parent_sha256=job.parent_sha256,
        )
        try:
            return Completed(*self._queue.completed(job.id, image, work.step.seconds))
        except JobCancelledError:
            self._files.discard(image.path)
            raise

    def _brought(self, job: Job, work: "_Work") -> FoundPicture:
        """Where it was meant to go at first there may be no drive or no room any more, and the
        user has chosen another folder since."""
        stem = self._files.stem(job)
        if job.picture_stem == stem:
            return self._fetched(job, work)
        job = self._queue.relocated(job.id, stem)
        return self._files.find(job) or self._fetched(job, work)

    def _fetched(self, job: Job, work: "_Work") -> FoundPicture:
        assert job.remote_id is not None
        image = work.engine.fetch(job.remote_id, work.token)
        now = datetime.now(UTC)
        stored = self._files.save(
            image.data,
            image.media_type,
            job,
            server_name=work.server_name,
            model_title=work.model_title,
            created_at=now,
        )
        return FoundPicture(stored, image.media_type, image.width, image.height, now)

    def _give_up(self, job: Job, step: Step) -> Outcome:
        assert step.failure is not None
        job = self._queue.failed(job.id, step.failure)
        return Ended(job, EngineError(step.failure.detail))

    def _failed(self, job: Job, error: EngineError) -> Outcome:
        return Ended(self._queue.failed(job.id, failure_of(error)), error)

    def _stem(self, job: Job) -> str:
        return job.picture_stem or self._files.stem(job)

    def _stumbled(self, job: Job, error: Exception) -> Outcome:
        try:
            return Ended(self._queue.failed(job.id, failure_of(error)), error)
        except (JobCancelledError, IllegalTransitionError):
            return self._as_it_stands(job, error)
        except LibraryError as unrecorded:
            _log.error("job %s: its failure could not be written: %s", job.id, unrecorded)
            return Troubled(job, failure_of(unrecorded))

    def _as_it_stands(self, job: Job | None, error: Exception) -> Outcome:
        """A step was stopped, by the user who cancelled its job or by the program's end."""
        try:
            now = None if job is None else self._queue.get(job.id)
        except LibraryError:
            now = None
        if now is not None and now.state is JobState.CANCELLED:
            return Ended(now, error)
        return Interrupted(now)

    def _discard_unwanted(self, job: Job) -> None:
        """The picture of a cancelled job may have been stored before its record was to be."""
        now = self._queue.get(job.id)
        if job.picture_stem is None or now is None or now.state is not JobState.CANCELLED:
            return
        self._files.remove(job)


@dataclass(frozen=True, slots=True)
class _Work:
    """A step with what it needs."""

    step: Step
    engine: Engine
    token: CancelToken
    on_claim: Callable[[Job], None]
    server_name: str
    model_title: str


def _retry_after_s(error: Exception) -> float | None:
    return error.retry_after_s if isinstance(error, RateLimitedError) else None
