"""The queue as its panel sees it: one list, in which each server heads its jobs."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
)

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import Job
from algovera_desktop.ui.job_controller import JobController
from algovera_desktop.ui.models.queue_items import JobRow, QueueCounts, ServerRow
from algovera_desktop.ui.models.queue_list import Listed, Places, QueueList
from algovera_desktop.ui.models.queue_rows import Place, Section
from algovera_desktop.ui.models.queue_servers import QueueServers
from algovera_desktop.ui.models.queue_words import (
    describe_job,
    describe_server,
    prompt_line,
    server_name,
    tool_tip,
)

Index = QModelIndex | QPersistentModelIndex

_FEW = 8
"""Up to so many rows that change, come, go or move are told of one by one."""

_REFRESH_MS = 100
_RECKON_MS = 1000


class QueueRole(IntEnum):
    """``ROW`` gives the whole row, a JobRow or a ServerRow. ``LIVE`` is never asked for: a change
    of it says that rows look different, but that nobody has to be told."""

    ROW = Qt.ItemDataRole.UserRole + 1
    LIVE = Qt.ItemDataRole.UserRole + 2


_WORDS = {
    Qt.ItemDataRole.DisplayRole: (prompt_line, server_name),
    Qt.ItemDataRole.ToolTipRole: (tool_tip, describe_server),
    Qt.ItemDataRole.AccessibleTextRole: (describe_job, describe_server),
}


class QueueModel(QAbstractListModel):
    """Follows a JobController. What is done or cancelled stays until it is removed.

    What nobody looks at is not reckoned: progress and time left are told of only while
    somebody watches, and then at most ten times and once a second.
    """

    def __init__(
        self, jobs: JobController, servers: QueueServers, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._servers = servers
        self._list = QueueList()
        self._rows = self._list.rows
        self._refresh_timer = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._refresh_timer.timeout.connect(self._on_refresh_timer_timeout)
        self._reckon_timer = QTimer(self, interval=_RECKON_MS)
        self._reckon_timer.timeout.connect(self._on_reckon_timer_timeout)
        jobs.jobs_added.connect(self._on_jobs_told)
        jobs.jobs_changed.connect(self._on_jobs_told)
        jobs.jobs_removed.connect(self._on_jobs_removed)
        jobs.job_completed.connect(self._on_jobs_job_completed)
        for signal in (jobs.job_progressed, jobs.hold_changed, jobs.paused_changed):
            signal.connect(self._refresh)
        servers.changed.connect(self._refresh)

    # What Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == QueueRole.ROW:
            return self.row(index.row())
        if role in _WORDS:
            row = self.row(index.row())
            of_job, of_server = _WORDS[Qt.ItemDataRole(role)]
            return of_job(row) if isinstance(row, JobRow) else of_server(row)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
        section = self._rows[index.row()].section
        if section is not Section.HEADER:
            flags |= Qt.ItemFlag.ItemIsSelectable
        if section is Section.LINE:
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    # What the panel asks

    def row(self, row: int) -> JobRow | ServerRow:
        place = self._rows[row]
        if place.section is Section.HEADER:
            return self._server_row(place)
        return self._job_row(row, place)

    def job(self, job_id: str) -> Job | None:
        listed = self._list.get(job_id)
        return listed.job if listed else None

    def picture(self, job_id: str) -> ImageRecord | None:
        listed = self._list.get(job_id)
        return listed.picture if listed else None

    def row_of(self, item_id: str) -> int | None:
        """The row of a job, or of a server's header."""
        return self._rows.row_of(item_id)

    def id_at(self, row: int) -> str:
        """The id of the job in a row, or of the server that the row heads."""
        return self._rows[row].id

    def job_ids_at(self, rows: range) -> list[str]:
        """The ids of the jobs in these rows, headers left out."""
        return [one for one in self._rows.ids(rows) if self._list.get(one)]

    def server_at(self, row: int) -> str:
        """The id of the server that a row belongs to."""
        return self._list.server_id(row)

    def line_at(self, row: int) -> range:
        """The rows that stand in line at a row's server."""
        return self._list.line_at(row)

    def group_of(self, job_id: str) -> list[str]:
        """The ids of all jobs in the list that were asked for together with this one."""
        return self._list.group_of(job_id)

    def ids_in(self, *sections: Section) -> list[str]:
        """The ids of all jobs in these parts of the list, on whatever server."""
        return self._list.ids_in(*sections)

    def counts(self) -> QueueCounts:
        return self._list.counts()

    def is_paused(self) -> bool:
        """Whether the user has paused every server."""
        return self._servers.is_paused()

    def set_watched(self, is_watched: bool) -> None:
        """Say whether somebody looks at the list."""
        if is_watched:
            self._on_reckon_timer_timeout()
            self._reckon_timer.start()
        else:
            self._reckon_timer.stop()
            self._refresh_timer.stop()

    # Removing what is finished, and bringing it back

    def remove_finished(self) -> list[Listed]:
        """Take what is done or cancelled out of the list; returns it, as it stood."""
        finished = self._list.finished()
        self._arrange({listed.job.id: None for listed in finished})
        return finished

    def restore_finished(self, finished: Sequence[Listed]) -> None:
        """Put back what ``remove_finished`` took, all but what has come back by itself."""
        self._arrange(self._list.restore(finished))

    # How it follows

    def _on_jobs_told(self, jobs: Sequence[Job]) -> None:
        self._arrange(self._list.take(jobs))

    def _on_jobs_removed(self, ids: Sequence[str]) -> None:
        self._arrange(self._list.close(ids))

    def _on_jobs_job_completed(self, job: Job, record: ImageRecord) -> None:
        self._arrange(self._list.complete(job, record))

    def _on_refresh_timer_timeout(self) -> None:
        self._tell_changed(0, len(self._rows) - 1, [QueueRole.LIVE])

    def _on_reckon_timer_timeout(self) -> None:
        for number, server_id in enumerate(self._list.server_ids()):
            running = self._list.jobs_in(number, Section.RUNNING)
            line = self._list.jobs_in(number, Section.LINE)
            self._servers.reckon(server_id, running, line)
        self._on_refresh_timer_timeout()

    def _refresh(self, *_what: object) -> None:
        if self._reckon_timer.isActive() and not self._refresh_timer.isActive():
            self._refresh_timer.start()

    # How rows come to their places

    def _arrange(self, wanted: Places) -> None:
        """Put jobs where they belong now, and their headers along."""
        places: dict[str, Place | None] = {
            job_id: place
            for job_id, place in wanted.items()
            if place != self._rows.place_of(job_id)
        }
        self._tell_same([job_id for job_id in wanted if job_id not in places])
        places |= self._list.headers_for(places)
        if len(places) <= _FEW:
            for item_id, place in places.items():
                self._put(item_id, place)
        elif not self._insert_page(places):
            self.beginResetModel()
            self._rows.rearrange(places)
            self.endResetModel()
        # Not before: while its row is there, it may be asked for.
        self._list.forget(places)
        self._refresh()

    def _put(self, item_id: str, place: Place | None) -> None:
        row = self._rows.row_of(item_id)
        if row is not None and place is not None:
            self._move(row, place)
        elif row is not None:
            self.beginRemoveRows(QModelIndex(), row, row)
            self._rows.remove(row)
            self.endRemoveRows()
        elif place is not None:
            self._insert(self._rows.row_for(place), [place])

    def _move(self, row: int, place: Place) -> None:
        to = self._rows.row_for(place)
        if to in (row, row + 1):
            self._rows.move(row, place)
        else:
            self.beginMoveRows(QModelIndex(), row, row, QModelIndex(), to)
            self._rows.move(row, place)
            self.endMoveRows()
        self._tell_same([place.id])

    def _insert(self, row: int, places: Sequence[Place]) -> None:
        self.beginInsertRows(QModelIndex(), row, row + len(places) - 1)
        self._rows.insert(row, places)
        self.endInsertRows()

    def _insert_page(self, places: Places) -> bool:
        """Put in many rows in one go, if all are new and stand together."""
        new = sorted(place for place in places.values() if place is not None)
        is_new = not any(self._rows.place_of(item_id) for item_id in places)
        if not is_new or len({self._rows.row_for(end) for end in (new[0], new[-1])}) > 1:
            return False
        self._insert(self._rows.row_for(new[0]), new)
        return True

    def _tell_same(self, job_ids: Sequence[str]) -> None:
        """These jobs have changed and stand where they stood."""
        rows = [self._rows.row_of(job_id) for job_id in job_ids] if len(job_ids) <= _FEW else []
        for row in rows:
            if row is not None:
                self._tell_changed(row, row)
        if len(job_ids) > _FEW:
            self._tell_changed(0, len(self._rows) - 1)

    def _tell_changed(self, first: int, last: int, roles: Sequence[int] = ()) -> None:
        if first <= last:
            self.dataChanged.emit(self.index(first), self.index(last), list(roles))

    # What a row shows

    def _job_row(self, row: int, place: Place) -> JobRow:
        listed = self._list.get(place.id)
        assert listed is not None
        job, servers = listed.job, self._servers
        number = row - self.line_at(row).start + 1 if place.section is Section.LINE else 0
        return JobRow(
            job,
            servers.model_title(job),
            servers.progress(job),
            listed.picture,
            number,
            self._list.part_of(job),
            servers.seconds_left(job, number),
            servers.held_by(job.server_id),
            servers.is_paused(job.server_id),
        )

    def _server_row(self, place: Place) -> ServerRow:
        server_id, servers = place.id, self._servers
        return ServerRow(
            server_id,
            servers.name(server_id),
            servers.state(server_id),
            self._list.counts_of(place.server),
            servers.held_by(server_id),
            servers.is_paused(server_id),
            servers.seconds_until_all_done(server_id),
            servers.can_try_again(server_id),
        )
