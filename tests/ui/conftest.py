"""What every test of a widget needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from algovera_desktop.ui.theme import ThemeController, ThemePreference


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform warns of each window that it cannot bound in size or raise."""
    harmless = pytest.mark.qt_log_ignore(
        r"does not support (propagateSizeHints|raise)\(\)", extend=True
    )
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(harmless)


@pytest.fixture
def themes(qapp: QApplication) -> Iterator[ThemeController]:
    """The application in its light dress, undressed again afterwards."""
    controller = ThemeController(qapp, ThemePreference.LIGHT)
    yield controller
    controller.deleteLater()
    QApplication.sendPostedEvents(controller, QEvent.Type.DeferredDelete)
    qapp.setStyleSheet("")
    qapp.setPalette(QPalette())
