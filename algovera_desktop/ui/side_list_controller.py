"""Keeps the side list up to date, and does what is asked in it."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from algovera_desktop.domain.settings import SIDE_LIST, SIDE_LIST_FOLDS
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.search import LibrarySearch
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.curation_actions import CurationActions
from algovera_desktop.ui.models.places import Place, PlaceKind, SideContents
from algovera_desktop.ui.models.side_list_model import SideListModel
from algovera_desktop.ui.search_controller import SearchController
from algovera_desktop.ui.side_contents import SideReading, read_side
from algovera_desktop.ui.tasks import Pool, Task, TaskContext, Tasks
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.widgets.side_drawer import SideDrawer
from algovera_desktop.ui.widgets.side_list import SideList
from algovera_desktop.ui.widgets.side_panel import SidePanel

_PRIORITY = 15
_DELAY_MS = 200


class SideListController(QObject):
    """Reads the list's contents again after each change, at most one reading at a time.

    Signals:
        tags_known: the names of all tags, a tuple.
        pictures_trashed: the ids of pictures that were dropped on the trash, a list.
        failed: the AlgoveraError that kept the list from being read.
    """

    tags_known = Signal(object)
    pictures_trashed = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        drawer: SideDrawer,
        curation: Curation,
        search: LibrarySearch,
        actions: CurationActions,
        shown: SearchController,
        tasks: Tasks,
        settings: SettingsStore,
        themes: ThemeController,
        parent: QObject | None = None,
    ) -> None:
        """The list is put into ``drawer``."""
        super().__init__(parent)
        self._model = SideListModel(themes.theme, self)
        self.view = SideList(self._model, themes)
        self.drawer = drawer
        drawer.put(SidePanel(self.view, themes))
        self._curation = curation
        self._search = search
        self._actions = actions
        self._shown = shown
        self._tasks = tasks
        self._settings = settings
        self._every_tag = False
        self._new_name: tuple[str, str] | None = None
        self._album_pictures: Sequence[int] = ()
        self._reading: Task | None = None
        self._timer = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._connect()
        self.view.set_folds(settings.get(SIDE_LIST_FOLDS))

    def _connect(self) -> None:
        self._timer.timeout.connect(self._read)
        self._actions.side_list_changed.connect(self.refresh)
        self._actions.images_changed.connect(self.refresh)
        self.view.place_chosen.connect(self._on_view_place_chosen)
        self.view.remove_requested.connect(self._on_view_remove_requested)
        self.view.merge_requested.connect(self._on_view_merge_requested)
        self.view.folds_changed.connect(self._on_view_folds_changed)
        self._model.renamed.connect(self._on_model_renamed)
        self._model.named.connect(self._on_model_named)
        self._model.draft_dropped.connect(self._on_model_draft_dropped)
        self._model.moved.connect(self._on_model_moved)
        self._model.pictures_dropped.connect(self._on_model_pictures_dropped)
        self._shown.place_shown.connect(self.view.show_place)
        self._shown.bar.side_list_toggled.connect(self.toggle)
        self._shown.bar.save_search_requested.connect(self.begin_search)

    @property
    def contents(self) -> SideContents:
        """All that is listed."""
        return self._model.contents

    def refresh(self) -> None:
        """Read the list's contents again, soon."""
        if not self._timer.isActive():
            self._timer.start()

    def toggle(self) -> None:
        """Open or close the list."""
        self._settings.set(SIDE_LIST, self.drawer.toggle())

    def begin_search(self) -> None:
        """Let the user name the search that is shown."""
        self.drawer.open()
        self.view.begin(self._shown.saved_search())

    def begin_album(self, ids: Sequence[int]) -> None:
        """Let the user name a new album with these pictures."""
        self.drawer.open()
        self.view.begin(Place(PlaceKind.ALBUM))
        self._album_pictures = ids

    # Reading

    def _read(self) -> None:
        if self._reading is not None:
            self._timer.start()
            return
        self._reading = self._tasks.start(Pool.LOOKUP, self._read_side, priority=_PRIORITY)
        self._reading.succeeded.connect(self._on_reading_succeeded)
        self._reading.failed.connect(self.failed)
        self._reading.finished.connect(self._on_reading_finished)

    def _read_side(self, _context: TaskContext) -> SideReading:
        return read_side(self._curation, self._search, every_tag=self._every_tag)

    def _on_reading_succeeded(self, reading: SideReading) -> None:
        self._model.show(reading.contents)
        self.tags_known.emit(reading.tag_names)
        self._follow_place(reading)
        # Who walks through the list, or moves an album in it, goes on from where the cursor is.
        if not self.view.hasFocus():
            self.view.show_place(self._shown.place)

    def _on_reading_finished(self) -> None:
        self._reading = None

    def _follow_place(self, reading: SideReading) -> None:
        """Show on what is shown under its new name; all pictures, if it is no more."""
        shown, new_name = self._shown.place, self._new_name
        if shown.kind is PlaceKind.TAG and shown.name not in reading.tag_names:
            is_renamed = new_name is not None and new_name[0] == shown.name
            if new_name is not None and is_renamed and new_name[1] in reading.tag_names:
                self._shown.follow(Place(PlaceKind.TAG, new_name[1]))
            else:
                self._shown.show_place(Place())
        elif shown.kind in (PlaceKind.ALBUM, PlaceKind.SEARCH):
            places = [*reading.contents.albums, *reading.contents.searches]
            now = next((one.place for one in places if one.place.key == shown.key), None)
            if now is None:
                self._shown.show_place(Place())
            elif now != shown:
                self._shown.follow(now)

    # What is asked in the list

    def _on_view_place_chosen(self, place: Place) -> None:
        if place.kind is PlaceKind.MORE_TAGS:
            self._every_tag = True
            self.refresh()
            return
        self.drawer.close_over()
        self._shown.show_place(place)

    def _on_view_remove_requested(self, place: Place) -> None:
        if place.kind is PlaceKind.TAG:
            self._actions.delete_tag(place.name)
        elif place.row_id is not None and place.kind is PlaceKind.ALBUM:
            self._actions.delete_album(place.row_id)
        elif place.row_id is not None:
            self._actions.delete_search(place.row_id)

    def _on_view_merge_requested(self, name: str, into: str) -> None:
        self._new_name = (name, into)
        self._actions.merge_tags([name], into)

    def _on_view_folds_changed(self, folded: tuple[str, ...]) -> None:
        self._settings.set(SIDE_LIST_FOLDS, folded)

    def _on_model_renamed(self, place: Place, name: str) -> None:
        if place.kind is PlaceKind.TAG:
            self._new_name = (place.name, name)
            self._actions.rename_tag(place.name, name)
        elif place.row_id is not None and place.kind is PlaceKind.ALBUM:
            self._actions.rename_album(place.row_id, name)
        elif place.row_id is not None:
            self._actions.rename_search(place.row_id, name)

    def _on_model_moved(self, place: Place, before: Place | None) -> None:
        before_id = before.row_id if before else None
        if place.row_id is not None and place.kind is PlaceKind.ALBUM:
            self._actions.move_album(place.row_id, before_id)
        elif place.row_id is not None:
            self._actions.move_search(place.row_id, before_id)

    def _on_model_named(self, place: Place, name: str) -> None:
        if place.kind is PlaceKind.SEARCH:
            self._actions.save_search(name, place.text, place.sort)
        else:
            self._actions.make_album(name, self._album_pictures)

    def _on_model_draft_dropped(self) -> None:
        self._album_pictures = ()

    def _on_model_pictures_dropped(self, place: Place, ids: list[int]) -> None:
        if place.kind is PlaceKind.ALBUM and place.row_id is not None:
            self._actions.add_to_album(place.row_id, ids)
        elif place.kind is PlaceKind.TAG:
            self._actions.tag(ids, [place.name])
        elif place.kind is PlaceKind.FAVOURITES:
            self._actions.favourite(ids, True)
        elif place.kind is PlaceKind.TRASH:
            self.pictures_trashed.emit(ids)
