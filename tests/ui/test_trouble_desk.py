"""Help → Report a problem and Licences, and what is done about mistakes of ours."""

import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer, qWarning
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
)

from algovera_desktop.services.crash_trace import CrashTrace, last_crash
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.shell import Shell
from algovera_desktop.trouble_desk import TroubleDesk
from algovera_desktop.ui.crash_watch import CrashWatch
from algovera_desktop.ui.dialogs.licences_dialog import LicencesDialog
from algovera_desktop.ui.dialogs.report_dialog import ReportDialog
from algovera_desktop.ui.main_window import MainWindow
from algovera_desktop.ui.tasks import Pool
from algovera_desktop.ui.widgets.message_bar import Message

# What the offscreen platform says of each window, which the watch takes to the log.
pytestmark = pytest.mark.allows_log("This plugin does not support")


@dataclass
class Room:
    """A shell in its window, before any library."""

    shell: Shell
    paths: Paths
    watch: CrashWatch

    def open_desk(self) -> TroubleDesk:
        return TroubleDesk(self.shell, self.paths, self.watch)

    def report(self) -> ReportDialog | None:
        return self.shell.window.findChild(ReportDialog)


@pytest.fixture
def room(qtbot, qapp, themes, os_keyring, tmp_path: Path) -> Iterator[Room]:
    paths = Paths.under(tmp_path)
    paths.make()
    with closing(SettingsStore(paths.settings_file)) as settings:
        window = MainWindow()
        qtbot.addWidget(window)
        shell = Shell(window, themes, settings)
        shell.furnish()
        window.show()
        hooks = (sys.excepthook, threading.excepthook)
        room = Room(shell, paths, CrashWatch(CrashTrace(paths.logs)))
        yield room
        room.watch.end()
        assert (sys.excepthook, threading.excepthook) == hooks
        assert shell.tasks.shut_down(5)


def gathered(qtbot, room: Room) -> tuple[ReportDialog, str]:
    """The dialog that is open, once its report is there."""
    qtbot.waitUntil(lambda: room.report() is not None)
    text = room.report().findChild(QPlainTextEdit)
    qtbot.waitUntil(lambda: text.toPlainText() != "")
    return room.report(), text.toPlainText()


def button(dialog, text: str) -> QPushButton:
    (found,) = [each for each in dialog.findChildren(QPushButton) if each.text() == text]
    return found


def words(widget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel))


