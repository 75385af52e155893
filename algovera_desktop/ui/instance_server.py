"""The first one's ear for later starts of the program over the same data folder."""

import logging
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from algovera_desktop.ui.single_instance import HEARD, Call, instance_address

_log = logging.getLogger(__name__)

_LONGEST_CALL_BYTES = 1 << 20


class InstanceServer(QObject):
    """Hears later starts; for the holder of the lock only.

    Signals:
        called: the Call of a later start.
    """

    called = Signal(object)

    def __init__(self, data: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._heard: dict[QLocalSocket, bytes] = {}
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_server_new_connection)
        address = instance_address(data)
        QLocalServer.removeServer(address)
        if not self._server.listen(address):
            # A later start then says that this one does not answer; nothing else is lost.
            _log.warning("later starts cannot be heard: %s", self._server.errorString())

    def close(self) -> None:
        """Hear no more: who calls from now on waits for the lock."""
        self._server.close()
        for socket in list(self._heard):
            socket.abort()

    def _on_server_new_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._heard[socket] = b""
            socket.readyRead.connect(self._on_socket_ready_read)
            socket.disconnected.connect(self._on_socket_disconnected)
            self._read(socket)

    def _on_socket_ready_read(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._read(socket)

    def _on_socket_disconnected(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._heard.pop(socket, None)
            socket.deleteLater()

    def _read(self, socket: QLocalSocket) -> None:
        heard = self._heard[socket] + bytes(socket.readAll().data())
        self._heard[socket] = heard
        if not heard.endswith(b"\n"):
            if len(heard) > _LONGEST_CALL_BYTES:
                socket.abort()
            return
        try:
            call = Call.from_line(heard)
        except ValueError as error:
            _log.warning("a call that makes no sense: %s", error)
            socket.abort()
            return
        self._heard[socket] = b""
        socket.write(HEARD)
        socket.flush()
        self.called.emit(call)
