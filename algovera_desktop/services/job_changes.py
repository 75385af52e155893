"""What a wish of the user, or a start, makes of a job: rules without a database."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from algovera_desktop.domain.errors import InvalidRequestError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import (
    ACTIVE_STATES,
    LINE_STATES,
    TRANSITIONS,
    FailureKind,
    Job,
    JobFailure,
    JobState,
)

EDITED = JobFailure(FailureKind.EDITED, "")
"""Why a job is held that the user is changing."""

_REMOTE_JOB_IS_OVER = frozenset({FailureKind.ENGINE, FailureKind.FORGOTTEN})


def new_job(
    server_id: str,
    group_id: str,
    request: GenerationRequest,
    position: int,
    parent_sha256: str = "",
) -> Job:
    """A job that waits to be sent."""
    time = datetime.now(UTC)
    return Job(
        id=uuid4().hex,
        group_id=group_id,
        server_id=server_id,
        request=request,
        state=JobState.WAITING,
        created_at=time,
        updated_at=time,
        position=position,
        parent_sha256=parent_sha256,
    )


def check_texts(request: GenerationRequest) -> None:
    """Raise InvalidRequestError for a text that cannot be stored or sent."""
    for name, text in (("prompt", request.prompt), ("negative_prompt", request.negative_prompt)):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            limit = f"must be whole characters (broken at {error.start})"
            raise InvalidRequestError(name, limit, ascii(text[error.start])) from error
    if not request.prompt.strip():
        raise InvalidRequestError("prompt", "must not be empty", request.prompt)


def cancelled(job: Job) -> Job | None:
    """The job without a future; None if it has ended. Its remote id and ref stay with it."""
    if JobState.CANCELLED not in TRANSITIONS[job.state]:
        return None
    return replace(job, state=JobState.CANCELLED, failure=None)


def restored(job: Job, before: Job) -> Job | None:
    """A cancelled job as it was ``before``, as far as that is possible; None for any other.

    What a worker held waits as a new wish: its remote job has been cancelled, and its server
    would answer the old ``client_ref`` with that one.
    """
    if job.state is not JobState.CANCELLED:
        return None
    if before.state in (JobState.FAILED, JobState.UNKNOWN):
        return replace(job, state=before.state, failure=before.failure)
    if before.state in LINE_STATES:
        return waiting(job)
    return _anew(job) if before.state in ACTIVE_STATES else None


def retried(job: Job) -> Job | None:
    """A failed or unknown job on its way again; None for any other."""
    if job.state not in (JobState.FAILED, JobState.UNKNOWN):
        return None
    if job.failure is not None and job.failure.kind in _REMOTE_JOB_IS_OVER:
        return _anew(job)
    if job.remote_id is not None:
        return replace(job, state=JobState.RUNNING, failure=None)
    return waiting(job)


def given_up(job: Job, before: Job) -> Job | None:
    """A retried job as it was ``before``; None for one that is being made, or changed.

    A ref that it was given since goes, or an unknown job would be settled by a POST under it.
    """
    if not _is_free_in_line(job):
        return None
    ref = job.client_ref if job.client_ref == before.client_ref else None
    return replace(job, state=before.state, failure=before.failure, client_ref=ref)


def held_for_edit(job: Job) -> Job | None:
    """A job that stands in line, to be changed by the user; None if it is too late."""
    if job.state not in LINE_STATES:
        return None
    return replace(job, state=JobState.HELD, failure=EDITED)


def edited(job: Job, request: GenerationRequest | None) -> Job | None:
    """A job that the user has changed, or with None not changed; None for any other.

    Another wish has no name yet: the old one, and the old file, would bring the old picture.
    """
    if job.state is not JobState.HELD or job.failure != EDITED:
        return None
    if request is not None and request != job.request:
        job = replace(job, request=request, client_ref=None, picture_stem=None)
    return waiting(job)


def revised(job: Job, like: Job) -> Job | None:
    """A job that asks for what it did when it was ``like`` this, under the same ref, but for a
    file of its own; None for one that is being made, or changed."""
    if not _is_free_in_line(job):
        return None
    return replace(job, request=like.request, client_ref=like.client_ref, picture_stem=None)


def recovered(job: Job) -> Job:
    """What a job becomes at start that was being sent, or held for its server's sake."""
    if job.state is JobState.SUBMITTING:
        return replace(job, state=JobState.UNKNOWN, failure=None)
    return waiting(job)


def waiting(job: Job) -> Job:
    """The same wish, to be sent."""
    return replace(job, state=JobState.WAITING, failure=None)


def _anew(job: Job) -> Job:
    """A new wish for the same picture. Where it is stored stays: a file may be there already."""
    return waiting(replace(job, remote_id=None, client_ref=None))


def _is_free_in_line(job: Job) -> bool:
    """Whether nobody makes it, nor changes it in the form."""
    return job.state in LINE_STATES and job.failure != EDITED
