"""Joins what is asked of pictures, by key, menu or in the inspector, to what does it."""

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.common_values import CommonValues, common_values
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.database import Database
from algovera_desktop.library.raw_metadata import RawMetadata
from algovera_desktop.ui.curation_actions import CurationActions
from algovera_desktop.ui.models.places import Entry, Place
from algovera_desktop.ui.picture_commands import PictureCommands
from algovera_desktop.ui.tasks import Pool, Task, TaskContext, Tasks
from algovera_desktop.ui.widgets.inspector import Inspector

_PRIORITY = 25


class CurationController(QObject):
    """Nothing is read or written on the UI thread; notes that are on their way when the program
    ends are written by ``close``.

    Signals:
        inspector_wanted: the user is about to type into the inspector.
        new_album_wanted: the ids of the pictures that a new album is to have.
        failed: the AlgoveraError that something could not be read for.
    """

    inspector_wanted = Signal()
    new_album_wanted = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        database: Database,
        curation: Curation,
        actions: CurationActions,
        inspector: Inspector,
        tasks: Tasks,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._database = database
        self._raw = RawMetadata(database)
        self._curation = curation
        self._actions = actions
        self._inspector = inspector
        self._tasks = tasks
        self._looking: Task | None = None
        self._unsaved_notes: dict[int, str] = {}
        self._connect()

    def _connect(self) -> None:
        panel = self._inspector.curation
        panel.favourite_chosen.connect(self._on_panel_favourite_chosen)
        panel.rated.connect(self._on_panel_rated)
        panel.tags_added.connect(self._on_panel_tags_added)
        panel.tags_removed.connect(self._on_panel_tags_removed)
        panel.notes_edited.connect(self._on_panel_notes_edited)
        panel.notes_left.connect(self._actions.end_note)
        self._inspector.common_wanted.connect(self._look)
        self._inspector.details_wanted.connect(self._on_inspector_details_wanted)
        self._actions.images_changed.connect(self._on_actions_images_changed)

    def serve(self, commands: PictureCommands) -> None:
        """Do what these commands ask of the curation, all but what needs the list of albums."""
        commands.favourite_requested.connect(self._actions.favourite)
        commands.rating_requested.connect(self._actions.rate)
        commands.tag_requested.connect(self._on_commands_tag_requested)
        commands.note_requested.connect(self._on_commands_note_requested)
        commands.album_left_requested.connect(self._on_commands_album_left_requested)

    def album_menu(self, ids: Sequence[int], albums: Sequence[Entry], parent: QWidget) -> QMenu:
        """A menu of the albums that pictures can be put in; it deletes itself when it closes."""
        menu = QMenu(parent)
        menu.aboutToHide.connect(menu.deleteLater)
        for place in (entry.place for entry in albums):
            action = menu.addAction(place.name.replace("&", "&&"))
            action.triggered.connect(partial(self._on_album_chosen, place, ids))
        menu.addSeparator()
        new = menu.addAction(self.tr("New album…"))
        new.triggered.connect(partial(self._on_new_album_chosen, ids))
        return menu

    def ask_for_album(self, ids: Sequence[int], albums: Sequence[Entry], over: QWidget) -> None:
        """Offer the albums where the pointer is, or in the middle of what it is not over."""
        at = QCursor.pos()
        if not over.rect().contains(over.mapFromGlobal(at)):
            at = over.mapToGlobal(QPoint(over.width() // 2, over.height() // 2))
        menu = self.album_menu(ids, albums, over)
        menu.popup(at)
        # Asked for by a key: Enter takes the first one then.
        menu.setActiveAction(next(each for each in menu.actions() if not each.isSeparator()))

    def close(self) -> None:
        """Write the notes that have not been written. Blocks; for the end of the program."""
        self._inspector.curation.notes.tell()
        for image_id, text in self._unsaved_notes.items():
            self._curation.set_notes(image_id, text)

    # What several pictures have in common

    def _look(self, ids: Sequence[int]) -> None:
        if self._looking is not None:
            self._looking.cancel()
        work = partial(_common_values, self._database, ids)
        self._looking = self._tasks.start(Pool.STORAGE, work, priority=_PRIORITY)
        self._looking.succeeded.connect(partial(self._on_looking_succeeded, ids))
        self._looking.failed.connect(self.failed)
        self._looking.finished.connect(self._on_looking_finished)

    def _on_looking_succeeded(self, ids: Sequence[int], values: CommonValues) -> None:
        self._inspector.show_common(ids, values)

    def _on_looking_finished(self) -> None:
        if self.sender() is self._looking:
            self._looking = None

    # What is asked

    def _on_panel_favourite_chosen(self, on: bool) -> None:
        self._actions.favourite(self._inspector.image_ids, on)

    def _on_panel_rated(self, rating: int) -> None:
        self._actions.rate(self._inspector.image_ids, rating)

    def _on_panel_tags_added(self, names: list[str]) -> None:
        self._actions.tag(self._inspector.image_ids, names)

    def _on_panel_tags_removed(self, names: list[str]) -> None:
        self._actions.untag(self._inspector.image_ids, names)

    def _on_panel_notes_edited(self, image_id: int, text: str) -> None:
        self._unsaved_notes[image_id] = text
        self._actions.set_note(image_id, text)

    def _on_actions_images_changed(self, ids: Sequence[int]) -> None:
        for image_id in list(self._unsaved_notes):
            if image_id in ids:
                del self._unsaved_notes[image_id]
        if self._inspector.record is None and self._inspector.image_ids:
            self._look(self._inspector.image_ids)

    def _on_inspector_details_wanted(self, record: ImageRecord) -> None:
        def work(_context: TaskContext) -> dict[str, str]:
            return self._raw.read(record.id)

        task = self._tasks.start(Pool.STORAGE, work, priority=_PRIORITY)
        task.succeeded.connect(partial(self._on_details_read, record.id))
        task.failed.connect(self.failed)

    def _on_details_read(self, image_id: int, texts: Mapping[str, str]) -> None:
        self._inspector.show_details(image_id, texts)

    def _on_album_chosen(self, place: Place, ids: Sequence[int], _checked: bool = False) -> None:
        if place.row_id is not None:
            self._actions.add_to_album(place.row_id, ids)

    def _on_new_album_chosen(self, ids: Sequence[int], _checked: bool = False) -> None:
        self.new_album_wanted.emit(ids)

    def _on_commands_tag_requested(self, _ids: Sequence[int]) -> None:
        self.inspector_wanted.emit()
        self._inspector.begin_tag()

    def _on_commands_note_requested(self, _record: ImageRecord) -> None:
        self.inspector_wanted.emit()
        self._inspector.begin_note()

    def _on_commands_album_left_requested(self, ids: Sequence[int], album_id: int) -> None:
        self._actions.remove_from_album(album_id, ids)


def _common_values(database: Database, ids: Sequence[int], context: TaskContext) -> CommonValues:
    return common_values(database, ids, context.token)
