"""Joins the gallery to the library and the queue, with all that stands beside it."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import Job
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.curation_actions import CurationActions
from algovera_desktop.ui.curation_controller import CurationController
from algovera_desktop.ui.gallery_controller import GalleryController
from algovera_desktop.ui.history import History
from algovera_desktop.ui.lineage_controller import LineageController
from algovera_desktop.ui.models.places import Place, PlaceKind
from algovera_desktop.ui.picture_actions import PictureActions
from algovera_desktop.ui.picture_decoder import PictureDecoder
from algovera_desktop.ui.side_list_controller import SideListController
from algovera_desktop.ui.tasks import Tasks
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.widgets.inspector import Inspector
from algovera_desktop.ui.widgets.large_view import LargeView
from algovera_desktop.ui.widgets.lineage_line import LineageLine
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity

if TYPE_CHECKING:
    # What these take to load is for after the first screenful.
    from algovera_desktop.ui.job_controller import JobController
    from algovera_desktop.ui.trash_emptying import TrashEmptying

_NOTE_TIMEOUT_S = 4.0


class LibraryController(QObject):
    """Owns the large view, the inspector and the side list, and does what is asked of pictures.

    What the GalleryController ``shown`` has is here too. ``inspector`` is for the window;
    ``commands`` tells also what is not done here (reuse, vary, jobs, compare, export).
    ``find_action`` and ``places_action`` are for the window's menus; ``side`` lists the places
    that can be shown.

    Signals:
        inspector_wanted: the user is about to type into the inspector.
        curated: the ids of pictures of which their sidecar files do not know the newest.
    """

    inspector_wanted = Signal()
    curated = Signal(object)

    def __init__(
        self,
        shown: GalleryController,
        database: Database,
        library: Library,
        files: PictureFiles,
        tasks: Tasks,
        themes: ThemeController,
        messages: MessageBar,
        settings: SettingsStore,
        history: History,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._shown, self._messages, self._settings = shown, messages, settings
        self._database, self._files, self._tasks, self._themes = database, files, tasks, themes
        self.finder, self.model, self.search = shown.finder, shown.model, shown.search
        self.gallery, self.pane, self.pictures = shown.gallery, shown.pane, shown.pictures
        self.commands, self.thumbnails = shown.commands, shown.thumbnails
        self._curation = Curation(database)
        self._actions = PictureActions(library, files, tasks, history, window)
        self.curation_actions = CurationActions(self._curation, history, self)
        self.find_action, self.places_action = self._make_actions()
        self._actions.failed.connect(self.say_failed)

    def build(self) -> Iterator[None]:
        """Make what stands beside the gallery, a part a turn: the window answers between two."""
        decoder = PictureDecoder(self._files, self._tasks, self)
        self.pane.add_large(
            LargeView(self.model, self.thumbnails, decoder, self.commands, self._themes)
        )
        yield
        self.inspector = Inspector(self.thumbnails, self.commands, self._themes)
        self._build_beside_inspector()
        yield
        self._build_side()
        yield
        self._connect()

    def _build_beside_inspector(self) -> None:
        database, tasks = self._database, self._tasks
        self.curation = CurationController(
            database, self._curation, self.curation_actions, self.inspector, tasks, self
        )
        self._line = LineageLine(self.thumbnails, self._themes)
        self._lineage = LineageController(database, self._line, tasks, self)
        self.inspector.add_below(self._line)

    def _build_side(self) -> None:
        drawer, deeds, shown = self._shown.drawer, self.curation_actions, self.search
        tasks, settings, themes = self._tasks, self._settings, self._themes
        self.side = SideListController(
            drawer, self._curation, self.finder, deeds, shown, tasks, settings, themes, self
        )

    def load(self) -> None:
        """Show what there is to search and choose from, and the pictures if they are not yet."""
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

    def serve_trash(self, emptying: "TrashEmptying") -> None:
        """Have what is in the trash deleted for good by this, where it is asked for."""
        emptying.failed.connect(self.say_failed)
        emptying.emptied.connect(self._on_emptying_emptied)
        self.commands.delete_requested.connect(emptying.ask)
        for requested in (
            self.search.bar.empty_trash_requested,
            self.side.view.empty_trash_requested,
        ):
            requested.connect(emptying.ask)

    def follow(self, jobs: "JobController") -> None:
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

    def _make_actions(self) -> tuple[QAction, QAction]:
        find = QAction(self.tr("Search"), self)
        find.setShortcut("Ctrl+F")
        places = QAction(self.tr("Albums, tags and searches"), self)
        places.setShortcut("F8")
        return find, places

    def _connect(self) -> None:
        self._connect_curation()
        self._actions.serve(self.commands)
        self._actions.leaving.connect(self.model.begin_removal)
        self._actions.staying.connect(self.model.restore_images)
        self._actions.trashed.connect(self.model.remove_images)
        self._actions.trashed.connect(self.side.refresh)
        self._actions.restored.connect(self.model.restore_images)
        self._actions.restored.connect(self.side.refresh)
        self._actions.copied.connect(self._on_actions_copied)
        self._actions.saved.connect(self._on_actions_saved)
        self.gallery.selection_changed.connect(self.inspector.show_selection)
        self.inspector.open_requested.connect(self.pane.open_current)
        self.inspector.left.connect(self.pane.setFocus)
        self.inspector.record_shown.connect(self._lineage.show_record)
        self._line.picture_requested.connect(self._on_line_picture_requested)
        self.find_action.triggered.connect(self._on_find_action_triggered)
        self.places_action.triggered.connect(self.side.toggle)
        for failed in (self.side.failed, self.curation.failed, self._lineage.failed):
            failed.connect(self.say_failed)
        # Something may be selected since before anybody listened.
        self.inspector.show_selection(self.gallery.selected())

    def _connect_curation(self) -> None:
        self.curation.serve(self.commands)
        self.commands.album_requested.connect(self._on_commands_album_requested)
        self.commands.more_like_requested.connect(self._on_commands_more_like_requested)
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
        self.side.view.left.connect(self._on_side_view_left)

    def _on_find_action_triggered(self) -> None:
        self.pane.show_gallery()
        self.search.field.begin()

    def _on_side_view_left(self) -> None:
        self.side.drawer.close_over()
        self.gallery.setFocus()

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

    def _on_jobs_added(self, jobs: list[Job]) -> None:
        count = self.model.rowCount()
        self.model.add_jobs(jobs)
        # Not for what has no tile: a long line comes in many parts.
        if self.model.rowCount() > count:
            self.gallery.scrollToTop()

    def _on_jobs_hold_changed(self, jobs: "JobController", server_id: str) -> None:
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
        self._shown.say_failed(error)
