"""A job: one picture that was asked for, and the states of its life.

    waiting ──> submitting ──> running ──> fetching ──> done
       │            │  │          │            │
       │            │  └──────────┴────────────┴──────> failed ──> waiting or running  (Retry)
       │            └─> unknown ──> waiting             (Send again)
       └──> cancelled   (from every state that is not an end, and from unknown and failed: Dismiss)

``submitting``: the POST may be on its way. A job that was certainly not sent goes back to
``waiting``. One that is found in it at start becomes ``unknown``: it may have been charged, and
only the user sends it again. ``running`` and ``fetching`` have a remote id and are taken up
again. A failed job that has a remote id keeps it, for Retry after a fetch that failed goes back
to ``running`` and costs nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from algovera_desktop.domain.generation import GenerationRequest


class JobState(Enum):
    WAITING = "waiting"
    SUBMITTING = "submitting"
    RUNNING = "running"
    FETCHING = "fetching"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.WAITING: frozenset({JobState.SUBMITTING, JobState.CANCELLED}),
    JobState.SUBMITTING: frozenset(
        {
            JobState.RUNNING,
            JobState.WAITING,
            JobState.FAILED,
            JobState.CANCELLED,
            JobState.UNKNOWN,
        }
    ),
    JobState.RUNNING: frozenset({JobState.FETCHING, JobState.FAILED, JobState.CANCELLED}),
    JobState.FETCHING: frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED}),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset({JobState.WAITING, JobState.RUNNING, JobState.CANCELLED}),
    JobState.CANCELLED: frozenset(),
    JobState.UNKNOWN: frozenset({JobState.WAITING, JobState.CANCELLED}),
}

END_STATES = frozenset({JobState.DONE, JobState.CANCELLED})
"""States that no transition leaves; a job in one of them is history."""

ACTIVE_STATES = frozenset({JobState.SUBMITTING, JobState.RUNNING, JobState.FETCHING})
"""States in which a worker holds the job."""


class FailureKind(Enum):
    """Why a job failed, as far as it changes what the user can do about it."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    AUTHENTICATION = "authentication"
    PAYMENT = "payment"
    RATE_LIMITED = "rate_limited"
    ENGINE = "engine"
    FORGOTTEN = "forgotten"
    INVALID = "invalid"
    PROTOCOL = "protocol"
    DISK_FULL = "disk_full"
    LIBRARY = "library"
    CREDENTIAL = "credential"
    INSECURE = "insecure"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class JobFailure:
    """What happened, for the user (``kind``) and for "Show details" (``detail``, no secret)."""

    kind: FailureKind
    detail: str


@dataclass(frozen=True, slots=True)
class Job:
    """One picture that was asked for.

    ``id`` is a UUID's 32 hex digits. ``group_id`` is shared by the jobs of one press of
    Generate. ``remote_id`` is the engine's own name for it, None until the engine answered.
    Times are aware, in UTC.
    """

    id: str
    group_id: str
    server_id: str
    request: GenerationRequest
    state: JobState
    created_at: datetime
    updated_at: datetime
    remote_id: str | None = None
    failure: JobFailure | None = None


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is while a worker holds it.

    ``progress`` is 0.0 to 1.0 and ``queue_position`` 0 while it runs; None where the engine
    does not say. ``held_up_by`` is set while the work waits for something to pass by itself:
    the server to answer again, room on the disk. It is no failure.
    """

    job_id: str
    progress: float | None = None
    queue_position: int | None = None
    held_up_by: FailureKind | None = None
