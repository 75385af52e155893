"""Opens the comparison in the gallery's place and the slideshow on the whole screen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.images import ImageRecord, LibraryQuery
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.search import LibrarySearch
from algovera_desktop.ui.curation_actions import CurationActions
from algovera_desktop.ui.picture_decoder import PictureDecoder
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.compare_pages import ComparePages
from algovera_desktop.ui.widgets.compare_view import MOST_COMPARED
from algovera_desktop.ui.widgets.gallery_pane import GalleryPane
from algovera_desktop.ui.widgets.slideshow import SlideShow

_PRIORITY = 30
"""Before thumbnails and pages: somebody waits for this."""


@dataclass(frozen=True, slots=True)
class _Order:
    """The pictures of a slideshow, and which of them is the first."""

    ids: Sequence[int]
    start: int


class LookingController(QObject):
    """Reads what is to be looked at, off the UI thread. ``slideshow_action`` is for a menu.

    Signals:
        slideshow_ended: the id (int) of the picture that was seen last.
        failed: the AlgoveraError that something ended with.
    """

    slideshow_ended = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        search: LibrarySearch,
        files: PictureFiles,
        thumbnails: ThumbnailLoader,
        tasks: Tasks,
        themes: ThemeController,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._search = search
        self._files = files
        self._tasks = tasks
        self._window = window
        self._pane: GalleryPane | None = None
        self.seconds = 5.0
        self.pages = ComparePages(thumbnails, PictureDecoder(files, tasks, self), themes)
        self.slideshow_action = QAction(self.tr("Slideshow"), self)
        self.slideshow_action.setShortcut("F5")

    def join(self, pane: GalleryPane) -> None:
        """Compare in the gallery's place."""
        self._pane = pane
        pane.addWidget(self.pages)
        self.pages.closed.connect(pane.show_gallery)

    def serve(self, actions: CurationActions) -> None:
        """Give stars and hearts in a comparison, and show what became of them."""
        self.pages.favourite_requested.connect(partial(_favourite, actions))
        self.pages.rating_requested.connect(partial(_rate, actions))
        actions.images_changed.connect(self.refresh)

    def compare(self, ids: Sequence[int]) -> None:
        """Lay the first few of these side by side."""
        wanted = list(ids[:MOST_COMPARED])
        self._start(lambda _context: self._search.records(wanted), self._on_records_read)

    def refresh(self, ids: Sequence[int]) -> None:
        """Read those anew that are being compared."""
        shown = {record.id for record in self.pages.beside.records}
        if changed := [image_id for image_id in shown if image_id in ids]:
            self._start(lambda _context: self._search.records(changed), self._on_records_changed)

    def begin_slideshow(self, query: LibraryQuery, image_id: int | None = None) -> None:
        """Show all that ``query`` finds, in its order, from a picture on."""
        self._start(partial(self._order, query, image_id), self._on_order_read)

    def _order(self, query: LibraryQuery, image_id: int | None, context: TaskContext) -> _Order:
        ids = self._search.ids(query, context.token)
        try:
            return _Order(ids, ids.index(image_id) if image_id is not None else 0)
        except ValueError:
            return _Order(ids, 0)

    def _start(self, work: Callable[[TaskContext], Any], then: Callable[[Any], None]) -> None:
        task = self._tasks.start(Pool.STORAGE, work, priority=_PRIORITY)
        task.succeeded.connect(then)
        task.failed.connect(self._on_task_failed)

    def _on_task_failed(self, error: Exception) -> None:
        # Any other exception is a bug of ours, which Tasks tells.
        if isinstance(error, AlgoveraError):
            self.failed.emit(error)

    def _on_records_read(self, records: list[ImageRecord]) -> None:
        if len(records) < 2:
            return
        if self._pane is not None:
            self._pane.setCurrentWidget(self.pages)
            self._pane.setFocusProxy(self.pages)
        self.pages.compare(records)

    def _on_records_changed(self, records: list[ImageRecord]) -> None:
        for record in records:
            self.pages.beside.update_record(record)

    def _on_order_read(self, order: _Order) -> None:
        if not order.ids:
            return
        decoder = PictureDecoder(self._files, self._tasks)
        show = SlideShow(
            order.ids,
            order.start,
            self._search.records,
            decoder,
            self._tasks,
            seconds=self.seconds,
            parent=self._window,
        )
        decoder.setParent(show)
        show.speed_changed.connect(self._on_show_speed_changed)
        show.closed.connect(self.slideshow_ended)
        show.showFullScreen()

    def _on_show_speed_changed(self, seconds: float) -> None:
        self.seconds = seconds


def _favourite(actions: CurationActions, image_id: int, on: bool) -> None:
    actions.favourite([image_id], on)


def _rate(actions: CurationActions, image_id: int, rating: int) -> None:
    actions.rate([image_id], rating)
