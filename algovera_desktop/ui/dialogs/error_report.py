"""What is shown when an exception that nobody expected comes up."""

import platform
import sys
import traceback
from collections.abc import Callable

import PySide6
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop import __version__
from algovera_desktop.ui.dialogs.close_buttons import close_buttons
from algovera_desktop.ui.theme import SPACE_3, SPACE_4, heading_font


def report_text(error: BaseException, redact: Callable[[str], str]) -> str:
    """Versions and traceback, without secrets as far as ``redact`` knows them."""
    facts = (
        f"Algovera Desktop {__version__}",
        f"Python {platform.python_version()}, PySide6 {PySide6.__version__}",
        f"{platform.platform()}, {sys.platform}",
    )
    trace = "".join(traceback.format_exception(error))
    return redact("\n".join((*facts, "", trace)))


class ErrorReportDialog(QDialog):
    """Says that it is our mistake and offers the report to copy; nothing is sent anywhere."""

    def __init__(
        self,
        error: BaseException,
        redact: Callable[[str], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something unexpected happened"))
        title = QLabel(self.tr("This is our mistake, not yours."), self)
        title.setFont(heading_font(self.font()))
        words = QLabel(
            self.tr(
                "The program goes on, and your pictures and words are kept. With this report we "
                "can mend it. Nothing is sent: copy it and pass it on if you like."
            ),
            self,
        )
        words.setWordWrap(True)
        self._report = QPlainTextEdit(report_text(error, redact), self)
        self._report.setReadOnly(True)
        self._report.setTabChangesFocus(True)
        self._report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._report.setAccessibleName(self.tr("Report"))
        self._copied = QLabel(self)
        self._copied.setProperty("tone", "success")
        buttons = close_buttons(self)
        copy = QPushButton(self.tr("&Copy report"), self)
        copy.setProperty("look", "primary")
        copy.clicked.connect(self._on_copy_clicked)
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_3)
        column.setSpacing(SPACE_3)
        for widget in (title, words, self._report, self._copied, buttons):
            column.addWidget(widget)
        self.resize(560, 420)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._report.toPlainText())
        self._copied.setText(self.tr("Copied."))
