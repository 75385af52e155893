"""The models' window with everything below it real: this computer's server, and a mirror."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from algovera_desktop.domain.managed_models import ManagedModel, ModelState
from algovera_desktop.engines.model_manager import ModelManager
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.dialogs.models_dialog import ModelsDialog
from algovera_desktop.ui.local_server_link import LocalServerLink
from algovera_desktop.ui.model_manager_controller import ModelManagerController
from algovera_desktop.ui.tasks import Tasks
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.widgets.message_bar import MessageBar


class ModelDeskStage:
    """A controller with its window and message bar. ``name`` is the model that a test is about;
    ``changes`` counts models_changed."""

    def __init__(
        self, link: LocalServerLink, folder: Path, themes: ThemeController, name: str
    ) -> None:
        self.name = name
        self.settings, self.tasks = SettingsStore(folder / "settings.json"), Tasks()
        self.window = QWidget()
        self.messages = MessageBar(themes, self.window)
        self.manager = ModelManager(link.server.endpoint)
        self.changes = 0
        self.used: list[str] = []
        self.controller = ModelManagerController(
            self.manager,
            link,
            self.settings,
            self.tasks,
            self.messages,
            self.window,
            first_look_ms=0,
        )
        self.controller.models_changed.connect(self._on_models_changed)
        self.controller.use_requested.connect(self.used.append)

    @property
    def dialog(self) -> ModelsDialog:
        return self.window.findChildren(ModelsDialog)[0]

    @property
    def said(self) -> str:
        return self.messages.current.text if self.messages.current else ""

    @property
    def row(self) -> str:
        """Its row of the list, as a screen reader reads it."""
        rows = self.dialog.list.model()
        role = Qt.ItemDataRole.AccessibleTextRole
        texts = [rows.index(row, 0).data(role) for row in range(rows.rowCount())]
        return next(text for text in texts if text.startswith(f"{self.name.title()}, "))

    @property
    def words(self) -> str:
        """Whatever the window says."""
        labels = self.dialog.findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.isVisible())

    @property
    def model(self) -> ManagedModel:
        """What the window knows of it."""
        assert self.controller.known is not None
        return next(each for each in self.controller.known.models if each.name == self.name)

    def is_in(self, state: ModelState) -> bool:
        return self.model.state is state

    def button(self, text: str) -> QPushButton:
        """A button of the message bar."""
        return next(b for b in self.messages.findChildren(QPushButton) if b.text() == text)

    def _on_models_changed(self) -> None:
        self.changes += 1

    def close(self) -> None:
        self.window.hide()
        assert self.tasks.shut_down(10)
        QCoreApplication.processEvents()
        self.manager.close()
        self.settings.close()
        for part in (self.window, self.tasks):
            part.deleteLater()
            QApplication.sendPostedEvents(part, QEvent.Type.DeferredDelete)


@contextmanager
def model_desk_stage(
    link: LocalServerLink, folder: Path, themes: ThemeController, name: str
) -> Iterator[ModelDeskStage]:
    """A stage that is closed afterwards."""
    stage = ModelDeskStage(link, folder, themes, name)
    try:
        yield stage
    finally:
        stage.close()
