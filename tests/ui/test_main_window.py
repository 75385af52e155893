"""What of the window itself comes back at the next start."""

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QDialog, QWidget

from algovera_desktop.ui.main_window import MainWindow


def make_window(qtbot, state: tuple[bytes, tuple[int, ...]] | None = None) -> MainWindow:
    window = MainWindow()
    qtbot.addWidget(window)
    if state:
        window.restore_layout(*state)
    window.furnish(QWidget(), QWidget())
    window.show()
    return window


def screens() -> QRect:
    return QGuiApplication.primaryScreen().availableVirtualGeometry()


def test_place_and_size_come_back(qtbot):
    window = make_window(qtbot)
    window.setGeometry(QRect(40, 60, 740, 500))
    again = make_window(qtbot, window.layout_state())
    assert again.geometry() == window.geometry()


@pytest.mark.parametrize("state", ["showMaximized", "showFullScreen"])
def test_a_window_that_filled_the_screen_does_so_again_and_knows_its_own_size(qtbot, state):
    window = make_window(qtbot)
    window.setGeometry(QRect(30, 40, 740, 500))
    getattr(window, state)()
    again = make_window(qtbot, window.layout_state())
    assert again.windowState() == window.windowState()
    assert again.normalGeometry().size() == QRect(0, 0, 740, 500).size()


@pytest.mark.parametrize("corner", [QPoint(9000, 4000), QPoint(-9000, 10), QPoint(20, -5000)])
def test_a_window_on_a_screen_that_is_gone_comes_to_one_that_is_there(qtbot, corner):
    window = make_window(qtbot)
    window.setGeometry(QRect(corner, window.minimumSize()))
    again = make_window(qtbot, window.layout_state())
    assert screens().contains(again.geometry())


@pytest.mark.parametrize("geometry", [b"", b"nonsense", bytes(70)])
def test_without_a_geometry_the_window_is_no_larger_than_the_screen(qtbot, geometry):
    again = make_window(qtbot, (geometry, (1, 2)))
    assert screens().contains(again.frameGeometry())


def test_a_hidden_column_stays_hidden_and_comes_back_as_wide_as_it_was(qtbot):
    window = make_window(qtbot)
    window.resize(1200, 700)
    window._columns.setSizes([320, 640, 240])
    before = window._columns.sizes()
    window.inspector_action.trigger()
    again = make_window(qtbot, window.layout_state())
    again.resize(1200, 700)
    assert not again.inspector_action.isChecked()
    assert again._inspector.isHidden()
    assert again.layout_state()[1][2] == -before[2]
    again.inspector_action.trigger()
    assert again._columns.sizes()[2] == pytest.approx(before[2], abs=2)


def test_dialogs_are_gone_with_the_window(qtbot):
    window = make_window(qtbot)
    dialog = QDialog(window)
    dialog.show()
    window.close()
    assert not dialog.isVisible()


def test_macos_finds_its_own_menu_entries_by_their_roles(qtbot):
    window = make_window(qtbot)
    roles = QAction.MenuRole
    actions = (window.about_action, window.settings_action, window.quit_action)
    wanted = [roles.AboutRole, roles.PreferencesRole, roles.QuitRole]
    assert [action.menuRole() for action in actions] == wanted
