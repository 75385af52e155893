"""A job: one picture that was asked for, and the states of its life.

    waiting ──> submitting ──> running ──> fetching ──> done
      ^ │           │ │ │         │            │
      │ │           │ │ └─────────┴────────────┴──> failed ──> waiting or running  (Retry)
      │ │           │ └─> unknown ──> submitting    (settled by its client_ref)
      │ v           │         └─────> waiting       (Send again)
     held <─────────┘
    cancelled   from every state but done; Undo leads back to waiting, failed or unknown
    waiting, held   Undo of Retry and of Send again leads back to failed and unknown
    done        at start also from waiting, held, failed and unknown, if the picture is there

``held``: not to be sent now. Its server refused it for a reason that meets every job (``failure``
says which), or the user is changing it. ``submitting``: the POST may be on its way. A job that
was certainly not sent goes back to ``waiting``, or is ``held``. One that is found in it at start
becomes ``unknown``: it may have been charged, and only the user sends it again, unless the POST
carried a ``client_ref`` that lets its server answer the second one with the first one's job.
``running`` and ``fetching`` have a remote id and are taken up again. A failed job that has a
remote id keeps it, for Retry after a fetch that failed goes back to ``running`` and costs nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from algovera_desktop.domain.generation import GenerationRequest


class JobState(Enum):
    WAITING = "waiting"
    HELD = "held"
    SUBMITTING = "submitting"
    RUNNING = "running"
    FETCHING = "fetching"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.WAITING: frozenset(
        {
            JobState.SUBMITTING,
            JobState.HELD,
            JobState.FAILED,
            JobState.UNKNOWN,
            JobState.CANCELLED,
            JobState.DONE,
        }
    ),
    JobState.HELD: frozenset(
        {
            JobState.WAITING,
            JobState.FAILED,
            JobState.UNKNOWN,
            JobState.CANCELLED,
            JobState.DONE,
        }
    ),
    JobState.SUBMITTING: frozenset(
        {
            JobState.RUNNING,
            JobState.WAITING,
            JobState.HELD,
            JobState.FAILED,
            JobState.CANCELLED,
            JobState.UNKNOWN,
        }
    ),
    JobState.RUNNING: frozenset({JobState.FETCHING, JobState.FAILED, JobState.CANCELLED}),
    JobState.FETCHING: frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED}),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset(
        {JobState.WAITING, JobState.RUNNING, JobState.CANCELLED, JobState.DONE}
    ),
    JobState.CANCELLED: frozenset({JobState.WAITING, JobState.FAILED, JobState.UNKNOWN}),
    JobState.UNKNOWN: frozenset(
        {JobState.WAITING, JobState.SUBMITTING, JobState.CANCELLED, JobState.DONE}
    ),
}

END_STATES = frozenset({JobState.DONE, JobState.CANCELLED})
"""States in which a job is history; only Undo leads out of ``cancelled``."""

LINE_STATES = frozenset({JobState.WAITING, JobState.HELD})
"""States in which a job stands in line, and can be moved and changed."""

ACTIVE_STATES = frozenset({JobState.SUBMITTING, JobState.RUNNING, JobState.FETCHING})
"""States in which a worker holds the job."""


class FailureKind(Enum):
    """Why a job failed or is held, as far as it changes what the user can do about it."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    AUTHENTICATION = "authentication"
    PAYMENT = "payment"
    RATE_LIMITED = "rate_limited"
    ENGINE = "engine"
    FORGOTTEN = "forgotten"
    INVALID = "invalid"
    MODEL_GONE = "model_gone"
    PROTOCOL = "protocol"
    DISK_FULL = "disk_full"
    LIBRARY = "library"
    CREDENTIAL = "credential"
    INSECURE = "insecure"
    INTERNAL = "internal"
    EDITED = "edited"
    REMOVED = "removed"


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
    ``client_ref`` is our name for one wish to have it made, sent along where the server answers
    a repeated one with the first one's job; None where it does not. ``position`` orders the line,
    the lowest first, and ``id`` where two are the same. ``picture_stem`` is where its picture is
    stored, without the extension, from ``fetching`` on. ``parent_sha256`` is of the picture whose
    settings this one varies, "" if none. ``revision`` grows with every change, so that the newer
    of two snapshots is known. Times are aware, in UTC.
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
    client_ref: str | None = None
    position: int = 0
    picture_stem: str | None = None
    parent_sha256: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is while a worker holds it.

    ``progress`` is 0.0 to 1.0 and ``queue_position`` 0 while it runs; None where the engine
    does not say. ``held_up_by`` is set while the work waits for something to pass by itself:
    the server to answer again, room on the disk. It is no failure. ``previews`` is how many
    unfinished pictures the engine has offered so far.
    """

    job_id: str
    progress: float | None = None
    queue_position: int | None = None
    held_up_by: FailureKind | None = None
    previews: int = 0
