"""Notices that the next version was put in the place of the program that runs."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QFileSystemWatcher, QObject, QTimer, Signal

from algovera_desktop.ui.widgets.message_bar import Message, Severity

_SETTLE_MS = 2000
"""A package manager replaces file after file; to say "start again" amid that would be early."""

_Identity = tuple[int, int, int]


def updated_message() -> Message:
    """What is said about it, by whoever notices first."""
    text = QCoreApplication.translate(
        "UpdateWatch",
        "Algovera Desktop was updated while it ran. Close it and start it again. "
        "Waiting jobs are kept.",
    )
    return Message(text, Severity.WARNING, "updated")


class UpdateWatch(QObject):
    """Watches ``program``, the file that was started; ``settle_ms`` is waited after each change.

    Signals:
        replaced: another file lies there now; told once.
    """

    replaced = Signal()

    def __init__(self, program: Path, parent: QObject, settle_ms: int = _SETTLE_MS) -> None:
        super().__init__(parent)
        self._program = program
        self._started = _identity(program)
        self._settling = QTimer(self, interval=settle_ms, singleShot=True)
        self._settling.timeout.connect(self._on_settling_timeout)
        self._watcher = QFileSystemWatcher([str(program)], self)
        self._watcher.fileChanged.connect(self._settling.start)

    def _on_settling_timeout(self) -> None:
        found = _identity(self._program)
        if found is None:  # removed, or about to be put there anew
            self._settling.start()
        elif found != self._started:
            self._watcher.fileChanged.disconnect()
            self.replaced.emit()


def _identity(file: Path) -> _Identity | None:
    try:
        state = file.stat()
    except OSError:
        return None
    return state.st_ino, state.st_size, state.st_mtime_ns
