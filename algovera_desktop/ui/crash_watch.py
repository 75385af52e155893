"""Hears of every exception that nobody caught and of Qt's last words, for as long as we run."""

import logging
import sys
import threading
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from algovera_desktop.services.crash_trace import CrashTrace

_log = logging.getLogger(__name__)
_qt_log = logging.getLogger("qt")

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
}

_DISPLAY_LOST = "connection broke"
"""What Qt's plugins for X11 and for Wayland both say of it; there is no signal."""


class CrashWatch(QObject):
    """Stands at Python's and Qt's last doors from construction to ``end``.

    ``found`` tells whether the run before crashed.

    Signals:
        caught: an exception from a slot or a thread; the program goes on without what it was at.
        display_lost: X11's server or Wayland's compositor has gone; Qt may end the process next.
    """

    caught = Signal(object)
    display_lost = Signal()

    def __init__(self, trace: CrashTrace) -> None:
        super().__init__()
        self._trace = trace
        self.found = trace.found
        self._unheard: list[BaseException] = []
        self._is_heard = False
        self._is_telling = False
        self._hooks = (sys.excepthook, threading.excepthook)
        trace.watch()
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        qInstallMessageHandler(self._on_qt_message)

    def hear(self, slot: Callable[[BaseException], None]) -> None:
        """Hand over each exception from now on, and those that were met before."""
        self.caught.connect(slot)
        self._is_heard = True
        unheard, self._unheard = self._unheard, []
        for error in unheard:
            self.caught.emit(error)

    def end(self, fatal: BaseException | None = None) -> None:
        """Leave the doors. What ends the program, or was told to nobody, is left to the next start
        to tell."""
        sys.excepthook, threading.excepthook = self._hooks
        qInstallMessageHandler(None)
        errors = [*self._unheard, *([fatal] if fatal else [])]
        if errors:
            from algovera_desktop.services.clean_trace import clean_traceback

            self._trace.write("\n".join(map(clean_traceback, errors)) + "\n")
        self._trace.end(in_order=not errors)

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, Exception):
            self._hooks[0](kind, error, trace)
            return
        _log.error("An exception was met by nobody", exc_info=(kind, error, trace))
        if not self._is_heard:
            self._unheard.append(error)
        elif not self._is_telling:
            # Whoever is told may stumble too.
            self._is_telling = True
            self.caught.emit(error)
            self._is_telling = False

    def _on_thread_exception(self, met: threading.ExceptHookArgs) -> None:
        if met.exc_value is not None:
            self._on_exception(met.exc_type, met.exc_value, met.exc_traceback)

    def _on_qt_message(
        self, kind: QtMsgType, context: QMessageLogContext, message: str | None
    ) -> None:
        del context
        if kind is QtMsgType.QtFatalMsg:
            # Qt aborts when this returns, and the stacks follow.
            self._trace.write(f"Qt: {message}\n")
        _qt_log.log(_LEVELS.get(kind, logging.ERROR), "%s", message)
        if message is not None and _DISPLAY_LOST in message:
            self.display_lost.emit()
