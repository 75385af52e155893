"""What every test of a widget needs."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from PySide6.QtWidgets import QApplication

from algovera_desktop.ui.theme import ThemeController, ThemePreference
from support.memory_keyring import MemoryKeyring


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform warns of each window that it cannot bound in size or raise, and of
    each popup that it cannot give the keyboard."""
    harmless = pytest.mark.qt_log_ignore(
        r"does not support (propagateSizeHints\(\)|raise\(\)|grabbing the keyboard)", extend=True
    )
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(harmless)


@pytest.fixture
def os_keyring() -> Iterator[MemoryKeyring]:
    """Stands where the operating system's keyring stands."""
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture(scope="session")
def _controller(qapp: QApplication) -> ThemeController:
    # Once a session: dressing the application anew polishes every widget there is.
    return ThemeController(qapp, ThemePreference.LIGHT)


@pytest.fixture
def themes(_controller: ThemeController) -> ThemeController:
    """The application in its light dress."""
    _controller.set_preference(ThemePreference.LIGHT)
    return _controller
