"""What macOS opens with the program."""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from algovera_desktop.ui.file_open_events import FileOpenEvents


def test_a_file_that_the_system_opens_is_told_and_an_address_is_not(qtbot, qapp):
    events = FileOpenEvents(qapp)
    qapp.installEventFilter(events)
    try:
        with qtbot.waitSignal(events.opened) as told:
            QApplication.sendEvent(qapp, QFileOpenEvent(str(Path("ä folder") / "fox.png")))
        assert told.args == [(Path("ä folder") / "fox.png",)]
        with qtbot.assertNotEmitted(events.opened):
            QApplication.sendEvent(qapp, QFileOpenEvent(QUrl("https://h.example/fox.png")))
    finally:
        qapp.removeEventFilter(events)
        events.deleteLater()
