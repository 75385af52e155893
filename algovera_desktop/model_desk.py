"""The part of the composition that is about this computer's models."""

from PySide6.QtCore import QObject, Signal

from algovera_desktop.engines.model_manager import ModelManager
from algovera_desktop.services.openai_access import OpenAiAccess
from algovera_desktop.shell import Shell
from algovera_desktop.ui.local_server_link import LocalServerLink
from algovera_desktop.ui.model_manager_controller import ModelManagerController
from algovera_desktop.ui.openai_link import OpenAiLink


class ModelDesk(QObject):
    """The window of the models, and the key for the one that costs money.

    Signals:
        changed: another model can be painted with now, or one no longer.
        use_requested: the name of a model that the user wants in the form.
        key_requested: the user wants to enter a key for OpenAI.
    """

    changed = Signal()
    use_requested = Signal(str)
    key_requested = Signal()

    def __init__(self, shell: Shell, local_server: LocalServerLink, parent: QObject) -> None:
        super().__init__(parent)
        self._manager = ModelManager(local_server.server.endpoint)
        self.access = OpenAiAccess(shell.credentials, shell.settings, self._manager)
        self._link = OpenAiLink(self.access, local_server, shell.tasks, self)
        self._models = ModelManagerController(
            self._manager,
            local_server,
            shell.settings,
            shell.tasks,
            shell.messages,
            shell.window,
        )
        self._link.allowed.connect(self.changed)
        self._models.models_changed.connect(self.changed)
        self._models.use_requested.connect(self.use_requested)
        self._models.key_requested.connect(self.key_requested)
        shell.form.more_models_requested.connect(self._models.open)
        window = shell.window
        window.file_menu.insertAction(window.settings_action, self._models.action)

    def open(self) -> None:
        """Show what this computer has, and what it can have."""
        self._models.open()

    def close(self) -> None:
        """Let go of the connection to the server."""
        self._manager.close()
