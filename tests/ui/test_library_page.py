from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSpinBox

from algovera_desktop.domain.settings import SLIDESHOW_SECONDS, THUMBNAIL_MEMORY_MB, TRASH_DAYS
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.dialogs.library_page import LibraryPage


@pytest.fixture
def settings(tmp_path: Path):
    store = SettingsStore(tmp_path / "settings.json")
    yield store
    store.close()


def field(page: LibraryPage, name: str) -> QSpinBox:
    (found,) = [one for one in page.findChildren(QSpinBox) if one.accessibleName() == name]
    return found


def test_each_number_is_kept_at_once(settings, themes, qtbot):
    page = LibraryPage(settings)
    qtbot.addWidget(page)
    page.show()
    for name, setting, step in (
        ("Memory for thumbnails", THUMBNAIL_MEMORY_MB, 64),
        ("Slideshow", SLIDESHOW_SECONDS, 1),
    ):
        qtbot.keyClick(field(page, name), Qt.Key.Key_Up)
        assert settings.get(setting) == setting.default + step


def test_no_days_means_never(settings, themes, qtbot):
    settings.set(TRASH_DAYS, 1)
    page = LibraryPage(settings)
    qtbot.addWidget(page)
    page.show()
    days = field(page, "Empty the trash after")
    assert days.text() == "1 day"
    qtbot.keyClick(days, Qt.Key.Key_Down)
    assert days.text() == "Never"
    assert settings.get(TRASH_DAYS) == 0
