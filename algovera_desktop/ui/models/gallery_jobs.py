"""The tiles of the jobs on the way, whether the gallery shows them now or not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from PySide6.QtGui import QImage

from algovera_desktop.domain.jobs import LINE_STATES, FailureKind, Job, JobProgress
from algovera_desktop.ui.models.gallery_rows import JobTile, with_job

MAX_IN_LINE = 50
"""Of what waits, as many have a tile; the queue's own list shows them all."""


class GalleryJobs:
    """Job tiles by the job's id, in the order in which they came."""

    def __init__(self) -> None:
        self._tiles: dict[str, JobTile] = {}
        self._in_line = 0
        self._holds: dict[str, FailureKind | None] = {}

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._tiles

    def __getitem__(self, job_id: str) -> JobTile:
        return self._tiles[job_id]

    def __iter__(self) -> Iterator[JobTile]:
        return iter(self._tiles.values())

    def add(self, jobs: Iterable[Job]) -> list[JobTile]:
        """Make tiles for new jobs; of those that stand in line only for the first MAX_IN_LINE."""
        new: list[JobTile] = []
        for job in jobs:
            has_room = job.state not in LINE_STATES or self._in_line < MAX_IN_LINE
            if job.id not in self._tiles and has_room:
                tile = JobTile(job, held_up_by=self._holds.get(job.server_id))
                self._tiles[job.id] = tile
                self._in_line += job.state in LINE_STATES
                new.append(tile)
        return new

    def change(self, jobs: Sequence[Job]) -> None:
        """Take over new states of jobs that have a tile."""
        for job in jobs:
            tile = self._tiles[job.id]
            self._in_line -= tile.job.state in LINE_STATES
            self._in_line += job.state in LINE_STATES
            self._tiles[job.id] = with_job(tile, job)

    def show_progress(self, progress: JobProgress) -> bool:
        """Note how far a job is; False if it has no tile."""
        tile = self._tiles.get(progress.job_id)
        if tile:
            self._tiles[progress.job_id] = replace(tile, progress=progress)
        return tile is not None

    def show_preview(self, job_id: str, image: QImage) -> bool:
        """Note what is painted so far; False if the job has no tile."""
        tile = self._tiles.get(job_id)
        if tile:
            self._tiles[job_id] = replace(tile, preview=image)
        return tile is not None

    def show_hold(self, server_id: str, reason: FailureKind | None) -> list[str]:
        """Note why a server gets nothing now; the ids of its jobs."""
        self._holds[server_id] = reason
        ids = [tile.job.id for tile in self if tile.job.server_id == server_id]
        for job_id in ids:
            self._tiles[job_id] = replace(self._tiles[job_id], held_up_by=reason)
        return ids

    def forget(self, job_id: str) -> None:
        tile = self._tiles.pop(job_id, None)
        if tile:
            self._in_line -= tile.job.state in LINE_STATES
