"""Joins the gallery, the large view and the inspector to the library and the queue."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import Job
from algovera_desktop.domain.settings import THUMBNAIL_MEMORY_MB, THUMBNAIL_SIZE
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.query.problems import QuerySyntaxError
from algovera_desktop.library.search import LibrarySearch
from algovera_desktop.library.store import Library
from algovera_desktop.library.thumbnails import ThumbnailCache
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.services.trash_keeper import TrashKeeper
from algovera_desktop.ui.curation_actions import CurationActions
from algovera_desktop.ui.curation_controller import CurationController
from algovera_desktop.ui.history import History
from algovera_desktop.ui.job_controller import JobController
from algovera_desktop.ui.lineage_controller import LineageController
from algovera_desktop.ui.models.gallery_model import GalleryModel
from algovera_desktop.ui.models.places import Place, PlaceKind
from algovera_desktop.ui.picture_actions import PictureActions
from algovera_desktop.ui.picture_commands import PictureCommands
from algovera_desktop.ui.picture_decoder import PictureDecoder
from algovera_desktop.ui.search_controller import SearchController
from algovera_desktop.ui.side_list_controller import SideListController
from algovera_desktop.ui.tasks import Tasks
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.trash_emptying import TrashEmptying
from algovera_desktop.ui.widgets.gallery_pane import GalleryPane
from algovera_desktop.ui.widgets.gallery_view import GalleryView
from algovera_desktop.ui.widgets.inspector import Inspector
from algovera_desktop.ui.widgets.large_view import LargeView
from algovera_desktop.ui.widgets.lineage_line import LineageLine
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity
from algovera_desktop.ui.wording import describe_error

_NOTE_TIMEOUT_S = 4.0


class LibraryController(QObject):
    """Owns everything that shows pictures. ``pictures`` and ``inspector`` are for the window;
    ``thumbnails`` is for whoever else shows some; ``commands`` tells what is asked of pictures
    that is not done here (reuse, vary, jobs, compare, export). ``pane`` is where the gallery is.
    ``find_action`` and ``places_action`` are for the window's menus; ``search`` and ``side`` say
    what is shown and choose it; ``finder`` reads pictures by their ids.

    Signals:
        inspector_wanted: the user is about to type into the inspector.
        curated: the ids of pictures of which their sidecar files do not know the newest.
    """

    inspector_wanted = Signal()
    curated = Signal(object)

    def __init__(
        self,
        database: Database,
        library: Library,
        files: PictureFiles,
        thumbnail_cache: ThumbnailCache,
        trash: TrashKeeper,
        tasks: Tasks,
        themes: ThemeController,
        messages: MessageBar,
        settings: SettingsStore,
        history: History,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._messages, self._settings = messages, settings
        self._database, self._files, self._tasks, self._themes = database, files, tasks, themes
        self.finder = LibrarySearch(database)
        self._curation = Curation(database)
        self.model = GalleryModel(self.finder, tasks, self)
        self.commands = PictureCommands(themes, self)
        self._actions = PictureActions(library, files, tasks, history, window)
        self.curation_actions = CurationActions(self._curation, history, self)
        self.thumbnails = self._make_loader(files, thumbnail_cache, tasks)
        self._emptying = TrashEmptying(trash, tasks, messages, window)
        self.find_action, self.places_action = self._make_actions()
        self.search = SearchController(self.model, self.finder, tasks, settings, themes, self)
        for failed in (self._actions.failed, self.model.load_failed, self._emptying.failed):
            failed.connect(self.say_failed)

    def build(self) -> Iterator[None]:
        """Make what it shows pictures with, a part a turn: the window answers between two.
        ``search`` can be asked before."""
        self._build_gallery()
        yield
        self.inspector = Inspector(self.thumbnails, self.commands, self._themes)
        self._build_beside_inspector()
        yield
        self._build_side()
        yield
        self.pictures = self._assemble()
        self._connect()

    def _build_gallery(self) -> None:
        files, commands, themes = self._files, self.commands, self._themes
        self.gallery = GalleryView(self.model, self.thumbnails, files, commands, themes)
        decoder = PictureDecoder(files, self._tasks, self)
        self.pane = GalleryPane(
            self.gallery, LargeView(self.model, self.thumbnails, decoder, commands, themes)
        )

    def _build_beside_inspector(self) -> None:
        database, tasks = self._database, self._tasks
        self.curation = CurationController(
            database, self._curation, self.curation_actions, self.inspector, tasks, self
        )
        self._line = LineageLine(self.thumbnails, self._themes)
        self._lineage = LineageController(database, self._line, tasks, self)

    def _build_side(self) -> None:
        deeds, shown = self.curation_actions, self.search
        tasks, settings, themes = self._tasks, self._settings, self._themes
        self.side = SideListController(
            self.pane, self._curation, self.finder, deeds, shown, tasks, settings, themes, self
        )

    def load(self) -> None:
        """Show the library's first screenful, then what there is to search and choose from."""
        self.search.ask()
        self.side.refresh()
        self.search.read_vocabulary()

    def close(self) -> None:
        """Write what has not been written yet. Blocks; for the end of the program, before the
        database is closed."""
        self.curation.close()

    def images_changed(self, ids: Sequence[int]) -> None:
        """Show what was changed of pictures by others than ``curation_actions``; their files may
        be there again."""
        self.thumbnails.retry_problems()
        self.model.images_changed(ids)
        self.side.refresh()

    def pictures_came(self) -> None:
        """Show what has come into the library all at once, where it belongs."""
        self._lineage.look_again()
        self.model.load()
        self.side.refresh()
        self.search.read_vocabulary()

    def show_trashed(self, ids: Sequence[int]) -> None:
        """Show that somebody else has put pictures into the trash."""
        self.model.remove_images(ids)
        self.side.refresh()

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
        if self.select_picture(record.id):
            self.pane.open_current()

    def fill_menu(self, menu: QMenu) -> None:
        """Offer what can be done with the selection."""
        menu.clear()
        self.commands.fill(menu, self.gallery.selected())

    def _make_loader(
        self, files: PictureFiles, cache: ThumbnailCache, tasks: Tasks
    ) -> ThumbnailLoader:
        budget_bytes = self._settings.get(THUMBNAIL_MEMORY_MB) << 20
        return ThumbnailLoader(files, cache, tasks, budget_bytes=budget_bytes, parent=self)

    def _make_actions(self) -> tuple[QAction, QAction]:
        find = QAction(self.tr("Search"), self)
        find.setShortcut("Ctrl+F")
        places = QAction(self.tr("Albums, tags and searches"), self)
        places.setShortcut("F8")
        return find, places

    def _assemble(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.search.bar)
        column.addWidget(self.side.drawer, 1)
        self.inspector.add_below(self._line)
        self.gallery.set_tile_size(self._settings.get(THUMBNAIL_SIZE))
        self.search.bar.sizes.show_tile_size(self.gallery.tile_px)
        return whole

    def _connect(self) -> None:
        self._connect_curation()
        bar = self.search.bar
        self._actions.serve(self.commands)
        self._actions.leaving.connect(self.model.begin_removal)
        self._actions.staying.connect(self.model.restore_images)
        self._actions.trashed.connect(self.model.remove_images)
        self._actions.trashed.connect(self.side.refresh)
        self._actions.restored.connect(self.model.restore_images)
        self._actions.restored.connect(self.side.refresh)
        self._actions.copied.connect(self._on_actions_copied)
        self._actions.saved.connect(self._on_actions_saved)
        self._emptying.emptied.connect(self._on_emptying_emptied)
        self.gallery.selection_changed.connect(self.inspector.show_selection)
        self.gallery.tile_size_changed.connect(self._on_gallery_tile_size_changed)
        self.inspector.open_requested.connect(self.pane.open_current)
        self.inspector.left.connect(self.pane.setFocus)
        self.inspector.record_shown.connect(self._lineage.show_record)
        self._line.picture_requested.connect(self._on_line_picture_requested)
        self.pane.currentChanged.connect(self._on_pane_current_changed)
        bar.sizes.tile_size_chosen.connect(self.gallery.set_tile_size)
        bar.empty_trash_requested.connect(self._on_empty_trash_requested)
        bar.search.left.connect(self.pane.show_gallery)
        self.find_action.triggered.connect(self._on_find_action_triggered)
        self.places_action.triggered.connect(self.side.toggle)
        for failed in (self.side.failed, self.curation.failed, self._lineage.failed):
            failed.connect(self.say_failed)

    def _connect_curation(self) -> None:
        self.curation.serve(self.commands)
        self.commands.album_requested.connect(self._on_commands_album_requested)
        self.commands.more_like_requested.connect(self._on_commands_more_like_requested)
        self.commands.delete_requested.connect(self._emptying.ask)
        self.gallery.move_requested.connect(self._on_gallery_move_requested)
        self.curation.inspector_wanted.connect(self.inspector_wanted)
        self.curation.new_album_wanted.connect(self.side.begin_album)
        self.inspector.curation.tag_activated.connect(self._on_panel_tag_activated)
        self.curation_actions.images_changed.connect(self.model.images_changed)
        for changed in (self._actions.trashed, self._actions.restored):
            changed.connect(self.curated)
            changed.connect(self._lineage.look_again)
        self.curation_actions.images_changed.connect(self.curated)
        self.curation_actions.side_list_changed.connect(self.search.read_vocabulary)
        self.side.tags_known.connect(self.inspector.curation.set_known_tags)
        self.side.pictures_trashed.connect(self._actions.trash)
        self.side.view.empty_trash_requested.connect(self._on_empty_trash_requested)
        self.side.view.left.connect(self._on_side_view_left)

    def _on_find_action_triggered(self) -> None:
        self.pane.show_gallery()
        self.search.field.begin()

    def _on_side_view_left(self) -> None:
        self.side.drawer.close_over()
        self.gallery.setFocus()

    def _on_empty_trash_requested(self) -> None:
        self._emptying.ask()

    def _on_emptying_emptied(self) -> None:
        self.side.refresh()
        if self.search.place.kind is PlaceKind.TRASH:
            self.model.load()

    def _on_gallery_move_requested(self, ids: Sequence[int], before: int | None) -> None:
        place = self.search.place
        if place.kind is PlaceKind.ALBUM and place.row_id is not None:
            self.curation_actions.move_in_album(place.row_id, ids, before)

    def _on_line_picture_requested(self, image_id: int) -> None:
        self.select_picture(image_id)

    def current_id(self) -> int | None:
        """The picture that has the gallery's cursor."""
        index = self.gallery.currentIndex()
        return self.model.id_of(index.row()) if index.isValid() else None

    def select_picture(self, image_id: int) -> bool:
        """Select a picture in the gallery, or say why it is not there."""
        row = self.model.row_of_image(image_id)
        if row is None:
            self._note(self.tr("This picture is not among those that the gallery shows."))
            return False
        self.gallery.select_row(row)
        return True

    def _on_panel_tag_activated(self, name: str) -> None:
        self.search.show_place(Place(PlaceKind.TAG, name))

    def _on_commands_more_like_requested(self, record: ImageRecord) -> None:
        self.pane.show_gallery()
        words = " ".join(record.request.prompt.split())
        self.search.show_place(Place(PlaceKind.LIKE, words, record.id))

    def _on_commands_album_requested(self, ids: Sequence[int]) -> None:
        self.curation.ask_for_album(ids, self.side.contents.albums, self.pane)

    def _on_pane_current_changed(self) -> None:
        is_gallery = self.pane.currentWidget() is self.gallery
        self.search.bar.setVisible(is_gallery)

    def _on_gallery_tile_size_changed(self, tile_px: int) -> None:
        self._settings.set(THUMBNAIL_SIZE, tile_px)
        self.search.bar.sizes.show_tile_size(tile_px)

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
        self.side.refresh()
        self._lineage.picture_came(record)

    def _on_actions_copied(self, _record: ImageRecord) -> None:
        self._note(self.tr("The picture is on the clipboard."))

    def _on_actions_saved(self, path: Path) -> None:
        self._note(self.tr("Saved as {path}").format(path=path))

    def _note(self, text: str) -> None:
        message = Message(text, Severity.SUCCESS, "note", timeout_s=_NOTE_TIMEOUT_S)
        self._messages.show_message(message)

    def say_failed(self, error: Exception) -> None:
        """Say what something about pictures ended with."""
        # What is typed is told of below its field, and what is none of these is a bug of ours,
        # which Tasks tells.
        if not isinstance(error, AlgoveraError) or isinstance(error, QuerySyntaxError):
            return
        words = describe_error(error)
        text = f"{words.title} {words.advice}"
        self._messages.show_message(Message(text, Severity.ERROR, "library", details=str(error)))
