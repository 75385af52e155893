"""Where in a row of the queue panel everything lies."""

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetrics

from algovera_desktop.domain.jobs import JobState
from algovera_desktop.ui.models.queue_items import JobRow, ServerRow
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, SPACE_3

_CLOSE_SIDE = 28
_BUTTON_ROOM = 96
_SMALLEST_STATE, _LARGEST_STATE = 184, 320
_STATE_SHARE = 0.34


class RowButton(Enum):
    """What can be clicked inside a row."""

    CLOSE = "close"
    AGAIN = "again"
    PAUSE = "pause"
    TRY_AGAIN = "try again"


@dataclass(frozen=True, slots=True)
class RowLayout:
    """``face`` holds the picture or what stands for it, ``words`` the prompt, ``state`` what
    becomes of the job. Two lines of text fit in each. ``close`` and ``button`` are the places
    for buttons at the end, ``second_button`` the one before them, over ``state``."""

    face: QRect
    words: QRect
    state: QRect
    second_button: QRect
    button: QRect
    close: QRect


def row_height(metrics: QFontMetrics) -> int:
    """A row's height: two lines of text with some air."""
    return 2 * metrics.lineSpacing() + SPACE_3 + SPACE_2


def lay_out(row: QRect, metrics: QFontMetrics) -> RowLayout:
    """Give everything its place; the columns of all rows of the same width are in line."""
    room = max(_BUTTON_ROOM, metrics.horizontalAdvance("M" * 8))
    height = metrics.lineSpacing() + SPACE_2 + 2
    centre = row.center().y()
    side = row.height() - SPACE_2
    face = QRect(row.left() + SPACE_3, row.top() + SPACE_1, side, side)
    close = QRect(row.right() - SPACE_2 - _CLOSE_SIDE, 0, _CLOSE_SIDE, _CLOSE_SIDE)
    close.moveTop(centre - _CLOSE_SIDE // 2)
    button = QRect(close.left() - SPACE_1 - room, centre - height // 2, room, height)
    width = min(max(round(row.width() * _STATE_SHARE), _SMALLEST_STATE), _LARGEST_STATE)
    text = QRect(0, 0, 0, 2 * metrics.lineSpacing())
    text.moveTop(centre - metrics.lineSpacing())
    state = QRect(text)
    state.setRight(button.left() - SPACE_2)
    state.setLeft(state.right() - width)
    text.setLeft(face.right() + 1 + SPACE_3)
    text.setRight(state.left() - SPACE_3)
    return RowLayout(face, text, state, button.translated(-room - SPACE_2, 0), button, close)


def buttons_of(row: JobRow | ServerRow, *, is_hot: bool) -> tuple[RowButton, ...]:
    """Which buttons a row shows; what is done is not cancelled. ``is_hot`` where the pointer or
    the cursor is: not every row of a long line needs a button before the eye."""
    if isinstance(row, ServerRow):
        return (RowButton.PAUSE, RowButton.TRY_AGAIN) if row.can_try_again else (RowButton.PAUSE,)
    if row.job.state in (JobState.FAILED, JobState.UNKNOWN):
        return (RowButton.CLOSE, RowButton.AGAIN)
    is_over = row.job.state in (JobState.DONE, JobState.CANCELLED)
    return (RowButton.CLOSE,) if is_hot and not is_over else ()


def button_rect(layout: RowLayout, button: RowButton) -> QRect:
    return {
        RowButton.CLOSE: layout.close,
        RowButton.AGAIN: layout.button,
        RowButton.PAUSE: layout.button,
        RowButton.TRY_AGAIN: layout.second_button,
    }[button]
