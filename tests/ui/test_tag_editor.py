import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from algovera_desktop.ui.widgets.tag_editor import MAX_OF_SOME, TagEditor


@pytest.fixture
def editor(qtbot, themes) -> TagEditor:
    editor = TagEditor(themes)
    qtbot.addWidget(editor)
    editor.resize(260, 200)
    editor.show()
    editor.activateWindow()
    editor.field.setFocus()
    return editor


@pytest.fixture
def added(editor) -> list[list[str]]:
    added: list[list[str]] = []
    editor.add_requested.connect(added.append)
    return added


@pytest.fixture
def removed(editor) -> list[list[str]]:
    removed: list[list[str]] = []
    editor.remove_requested.connect(removed.append)
    return removed


def test_enter_adds_what_is_typed(editor, added):
    QTest.keyClicks(editor.field, "  red  fox ")
    QTest.keyClick(editor.field, Qt.Key.Key_Return)
    assert added == [["red fox"]]
    assert editor.field.text() == ""


def test_a_comma_adds_what_stands_before_it(editor, added):
    QTest.keyClicks(editor.field, "fox,")
    assert added == [["fox"]]
    assert editor.field.text() == ""


@pytest.mark.parametrize("comma", ["\uff0c", "\u3001", ";"])
def test_pasted_tags_are_parted_at_every_comma(editor, added, comma):
    editor.field.insert(f"fox{comma}Forest, fox")
    editor.field.textEdited.emit(editor.field.text())
    assert added == [["fox", "Forest"]]


def test_what_every_picture_has_is_not_added_again(editor, added):
    editor.set_tags(["Fox"], ["forest"])
    QTest.keyClicks(editor.field, "fox,forest,")
    assert added == [["forest"]]


def test_backspace_where_nothing_is_typed_takes_the_last_tag_away(editor, removed):
    editor.set_tags(["fox", "forest"])
    QTest.keyClicks(editor.field, "a")
    QTest.keyClick(editor.field, Qt.Key.Key_Backspace)
    assert removed == []
    QTest.keyClick(editor.field, Qt.Key.Key_Backspace)
    assert removed == [["forest"]]


def test_a_cross_and_del_take_a_tag_away(editor, removed):
    editor.set_tags(["fox", "forest"])
    editor.chips[0].cross.click()
    QTest.keyClick(editor.chips[1].label, Qt.Key.Key_Delete)
    assert removed == [["fox"], ["forest"]]


def test_a_tag_of_some_is_marked_by_words_and_given_to_all_by_a_press(editor, added):
    editor.set_tags(["fox"], ["forest"])
    assert [chip.label.text() for chip in editor.chips] == ["fox", "forest (some)"]
    assert editor.tags() == ["fox"]
    editor.chips[1].label.click()
    assert added == [["forest"]]


def test_a_press_on_a_tag_asks_for_its_pictures(qtbot, editor):
    editor.set_tags(["fox"])
    with qtbot.waitSignal(editor.tag_activated) as asked:
        QTest.keyClick(editor.chips[0].label, Qt.Key.Key_Return)
    assert asked.args == ["fox"]


def test_a_chip_that_stays_keeps_the_keyboard(editor):
    editor.set_tags(["fox", "forest"])
    chip = editor.chips[1]
    chip.label.setFocus()
    editor.set_tags(["forest"])
    assert editor.chips[0] is chip
    assert chip.label.hasFocus()


def test_the_keyboard_goes_to_the_field_when_its_chip_is_gone(editor):
    editor.set_tags(["fox", "forest"])
    editor.chips[1].label.setFocus()
    editor.set_tags(["fox"])
    assert editor.field.hasFocus()


def test_known_tags_are_offered_by_any_part_of_them(qtbot, editor, added):
    editor.field.set_known(["arctic fox", "forest", "red fox"])
    QTest.keyClicks(editor.field, "fox")
    popup = editor.field.completer().popup()
    qtbot.waitUntil(popup.isVisible)
    shown = [popup.model().index(row, 0).data() for row in range(popup.model().rowCount())]
    assert shown == ["arctic fox", "red fox"]
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: added == [["red fox"]])
    assert editor.field.text() == ""


def test_many_tags_wrap_and_none_is_wider_than_the_column(qtbot, editor):
    editor.set_tags([f"tag number {number}" for number in range(12)] + ["w" * 200])
    editor.resize(260, editor.heightForWidth(260))
    qtbot.waitUntil(lambda: len({chip.y() for chip in editor.chips}) > 4)
    for chip in editor.chips:
        assert chip.geometry().right() < editor.width()
        assert chip.geometry().bottom() < editor.height()


def test_a_name_with_an_ampersand_is_shown_whole(editor):
    editor.set_tags(["R&D"])
    assert editor.chips[0].label.text() == "R&&D"
    assert editor.chips[0].label.accessibleName() == "Tag R&D"


def test_of_many_tags_of_some_pictures_the_first_are_shown_and_the_rest_counted(editor):
    names = [f"tag {number}" for number in range(300)]
    editor.set_tags(["fox"], names)
    assert [chip.name for chip in editor.chips] == ["fox", *names[:MAX_OF_SOME]]
    assert editor.more.isVisible()
    editor.set_tags(["fox"], names[:3])
    assert not editor.more.isVisible()
