"""The foot of a dialog."""

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox


def close_buttons(dialog: QDialog) -> QDialogButtonBox:
    """A row with Close, which does what Esc does. More buttons can join it."""
    row = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, dialog)
    row.rejected.connect(dialog.reject)
    close = row.button(QDialogButtonBox.StandardButton.Close)
    close.setIcon(QIcon())
    close.setAutoDefault(False)
    return row
