"""The second part of the composition: the library's pictures, as soon as it is open."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from algovera_desktop.collection import Collection
from algovera_desktop.shell import Shell
from algovera_desktop.ui.gallery_controller import GalleryController
from algovera_desktop.ui.gallery_place import GalleryPlace

if TYPE_CHECKING:
    from algovera_desktop.ui.history import History
    from algovera_desktop.ui.library_controller import LibraryController


class GalleryDesk(QObject):
    """The gallery, then all around it and the history of what is done, in their places in the
    window. What it takes to make new pictures comes after them."""

    def __init__(self, shell: Shell, collection: Collection) -> None:
        super().__init__(shell)
        self._shell = shell
        self._collection = collection
        self.gallery = GalleryController(
            collection.database,
            collection.files,
            collection.thumbnails,
            shell.tasks,
            shell.themes,
            shell.messages,
            shell.settings,
            shell.window,
        )
        self._place = GalleryPlace(self.gallery.search, shell.settings, self)
        self.history: History
        self.pictures: LibraryController | None = None

    def build(self) -> Iterator[None]:
        """Put the gallery together, a part a turn, while a worker reads the first screenful."""
        self._place.restore()
        self.gallery.search.ask()
        yield
        yield from self.gallery.build()
        self._place.follow(self.gallery.gallery, self.gallery.model)
        yield
        self._shell.window.show_pictures(self.gallery.pictures)

    def build_around(self) -> Iterator[None]:
        """Put together what stands beside the gallery and does what is asked of pictures."""
        from algovera_desktop.ui.history import History
        from algovera_desktop.ui.library_controller import LibraryController

        shell, collection = self._shell, self._collection
        self.history = History(shell.tasks, shell.messages, self)
        pictures = LibraryController(
            self.gallery,
            collection.database,
            collection.library,
            collection.files,
            shell.tasks,
            shell.themes,
            shell.messages,
            shell.settings,
            self.history,
            shell.window,
        )
        yield
        yield from pictures.build()
        shell.window.show_inspector(pictures.inspector)
        pictures.load()
        self.pictures = pictures

    def close(self) -> None:
        """Write what was typed last, and where one was."""
        try:
            if self.pictures is not None:
                self.pictures.close()
        finally:
            self._place.remember()
