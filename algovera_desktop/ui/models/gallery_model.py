"""The gallery's jobs and pictures: what the program shows in it, and what the library answers."""

from array import array
from collections.abc import Collection, Iterable, Sequence

from PySide6.QtCore import QModelIndex, QObject, QTimer, Signal

from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.images import ImageRecord, LibraryQuery
from algovera_desktop.library.query.nodes import asks_for_failed_jobs
from algovera_desktop.library.query.parser import parse
from algovera_desktop.library.search import LibrarySearch
from algovera_desktop.ui.models.gallery_ids import ImageIds
from algovera_desktop.ui.models.gallery_jobs_model import GalleryJobsModel
from algovera_desktop.ui.models.gallery_list import GalleryList
from algovera_desktop.ui.models.gallery_reader import GalleryReader
from algovera_desktop.ui.models.gallery_records import GalleryRecords
from algovera_desktop.ui.tasks import Task, Tasks

_MANY = 10_000
"""Of so many pictures that come or go the library is asked which ones are left."""

_REREAD_DELAY_MS = 200


class GalleryModel(GalleryJobsModel):
    """Jobs and pictures in one list. In front stand the jobs, while the whole library is shown,
    and a finished job's row turns into its picture in place; behind them all pictures of the
    query, of which only the ids are held. Who shows rows says with ``set_wanted`` which ones;
    until its record is there, a row has no tile.

    While another query is answered, what was shown stays. All that an answer brings is put in
    at one time, so nothing grows with the number of pictures but 8 bytes for each.

    Signals:
        page_loaded: the first screenful of a query has arrived, an empty one too.
        count_known: how many pictures the query has, again when they become more or fewer.
        load_failed: the AlgoveraError that kept pictures from being read or a query from being
            understood; what was shown still is.
    """

    page_loaded = Signal()
    count_known = Signal(int)
    load_failed = Signal(object)

    def __init__(self, search: LibrarySearch, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(GalleryRecords(search, tasks), parent)
        self._asked = self._query
        self._is_complete = False
        self._awaits_first = False
        self._come: set[int] = set()
        self._gone: set[int] = set()
        self._matching: set[int] = set()
        self._reader = GalleryReader(search, tasks, self)
        self._reread_timer = QTimer(self, singleShot=True, interval=_REREAD_DELAY_MS)
        self._reread_timer.timeout.connect(self._on_reread_timer_timeout)
        self._reader.first_read.connect(self._on_reader_first_read)
        self._reader.ids_read.connect(self._on_reader_ids_read)
        self._reader.matched.connect(self._on_reader_matched)
        self._reader.failed.connect(self._on_reader_failed)
        self._records.failed.connect(self.load_failed)

    # What the program asks

    @property
    def is_loading(self) -> bool:
        """Whether the first screenful of a query is on its way."""
        return self._awaits_first

    @property
    def count(self) -> int | None:
        """How many pictures the query has, None while that is not known."""
        return self._list.picture_count if self._is_complete else None

    def load(self) -> None:
        """Read the current query's pictures."""
        self.set_query(self._query)

    def set_query(self, query: LibraryQuery) -> None:
        """Show other pictures as soon as the first of them are there."""
        self._awaits_first = True
        self._asked = query
        self._come, self._gone = set(), set()
        self._records.retry()
        self._reader.read(query)

    def set_wanted(self, who: str, rows: Iterable[int]) -> None:
        """Have the records of rows that are shown read, the most urgent first."""
        self._records.set_wanted(who, self._list.note_seen(who, rows))

    def fetch(self, ids: Sequence[int]) -> Task:
        """Read the records of pictures, in this order; the task succeeds with a list of them."""
        return self._records.fetch(ids)

    def complete_job(self, job_id: str, record: ImageRecord) -> None:
        """Turn a job's row into its picture, in place."""
        row = self._list.head.row_of(job_id)
        if row is None or self.row_of_image(record.id) is not None:
            self.remove_jobs([job_id])
            self.insert_images([record])
            return
        self._jobs.forget(job_id)
        self._records.keep([record])
        self._note_come([record.id])
        self._list.head.replace(row, record.id)
        self._tell_changed([record.id])
        self._tell_count()

    # Pictures that come, change and go

    def images_changed(self, ids: Collection[int]) -> None:
        """Show what was changed of pictures. Each stays where it is until the next query, but an
        album shows at once what belongs to it, and in its order."""
        self._records.read_anew(ids)
        if self._query.album_id is not None:
            self._reread_timer.start()
        if self._awaits_first:
            # The records on their way may be those from before.
            self._reader.read(self._asked)

    def begin_removal(self, ids: Collection[int]) -> None:
        """Take out pictures that are about to go to the trash. A great many stay until they have
        gone, for the library must be asked which ones are left."""
        if len(ids) <= _MANY:
            self._take_out(ids)

    def remove_images(self, ids: Collection[int]) -> None:
        """Take out pictures that went to the trash, or for good from there."""
        found = self._take_out(ids)
        if self._query.trashed and found < len(ids):
            # They were not here, so the trash is where they went.
            self._reread_timer.start()

    def insert_images(self, records: Iterable[ImageRecord]) -> None:
        """Show pictures that came to the library or back from the trash, where the query has
        them; what has left the trash goes from a view of the trash."""
        known = {record.id: record for record in records}
        self._records.keep(known.values())
        is_shown_trashed = self._query.trashed
        left = {one.id for one in known.values() if (one.trashed_at is None) == is_shown_trashed}
        self._take_out(left)
        here = {image_id for image_id in known if self.row_of_image(image_id) is not None}
        self._bring_back([image_id for image_id in known if image_id not in left | here])

    def restore_images(self, ids: Sequence[int]) -> None:
        """Show pictures, any number of them, that are back from the trash, where the query has
        them; a view of the trash loses them."""
        if self._query.trashed:
            self._take_out(ids)
            return
        self._records.read_anew(ids)
        if len(ids) > _MANY:
            self._note_come(ids)
            self._reread_timer.start()
            return
        self._bring_back([one for one in ids if self.row_of_image(one) is None])

    # How it is done

    def _on_reader_first_read(self, query: LibraryQuery, records: list[ImageRecord]) -> None:
        self._awaits_first = False
        self._records.keep(records)
        ids = array("q", [one.id for one in records if one.id not in self._gone])
        self.beginResetModel()
        for record in records:
            self._jobs.forget(record.job_id)
        self._query = query
        self._shows_failed = asks_for_failed_jobs(parse(query.text))
        self._is_complete = False
        self._list = GalleryList(ImageIds(query, ids))
        for group_id, run in self._runs_of_jobs(self._jobs):
            self._list.head.insert_group(group_id, run)
        self.endResetModel()
        late, self._come = self._come.difference(ids), set()
        self._bring_back(list(late))
        self.page_loaded.emit()

    def _on_reader_ids_read(self, query: LibraryQuery, found: "array[int]") -> None:
        """Put in all that the query has. What came or went since it was asked counts."""
        ids = ImageIds(query, found).without(self._gone)
        if ids.is_by_id:
            ids = ids.including(self._come - self._gone - set(self._list.head.pictures()))
        head = list(self._list.head.pictures())
        known = {ids[row] for row in ids.rows_of(head)}
        left = [one for one in head if one not in known and one not in self._come]
        self._come, self._gone = set(), set()
        self._is_complete = True
        self._replace(left, ids.without(known))
        self._tell_count()

    def _on_reader_matched(self, query: LibraryQuery, asked: list[int], ids: list[int]) -> None:
        fresh = [one for one in ids if one in self._matching and self.row_of_image(one) is None]
        self._matching.difference_update(asked)
        if query == self._query:
            self._insert(fresh)

    def _on_reader_failed(self, error: AlgoveraError) -> None:
        was_first, self._awaits_first = self._awaits_first, False
        if was_first and not self._is_complete and len(self._list.ids):
            # What is shown stays, so the rest of it is wanted after all.
            self._reader.read_ids(self._query)
        self.load_failed.emit(error)

    def _on_reread_timer_timeout(self) -> None:
        if self._reader.is_reading:
            self._reread_timer.start()
        else:
            self._reader.read_ids(self._query)

    def _take_out(self, ids: Collection[int]) -> int:
        """Remove pictures, here or, if there are many, once it is known which are left; how many
        of them were here."""
        self._note_gone(ids)
        self._records.read_anew(ids)
        if len(ids) > _MANY:
            self._reread_timer.start()
            return len(ids)
        found = self._remove_pictures(ids)
        self._tell_count()
        return found

    def _bring_back(self, ids: Sequence[int]) -> None:
        """Put pictures in: where they were in the head, else where the query has them."""
        rest: list[int] = []
        if self._awaits_first:
            self._note_come(ids)
        for image_id in ids:
            row = self._list.head.row_to_return(image_id)
            if row is None:
                rest.append(image_id)
            else:
                self._note_come([image_id])
                self.beginInsertRows(QModelIndex(), row, row)
                self._list.head.bring_back(image_id)
                self.endInsertRows()
        if not rest:
            self._tell_count()
        elif not self._list.ids.is_by_id or len(rest) > _MANY:
            self._reread_timer.start()
        elif self._query.is_everything:
            self._insert(rest)
        else:
            self._matching.update(rest)
            self._reader.match(self._query, rest)

    def _insert(self, ids: Sequence[int]) -> None:
        """Put pictures in where their ids say that they belong."""
        self._note_come(ids)
        self._insert_pictures(ids)
        self._tell_count()

    def _note_come(self, ids: Collection[int]) -> None:
        """What comes or goes while an answer is on its way is put right when it is there."""
        if self._reader.is_reading:
            self._come.update(ids)
            self._gone.difference_update(ids)
        self._ask_again_across_the_trash()

    def _note_gone(self, ids: Collection[int]) -> None:
        self._matching.difference_update(ids)
        if self._reader.is_reading:
            self._gone.update(ids)
            self._come.difference_update(ids)
        self._ask_again_across_the_trash()

    def _ask_again_across_the_trash(self) -> None:
        """What goes from the pictures that are shown comes to those that are asked for."""
        if self._awaits_first and self._asked.trashed != self._query.trashed:
            self.set_query(self._asked)

    def _tell_count(self) -> None:
        if self.count is not None:
            self.count_known.emit(self.count)
