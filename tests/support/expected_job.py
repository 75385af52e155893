"""What a model of the queue knows of one job."""

from dataclasses import dataclass, field

from algovera_desktop.domain.jobs import FailureKind, Job, JobState
from algovera_desktop.library.files import StoredFile


@dataclass
class ExpectedJob:
    """What the model knows of a job. ``wishes`` are the POSTs that may have been charged, where
    a repeated one of the same name counts once, ``past`` those whose answer was not a refusal, and
    ``allowed`` how many the user asked for."""

    server_id: str
    state: JobState = JobState.WAITING
    remote_id: str | None = None
    kind: FailureKind | None = None
    ref: str | None = None
    file: StoredFile | None = None
    wishes: set[str] = field(default_factory=set)
    past: set[str] = field(default_factory=set)
    allowed: int = 1

    def facts(self) -> tuple[object, ...]:
        return (self.server_id, self.state, self.remote_id, self.kind, self.ref)


def facts_of(job: Job) -> tuple[object, ...]:
    kind = job.failure and job.failure.kind
    return (job.server_id, job.state, job.remote_id, kind, job.client_ref)
