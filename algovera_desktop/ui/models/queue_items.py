"""What stands in one row of the queue panel, and which of a group's pictures a job is."""

from dataclasses import dataclass

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import FailureKind, Job, JobProgress
from algovera_desktop.domain.servers import ServerState


@dataclass(frozen=True, slots=True)
class JobRow:
    """All that one job's row shows.

    ``number`` is its place in line from 1, 0 for one that does not stand in line. ``part`` is
    which of how many pictures of its group it is. ``seconds_left`` is until it is done, None
    where there is nothing to reckon it from. ``held_by`` is what keeps its server from work.
    """

    job: Job
    model_title: str
    progress: JobProgress | None = None
    picture: ImageRecord | None = None
    number: int = 0
    part: tuple[int, int] = (1, 1)
    seconds_left: float | None = None
    held_by: FailureKind | None = None
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many jobs are in which part of the list; ``failed`` without ``unknown``."""

    running: int = 0
    waiting: int = 0
    unknown: int = 0
    failed: int = 0
    finished: int = 0

    @property
    def total(self) -> int:
        return self.running + self.waiting + self.unknown + self.failed + self.finished

    def __add__(self, other: "QueueCounts") -> "QueueCounts":
        return QueueCounts(
            self.running + other.running,
            self.waiting + other.waiting,
            self.unknown + other.unknown,
            self.failed + other.failed,
            self.finished + other.finished,
        )


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A server's header. ``name`` is empty for a server that was removed; ``can_try_again``
    where its jobs are held until somebody says so or a time has passed."""

    server_id: str
    name: str
    state: ServerState
    counts: QueueCounts
    held_by: FailureKind | None = None
    is_paused: bool = False
    seconds_left: float | None = None
    can_try_again: bool = False


class Groups:
    """The jobs of each press of Generate, numbered in the order in which they came."""

    def __init__(self) -> None:
        self._members: dict[str, dict[str, int]] = {}
        self._sizes: dict[str, int] = {}

    def add(self, job: Job) -> None:
        """Number a job; one that has a number keeps it."""
        members = self._members.setdefault(job.group_id, {})
        if job.id not in members:
            members[job.id] = self._sizes[job.group_id] = self._sizes.get(job.group_id, 0) + 1

    def drop(self, job: Job) -> None:
        """Take a job out. The others keep their numbers, and the group its size."""
        members = self._members[job.group_id]
        del members[job.id]
        if not members:
            del self._members[job.group_id], self._sizes[job.group_id]

    def part_of(self, job: Job) -> tuple[int, int]:
        """Which of how many pictures a job is."""
        return self._members[job.group_id][job.id], self._sizes[job.group_id]

    def members(self, group_id: str) -> list[str]:
        return list(self._members.get(group_id, ()))
