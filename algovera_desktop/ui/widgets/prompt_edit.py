"""A text field of several lines that is as high as its text."""

from PySide6.QtGui import QResizeEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from algovera_desktop.ui.theme import SPACE_1, SPACE_2


class PromptEdit(QPlainTextEdit):
    """Plain text, from ``min_lines`` to ``max_lines`` high, then it scrolls. Tab leaves it."""

    def __init__(self, min_lines: int, max_lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._min_lines = min_lines
        self._max_lines = max_lines
        self.setTabChangesFocus(True)
        self.document().documentLayout().documentSizeChanged.connect(
            self._on_layout_document_size_changed
        )
        self._fit()

    def replace_text(self, text: str) -> None:
        """Put another text in place; Ctrl+Z brings the old one back."""
        if text == self.toPlainText():
            return
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Lines that wrap anew in another width are not announced by the layout.
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # A QPlainTextDocumentLayout counts its height in lines.
        lines = min(max(round(self.document().size().height()), self._min_lines), self._max_lines)
        height = lines * self.fontMetrics().lineSpacing() + 2 * SPACE_2 + SPACE_1
        if height != self.height():
            self.setFixedHeight(height)

    def _on_layout_document_size_changed(self) -> None:
        self._fit()
