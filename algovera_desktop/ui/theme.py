"""How the program looks: colours, spacing and type, light and dark.

Greys are neutral because artists judge colour against them, and there is one accent. Every
text colour reaches the 4.5:1 of WCAG 2.2 (1.4.3) on each ground, and each control's outline
3:1 (1.4.11); tests/ui/test_theme.py computes both.
"""

from dataclasses import asdict, dataclass
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from algovera_desktop.domain.settings import Theme as ThemePreference
from algovera_desktop.resources import resource_path

SPACE_1, SPACE_2, SPACE_3, SPACE_4, SPACE_6, SPACE_8 = 4, 8, 12, 16, 24, 32
"""Distances in device-independent pixels; SPACE_n is n steps of 4 px."""

_HEADING_SCALE = 1.3


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours, as ``#rrggbb``.

    ``background`` is the window, ``surface`` what is typed into and what pictures lie on,
    ``raised`` buttons and bars. ``line`` only separates; ``outline`` bounds a control.
    ``on_accent`` is text on ``accent``. ``selection`` is the ground of a chosen row under
    ``text``. ``focus`` rings whatever has the keyboard.
    """

    name: str
    background: str
    surface: str
    raised: str
    hover: str
    line: str
    outline: str
    text: str
    muted: str
    disabled: str
    accent: str
    accent_hover: str
    on_accent: str
    selection: str
    danger: str
    warning: str
    success: str
    focus: str

    @property
    def is_dark(self) -> bool:
        return self.name == "dark"


LIGHT = Theme(
    name="light",
    background="#f0f0f0",
    surface="#fcfcfc",
    raised="#f8f8f8",
    hover="#e6e6e6",
    line="#d2d2d2",
    outline="#838383",
    text="#1c1c1c",
    muted="#575757",
    disabled="#8c8c8c",
    accent="#2a5fbe",
    accent_hover="#214fa3",
    on_accent="#ffffff",
    selection="#d4e0f5",
    danger="#b3261e",
    warning="#7a4d00",
    success="#1b6b38",
    focus="#2a5fbe",
)

DARK = Theme(
    name="dark",
    background="#222222",
    surface="#191919",
    raised="#2c2c2c",
    hover="#383838",
    line="#3c3c3c",
    outline="#7c7c7c",
    text="#e8e8e8",
    muted="#adadad",
    disabled="#737373",
    accent="#7aaaf5",
    accent_hover="#98bdf8",
    on_accent="#101010",
    selection="#2d3e5c",
    danger="#ff9d94",
    warning="#efbe68",
    success="#7bd39a",
    focus="#7aaaf5",
)


def heading_font(base: QFont) -> QFont:
    """The one heading size, in proportion to the system's own font."""
    font = QFont(base)
    if base.pointSizeF() > 0:
        font.setPointSizeF(base.pointSizeF() * _HEADING_SCALE)
    else:
        font.setPixelSize(round(base.pixelSize() * _HEADING_SCALE))
    font.setWeight(QFont.Weight.DemiBold)
    return font


def palette_of(theme: Theme) -> QPalette:
    """The theme as Qt's palette, for all that the style sheet does not name."""
    palette = QPalette()
    role = QPalette.ColorRole
    for target, colour in (
        (role.Window, theme.background),
        (role.WindowText, theme.text),
        (role.Base, theme.surface),
        (role.AlternateBase, theme.raised),
        (role.Text, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Button, theme.raised),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.danger),
        (role.ToolTipBase, theme.raised),
        (role.ToolTipText, theme.text),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.Link, theme.accent),
        (role.LinkVisited, theme.accent),
        (role.Accent, theme.accent),
        (role.Light, theme.raised),
        (role.Midlight, theme.line),
        (role.Mid, theme.line),
        (role.Dark, theme.outline),
        (role.Shadow, theme.outline),
    ):
        palette.setColor(target, QColor(colour))
    for target in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(theme.disabled))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.line))
    return palette


def style_sheet_of(theme: Theme) -> str:
    """``resources/styles/app.qss`` with the theme's colours and its own icons filled in."""
    source = resource_path("styles/app.qss").read_text(encoding="utf-8")
    icons = resource_path("icons/controls").as_posix()
    return Template(source).substitute(asdict(theme), icons=icons)


class ThemeController(QObject):
    """Dresses the application, again whenever the system or the user changes their mind.

    Signals:
        changed: the new Theme; the palette and style sheet are already in place.
    """

    changed = Signal(object)

    def __init__(
        self, app: QApplication, preference: ThemePreference = ThemePreference.SYSTEM
    ) -> None:
        super().__init__(app)
        self._app = app
        self._preference = preference
        self._theme: Theme | None = None
        app.setStyle(QStyleFactory.create("Fusion"))
        self._ask_system()
        app.styleHints().colorSchemeChanged.connect(self._on_hints_scheme_changed)
        self._apply()

    @property
    def theme(self) -> Theme:
        return self._theme or LIGHT

    @property
    def preference(self) -> ThemePreference:
        return self._preference

    def set_preference(self, preference: ThemePreference) -> None:
        self._preference = preference
        self._ask_system()
        self._apply()

    def _ask_system(self) -> None:
        # Also what tells Windows and macOS which title bar to draw.
        scheme = {
            ThemePreference.SYSTEM: Qt.ColorScheme.Unknown,
            ThemePreference.LIGHT: Qt.ColorScheme.Light,
            ThemePreference.DARK: Qt.ColorScheme.Dark,
        }[self._preference]
        self._app.styleHints().setColorScheme(scheme)

    def _wanted(self) -> Theme:
        if self._preference is ThemePreference.SYSTEM:
            is_dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        else:
            is_dark = self._preference is ThemePreference.DARK
        return DARK if is_dark else LIGHT

    def _apply(self) -> None:
        theme = self._wanted()
        if theme is self._theme:
            return
        self._theme = theme
        self._app.setPalette(palette_of(theme))
        self._app.setStyleSheet(style_sheet_of(theme))
        self.changed.emit(theme)

    def _on_hints_scheme_changed(self) -> None:
        self._apply()
