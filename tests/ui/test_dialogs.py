import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QTableWidget

from algovera_desktop import __version__
from algovera_desktop.services.logs import redact
from algovera_desktop.ui.dialogs.about import AboutDialog
from algovera_desktop.ui.dialogs.error_report import ErrorReportDialog, report_text
from algovera_desktop.ui.dialogs.shortcuts import ShortcutsDialog


def failure() -> Exception:
    try:
        raise ValueError("GET https://api.test/api/status?api_key=sesame&x=1 said no")
    except ValueError as error:
        return error


def rows(dialog: ShortcutsDialog) -> list[tuple[str, str]]:
    table = dialog.findChild(QTableWidget)
    return [
        (table.item(row, 0).text(), table.item(row, 1).text()) for row in range(table.rowCount())
    ]


@pytest.fixture
def report(themes, qtbot):
    dialog = ErrorReportDialog(failure(), redact)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_shortcuts_are_those_of_the_actions(qapp, qtbot):
    generate, plain = QAction("&Generate…"), QAction("About")
    generate.setShortcuts(["Ctrl+Return", "Ctrl+Enter"])
    undo = QAction("Undo: Delete 3 pictures", iconText="Undo")
    undo.setShortcut("Ctrl+Z")
    dialog = ShortcutsDialog([generate, plain, undo], [("Large view", "Space")])
    qtbot.addWidget(dialog)
    assert rows(dialog) == [
        ("Generate", "Ctrl+Return, Ctrl+Enter"),
        ("Undo", "Ctrl+Z"),
        ("Large view", "Space"),
    ]


def test_about_names_the_version_and_every_part_with_its_licence(qapp, qtbot):
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    assert any(__version__ in label.text() for label in dialog.findChildren(QLabel))
    lines = dialog.findChild(QPlainTextEdit).toPlainText().splitlines()
    assert any(line.startswith("Lucide") for line in lines)
    assert all(re.fullmatch(r".+ — [A-Za-z0-9.-]+", line) for line in lines)


def test_the_report_holds_the_traceback_and_the_versions_but_no_secret():
    text = report_text(failure(), redact)
    assert "ValueError" in text
    assert "in failure" in text
    assert __version__ in text
    assert "sesame" not in text


def test_the_report_is_copied_and_sent_nowhere(report, qtbot):
    (copy,) = [b for b in report.findChildren(QPushButton) if b.text() == "&Copy report"]
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == report.findChild(QPlainTextEdit).toPlainText()
    assert "Copied." in [label.text() for label in report.findChildren(QLabel)]


@pytest.mark.parametrize("make", [AboutDialog, lambda: ShortcutsDialog([])], ids=["about", "keys"])
def test_esc_closes(qapp, qtbot, make):
    dialog = make()
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
