"""How long pictures will take, from how long the same kind took here before.

A kind is a server, a model, a size and a number of steps. A kind without history has no number:
nothing is guessed from another kind.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from algovera_desktop.domain.jobs import Job

KEPT_OF_A_KIND = 20

_Kind = tuple[str, str, int, int, int]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one picture took, in seconds, from the server's answer to the picture."""

    server_id: str
    model: str
    width: int
    height: int
    steps: int
    seconds: float


class Estimates:
    """Knows the last pictures of each kind. Pure: holds numbers, and no clock."""

    def __init__(self, timings: Iterable[Timing] = ()) -> None:
        """``timings`` are the oldest first."""
        self._seconds: dict[_Kind, deque[float]] = {}
        for timing in timings:
            kind = (timing.server_id, timing.model, timing.width, timing.height, timing.steps)
            self._keep(kind, timing.seconds)

    def learn(self, job: Job, seconds: float) -> None:
        """A picture was made in so many seconds."""
        self._keep(_kind(job), seconds)

    def seconds(self, job: Job) -> float | None:
        """The median of its kind, from the server's answer to the picture; None: no history."""
        history = self._seconds.get(_kind(job))
        return median(history) if history else None

    def time_left(self, job: Job, *, progress: float | None, elapsed_s: float) -> float | None:
        """For a running job, in seconds. ``progress`` is 0.0 to 1.0, None where unknown.

        By its progress if the engine tells that, for it knows this very job; else by the clock.
        Never less than nothing: a job that takes longer than its kind did has no number.
        """
        usual = self.seconds(job)
        if usual is None:
            return None
        if progress is not None:
            return usual * (1 - min(max(progress, 0.0), 1.0))
        left = usual - elapsed_s
        return left if left > 0 else None

    def line_seconds(self, jobs: Iterable[Job], at_once: int) -> float | None:
        """For all these jobs of one server that makes ``at_once``; None if any has no history."""
        total = 0.0
        for job in jobs:
            usual = self.seconds(job)
            if usual is None:
                return None
            total += usual
        return total / at_once

    def _keep(self, kind: _Kind, seconds: float) -> None:
        self._seconds.setdefault(kind, deque(maxlen=KEPT_OF_A_KIND)).append(seconds)


def _kind(job: Job) -> _Kind:
    request = job.request
    return (job.server_id, request.model, request.width, request.height, request.steps)
