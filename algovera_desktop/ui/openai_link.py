"""Lends the user's OpenAI key to each server that this computer starts."""

import logging

from PySide6.QtCore import QObject, Signal

from algovera_desktop.engines.embedded import LocalServerState, LocalServerStatus
from algovera_desktop.services.openai_access import OpenAiAccess
from algovera_desktop.ui.local_server_link import LocalServerLink
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks

_log = logging.getLogger(__name__)


class OpenAiLink(QObject):
    """The keyring is asked only where a key was entered.

    Signals:
        allowed: the server can paint ``dalle`` now, or can no longer.
    """

    allowed = Signal()

    def __init__(
        self, access: OpenAiAccess, link: LocalServerLink, tasks: Tasks, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.access = access
        self._tasks = tasks
        link.status_changed.connect(self._on_link_status_changed)
        if link.server.status.state is LocalServerState.READY:
            self._hand_over()

    def _on_link_status_changed(self, status: LocalServerStatus) -> None:
        if status.state is LocalServerState.READY:
            self._hand_over()

    def _hand_over(self) -> None:
        if self.access.has_key:
            task = self._tasks.start(Pool.NETWORK, self._lend)
            task.succeeded.connect(self._on_task_succeeded)
            task.failed.connect(self._on_task_failed)

    def _lend(self, context: TaskContext) -> bool:
        """On a worker."""
        return self.access.hand_over(context.token)

    def _on_task_succeeded(self, is_lent: bool) -> None:
        if is_lent:
            self.allowed.emit()

    def _on_task_failed(self, error: object) -> None:
        # dalle stays out of the list; the settings say why when they are asked.
        _log.warning("OpenAI's key was not handed to the server: %s", error)
