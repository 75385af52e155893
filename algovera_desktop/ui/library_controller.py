"""Joins the gallery, the large view and the inspector to the library and the queue."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.images import ImageRecord, LibraryQuery
from algovera_desktop.domain.jobs import Job
from algovera_desktop.domain.settings import THUMBNAIL_SIZE
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.library.thumbnails import ThumbnailCache
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.history import History
from algovera_desktop.ui.job_controller import JobController
from algovera_desktop.ui.models.gallery_model import GalleryModel
from algovera_desktop.ui.picture_actions import PictureActions
from algovera_desktop.ui.picture_commands import PictureCommands
from algovera_desktop.ui.picture_decoder import PictureDecoder
from algovera_desktop.ui.tasks import Tasks
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.gallery_bar import GalleryBar
from algovera_desktop.ui.widgets.gallery_pane import GalleryPane
from algovera_desktop.ui.widgets.gallery_view import GalleryView
from algovera_desktop.ui.widgets.inspector import Inspector
from algovera_desktop.ui.widgets.large_view import LargeView
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity
from algovera_desktop.ui.wording import describe_error

_NOTE_TIMEOUT_S = 4.0


class LibraryController(QObject):
    """Owns everything that shows pictures. ``pictures`` and ``inspector`` are for the window;
    ``thumbnails`` is for whoever else shows some; ``commands`` tells what is asked of pictures
    that is not done here (reuse, vary, jobs)."""

    def __init__(
        self,
        library: Library,
        files: PictureFiles,
        thumbnail_cache: ThumbnailCache,
        tasks: Tasks,
        themes: ThemeController,
        messages: MessageBar,
        settings: SettingsStore,
        history: History,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._messages = messages
        self._settings = settings
        self.model = GalleryModel(library, tasks, self)
        self.commands = PictureCommands(themes, self)
        self._actions = PictureActions(library, files, tasks, history, window)
        self.thumbnails = ThumbnailLoader(files, thumbnail_cache, tasks, parent=self)
        decoder = PictureDecoder(files, tasks, self)
        self.gallery = GalleryView(self.model, self.thumbnails, files, self.commands, themes)
        large = LargeView(self.model, self.thumbnails, decoder, self.commands, themes)
        self._pane = GalleryPane(self.gallery, large)
        self._bar = GalleryBar(themes)
        self.inspector = Inspector(self.thumbnails, self.commands, themes)
        self.pictures = self._assemble()
        self._connect()
        self.gallery.set_tile_size(settings.get(THUMBNAIL_SIZE))
        self._bar.sizes.show_tile_size(self.gallery.tile_px)

    def load(self) -> None:
        """Show the library's first screenful."""
        self.model.load()

    def follow(self, jobs: JobController) -> None:
        """Show what becomes of the jobs."""
        jobs.jobs_added.connect(self._on_jobs_added)
        jobs.jobs_changed.connect(self.model.update_jobs)
        jobs.job_progressed.connect(self.model.update_progress)
        jobs.job_completed.connect(self._on_jobs_job_completed)
        jobs.jobs_removed.connect(self.model.remove_jobs)
        jobs.hold_changed.connect(partial(self._on_jobs_hold_changed, jobs))

    def show_picture(self, record: ImageRecord) -> None:
        """Show a picture large, or say why it is not there."""
        row = self.model.row_of_image(record.id)
        if row is None:
            self._note(self.tr("This picture is not among those that the gallery shows."))
            return
        self.gallery.select_row(row)
        self._pane.open_row(row)

    def fill_menu(self, menu: QMenu) -> None:
        """Offer what can be done with the selection."""
        menu.clear()
        self.commands.fill(menu, self.gallery.selected())

    def _assemble(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self._pane, 1)
        return whole

    def _connect(self) -> None:
        self._actions.serve(self.commands)
        self._actions.trashed.connect(self.model.remove_images)
        self._actions.restored.connect(self.model.insert_images)
        self._actions.copied.connect(self._on_actions_copied)
        self._actions.saved.connect(self._on_actions_saved)
        self._actions.failed.connect(self._on_failed)
        self.model.load_failed.connect(self._on_failed)
        self.gallery.selection_changed.connect(self.inspector.show_selection)
        self.gallery.tile_size_changed.connect(self._on_gallery_tile_size_changed)
        self.inspector.open_requested.connect(self._pane.open_current)
        self._pane.currentChanged.connect(self._on_pane_current_changed)
        self._bar.trash_toggled.connect(self._on_bar_trash_toggled)
        self._bar.sizes.tile_size_chosen.connect(self.gallery.set_tile_size)

    def _on_pane_current_changed(self) -> None:
        self._bar.setVisible(self._pane.currentWidget() is self.gallery)

    def _on_gallery_tile_size_changed(self, tile_px: int) -> None:
        self._settings.set(THUMBNAIL_SIZE, tile_px)
        self._bar.sizes.show_tile_size(tile_px)

    def _on_bar_trash_toggled(self, is_on: bool) -> None:
        self.model.set_query(LibraryQuery(trashed=is_on))

    def _on_jobs_added(self, jobs: list[Job]) -> None:
        count = self.model.rowCount()
        self.model.add_jobs(jobs)
        # Not for what has no tile: a long line comes in many parts.
        if self.model.rowCount() > count:
            self.gallery.scrollToTop()

    def _on_jobs_hold_changed(self, jobs: JobController, server_id: str) -> None:
        hold = jobs.hold(server_id)
        self.model.show_hold(server_id, hold.failure.kind if hold else None)

    def _on_jobs_job_completed(self, job: Job, record: ImageRecord) -> None:
        self.model.complete_job(job.id, record)

    def _on_actions_copied(self, _record: ImageRecord) -> None:
        self._note(self.tr("The picture is on the clipboard."))

    def _on_actions_saved(self, path: Path) -> None:
        self._note(self.tr("Saved as {path}").format(path=path))

    def _note(self, text: str) -> None:
        message = Message(text, Severity.SUCCESS, "note", timeout_s=_NOTE_TIMEOUT_S)
        self._messages.show_message(message)

    def _on_failed(self, error: AlgoveraError) -> None:
        words = describe_error(error)
        text = f"{words.title} {words.advice}"
        self._messages.show_message(Message(text, Severity.ERROR, "library", details=str(error)))
