import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest

from algovera_desktop.ui.widgets.rating_stars import RatingStars


@pytest.fixture
def stars(qtbot, themes) -> RatingStars:
    stars = RatingStars(themes)
    qtbot.addWidget(stars)
    stars.show()
    return stars


@pytest.fixture
def told(stars) -> list[int]:
    told: list[int] = []
    stars.rated.connect(told.append)
    return told


def click(stars: RatingStars, number: int) -> None:
    """Click on a star, 1 for the first."""
    QTest.mouseClick(stars, Qt.MouseButton.LeftButton, pos=QPoint(12 + 24 * (number - 1), 12))


def test_showing_a_rating_asks_for_nothing(stars, told):
    stars.show_rating(3)
    assert stars.value() == 3
    assert told == []


def test_a_click_on_a_star_rates(stars, told):
    click(stars, 4)
    assert told == [4]
    assert stars.value() == 4


def test_a_click_on_the_last_given_star_takes_the_rating_away(stars, told):
    stars.show_rating(3)
    click(stars, 3)
    assert told == [0]


@pytest.mark.parametrize("rating", range(6))
def test_a_digit_says_the_rating(stars, told, rating):
    stars.show_rating(3 if rating != 3 else 1)
    QTest.keyClick(stars, Qt.Key(Qt.Key.Key_0 + rating))
    assert told == [rating]


def test_arrows_go_by_one_and_stop_at_the_ends(stars, told):
    stars.show_rating(4)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_Left):
        QTest.keyClick(stars, key)
    assert told == [5, 0]


def test_mixed_ratings_are_told_and_any_rating_makes_them_one(stars, told):
    stars.show_rating(None)
    assert stars.is_mixed
    assert stars.accessibleName() == "Rating: mixed"
    QTest.keyClick(stars, Qt.Key.Key_0)
    assert told == [0]
    assert not stars.is_mixed
    assert stars.accessibleName() == "Rating: 0 of 5"


def test_the_wheel_scrolls_past_it(qtbot, stars, told):
    stars.show_rating(2)
    QTest.wheelEvent(stars.windowHandle(), QPoint(10, 10), QPoint(0, 120))
    assert stars.value() == 2
    assert told == []


def test_a_screen_reader_says_a_slider_and_where_it_stands(stars):
    stars.show_rating(3)
    spoken = QAccessible.queryAccessibleInterface(stars)
    assert spoken.role() == QAccessible.Role.Slider
    assert spoken.text(QAccessible.Text.Name) == "Rating: 3 of 5"


def test_from_right_to_left_the_first_star_is_on_the_right(stars, told):
    stars.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    QTest.mouseClick(stars, Qt.MouseButton.LeftButton, pos=QPoint(stars.width() - 12, 12))
    assert told == [1]
