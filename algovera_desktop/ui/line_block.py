"""Jobs that are moved together, and where among the others in line that brings them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias

Move: TypeAlias = "tuple[Sequence[str], str | None]"
"""The ids of the jobs to be moved, none if all stand there already, and of the job that shall
stand behind them, None for the end of the line."""


class LineBlock:
    """The chosen jobs of a line, given the next one first. What stands between them is passed
    by: a move brings them together."""

    def __init__(self, line: Sequence[str], chosen: AbstractSet[str]) -> None:
        self._line = list(line)
        self._mine = [job_id for job_id in line if job_id in chosen]
        self._others = [job_id for job_id in line if job_id not in chosen]

    def to_front(self) -> Move:
        return self._behind(0)

    def up(self) -> Move:
        """Before the one that stands before the first of them."""
        return self._behind(self._line.index(self._mine[0]) - 1) if self._mine else ((), None)

    def down(self) -> Move:
        """Behind the one that stands behind the last of them."""
        if not self._mine:
            return (), None
        return self._behind(self._line.index(self._mine[-1]) + 2 - len(self._mine))

    def before(self, job_id: str | None) -> Move:
        """Before a job, which may be one of them; None: to the end."""
        if job_id is None:
            return self._behind(len(self._others))
        if job_id not in self._line:
            return self._mine, job_id
        ahead = set(self._line[: self._line.index(job_id)])
        return self._behind(len(ahead.difference(self._mine)))

    def _behind(self, count: int) -> Move:
        """Behind so many of the others."""
        count = min(max(count, 0), len(self._others))
        ahead, behind = self._others[:count], self._others[count:]
        if [*ahead, *self._mine, *behind] == self._line:
            return (), None
        return self._mine, behind[0] if behind else None
