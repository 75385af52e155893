import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from algovera_desktop.ui.widgets.notes_edit import NotesEdit


@pytest.fixture
def window(qtbot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(QLineEdit())
    return window


@pytest.fixture
def notes(window) -> NotesEdit:
    notes = NotesEdit()
    window.layout().addWidget(notes)
    window.show()
    window.activateWindow()
    notes.setFocus()
    return notes


@pytest.fixture
def told(notes) -> list[tuple[int, str]]:
    told: list[tuple[int, str]] = []
    notes.notes_edited.connect(lambda image_id, text: told.append((image_id, text)))
    return told


def test_a_pause_in_typing_tells_the_notes(qtbot, notes, told):
    notes.show_notes(7, "for the cover")
    notes.moveCursor(notes.textCursor().MoveOperation.End)
    QTest.keyClicks(notes, " of May")
    assert told == []
    qtbot.waitUntil(lambda: told == [(7, "for the cover of May")])


def test_who_types_without_a_pause_is_told_of_all_the_same(qtbot, notes, told):
    notes.show_notes(7, "")

    def type_on() -> bool:
        QTest.keyClicks(notes, "x")
        return bool(told)

    qtbot.waitUntil(type_on)
    image_id, text = told[0]
    assert (image_id, set(text)) == (7, {"x"})


def test_leaving_the_field_tells_at_once(window, notes, told):
    notes.show_notes(7, "")
    QTest.keyClicks(notes, "cover")
    window.findChild(QLineEdit).setFocus()
    assert told == [(7, "cover")]


def test_another_picture_first_tells_what_was_typed_for_this_one(notes, told):
    notes.show_notes(7, "")
    QTest.keyClicks(notes, "cover")
    notes.show_notes(8, "poster")
    assert told == [(7, "cover")]
    assert notes.toPlainText() == "poster"


def test_showing_notes_tells_nothing(qtbot, notes, told):
    notes.show_notes(7, "cover")
    notes.show_notes(7, "poster")
    notes.show_notes(8, "")
    notes.tell()
    assert told == []


def test_what_comes_back_from_the_library_does_not_replace_what_is_being_typed(notes, told):
    notes.show_notes(7, "")
    QTest.keyClicks(notes, "cov")
    notes.tell()
    QTest.keyClicks(notes, "er")
    notes.show_notes(7, "cov")
    assert notes.toPlainText() == "cover"
    notes.tell()
    assert told == [(7, "cov"), (7, "cover")]


def test_the_same_words_again_are_not_told_twice(notes, told):
    notes.show_notes(7, "")
    QTest.keyClicks(notes, "a")
    QTest.keyClick(notes, Qt.Key.Key_Backspace)
    notes.tell()
    assert told == []


def test_ctrl_z_takes_back_typing(notes):
    notes.show_notes(7, "cover")
    QTest.keyClicks(notes, "x")
    QTest.keyClick(notes, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert notes.toPlainText() == "cover"


def test_an_echo_that_later_words_have_overtaken_replaces_nothing(notes, told):
    notes.show_notes(7, "")
    QTest.keyClicks(notes, "cov")
    notes.tell()
    QTest.keyClicks(notes, "er")
    notes.tell()
    notes.show_notes(7, "cov")
    assert notes.toPlainText() == "cover"
    notes.show_notes(7, "cover")
    notes.show_notes(7, "cov")  # taken back with Ctrl+Z in the window
    assert notes.toPlainText() == "cov"
