"""The steps that jobs take, and how each can turn out. Data only: the schedule names a step,
a worker takes it, the outcome goes back to the schedule."""

from dataclasses import dataclass
from enum import Enum

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import Job, JobFailure
from algovera_desktop.engines.base import RemoteStatus


class StepKind(Enum):
    """``SETTLE``: repeat a POST whose answer was lost, under its client_ref. ``RECORD``: write
    down what became of a POST, which the disk refused before. ``RELEASE``: put the held jobs of a
    server back in line. ``GIVE_UP``: fail a job for which patience has run out. ``FAREWELL``: tell
    the server that a job is not wanted any more."""

    SUBMIT = "submit"
    SETTLE = "settle"
    RECORD = "record"
    RELEASE = "release"
    POLL = "poll"
    FETCH = "fetch"
    GIVE_UP = "give_up"
    FAREWELL = "farewell"


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One piece of work; two are never equal, for each is under way by itself.

    ``job`` is None for SUBMIT (the queue's line says which) and RELEASE. ``wait_s`` is how long
    a POLL may be answered later. ``seconds`` is what a FETCH knows of how long its picture was in
    the making, ``failure`` why a GIVE_UP gives up.
    """

    kind: StepKind
    server_id: str
    job: Job | None = None
    wait_s: float = 0.0
    seconds: float | None = None
    failure: JobFailure | None = None


@dataclass(frozen=True, slots=True)
class NothingWaiting:
    """The server's line is empty."""


@dataclass(frozen=True, slots=True)
class StillRunning:
    """``took_s``: after how many seconds the server answered."""

    job: Job
    status: RemoteStatus
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Advanced:
    """The job is running or fetching now."""

    job: Job


@dataclass(frozen=True, slots=True)
class Completed:
    job: Job
    record: ImageRecord


@dataclass(frozen=True, slots=True)
class Ended:
    """The job failed, or is unknown, or was cancelled by the user; ``error`` says why. An error
    outside AlgoveraError is our own mistake, with its traceback."""

    job: Job
    error: Exception


@dataclass(frozen=True, slots=True)
class Troubled:
    """What happened meets every job of the server. ``job`` is as the queue has it now; None if
    no job was claimed. ``retry_after_s``: the pause that the server asks for."""

    job: Job | None
    failure: JobFailure
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Strange:
    """An answer that makes no sense, of which nobody knows whether it is the job's fault."""

    job: Job
    failure: JobFailure


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """The job was posted, and what became of that could not be written down: RECORD tries again.
    Until then it is ``submitting`` in the queue, and the runner alone knows."""

    job: Job
    failure: JobFailure


@dataclass(frozen=True, slots=True)
class Released:
    """These jobs are waiting again."""

    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The step was stopped, or found the job in another state; ``job`` is as the queue has it
    now, None if it is not known."""

    job: Job | None


@dataclass(frozen=True, slots=True)
class Parted:
    """The server was told, or nothing more can be done about that."""


Outcome = (
    NothingWaiting
    | StillRunning
    | Advanced
    | Completed
    | Ended
    | Troubled
    | Strange
    | Unrecorded
    | Released
    | Interrupted
    | Parted
)
