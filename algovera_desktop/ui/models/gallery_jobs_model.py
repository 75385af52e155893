"""The jobs in the gallery's rows: how they come, change and go."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from PySide6.QtCore import QModelIndex, QObject
from PySide6.QtGui import QImage

from algovera_desktop.domain.jobs import LINE_STATES, FailureKind, Job, JobProgress, JobState
from algovera_desktop.ui.models.gallery_records import GalleryRecords
from algovera_desktop.ui.models.gallery_rows import JobTile, runs_of
from algovera_desktop.ui.models.gallery_rows_model import GalleryRowsModel

_GONE = frozenset({JobState.CANCELLED})
_WITHOUT_NEW_TILE = LINE_STATES | {JobState.CANCELLED, JobState.DONE}


class GalleryJobsModel(GalleryRowsModel):
    """Rows of which some are jobs. All of them are known; those that the query has room for stand
    in front."""

    def __init__(self, records: GalleryRecords, parent: QObject | None = None) -> None:
        super().__init__(records, parent)
        self._shows_failed = False

    def add_jobs(self, jobs: Sequence[Job]) -> None:
        """Put new jobs in front; given oldest first, each group stays in its order. Of those
        that stand in line only the first MAX_IN_LINE are shown."""
        self._show_jobs(self._jobs.add(jobs))

    def update_jobs(self, jobs: Sequence[Job]) -> None:
        """Show the new states of jobs. A cancelled one goes; a done one waits for its picture;
        one that had no tile gets one when it leaves the line."""
        known = [job for job in jobs if job.id in self._jobs]
        changed = [job for job in known if job.state not in _GONE]
        self._jobs.change(changed)
        self._tell_changed(job.id for job in changed)
        self._hide_jobs([job.id for job in changed if not self._shows(job)])
        hidden = (job.id for job in changed if self._list.head.row_of(job.id) is None)
        self._show_jobs([self._jobs[job_id] for job_id in hidden])
        self.remove_jobs([job.id for job in known if job.state in _GONE])
        self.add_jobs([job for job in jobs if job.state not in _WITHOUT_NEW_TILE])

    def update_progress(self, progress: JobProgress) -> None:
        if self._jobs.show_progress(progress):
            self._tell_changed([progress.job_id])

    def update_preview(self, job_id: str, image: QImage) -> None:
        if self._jobs.show_preview(job_id, image):
            self._tell_changed([job_id])

    def show_hold(self, server_id: str, reason: FailureKind | None) -> None:
        """Show why a server gets nothing now, or with None that nothing is in the way."""
        self._tell_changed(self._jobs.show_hold(server_id, reason))

    def remove_jobs(self, ids: Iterable[str]) -> None:
        """Take jobs out; their pictures, where they have any, are not shown by this."""
        gone = list(ids)
        self._hide_jobs(gone)
        for job_id in gone:
            self._jobs.forget(job_id)

    def _show_jobs(self, tiles: Iterable[JobTile]) -> None:
        for group_id, run in self._runs_of_jobs(tiles):
            row = self._list.head.row_for_group(group_id)
            self.beginInsertRows(QModelIndex(), row, row + len(run) - 1)
            self._list.head.insert_group(group_id, run)
            self.endInsertRows()

    def _hide_jobs(self, ids: Iterable[str]) -> None:
        rows = map(self._list.head.row_of, ids)
        self._remove_runs(runs_of(row for row in rows if row is not None))

    def _shows(self, job: Job) -> bool:
        """Whether the query has room for a job among its pictures."""
        if self._query.is_everything:
            return True
        return self._shows_failed and job.state is JobState.FAILED

    def _runs_of_jobs(self, tiles: Iterable[JobTile]) -> Iterable[tuple[str, list[str]]]:
        """The ids of those jobs that the query shows, by group."""
        shown = [tile.job for tile in tiles if self._shows(tile.job)]
        for group_id, group in groupby(shown, key=lambda job: job.group_id):
            yield group_id, [job.id for job in group]
