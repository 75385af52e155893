"""What the window knows of the open jobs: the newest of each, their numbers, their progress."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from algovera_desktop.domain.jobs import ACTIVE_STATES, FailureKind, Job, JobProgress, JobState
from algovera_desktop.services.estimates import Estimates


@dataclass(frozen=True, slots=True)
class QueueSummary:
    """How many jobs are in which condition.

    ``waiting`` ones will be sent when their turn comes, ``paused`` and ``held`` ones not before
    something has changed; ``edited`` ones are open in the form. ``progress`` is 0.0 to 1.0 of
    those that run and say so. ``seconds_left`` is until all that run or wait are done, None
    where there is no history of as much as one of them.
    """

    running: int = 0
    waiting: int = 0
    paused: int = 0
    held: int = 0
    edited: int = 0
    failed: int = 0
    unknown: int = 0
    progress: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class ServerTerms:
    """On what terms a server's waiting jobs wait."""

    at_once: int
    is_held: bool = False
    is_paused: bool = False


_Kind = tuple[str, int, int, int]


class _ServerCount:
    """The numbers of one server's jobs, by state, and of its waiting ones by kind of picture."""

    def __init__(self) -> None:
        self.by_state: Counter[JobState] = Counter()
        self.edited = 0
        self.waiting: dict[_Kind, tuple[Job, int]] = {}

    def add(self, job: Job, count: int) -> None:
        """Count a job in (1) or out (-1)."""
        self.by_state[job.state] += count
        if job.failure is not None and job.failure.kind is FailureKind.EDITED:
            self.edited += count
        if job.state is JobState.WAITING:
            kind = _kind(job)
            like, number = self.waiting.get(kind, (job, 0))
            self.waiting[kind] = (like, number + count)
            if not number + count:
                del self.waiting[kind]

    def waiting_seconds(self, estimates: Estimates) -> float | None:
        """How long the waiting ones will take, one after the other; None if that is not known."""
        total = 0.0
        for like, number in self.waiting.values():
            usual = estimates.seconds(like)
            if usual is None:
                return None
            total += usual * number
        return total


class JobMirror:
    """Costs the same for each job that changes, however many there are."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._gone: dict[str, int] = {}
        self._running: dict[str, Job] = {}
        self._progress: dict[str, JobProgress] = {}
        self._counts: defaultdict[str, _ServerCount] = defaultdict(_ServerCount)

    @property
    def jobs(self) -> Mapping[str, Job]:
        return MappingProxyType(self._jobs)

    def server_ids(self) -> list[str]:
        """Every server that ever had a job here."""
        return list(self._counts)

    def count(self, server_id: str, states: Iterable[JobState]) -> int:
        """How many of a server's jobs are in these states."""
        counted = self._counts.get(server_id)
        return sum(counted.by_state[state] for state in states) if counted else 0

    def put(self, job: Job) -> bool:
        """Take in what is known of a job; False if as much was known before. A snapshot from
        before a job was dropped does not bring it back."""
        known = self._jobs.get(job.id)
        if job.revision <= (known.revision if known else self._gone.get(job.id, -1)):
            return False
        if known:
            self._counts[known.server_id].add(known, -1)
        self._jobs[job.id] = job
        self._counts[job.server_id].add(job, 1)
        if job.state in ACTIVE_STATES:
            self._running[job.id] = job
        else:
            self._forget_run(job.id)
        return True

    def drop(self, job: Job) -> bool:
        """Take out a job that has ended; False if it is not here, or has gone on since."""
        known = self._jobs.get(job.id)
        if known is not None and known.revision > job.revision:
            return False
        self._gone[job.id] = max(job.revision, self._gone.get(job.id, -1))
        if known is None:
            return False
        del self._jobs[job.id]
        self._counts[known.server_id].add(known, -1)
        self._forget_run(job.id)
        return True

    def is_gone(self, job: Job) -> bool:
        """Whether the job was dropped, and not put in again."""
        return job.id in self._gone and job.id not in self._jobs

    def put_progress(self, progress: JobProgress) -> bool:
        """Take in how far a running job is; False if that is no news."""
        if self._progress.get(progress.job_id) == progress or progress.job_id not in self._running:
            return False
        self._progress[progress.job_id] = progress
        return True

    def progress(self, job_id: str) -> JobProgress | None:
        return self._progress.get(job_id)

    def summary(
        self,
        terms: Callable[[str], ServerTerms],
        estimates: Estimates,
        elapsed_s: Callable[[str], float | None],
    ) -> QueueSummary:
        """Sum up. ``elapsed_s`` tells for how long a job has been made. Costs something for each
        server and each running job, nothing for those that wait."""
        numbers: Counter[str] = Counter()
        seconds = dict.fromkeys(self._counts, 0.0)
        is_known = True
        for server_id, counted in self._counts.items():
            term = terms(server_id)
            numbers.update(_conditions(counted, term))
            if not (term.is_held or term.is_paused):
                usual = counted.waiting_seconds(estimates)
                seconds[server_id] += usual or 0.0
                is_known &= usual is not None
        for job in self._running.values():
            usual = estimates.seconds(job)
            is_known &= usual is not None
            seconds[job.server_id] += self._seconds_left(job, estimates, elapsed_s(job.id)) or 0.0
        shares = [told.progress for told in self._progress.values() if told.progress is not None]
        # Servers work side by side.
        longest_s = max((total / terms(one).at_once for one, total in seconds.items()), default=0.0)
        return QueueSummary(
            **numbers,
            progress=sum(shares) / len(shares) if shares else None,
            seconds_left=longest_s or None if is_known else None,
        )

    def _seconds_left(
        self, job: Job, estimates: Estimates, elapsed_s: float | None
    ) -> float | None:
        told = self._progress.get(job.id)
        share = told.progress if told else None
        return estimates.time_left(job, progress=share, elapsed_s=elapsed_s or 0.0)

    def _forget_run(self, job_id: str) -> None:
        self._running.pop(job_id, None)
        self._progress.pop(job_id, None)


def _kind(job: Job) -> _Kind:
    request = job.request
    return (request.model, request.width, request.height, request.steps)


def _conditions(counted: _ServerCount, terms: ServerTerms) -> Counter[str]:
    """The numbers of a QueueSummary, of one server."""
    by_state = counted.by_state
    numbers = Counter(
        held=by_state[JobState.HELD] - counted.edited,
        edited=counted.edited,
        failed=by_state[JobState.FAILED],
        unknown=by_state[JobState.UNKNOWN],
        running=sum(by_state[state] for state in ACTIVE_STATES),
    )
    condition = "held" if terms.is_held else "paused" if terms.is_paused else "waiting"
    numbers[condition] += by_state[JobState.WAITING]
    return numbers
