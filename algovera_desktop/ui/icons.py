"""Lucide's line icons in the theme's colours, and the program's own icon."""

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from algovera_desktop.resources import resource_path
from algovera_desktop.ui.theme import Theme

ICON_SIDE = 16
"""The side of an icon on a button, in device-independent pixels."""

_RATIOS = (1.0, 2.0)
"""Always painted, beside those of the screens that are there."""


def icon(name: str, theme: Theme, tone: str = "text", *, is_filled: bool = False) -> QIcon:
    """``resources/icons/<name>.svg`` in one of the theme's colours, greyed while disabled.

    ``tone`` names a field of Theme; ``is_filled`` fills the shape within the lines, as a star
    that is given. Raises FileNotFoundError for a name that is not shipped.
    """
    source = resource_path(f"icons/{name}.svg").read_text(encoding="utf-8")
    if is_filled:
        source = source.replace('fill="none"', 'fill="currentColor"', 1)
    result = QIcon()
    for mode, colour in (
        (QIcon.Mode.Normal, getattr(theme, tone)),
        (QIcon.Mode.Disabled, theme.disabled),
    ):
        tinted = QByteArray(source.replace("currentColor", colour).encode())
        _add_pixmaps(result, QSvgRenderer(tinted), _sides_px(), mode)
    return result


def _sides_px() -> list[int]:
    """ICON_SIDE in physical pixels, each painted as lines so that none is stretched.

    A QIconEngine of our own would paint what is asked for, but PySide6 6.11.3 crashes on the
    one that clone() returns.
    """
    ratios = {*_RATIOS, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())}
    return sorted(round(ICON_SIDE * ratio) for ratio in ratios)


def app_icon() -> QIcon:
    """The program's icon, for windows."""
    result = QIcon()
    renderer = QSvgRenderer(str(resource_path("icons/app.svg")))
    _add_pixmaps(result, renderer, (16, 24, 32, 48, 64, 128), QIcon.Mode.Normal)
    return result


def _add_pixmaps(
    target: QIcon, renderer: QSvgRenderer, sides: Sequence[int], mode: QIcon.Mode
) -> None:
    for side in sides:
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, side, side))
        painter.end()
        target.addPixmap(pixmap, mode)
