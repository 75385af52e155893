import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop.ui.theme import ThemePreference
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity


@pytest.fixture
def bar(themes, qtbot):
    """A message bar in a window whose keyboard and mouse are elsewhere."""
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    elsewhere = QLineEdit()
    column.addWidget(elsewhere)
    bar = MessageBar(themes)
    column.addWidget(bar)
    window.show()
    elsewhere.setFocus()
    QCursor.setPos(window.mapToGlobal(window.rect().bottomRight()) + QPoint(200, 200))
    yield bar
    window.close()


def words(bar: MessageBar) -> str:
    return " | ".join(label.text() for label in bar.findChildren(QLabel) if label.isVisible())


def buttons(bar: MessageBar) -> list[QPushButton]:
    return [button for button in bar.findChildren(QPushButton) if button.isVisible()]


def press(qtbot, bar: MessageBar, label: str) -> None:
    (button,) = [button for button in buttons(bar) if button.text() == label]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def dismiss(qtbot, bar: MessageBar) -> None:
    qtbot.mouseClick(bar.findChild(QToolButton), Qt.MouseButton.LeftButton)


def test_it_is_hidden_while_there_is_nothing_to_say(bar):
    assert bar.isHidden()
    bar.show_message(Message("Saved."))
    assert bar.isVisible()


def test_what_can_wait_moves_nothing_below_a_hand_that_aims(bar, qtbot):
    bar.show_message(Message("A model can be had.", key="offer", can_wait=True))
    assert bar.isHidden()
    home = QCursor.pos()
    for step in range(5):
        QCursor.setPos(home + QPoint(step % 2 + 1, 0))
        qtbot.wait(200)
        assert bar.isHidden()
    menu = QMenu(bar.window())
    menu.addAction("Copy")
    menu.popup(bar.window().mapToGlobal(QPoint(0, 0)))
    qtbot.wait(1500)
    assert bar.isHidden()
    menu.close()
    qtbot.waitUntil(bar.isVisible)
    assert "A model can be had." in words(bar)


def test_what_can_wait_is_shown_where_the_bar_is_open_and_gone_when_dismissed(bar, qtbot):
    bar.show_message(Message("A model can be had.", key="offer", can_wait=True))
    bar.dismiss("offer")
    bar.show_message(Message("Saved."))
    bar.show_message(Message("It is installed.", can_wait=True))
    assert "It is installed." in words(bar)
    dismiss(qtbot, bar)
    dismiss(qtbot, bar)
    assert bar.isHidden()


def test_a_note_that_stays_waits_beneath_what_went_wrong(bar, qtbot):
    bar.show_message(Message("The disk is full.", Severity.ERROR))
    bar.show_message(Message("There is another model.", actions=(("Look", lambda: None),)))
    assert "Error: The disk is full. | 1 more" in words(bar)
    dismiss(qtbot, bar)
    assert "Note: There is another model." in words(bar)


def test_a_note_that_goes_by_itself_is_shown_above_what_went_wrong(bar):
    bar.show_message(Message("The disk is full.", Severity.ERROR))
    bar.show_message(Message("It is in the trash.", timeout_s=10.0))
    assert "Note: It is in the trash. | 1 more" in words(bar)


@pytest.mark.parametrize(
    ("severity", "word"),
    [
        (Severity.INFO, "Note"),
        (Severity.SUCCESS, "Done"),
        (Severity.WARNING, "Warning"),
        (Severity.ERROR, "Error"),
    ],
)
def test_severity_is_told_by_a_word_too(bar, severity, word):
    bar.show_message(Message("The disk is full.", severity))
    assert f"{word}: The disk is full." in words(bar)


def test_the_latest_message_wins_and_the_older_one_comes_back(bar, qtbot):
    bar.show_message(Message("First."))
    bar.show_message(Message("Second."))
    assert "Second." in words(bar)
    assert "1 more" in words(bar)
    dismiss(qtbot, bar)
    assert "First." in words(bar)
    dismiss(qtbot, bar)
    assert bar.isHidden()


