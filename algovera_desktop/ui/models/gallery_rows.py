"""What a row of the gallery can be."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import ACTIVE_STATES, FailureKind, Job, JobProgress


@dataclass(frozen=True, slots=True)
class JobTile:
    """A row that is no picture yet; ``progress`` is None until something was heard of it.
    ``held_up_by`` is why its server gets nothing now, None where nothing is in the way."""

    job: Job
    progress: JobProgress | None = None
    held_up_by: FailureKind | None = None


Tile = ImageRecord | JobTile


def runs_of(rows: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of each stretch of rows without a gap, from the top."""
    runs: list[tuple[int, int]] = []
    for row in sorted(rows):
        if runs and row == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs


def with_job(tile: JobTile, job: Job) -> JobTile:
    """The tile with the job's new state; the progress of an attempt that ended is dropped."""
    is_same_attempt = {tile.job.state, job.state} <= ACTIVE_STATES
    return replace(tile, job=job, progress=tile.progress if is_same_attempt else None)
