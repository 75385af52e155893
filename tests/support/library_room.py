"""The gallery with its search, list and inspector over a real library, as the window has it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.trash import Trash
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.services.trash_keeper import TrashKeeper
from algovera_desktop.ui.gallery_controller import GalleryController
from algovera_desktop.ui.history import History
from algovera_desktop.ui.library_controller import LibraryController
from algovera_desktop.ui.models.places import Place
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.trash_emptying import TrashEmptying
from algovera_desktop.ui.widgets.message_bar import MessageBar
from support.picture_world import PictureWorld, picture_world


class LibraryRoom:
    """``window`` has the gallery and the inspector; ``load`` fills them."""

    def __init__(self, world: PictureWorld, folder: Path, themes: ThemeController) -> None:
        self.world = world
        self.curation = Curation(world.database)
        self.settings = SettingsStore(folder / "settings.json")
        self.window = QWidget()
        self.messages = MessageBar(themes, self.window)
        self.history = History(world.tasks, self.messages, self.window)
        self.pictures = self._make_pictures(themes)
        self.field = self.pictures.search.field
        self.bar = self.pictures.search.bar
        self.inspector = self.pictures.inspector
        self.gallery = self.pictures.gallery
        line = QHBoxLayout(self.window)
        line.addWidget(self.pictures.pictures, 1)
        line.addWidget(self.inspector)
        self.inspector.setFixedWidth(280)

    def _make_pictures(self, themes: ThemeController) -> LibraryController:
        world, window = self.world, self.window
        shown = GalleryController(
            world.database,
            world.files,
            world.cache,
            world.tasks,
            themes,
            self.messages,
            self.settings,
            window,
        )
        for _turn in shown.build():
            pass
        pictures = LibraryController(
            shown,
            world.database,
            world.library,
            world.files,
            world.tasks,
            themes,
            self.messages,
            self.settings,
            self.history,
            window,
        )
        for _turn in pictures.build():
            pass
        keeper = TrashKeeper(Trash(world.database), world.files, world.cache)
        pictures.serve_trash(TrashEmptying(keeper, world.tasks, self.messages, window))
        return pictures

    def show(self, width: int = 1400) -> None:
        self.window.resize(width, 800)
        self.window.show()
        self.window.activateWindow()

    @property
    def side(self) -> QWidget:
        """The list of places."""
        return self.window.findChild(QWidget, "side-list")

    def shown(self) -> list[int | None]:
        """The ids of the pictures in the gallery, in order."""
        model = self.pictures.model
        return [model.id_of(row) for row in range(model.rowCount())]

    def listed(self) -> dict[str, int | None]:
        """What the list of places has, with its counts."""
        contents = self.pictures.side.contents
        entries = [*contents.fixed, *contents.albums, *contents.tags, *contents.searches]
        return {one.place.name or one.place.kind.value: one.count for one in entries}

    def record(self, image_id: int) -> ImageRecord:
        found = self.world.library.get(image_id)
        assert found is not None
        return found

    def place(self) -> Place:
        return self.pictures.search.place

    def select(self, *rows: int) -> None:
        """Put the cursor and the selection on rows of the gallery."""
        self.gallery.setCurrentIndex(self.pictures.model.index(rows[0]))
        for row in rows[1:]:
            index = self.pictures.model.index(row)
            command = self.gallery.selectionModel().SelectionFlag.Select
            self.gallery.selectionModel().select(index, command)

    def type(self, text: str) -> None:
        """Type a search from the start."""
        self.field.begin()
        QTest.keyClicks(self.field.edit, text)

    def press(self, widget: QWidget, *keys: Qt.Key) -> None:
        for key in keys:
            QTest.keyClick(widget, key)


@contextmanager
def library_room(folder: Path, themes: ThemeController) -> Iterator[LibraryRoom]:
    """A room that is gone afterwards."""
    with picture_world(folder) as world:
        room = LibraryRoom(world, folder, themes)
        try:
            yield room
        finally:
            room.window.close()
            room.pictures.close()
            room.window.deleteLater()
            room.settings.close()
