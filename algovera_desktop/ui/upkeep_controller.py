"""Joins what keeps the library true to the disk to the gallery and to what is told of it."""

from PySide6.QtCore import QLocale, QObject, Qt
from PySide6.QtGui import QGuiApplication

from algovera_desktop.services.disk_look import DiskChanges, DiskProgress
from algovera_desktop.services.trash_keeper import Emptied
from algovera_desktop.ui.keeper_words import look_message
from algovera_desktop.ui.library_controller import LibraryController
from algovera_desktop.ui.library_keeper import LibraryKeeper
from algovera_desktop.ui.mending_words import damage_found_message
from algovera_desktop.ui.widgets.message_bar import MessageBar
from algovera_desktop.ui.widgets.status_line import StatusLine


class UpkeepController(QObject):
    """Looks at the disk at start and whenever the user comes back to the window."""

    def __init__(
        self,
        keeper: LibraryKeeper,
        pictures: LibraryController,
        messages: MessageBar,
        status_line: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._pictures = pictures
        self._messages = messages
        self._status_line = status_line
        keeper.progressed.connect(self._on_keeper_progressed)
        keeper.disk_compared.connect(self._on_keeper_disk_compared)
        keeper.pictures_curated.connect(pictures.images_changed)
        keeper.trash_emptied.connect(self._on_keeper_trash_emptied)
        keeper.damage_found.connect(self._on_keeper_damage_found)
        keeper.failed.connect(self._on_keeper_failed)
        pictures.curated.connect(self._on_pictures_curated)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.applicationStateChanged.connect(self._on_application_state_changed)

    def _on_keeper_progressed(self, progress: DiskProgress) -> None:
        words = ""
        if progress.done < progress.total:
            share = QLocale().toString(100 * progress.done // progress.total)
            words = self.tr("Comparing the library with the disk: {share} %").format(share=share)
        self._status_line.set_upkeep(words)

    def _on_keeper_disk_compared(self, changes: DiskChanges) -> None:
        self._status_line.set_upkeep("")
        message = look_message(changes)
        if message is not None:
            self._messages.show_message(message)
        if changes.adopted:
            self._pictures.pictures_came()
        elif shown := changes.shown_ids():
            self._pictures.images_changed(tuple(shown))

    def _on_keeper_trash_emptied(self, _emptied: Emptied) -> None:
        self._pictures.pictures_came()

    def _on_keeper_damage_found(self, findings: tuple[str, ...]) -> None:
        self._messages.show_message(damage_found_message(findings))

    def _on_keeper_failed(self, error: Exception) -> None:
        self._status_line.set_upkeep("")
        self._pictures.say_failed(error)

    def _on_pictures_curated(self, _ids: object) -> None:
        self._keeper.write_sidecars_soon()

    def _on_application_state_changed(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self._keeper.look_again()
