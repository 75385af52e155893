"""Which jobs the queue panel lists, and where each of them belongs as things go on."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import Job, JobState
from algovera_desktop.ui.models.queue_items import Groups, QueueCounts
from algovera_desktop.ui.models.queue_rows import SECTION_OF, Place, QueueRows, Section

Places = Mapping[str, Place | None]
"""Where items belong from now on, by id; None for out of the list."""

_STOPPED = (Section.UNKNOWN, Section.FAILED)
_COUNTED = (
    Section.RUNNING,
    Section.LINE,
    Section.UNKNOWN,
    Section.FAILED,
    Section.FINISHED,
)
"""In the order of QueueCounts' fields."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A job in the list, and the picture that was made of it. ``arrival`` tells what came first."""

    job: Job
    arrival: int
    picture: ImageRecord | None = None


class QueueList:
    """Open jobs, and finished ones until they are removed, below their servers.

    What changes it returns the places that items then belong to; the caller puts them there,
    in ``rows``, in whatever way it has to tell of that, and lets ``forget`` what is out.
    """

    def __init__(self) -> None:
        self.rows = QueueRows()
        self._listed: dict[str, Listed] = {}
        self._groups = Groups()
        self._server_ids: list[str] = []
        self._numbers: dict[str, int] = {}
        self._arrivals = 0

    # What is there

    def get(self, job_id: str) -> Listed | None:
        return self._listed.get(job_id)

    def server_id(self, row: int) -> str:
        """The server that a row belongs to."""
        return self._server_ids[self.rows[row].server]

    def server_ids(self) -> Sequence[str]:
        """Every server that ever had a job here; the position is its number in Place."""
        return self._server_ids

    def line_at(self, row: int) -> range:
        """The rows that stand in line at a row's server."""
        return self.rows.span(self.rows[row].server, Section.LINE)

    def jobs_in(self, server: int, section: Section) -> list[Job]:
        span = self.rows.span(server, section)
        return [self._listed[job_id].job for job_id in self.rows.ids(span)]

    def ids_in(self, *sections: Section) -> list[str]:
        """The ids of all jobs in these parts of the list, on whatever server."""
        servers = range(len(self._server_ids))
        spans = (self.rows.span(server, section) for server in servers for section in sections)
        return [job_id for span in spans for job_id in self.rows.ids(span)]

    def counts_of(self, server: int) -> QueueCounts:
        return QueueCounts(*(len(self.rows.span(server, section)) for section in _COUNTED))

    def counts(self) -> QueueCounts:
        return sum(map(self.counts_of, range(len(self._server_ids))), QueueCounts())

    def part_of(self, job: Job) -> tuple[int, int]:
        """Which of how many pictures of its group a job is."""
        return self._groups.part_of(job)

    def group_of(self, job_id: str) -> list[str]:
        """The ids of all jobs here that were asked for together with this one."""
        listed = self._listed.get(job_id)
        return self._groups.members(listed.job.group_id) if listed else []

    # What changes it

    def take(self, jobs: Iterable[Job]) -> Places:
        """Take in what is news of jobs, known or not."""
        places: dict[str, Place | None] = {}
        for job in jobs:
            known = self._listed.get(job.id)
            if known is None or job.revision >= known.job.revision:
                places[job.id] = self._keep(job, known.picture if known else None)
        return places

    def complete(self, job: Job, picture: ImageRecord) -> Places:
        return {job.id: self._keep(replace(job, state=JobState.DONE), picture)}

    def close(self, job_ids: Iterable[str]) -> Places:
        """Take in that jobs are no longer open: what failed was dismissed and goes; any other was
        cancelled and is listed as that."""
        places: dict[str, Place | None] = {}
        for job_id in job_ids:
            known = self._listed.get(job_id)
            if known is None or SECTION_OF[known.job.state] is Section.FINISHED:
                continue
            if SECTION_OF[known.job.state] in _STOPPED:
                places[job_id] = None
            else:
                places[job_id] = self._keep(replace(known.job, state=JobState.CANCELLED), None)
        return places

    def finished(self) -> list[Listed]:
        return [self._listed[job_id] for job_id in self.ids_in(Section.FINISHED)]

    def forget(self, places: Places) -> None:
        """Drop those jobs that are out of the list."""
        for job_id, place in places.items():
            listed = self._listed.get(job_id)
            if place is None and listed is not None:
                del self._listed[job_id]
                self._groups.drop(listed.job)

    def restore(self, finished: Sequence[Listed]) -> Places:
        """Bring back what was forgotten, all but what has come back in the meantime."""
        absent = [one for one in reversed(finished) if one.job.id not in self._listed]
        return {one.job.id: self._keep(one.job, one.picture) for one in absent}

    def headers_for(self, places: Places) -> Places:
        """The servers' headers that have to come or go when these jobs do."""
        grown: Counter[int] = Counter()
        for job_id, place in places.items():
            old = self.rows.place_of(job_id)
            if old is not None:
                grown[old.server] -= 1
            if place is not None:
                grown[place.server] += 1
        headers: dict[str, Place | None] = {}
        for server, growth in grown.items():
            server_id = self._server_ids[server]
            is_wanted = self.counts_of(server).total + growth > 0
            if is_wanted != (self.rows.place_of(server_id) is not None):
                header = Place(server, Section.HEADER, 0, 0, server_id)
                headers[server_id] = header if is_wanted else None
        return headers

    def _keep(self, job: Job, picture: ImageRecord | None) -> Place:
        """Note a job as it is now; returns where it belongs."""
        self._arrivals += 1
        known = self._listed.get(job.id)
        arrival = known.arrival if known else self._arrivals
        self._listed[job.id] = Listed(job, arrival, picture)
        self._groups.add(job)
        section = SECTION_OF[job.state]
        turn = job.position if section is not Section.FINISHED else self._finished_turn(job.id)
        return Place(self._number(job.server_id), section, turn, arrival, job.id)

    def _finished_turn(self, job_id: str) -> int:
        """What finished last comes first."""
        place = self.rows.place_of(job_id)
        is_there = place is not None and place.section is Section.FINISHED
        return place.turn if place is not None and is_there else -self._arrivals

    def _number(self, server_id: str) -> int:
        number = self._numbers.get(server_id)
        if number is None:
            number = self._numbers[server_id] = len(self._server_ids)
            self._server_ids.append(server_id)
        return number
