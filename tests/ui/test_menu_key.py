import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from algovera_desktop.ui.widgets.menu_key import MenuKey


class Field(QLineEdit):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[QContextMenuEvent.Reason] = []

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.asked.append(event.reason())


class Form(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.fields = [Field(), Field()]
        column = QVBoxLayout(self)
        for field in self.fields:
            column.addWidget(field)
        MenuKey(self)


@pytest.fixture
def form(qtbot) -> Form:
    form = Form()
    qtbot.addWidget(form)
    form.show()
    form.activateWindow()
    return form


def test_shift_f10_asks_what_has_the_keyboard_for_its_menu(qtbot, form):
    first, second = form.fields
    second.setFocus()
    qtbot.waitUntil(second.hasFocus)
    QTest.keyClick(second, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert second.asked == [QContextMenuEvent.Reason.Keyboard]
    assert first.asked == []
