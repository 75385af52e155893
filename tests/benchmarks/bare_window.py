"""The least that Qt needs to show a window: what the program's first paint is held against.

Prints the monotonic clock in seconds at the first paint and ends.
"""

import sys
import time

from PySide6.QtWidgets import QApplication, QMainWindow


class BareWindow(QMainWindow):
    """An empty window that notes when it is first painted."""

    def paintEvent(self, event) -> None:
        super().paintEvent(event)
        print(time.monotonic(), flush=True)
        QApplication.quit()


if __name__ == "__main__":
    application = QApplication(sys.argv)
    window = BareWindow()
    window.resize(1280, 800)
    window.show()
    application.exec()
