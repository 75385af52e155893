"""The keys that every view of large pictures has."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from algovera_desktop.ui.widgets.picture_canvas import PictureCanvas

_PAN_STEP = 64.0
_COMMAND = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_DIRECTIONS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


def is_command(event: QKeyEvent) -> bool:
    """Whether the key is meant for the window rather than for the picture."""
    return bool(event.modifiers() & _COMMAND)


def direction_of(event: QKeyEvent) -> tuple[int, int] | None:
    """Which way an arrow points, right and down being 1; None for any other key."""
    return _DIRECTIONS.get(Qt.Key(event.key()))


def is_shifted(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)


def pan(canvas: PictureCanvas, direction: tuple[int, int]) -> None:
    """Show what lies in that direction."""
    canvas.pan(QPointF(*direction) * -_PAN_STEP)


def zoom(canvas: PictureCanvas, event: QKeyEvent) -> bool:
    """Do what a key asks of the zoom; False if it asks for nothing."""
    actions = {
        Qt.Key.Key_Plus: canvas.zoom_in,
        Qt.Key.Key_Equal: canvas.zoom_in,
        Qt.Key.Key_Minus: canvas.zoom_out,
        Qt.Key.Key_Z: canvas.toggle_zoom,
    }
    action = actions.get(Qt.Key(event.key()))
    if action:
        action()
    return action is not None
