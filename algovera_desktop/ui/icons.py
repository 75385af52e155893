"""Lucide's line icons in the theme's colours, and the program's own icon."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap, QPixmapCache
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
    result = QIcon()
    for mode, colour in (
        (QIcon.Mode.Normal, getattr(theme, tone)),
        (QIcon.Mode.Disabled, theme.disabled),
    ):
        for pixmap in _tinted(name, colour, is_filled=is_filled):
            result.addPixmap(pixmap, mode)
    return result


def _tinted(name: str, colour: str, *, is_filled: bool) -> list[QPixmap]:
    """An icon in one colour and every size."""
    tinted: list[QPixmap] = []
    for mask in _masks(name, is_filled=is_filled):
        pixmap = mask.copy()
        painter = QPainter(pixmap)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(pixmap.rect(), QColor(colour))
        painter.end()
        tinted.append(pixmap)
    return tinted


def _masks(name: str, *, is_filled: bool) -> list[QPixmap]:
    """An icon's shape in every size; painted once, for a window has some of them ten times over,
    each in two colours, and that was a third of what building one took."""
    sides = _sides_px()
    keys = [f"icon {name} {is_filled} {side}" for side in sides]
    kept = [QPixmap() for _ in keys]
    if all(map(QPixmapCache.find, keys, kept)):
        return kept
    source = resource_path(f"icons/{name}.svg").read_text(encoding="utf-8")
    if is_filled:
        source = source.replace('fill="none"', 'fill="currentColor"', 1)
    painted = _painted(QSvgRenderer(source.replace("currentColor", "black").encode()), sides)
    for key, pixmap in zip(keys, painted, strict=True):
        QPixmapCache.insert(key, pixmap)
    return painted


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
    for pixmap in _painted(renderer, (16, 24, 32, 48, 64, 128)):
        result.addPixmap(pixmap)
    return result


def _painted(renderer: QSvgRenderer, sides: Sequence[int]) -> list[QPixmap]:
    pixmaps: list[QPixmap] = []
    for side in sides:
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, side, side))
        painter.end()
        pixmaps.append(pixmap)
    return pixmaps
