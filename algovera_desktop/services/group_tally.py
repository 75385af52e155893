"""Follows groups of jobs to their end, whatever their size, in constant time for each change."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from algovera_desktop.domain.jobs import Job, JobState


@dataclass(frozen=True, slots=True)
class GroupEnd:
    """How the pictures of a group ended. ``unsettled`` wait for the user's word, since they may
    have been charged. Those that the user cancelled are in none of the numbers."""

    finished: int = 0
    failed: int = 0
    unsettled: int = 0

    def __add__(self, other: "GroupEnd") -> "GroupEnd":
        return GroupEnd(
            self.finished + other.finished,
            self.failed + other.failed,
            self.unsettled + other.unsettled,
        )

    @property
    def total(self) -> int:
        return self.finished + self.failed + self.unsettled


class _Fate(Enum):
    OPEN = auto()
    FINISHED = auto()
    FAILED = auto()
    UNSETTLED = auto()


class _Group:
    """The jobs that are followed of one group, and how many of them are open."""

    def __init__(self) -> None:
        self.fates: dict[str, _Fate] = {}
        self.open = 0

    def set(self, job_id: str, fate: _Fate) -> None:
        self.remove(job_id)
        self.fates[job_id] = fate
        self.open += fate is _Fate.OPEN

    def remove(self, job_id: str) -> None:
        self.open -= self.fates.pop(job_id, None) is _Fate.OPEN

    def end(self) -> GroupEnd:
        fates = list(self.fates.values())
        return GroupEnd(
            fates.count(_Fate.FINISHED), fates.count(_Fate.FAILED), fates.count(_Fate.UNSETTLED)
        )


class GroupTally:
    """Told of every change of a job, it tells which groups have ended by it.

    A group is followed from its first job that is still to be made, so what had ended before
    the program was started is not counted. One that has ended is forgotten: when a job of it is
    tried again, that job alone ends it once more.
    """

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}
        self._group_of: dict[str, str] = {}

    def put(self, jobs: Iterable[Job]) -> list[GroupEnd]:
        """These jobs are as they stand here now; returns the groups that have ended thereby."""
        ends = [self._put(job) for job in jobs]
        return [end for end in ends if end is not None]

    def finish(self, job: Job) -> list[GroupEnd]:
        """This job's picture is there, whatever state it was last seen in."""
        end = self._set(job.group_id, job.id, _Fate.FINISHED)
        return [end] if end is not None else []

    def drop(self, job_ids: Iterable[str]) -> list[GroupEnd]:
        """These jobs were cancelled or dismissed, or are history; finished ones still count."""
        ends = [self._drop(job_id) for job_id in job_ids]
        return [end for end in ends if end is not None]

    def _put(self, job: Job) -> GroupEnd | None:
        if job.state is JobState.CANCELLED:
            return self._drop(job.id)
        return self._set(job.group_id, job.id, _fate(job))

    def _set(self, group_id: str, job_id: str, fate: _Fate) -> GroupEnd | None:
        if job_id not in self._group_of:
            if fate is not _Fate.OPEN:
                return None  # It ended before anybody followed it.
            self._group_of[job_id] = group_id
        group = self._groups.get(group_id)
        if group is None:
            group = self._groups[group_id] = _Group()
        group.set(job_id, fate)
        return self._end(group_id, group)

    def _drop(self, job_id: str) -> GroupEnd | None:
        group_id = self._group_of.get(job_id)
        if group_id is None:
            return None
        group = self._groups[group_id]
        if group.fates[job_id] is _Fate.FINISHED:
            return None
        del self._group_of[job_id]
        group.remove(job_id)
        return self._end(group_id, group)

    def _end(self, group_id: str, group: _Group) -> GroupEnd | None:
        """Forget a group of which nothing is open; None while something is, or if all of it was
        cancelled."""
        if group.open:
            return None
        for job_id in group.fates:
            del self._group_of[job_id]
        del self._groups[group_id]
        end = group.end()
        return end if end.total else None


def _fate(job: Job) -> _Fate:
    if job.state is JobState.DONE:
        return _Fate.FINISHED
    if job.state is JobState.FAILED:
        return _Fate.FAILED
    if job.state is JobState.UNKNOWN and job.client_ref is None:
        return _Fate.UNSETTLED
    # An unknown job with a client_ref is settled without the user.
    return _Fate.OPEN
