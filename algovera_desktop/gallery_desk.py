"""The second part of the composition: the library's pictures, as soon as it is open."""

from collections.abc import Iterator

from PySide6.QtCore import QObject

from algovera_desktop.backend import Backend
from algovera_desktop.shell import Shell
from algovera_desktop.ui.history import History
from algovera_desktop.ui.library_controller import LibraryController


class GalleryDesk(QObject):
    """The gallery with all around it, and the history of what is done, in their places in the
    window. What it takes to make new pictures comes after its first screenful."""

    def __init__(self, shell: Shell, backend: Backend) -> None:
        super().__init__(shell)
        self._window = shell.window
        self.history = History(shell.tasks, shell.messages, self)
        self.pictures = LibraryController(
            backend.database,
            backend.library,
            backend.files,
            backend.thumbnails,
            backend.keepers.trash,
            shell.tasks,
            shell.themes,
            shell.messages,
            shell.settings,
            self.history,
            shell.window,
        )

    def build(self) -> Iterator[None]:
        """Put it together, a part a turn, while a worker reads the first screenful."""
        self.pictures.search.ask()
        yield
        yield from self.pictures.build()
        yield
        self._window.show_pictures(self.pictures.pictures, self.pictures.inspector)
        self.pictures.load()

    def close(self) -> None:
        """Write what was typed last."""
        self.pictures.close()
