"""A small program for testing the test session: it counts presses and repeats what is typed."""

import subprocess
import sys

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget


class SmallWindow(QWidget):
    """A button, a field, and what became of them.

    Signals:
        closed: the window was closed by a person.
    """

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("Small window")
        self._presses = 0
        self._count = QLabel("pressed 0 times")
        self._echo = QLabel("nothing")
        button = QPushButton("Count")
        button.clicked.connect(self._on_button_clicked)
        idle = QPushButton("Never")
        idle.setEnabled(False)
        field = QLineEdit(accessibleName="Words")
        field.textChanged.connect(self._echo.setText)
        layout = QVBoxLayout(self)
        for widget in (field, button, idle, self._count, self._echo):
            layout.addWidget(widget)

    def _on_button_clicked(self) -> None:
        self._presses += 1
        self._count.setText(f"pressed {self._presses} times")

    def closeEvent(self, event) -> None:
        print("closed", flush=True)
        event.accept()


if __name__ == "__main__":
    application = QApplication(sys.argv)
    child = subprocess.Popen(["sleep", "600"]) if "--with-child" in sys.argv else None
    window = SmallWindow()
    window.show()
    sys.exit(application.exec())
