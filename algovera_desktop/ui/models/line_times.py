"""How long jobs in line still take, reckoned now and then for a whole line at once."""

from collections.abc import Callable, Iterable
from itertools import accumulate

from algovera_desktop.domain.jobs import Job

SecondsOf = Callable[[Job], float | None]
"""How long a job takes on its server; None without history of its like."""


class LineTimes:
    """For each server the running sum over its line. Between two reckonings a number that is off
    by the job that has just begun does no harm, so nothing is kept up to date job by job.

    All times are in seconds, and None as soon as one job before has no history.
    """

    def __init__(self, seconds_of: SecondsOf) -> None:
        self._seconds_of = seconds_of
        self._sums: dict[str, list[float | None]] = {}
        self._ahead: dict[str, float | None] = {}
        self._at_once: dict[str, int] = {}

    def reckon_line(self, server_id: str, jobs: Iterable[Job]) -> None:
        """Take in a line as it is now."""
        known: dict[tuple[str, int, int, int], float | None] = {}

        def seconds(job: Job) -> float | None:
            asked = job.request
            kind = (asked.model, asked.width, asked.height, asked.steps)
            if kind not in known:
                known[kind] = self._seconds_of(job)
            return known[kind]

        self._sums[server_id] = list(accumulate(map(seconds, jobs), _sum))

    def reckon_running(self, server_id: str, left: Iterable[float | None], at_once: int) -> None:
        """Take in how long each running job still takes."""
        total: float | None = 0.0
        for one in left:
            total = _sum(total, one)
        self._ahead[server_id] = total
        self._at_once[server_id] = at_once

    def until_done(self, server_id: str, number: int) -> float | None:
        """How long until the job that is ``number`` in line, from 1, is made."""
        sums, ahead = self._sums.get(server_id, ()), self._ahead.get(server_id)
        if not 0 < number <= len(sums):
            return None
        before = _sum(ahead, sums[number - 1])
        return None if before is None else before / self._at_once[server_id]

    def until_all_done(self, server_id: str) -> float | None:
        """How long until everything that runs and waits there is made."""
        sums = self._sums.get(server_id)
        if sums:
            return self.until_done(server_id, len(sums))
        ahead = self._ahead.get(server_id)
        return ahead / self._at_once[server_id] if ahead else None


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
