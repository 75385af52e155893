from dataclasses import fields

import pytest
from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QColor, QFont, QIcon
from PySide6.QtWidgets import QApplication, QInputDialog, QPushButton

from algovera_desktop.resources import resource_path
from algovera_desktop.ui.icons import app_icon, icon
from algovera_desktop.ui.theme import (
    DARK,
    LIGHT,
    Theme,
    ThemeController,
    ThemePreference,
    heading_font,
    style_sheet_of,
)

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
GROUNDS = ("background", "surface", "raised")


@pytest.fixture
def dressed(qapp):
    """The application, in its former dress again afterwards."""
    sheet, palette = qapp.styleSheet(), qapp.palette()
    controllers = []

    def dress(preference: ThemePreference) -> ThemeController:
        controllers.append(ThemeController(qapp, preference))
        return controllers[-1]

    yield dress
    for controller in controllers:
        controller.deleteLater()
        QApplication.sendPostedEvents(controller, QEvent.Type.DeferredDelete)
    qapp.setStyleSheet(sheet)
    qapp.setPalette(palette)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two colours, 1 to 21."""

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@THEMES
@pytest.mark.parametrize("ground", [*GROUNDS, "hover", "selection"])
@pytest.mark.parametrize("tone", ["text", "muted"])
def test_text_can_be_read_on_every_ground(theme, ground, tone):
    assert contrast(getattr(theme, tone), getattr(theme, ground)) >= 4.5


@THEMES
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("tone", ["accent", "danger", "warning", "success"])
def test_coloured_words_can_be_read_on_every_ground(theme, ground, tone):
    assert contrast(getattr(theme, tone), getattr(theme, ground)) >= 4.5


@THEMES
@pytest.mark.parametrize("ground", ["accent", "accent_hover"])
def test_text_on_the_accent_can_be_read(theme, ground):
    assert contrast(theme.on_accent, getattr(theme, ground)) >= 4.5


@THEMES
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("mark", ["outline", "focus"])
def test_outlines_and_the_focus_ring_are_seen_on_every_ground(theme, ground, mark):
    assert contrast(getattr(theme, mark), getattr(theme, ground)) >= 3


@THEMES
@pytest.mark.parametrize("token", [*GROUNDS, "hover", "line", "outline", "text", "muted"])
def test_greys_are_neutral(theme, token):
    colour = QColor(getattr(theme, token))
    assert colour.red() == colour.green() == colour.blue()


@THEMES
def test_every_placeholder_of_the_style_sheet_is_filled(theme):
    sheet = style_sheet_of(theme)
    assert "$" not in sheet
    assert theme.accent in sheet


@THEMES
def test_the_tinted_icons_of_controls_have_the_themes_colours(theme):
    def colour_of(name: str) -> str:
        path = resource_path(f"icons/controls/{name}-{theme.name}.svg")
        return path.read_text(encoding="utf-8").split('stroke="')[1][:7]

    assert colour_of("chevron-down") == colour_of("chevron-up") == theme.muted
    assert colour_of("check") == theme.on_accent


def test_a_preference_dresses_the_application_and_tells(dressed, qtbot):
    controller = dressed(ThemePreference.LIGHT)
    assert controller.theme is LIGHT
    with qtbot.waitSignal(controller.changed) as caught:
        controller.set_preference(ThemePreference.DARK)
    assert caught.args == [DARK]
    assert QApplication.palette().window().color() == QColor(DARK.background)
    assert DARK.surface in QApplication.instance().styleSheet()


def test_the_same_preference_again_tells_nobody(dressed, qtbot):
    controller = dressed(ThemePreference.DARK)
    with qtbot.assertNotEmitted(controller.changed):
        controller.set_preference(ThemePreference.DARK)


def test_the_buttons_of_qts_own_dialogs_have_words_alone(dressed, qtbot):
    dressed(ThemePreference.LIGHT)
    dialog = QInputDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    buttons = dialog.findChildren(QPushButton)
    assert len(buttons) == 2
    assert all(button.icon().isNull() for button in buttons)


def test_the_heading_grows_with_the_systems_font(qapp):
    for points in (9.0, 18.0):
        base = QFont()
        base.setPointSizeF(points)
        assert heading_font(base).pointSizeF() == pytest.approx(points * 1.3)


def names() -> list[str]:
    folder = resource_path("icons")
    return sorted(path.stem for path in folder.glob("*.svg") if path.stem != "app")


@pytest.mark.parametrize("name", names())
def test_every_icon_is_painted_in_the_themes_colour(qapp, name):
    image = icon(name, DARK).pixmap(QSize(16, 16), 2.0).toImage()
    assert (image.width(), image.height()) == (32, 32)
    inked = [
        image.pixelColor(x, y)
        for x in range(32)
        for y in range(32)
        if image.pixelColor(x, y).alpha() == 255
    ]
    assert inked
    expected = QColor(DARK.text)
    assert all(abs(pixel.red() - expected.red()) <= 2 for pixel in inked)


def test_a_disabled_icon_is_greyed(qapp):
    pixmap = icon("settings", LIGHT).pixmap(QSize(16, 16), 1.0, QIcon.Mode.Disabled)
    image = pixmap.toImage()
    darkest = min(
        image.pixelColor(x, y).red()
        for x in range(16)
        for y in range(16)
        if image.pixelColor(x, y).alpha() > 200
    )
    assert darkest >= QColor(LIGHT.disabled).red() - 4


def test_an_unknown_icon_is_our_bug(qapp):
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon", LIGHT)


def test_the_programs_icon_has_the_size_that_window_lists_use(qapp):
    assert QSize(16, 16) in app_icon().availableSizes()


def test_every_token_is_a_colour():
    for theme in (LIGHT, DARK):
        for token in fields(Theme):
            if token.name != "name":
                assert QColor(getattr(theme, token.name)).isValid()