def test_a_key_replaces_its_older_message(bar, qtbot):
    bar.show_message(Message("Starting.", key="server"))
    bar.show_message(Message("Stopped.", Severity.ERROR, key="server"))
    assert "Stopped." in words(bar)
    dismiss(qtbot, bar)
    assert bar.isHidden()


def test_a_message_is_dismissed_by_key_even_from_below(bar):
    bar.show_message(Message("No connection.", key="server"))
    bar.show_message(Message("Deleted.", key="undo"))
    bar.dismiss("server")
    assert bar.current == Message("Deleted.", key="undo")
    assert "more" not in words(bar)
    bar.dismiss("server")


def test_an_action_is_done_once_and_the_message_is_gone(bar, qtbot):
    undone = []
    bar.show_message(Message("Deleted.", actions=(("Undo", lambda: undone.append(1)),)))
    press(qtbot, bar, "Undo")
    assert undone == [1]
    assert bar.isHidden()


def test_an_action_may_say_something_new(bar, qtbot):
    def fail() -> None:
        bar.show_message(Message("Could not restore.", Severity.ERROR))

    bar.show_message(Message("Deleted.", actions=(("Help", print), ("Undo", fail))))
    press(qtbot, bar, "Undo")
    assert "Could not restore." in words(bar)


def test_details_wait_behind_a_button(bar, qtbot):
    bar.show_message(Message("No answer.", Severity.ERROR, details="read timed out after 30 s"))
    details = bar.findChild(QPlainTextEdit)
    assert not details.isVisible()
    press(qtbot, bar, "Show details")
    assert details.isVisible()
    assert details.toPlainText() == "read timed out after 30 s"
    press(qtbot, bar, "Hide details")
    assert not details.isVisible()


def test_without_details_no_button_offers_them(bar):
    bar.show_message(Message("Saved."))
    assert buttons(bar) == []


def test_an_information_leaves_by_itself_and_tells(bar, qtbot):
    with qtbot.waitSignal(bar.message_dismissed) as caught:
        bar.show_message(Message("Copied.", timeout_s=0.01))
    assert caught.args[0].text == "Copied."
    assert bar.isHidden()


def test_what_can_be_undone_stays_ten_seconds_at_least():
    message = Message("Deleted.", actions=(("Undo", print),), timeout_s=2)
    assert message.lifetime_s == 10
    assert Message("Copied.", timeout_s=2).lifetime_s == 2


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.ERROR])
def test_a_problem_stays_until_it_is_dismissed(severity):
    assert Message("Offline.", severity, timeout_s=1).lifetime_s is None


def test_a_message_with_the_focus_is_not_taken_away(bar, qtbot):
    bar.show_message(Message("Copied.", timeout_s=0.01))
    bar.activateWindow()
    close = bar.findChild(QToolButton)
    close.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is close)
    qtbot.wait(60)
    assert bar.isVisible()


def test_text_is_never_read_as_markup(bar):
    bar.show_message(Message("<img src='http://tracker.example/x'> & more"))
    formats = {
        label.textFormat() for label in bar.findChildren(QLabel) if "tracker" in label.text()
    }
    assert formats == {Qt.TextFormat.PlainText}


def test_every_control_has_a_name(bar):
    bar.show_message(Message("x", details="y", actions=(("Undo", print), ("Help", print))))
    for control in (*bar.findChildren(QPushButton), *bar.findChildren(QToolButton)):
        if control.isVisible():
            assert control.accessibleName() or control.text()


def test_the_icon_follows_the_theme(bar, themes):
    def darkest() -> int:
        image = bar.findChildren(QLabel)[0].pixmap().toImage()
        pixels = [image.pixelColor(x, y) for x in range(16) for y in range(16)]
        return min(pixel.lightness() for pixel in pixels if pixel.alpha() == 255)

    bar.show_message(Message("Saved."))
    before = darkest()
    themes.set_preference(ThemePreference.DARK)
    assert darkest() > before + 100