def test_the_report_is_shown_whole_then_copied_and_saved_and_sent_nowhere(qtbot, room):
    room.open_desk()
    room.shell.window.report_action.trigger()
    dialog, text = gathered(qtbot, room)
    for part in ("Algovera Desktop ", "screen ", "offscreen", "theme = system"):
        assert part in text
    qtbot.mouseClick(button(dialog, "&Copy report"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == text
    assert "Copied." in words(dialog)
    qtbot.mouseClick(button(dialog, "&Save…"), Qt.MouseButton.LeftButton)
    target = room.paths.data / "report.txt"
    dialog.findChild(QFileDialog).fileSelected.emit(str(target))
    qtbot.waitUntil(lambda: "Saved." in words(dialog))
    assert target.read_text("utf-8") == text
    dialog.findChild(QFileDialog).fileSelected.emit(str(room.paths.data / "none" / "r.txt"))
    qtbot.waitUntil(lambda: "Not saved: " in words(dialog))


def test_a_second_wish_for_the_report_brings_the_first_to_the_front(qtbot, room):
    room.open_desk()
    room.shell.window.report_action.trigger()
    room.shell.window.report_action.trigger()
    dialog, _text = gathered(qtbot, room)
    assert room.shell.window.findChildren(ReportDialog) == [dialog]
    dialog.close()
    qtbot.waitUntil(lambda: room.report() is None)
    room.shell.window.report_action.trigger()
    gathered(qtbot, room)


def stumble() -> None:
    raise LookupError("over a red fox")


@pytest.mark.allows_log("met by nobody")
@pytest.mark.parametrize("where", ["slot", "thread"])
def test_an_exception_that_nobody_caught_is_shown_once_as_our_mistake(qtbot, room, where):
    room.open_desk()
    with qtbot.captureExceptions():
        # pytest-qt has put itself where the watch stood.
        sys.excepthook = room.watch._on_exception
        if where == "slot":
            QTimer.singleShot(0, stumble)
            QTimer.singleShot(0, stumble)
        else:
            thread = threading.Thread(target=stumble)
            thread.start()
            thread.join()
        dialog, text = gathered(qtbot, room)
    assert room.shell.window.findChildren(ReportDialog) == [dialog]
    assert "our mistake" in words(dialog)
    assert "LookupError" in text
    assert "in stumble" in text
    assert "fox" not in text


@pytest.mark.allows_log("failed unexpectedly")
def test_a_task_that_stumbles_is_shown_as_our_mistake(qtbot, room):
    room.open_desk()
    room.shell.tasks.start(Pool.STORAGE, lambda _context: stumble())
    _dialog, text = gathered(qtbot, room)
    assert "LookupError" in text


@pytest.mark.allows_log("met by nobody")
def test_what_was_told_to_nobody_is_left_to_the_next_start(room):
    room.watch._on_exception(LookupError, LookupError("a red fox"), None)
    start_again(room)
    assert room.watch.found
    assert "LookupError" in last_crash(room.paths.logs)
    assert "fox" not in last_crash(room.paths.logs)


def start_again(room: Room, after: Exception | None = None) -> None:
    room.watch.end(after)
    room.watch = CrashWatch(CrashTrace(room.paths.logs))


def test_a_crash_is_offered_as_a_report_by_one_line(qtbot, room):
    start_again(room, after=MemoryError())
    room.open_desk()
    bar = room.shell.messages
    assert "ended unexpectedly last time" in bar.current.text
    qtbot.mouseClick(button(bar, "Show report"), Qt.MouseButton.LeftButton)
    _dialog, text = gathered(qtbot, room)
    assert bar.current is None
    assert "The last crash" in text
    assert "MemoryError" in text


def test_a_crash_is_told_above_what_is_only_offered(qtbot, room):
    start_again(room, after=MemoryError())
    room.open_desk()
    actions = (("Look at it", lambda: None),)
    room.shell.messages.show_message(Message("A model can be had.", actions=actions, can_wait=True))
    assert "ended unexpectedly last time" in room.shell.messages.current.text
    qtbot.mouseClick(button(room.shell.messages, "Dismiss"), Qt.MouseButton.LeftButton)
    assert room.shell.messages.current.text == "A model can be had."


def test_a_crash_may_be_dismissed(qtbot, room):
    start_again(room, after=MemoryError())
    room.open_desk()
    qtbot.mouseClick(button(room.shell.messages, "Dismiss"), Qt.MouseButton.LeftButton)
    assert room.shell.messages.current is None
    assert room.report() is None


def test_a_program_that_is_replaced_while_it_runs_says_so(qtbot, room, tmp_path, monkeypatch):
    program = tmp_path / "algovera-desktop"
    program.write_bytes(b"this version")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    room.open_desk()
    update = program.with_name("algovera-desktop.dpkg-new")
    update.write_bytes(b"next version")
    update.replace(program)
    qtbot.waitUntil(lambda: room.shell.messages.current is not None, timeout=20_000)
    assert "was updated while it ran" in room.shell.messages.current.text


@pytest.mark.allows_log("a fox is late")
def test_what_qt_says_goes_to_the_log(room, caplog):
    qWarning("a fox is late")
    assert [(each.name, each.getMessage()) for each in caplog.records] == [("qt", "a fox is late")]


def test_licences_are_found_by_name_and_read(qtbot, room):
    room.open_desk()
    room.shell.window.licences_action.trigger()
    dialog = room.shell.window.findChild(LicencesDialog)
    parts, text = dialog.findChild(QListWidget), dialog.findChild(QPlainTextEdit)
    qtbot.waitUntil(lambda: parts.count() > 20)
    assert parts.currentItem().text() == "Algovera Desktop"
    assert "Apache License" in text.toPlainText()
    assert not parts.horizontalScrollBar().isVisible()
    qtbot.keyClicks(dialog.findChild(QLineEdit), "lucide")
    shown = [parts.item(row) for row in range(parts.count()) if not parts.item(row).isHidden()]
    assert [item.text() for item in shown] == ["Lucide icons"]
    assert "ISC License" in text.toPlainText()
