"""Brings the news of this computer's own server to the UI thread."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from algovera_desktop.engines.embedded import (
    LocalServer,
    LocalServerStatus,
    local_server_command,
)


class LocalServerLink(QObject):
    """Starts the server, and tells what becomes of it.

    Signals:
        status_changed: a LocalServerStatus.
    """

    status_changed = Signal(object)
    _told = Signal(object)

    def __init__(self, data_dir: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)
        self.server = LocalServer(local_server_command(data_dir), self._told.emit)

    def start(self) -> None:
        """Start the server unless it runs; what comes of it is told as its status."""
        self.server.begin()

    def _on_told(self, status: LocalServerStatus) -> None:
        self.status_changed.emit(status)
