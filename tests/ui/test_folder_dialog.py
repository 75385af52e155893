"""The dialog that asks for a folder, as Qt shows it."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from algovera_desktop.ui.dialogs.folder_dialog import FolderDialog


def test_a_folder_that_is_typed_over_the_shown_one_is_the_one_that_is_chosen(qtbot, tmp_path):
    shown, typed = tmp_path / "shown", tmp_path / "typed"
    for folder in (shown, typed):
        folder.mkdir()
    window = QWidget()
    qtbot.addWidget(window)
    dialog = FolderDialog("Where to", shown, window)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.open()
    edit = dialog.findChild(QLineEdit)
    QTest.keyClick(edit, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    # At once, as what is pasted: a list of completions may come up over what is typed.
    edit.insert(str(typed))
    with qtbot.waitSignal(dialog.folder_chosen) as caught:
        QTest.keyClick(edit, Qt.Key.Key_Return)
    assert caught.args == [typed]
    qtbot.waitUntil(lambda: window.findChild(QFileDialog) is None)
