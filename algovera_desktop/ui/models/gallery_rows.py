"""What a row of the gallery can be."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from PySide6.QtGui import QImage

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import ACTIVE_STATES, FailureKind, Job, JobProgress


@dataclass(frozen=True, slots=True)
class JobTile:
    """A row that is no picture yet; ``progress`` is None until something was heard of it.
    ``held_up_by`` is why its server gets nothing now, None where nothing is in the way;
    ``preview`` is what has been painted so far, where the server shows it."""

    job: Job
    progress: JobProgress | None = None
    held_up_by: FailureKind | None = None
    preview: QImage | None = None


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
    """The tile with the job's new state; what an attempt that ended has left is dropped."""
    if {tile.job.state, job.state} <= ACTIVE_STATES:
        return replace(tile, job=job)
    return replace(tile, job=job, progress=None, preview=None)
