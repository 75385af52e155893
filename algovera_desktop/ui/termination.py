"""Turns SIGTERM and Ctrl-C into an orderly end, as if the window had been closed."""

import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier


class TerminationSignals(QObject):
    """Calls ``end`` on the UI thread when the process is asked to terminate.

    Python runs a signal handler only between two of its own instructions, and Qt's loop is
    none: the signal's byte on a socket wakes the loop. Windows has no such signals to catch.
    """

    def __init__(self, end: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._end = end
        if sys.platform == "win32":
            return
        self._reader, self._writer = socket.socketpair()
        for end_of_pair in (self._reader, self._writer):
            end_of_pair.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno())
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        notifier.activated.connect(self._on_notifier_activated)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        """The byte on the socket does it; without a handler Python would end the process."""

    def _on_notifier_activated(self) -> None:
        self._reader.recv(64)
        self._end()
