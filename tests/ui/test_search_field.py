from collections.abc import Sequence

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from algovera_desktop.library.query.completion import Completion, complete
from algovera_desktop.library.query.parser import parse
from algovera_desktop.library.query.problems import Problem, QuerySyntaxError
from algovera_desktop.library.query.vocabulary import Vocabulary
from algovera_desktop.ui.query_words import problem_words
from algovera_desktop.ui.theme import LIGHT
from algovera_desktop.ui.widgets.search_field import SearchField
from algovera_desktop.ui.widgets.search_help import examples

VOCABULARY = Vocabulary(tags=("arctic fox", "forest", "fox"), albums=("Best of May",))


def suggest(text: str, cursor: int) -> Sequence[Completion]:
    return complete(text, cursor, VOCABULARY)


@pytest.fixture
def window(qtbot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.setLayout(QVBoxLayout())
    window.resize(420, 400)
    return window


@pytest.fixture
def field(window, themes) -> SearchField:
    field = SearchField(suggest, themes)
    window.layout().addWidget(field)
    window.layout().addStretch(1)
    window.show()
    window.activateWindow()
    field.begin()
    return field


@pytest.fixture
def told(field) -> list[str]:
    told: list[str] = []
    field.text_edited.connect(told.append)
    return told


def offered(field: SearchField) -> list[str]:
    suggestions = field.edit.suggestions
    if not suggestions.isVisible():
        return []
    model = suggestions.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def press(field: SearchField, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(field.edit, key)


def test_each_keystroke_is_told(field, told):
    QTest.keyClicks(field.edit, "fox")
    assert told == ["f", "fo", "fox"]


def test_a_search_from_elsewhere_is_not_told_and_ctrl_z_brings_back_what_was_typed(field, told):
    QTest.keyClicks(field.edit, "fox")
    field.set_text("rating:5")
    assert told[-1] == "fox"
    QTest.keyClick(field.edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == "fox"


def test_esc_clears_what_is_typed_and_then_leaves(qtbot, field, told):
    QTest.keyClicks(field.edit, "42")
    press(field, Qt.Key.Key_Escape)
    assert (field.text(), told[-1]) == ("", "")
    with qtbot.waitSignal(field.left):
        press(field, Qt.Key.Key_Escape)


def test_what_esc_has_cleared_comes_back_with_ctrl_z(field):
    QTest.keyClicks(field.edit, "42")
    press(field, Qt.Key.Key_Escape)
    QTest.keyClick(field.edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == "42"


def test_down_goes_on_to_what_was_found(qtbot, field):
    with qtbot.waitSignal(field.left):
        press(field, Qt.Key.Key_Down)


def test_keys_and_their_values_are_offered_as_one_types(field):
    QTest.keyClicks(field.edit, "ta")
    assert offered(field) == ["tag:"]
    QTest.keyClicks(field.edit, "g:fo")
    assert set(offered(field)) >= {'"forest"', '"fox"'}


def test_tab_takes_what_the_arrows_have_chosen(field, told):
    QTest.keyClicks(field.edit, "snow tag:for")
    press(field, Qt.Key.Key_Down, Qt.Key.Key_Tab)
    assert field.text() == 'snow tag:"forest"'
    assert told[-1] == field.text()
    assert field.edit.hasFocus()


def test_enter_takes_a_chosen_suggestion_and_without_one_the_text_as_it_is(field):
    QTest.keyClicks(field.edit, "rat")
    assert offered(field)
    press(field, Qt.Key.Key_Return)
    assert field.text() == "rat"
    assert not offered(field)
    QTest.keyClicks(field.edit, "i")
    press(field, Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert field.text() == "rating:"


def test_a_click_takes_a_suggestion_and_leaves_the_keyboard_here(field):
    QTest.keyClicks(field.edit, "tag:arc")
    suggestions = field.edit.suggestions
    where = suggestions.visualRect(suggestions.model().index(0, 0)).center()
    QTest.mouseClick(suggestions.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert field.text() == 'tag:"arctic fox"'
    assert field.edit.hasFocus()


def test_esc_closes_the_suggestions_before_it_clears(field):
    QTest.keyClicks(field.edit, "ta")
    press(field, Qt.Key.Key_Escape)
    assert not offered(field)
    assert field.text() == "ta"


def test_what_is_wrong_is_underlined_at_once_and_said_after_a_pause(qtbot, field):
    QTest.keyClicks(field.edit, "size:big")
    field.show_problem("“big” is not a size.", 5, 8)
    assert field.problem.isHidden()
    assert field.edit.accessibleDescription() == "“big” is not a size."
    assert danger_columns(field)
    qtbot.waitUntil(field.problem.isVisible)
    assert field.problem.text() == "“big” is not a size."


def test_enter_says_what_is_wrong_at_once(field):
    QTest.keyClicks(field.edit, "size:")
    field.show_problem("It needs a value.", 0, 5)
    press(field, Qt.Key.Key_Return)
    assert field.problem.isVisible()


def test_the_place_that_is_wrong_is_underlined_and_no_other(field):
    QTest.keyClicks(field.edit, "fox size:big wolf")
    field.show_problem("No size.", 9, 12)
    first, last = min(danger_columns(field)), max(danger_columns(field))
    metrics = field.edit.fontMetrics()
    assert last - first == pytest.approx(metrics.horizontalAdvance("big"), abs=4)
    field.show_problem("No size.", 0, 3)
    assert max(danger_columns(field)) < first


def test_what_is_understood_takes_the_error_away(qtbot, field):
    field.show_problem("No size.", 0, 0)
    qtbot.waitUntil(field.problem.isVisible)
    field.clear_problem()
    assert field.problem.isHidden()
    assert field.edit.accessibleDescription() == ""


def test_the_cross_clears_and_keeps_the_keyboard(field, told):
    QTest.keyClicks(field.edit, "fox")
    clear = next(one for one in field.edit.actions() if one.text() == "Clear the search")
    assert clear.isVisible()
    clear.trigger()
    assert told[-1] == ""
    assert field.edit.hasFocus()
    assert not clear.isVisible()


def test_an_example_is_added_to_what_is_typed(field):
    QTest.keyClicks(field.edit, "fox")
    field.help_button.click()
    popup = field.findChild(QWidget, "search-help")
    assert popup.isVisible()
    next(one for one in popup.buttons if one.text() == "rating:>=4").click()
    assert field.text() == "fox rating:>=4"
    assert not popup.isVisible()
    assert field.edit.hasFocus()


def test_every_example_is_understood(qapp):
    for example, meaning in examples():
        parse(example)
        assert meaning


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_has_words_that_name_what_was_found(qapp, problem):
    words = problem_words(QuerySyntaxError(problem, "abc xyz", 4, 7, ("one", "two")))
    assert "{" not in words
    assert words.endswith("Possible: one, two.")


def danger_columns(field: SearchField) -> list[int]:
    """The columns in which the field shows something in the colour of errors."""
    image = field.edit.grab().toImage()
    wanted = QColor(LIGHT.danger)

    def is_danger(x: int, y: int) -> bool:
        colour = image.pixelColor(QPoint(x, y))
        return (
            abs(colour.red() - wanted.red()) < 40 and colour.green() < 110 and colour.blue() < 110
        )

    rows = range(image.height() // 2, image.height())
    return [x for x in range(image.width()) if any(is_danger(x, y) for y in rows)]
