"""One value of a comparison: a few lines of it, with what is its own marked."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from algovera_desktop.ui.models.differences import Word

_MOST_LINES = 3
_LEAD_CHARS = 24
"""So much of what is the same everywhere is shown before the first word that is not."""

_MOST_LAID_OUT = 2000
_MOST_IN_TIP = 4000


class DifferingWords(QLabel):
    """What is its own is bold and underlined, so that it is seen without colours too. A long text
    is shown from shortly before that on; the tool tip has all of it."""

    def __init__(self, words: Sequence[Word], none: str, parent: QWidget | None = None) -> None:
        """``none`` is shown where there are no words."""
        super().__init__(parent)
        self._words, self._none = words, none
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._show(self.width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._show(event.size().width())

    def _show(self, width: int) -> None:
        font = QFont(self.font())
        font.setBold(True)  # As wide as it can get.
        words = self._words
        fitting = _fitting(words, font, width)
        first_own = next((n for n, word in enumerate(words) if word.is_own), 0)
        if fitting <= first_own:
            words = words[_before(words, first_own) :]
            fitting = _fitting(words, font, width)
        start = "" if words is self._words else "…"
        end = "" if fitting == len(words) else "…"
        shown = f"{start}{_rich(_without_end(words[:fitting]) if end else words)}{end}"
        self.setText(shown or f"<i>{escape(self._none)}</i>")
        whole = escape("".join(word.text for word in self._words)[:_MOST_IN_TIP])
        self.setToolTip(f"<p>{whole}</p>" if start or end else "")


def _before(words: Sequence[Word], number: int) -> int:
    """Where to begin so that a little stands before a word."""
    room = _LEAD_CHARS
    while number and room > 0:
        number -= 1
        room -= len(words[number].text)
    return number


def _fitting(words: Sequence[Word], font: QFont, width: int) -> int:
    """How many of the words have room in a few lines; one at least is shown, be it cut off."""
    text = "".join(" " if word.text.isspace() else word.text for word in words)
    layout = QTextLayout(text[:_MOST_LAID_OUT], font)
    layout.setTextOption(_wrapping())
    end = _line_ends(layout, width)
    if end >= len(text):
        return len(words)
    left, count = end - 1, 0
    while count < len(words) and left >= len(words[count].text):
        left -= 1 if words[count].text.isspace() else len(words[count].text)
        count += 1
    return max(count, 1)


def _without_end(words: Sequence[Word]) -> Sequence[Word]:
    """Without spaces and commas before the "…"."""
    last = len(words)
    while last > 1 and not words[last - 1].text[-1].isalnum():
        last -= 1
    return words[:last]


def _line_ends(layout: QTextLayout, width: int) -> int:
    """The place in the text where the last line ends for which there is room."""
    end = 0
    layout.beginLayout()
    for _ in range(_MOST_LINES):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        end = line.textStart() + line.textLength()
    layout.endLayout()
    return end


def _wrapping() -> QTextOption:
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    return option


def _rich(words: Sequence[Word]) -> str:
    return "".join(
        f"<b><u>{escape(word.text)}</u></b>" if word.is_own else escape(word.text) for word in words
    )
