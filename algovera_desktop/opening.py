"""Opens the library while the window is being built: first what shows it, later all the rest."""

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from algovera_desktop.domain.errors import AlgoveraError, LibraryError
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerState
from algovera_desktop.domain.settings import PICTURES_FOLDER
from algovera_desktop.services.logs import redact
from algovera_desktop.services.paths import Paths
from algovera_desktop.shell import Shell
from algovera_desktop.ui.tasks import Pool, TaskContext

if TYPE_CHECKING:
    # What these take to load is for a worker.
    from algovera_desktop.backend import Backend
    from algovera_desktop.collection import Collection
    from algovera_desktop.ui.widgets.upgrade_view import UpgradeView

_UNTOLD_S = 0.5
"""A library of some thousand pictures is brought up to date before anybody could read of it."""


class Opening(QObject):
    """Works on a worker, says what is the matter where it cannot, and tries again when asked.

    Signals:
        collection_opened: there is a ``collection``.
        backend_opened: there is a ``backend``.
    """

    collection_opened = Signal()
    backend_opened = Signal()

    def __init__(self, shell: Shell, paths: Paths, parent: QObject) -> None:
        super().__init__(parent)
        self._shell = shell
        self._paths = paths
        self.collection: Collection | None = None
        self.backend: Backend | None = None
        self.is_opening_backend = False
        self._began_s = 0.0
        self._upgrade: UpgradeView | None = None

    def open_collection(self) -> None:
        """Open the library; bring it up to date if it is older, make it anew if it is damaged."""
        self._began_s = monotonic()
        opening = self._shell.tasks.start(Pool.STORAGE, self._read_collection)
        opening.progressed.connect(self._on_opening_progressed)
        opening.finished.connect(self._on_opening_finished)
        opening.succeeded.connect(self.collection_opened)
        opening.failed.connect(self._on_collection_failed)

    def open_backend(self) -> None:
        """Open what makes and keeps pictures, once there is a collection."""
        self.is_opening_backend = True
        opening = self._shell.tasks.start(Pool.STORAGE, self._read_backend)
        opening.succeeded.connect(self._on_backend_succeeded)
        opening.failed.connect(self._on_backend_failed)

    def close(self) -> None:
        """Let go of the library; nothing may use it any more."""
        if self.collection is not None:
            self.collection.close()

    def _read_collection(self, context: TaskContext) -> None:
        # Here and not above: the window is painted sooner without them.
        from algovera_desktop.collection import open_collection
        from algovera_desktop.services.mending import open_library
        from algovera_desktop.services.picture_folders import PictureFolders

        settings, servers = self._shell.settings, self._shell.servers
        folders = PictureFolders.of(self._paths.pictures, settings.get(PICTURES_FOLDER))
        opened = open_library(self._paths.library_file, folders, context.token, context.report)
        # Kept here, for the window may be closed before the outcome of this reaches it.
        self.collection = open_collection(opened.database, self._paths, settings, servers)
        for told in (opened.older, opened.mended):
            if told is not None:
                context.report(told)

    def _read_backend(self, _context: TaskContext) -> None:
        from algovera_desktop.backend import open_backend
        from algovera_desktop.parts import load_network

        load_network()
        assert self.collection is not None
        self.backend = open_backend(self.collection, self._paths, self._shell.settings)

    def _on_opening_progressed(self, payload: object) -> None:
        """Told only of a library that is brought up to date or made anew."""
        from algovera_desktop.services.mending import OlderLibrary, UpgradeProgress

        if isinstance(payload, UpgradeProgress):
            self._show_upgrade(payload.part)
        elif isinstance(payload, OlderLibrary):
            from algovera_desktop.ui.upgrade_words import upgraded_message

            self._shell.messages.show_message(upgraded_message(payload))
        else:
            self._tell_of_mending(payload)

    def _show_upgrade(self, part: float) -> None:
        if self._upgrade is None:
            if monotonic() < self._began_s + _UNTOLD_S:
                return
            from algovera_desktop.ui.widgets.upgrade_view import UpgradeView

            self._upgrade = UpgradeView()
            self._shell.window.show_pictures(self._upgrade)
            self._shell.say_no_models(self.tr("Your library comes first."))
        self._upgrade.show_part(part)

    def _tell_of_mending(self, payload: object) -> None:
        from algovera_desktop.services.rebuild import RebuildProgress, RebuildReport
        from algovera_desktop.ui.mending_words import mended_message, mending_message

        if isinstance(payload, RebuildProgress):
            self._shell.messages.show_message(mending_message(payload))
        elif isinstance(payload, RebuildReport):
            self._shell.messages.show_message(mended_message(payload))

    def _on_opening_finished(self) -> None:
        if self._upgrade is not None:
            # The next one in the stack is shown when it is gone.
            self._upgrade.deleteLater()
            self._upgrade = None

    def _on_collection_failed(self, error: Exception) -> None:
        self._say_failed(error, self.open_collection)

    def _on_backend_succeeded(self) -> None:
        self.is_opening_backend = False
        self.backend_opened.emit()

    def _on_backend_failed(self, error: Exception) -> None:
        self.is_opening_backend = False
        self._say_failed(error, self.open_backend)

    def _say_failed(self, error: Exception, again: Callable[[], None]) -> None:
        # Any other exception is a bug of ours, which Tasks tells.
        if not isinstance(error, AlgoveraError):
            return
        from algovera_desktop.ui.widgets.message_bar import Message, Severity

        title, advice = self._words_for(error)
        self._shell.say_no_models(title)
        server = self._shell.servers.active()
        if server.id == LOCAL_SERVER_ID:
            self._shell.status_line.set_server(server.name, ServerState.STOPPED)
        actions = ((self.tr("Try again"), again),)
        text = f"{title} {advice}"
        message = Message(text, Severity.ERROR, "library", actions, redact(str(error)))
        self._shell.messages.show_message(message)

    def _words_for(self, error: AlgoveraError) -> tuple[str, str]:
        """What happened, and what to do about it."""
        from algovera_desktop.ui.wording import describe_error

        if type(error) is LibraryError:  # The usual words are about the pictures' folder.
            title = self.tr("The library in {folder} could not be opened.")
            advice = self.tr("Look whether its disk is there and may be written to.")
            return title.replace("{folder}", str(self._paths.data)), advice
        words = describe_error(error)
        return words.title, words.advice
