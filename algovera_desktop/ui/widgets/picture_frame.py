"""How every view of large pictures is built: the picture, and a foot with words and buttons."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.ui.icons import ICON_SIDE
from algovera_desktop.ui.models.tile_words import problem_words
from algovera_desktop.ui.picture_decoder import PictureDecoder
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, SPACE_3
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.picture_canvas import PictureCanvas

STAND_IN_SIDE_PX = 1024
"""The size of the thumbnails that stand in for pictures that are being decoded."""

_BUTTON_SIDE = 32


def picture_button(name: str, parent: QWidget) -> QToolButton:
    """A square button that ``name`` tells of. It takes no keyboard: the keys belong to the
    picture, and each button has one of its own."""
    button = QToolButton(parent)
    button.setFixedSize(_BUTTON_SIDE, _BUTTON_SIDE)
    button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
    button.setAccessibleName(name)
    button.setToolTip(name)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button


def lay_out(
    view: QWidget,
    content: QWidget,
    words: Sequence[tuple[QWidget, int]],
    buttons: Sequence[QToolButton],
) -> None:
    """Put ``content`` into a view, and below it ``words``, each with its share of the width that
    is left, and the buttons."""
    foot = QHBoxLayout()
    foot.setContentsMargins(SPACE_3, SPACE_1, SPACE_1, SPACE_1)
    foot.setSpacing(SPACE_2)
    for widget, share in words:
        foot.addWidget(widget, share)
    for button in buttons:
        foot.addWidget(button)
    rows = QVBoxLayout(view)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(0)
    rows.addWidget(content, 1)
    rows.addLayout(foot)


def fill(
    canvas: PictureCanvas, record: ImageRecord, decoder: PictureDecoder, thumbnails: ThumbnailLoader
) -> None:
    """Show what there is of a picture by now: itself, what is wrong with it, or its thumbnail."""
    decoded = decoder.picture(record)
    if decoded is None:
        canvas.set_stand_in(thumbnails.pixmap(record, STAND_IN_SIDE_PX))
    elif decoded.problem:
        canvas.show_words(problem_words(decoded.problem), record.path)
    else:
        canvas.set_picture(decoded)
