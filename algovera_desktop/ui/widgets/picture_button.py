"""A button below a large picture."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from algovera_desktop.ui.icons import ICON_SIDE

_SIDE = 32


def picture_button(name: str, parent: QWidget) -> QToolButton:
    """A square button that ``name`` tells of. It takes no keyboard: the keys belong to the
    picture, and each button has one of its own."""
    button = QToolButton(parent)
    button.setFixedSize(_SIDE, _SIDE)
    button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
    button.setAccessibleName(name)
    button.setToolTip(name)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
