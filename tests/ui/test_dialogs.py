import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QTableWidget

from algovera_desktop import __version__
from algovera_desktop.ui.dialogs.about import AboutDialog
from algovera_desktop.ui.dialogs.shortcuts import ShortcutsDialog, rows_of


def rows(dialog: ShortcutsDialog) -> list[tuple[str, str]]:
    table = dialog.findChild(QTableWidget)
    return [
        (table.item(row, 0).text(), table.item(row, 1).text()) for row in range(table.rowCount())
    ]


def test_shortcuts_are_those_of_the_actions(qapp, qtbot):
    generate, plain = QAction("&Generate…"), QAction("About")
    generate.setShortcuts(["Ctrl+Return", "Ctrl+Enter"])
    undo = QAction("Undo: Delete 3 pictures", iconText="Undo")
    undo.setShortcut("Ctrl+Z")
    redo = QAction("Redo")
    redo.setShortcuts(["Ctrl+Shift+Z", "Redo"])
    dialog = ShortcutsDialog([*rows_of([generate, plain, undo, redo]), ("Large view", "Space")])
    qtbot.addWidget(dialog)
    assert rows(dialog) == [
        ("Generate", "Ctrl+Return, Ctrl+Enter"),
        ("Undo", "Ctrl+Z"),
        ("Redo", "Ctrl+Shift+Z"),
        ("Large view", "Space"),
    ]


def test_about_names_the_version_and_where_the_licences_are(qapp, qtbot):
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    texts = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert __version__ in texts
    assert "Help → Licences" in texts


@pytest.mark.parametrize("make", [AboutDialog, lambda: ShortcutsDialog([])], ids=["about", "keys"])
def test_esc_closes(qapp, qtbot, make):
    dialog = make()
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
