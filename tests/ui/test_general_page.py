from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLabel, QPushButton

from algovera_desktop.domain.settings import NOTIFY_GROUP_END, PICTURES_FOLDER, THEME
from algovera_desktop.domain.settings import Theme as ThemePreference
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.dialogs.general_page import GeneralPage
from algovera_desktop.ui.tasks import Tasks
from algovera_desktop.ui.theme import ThemeController


class Desk:
    """The page and all that it works on."""

    def __init__(self, themes: ThemeController, folder: Path) -> None:
        self.settings = SettingsStore(folder / "settings.json")
        self.tasks = Tasks()
        self.page = GeneralPage(themes, self.settings, self.tasks, folder / "Pictures")

    def press(self, qtbot, text: str) -> None:
        buttons = self.page.findChildren(QPushButton)
        (found,) = [b for b in buttons if b.text().replace("&", "") == text]
        qtbot.mouseClick(found, Qt.MouseButton.LeftButton)

    def choose_folder(self, qtbot, folder: Path) -> None:
        self.press(qtbot, "Change…")
        dialog = self.page.findChild(QFileDialog)
        dialog.filesSelected.emit([dialog.directory().path(), str(folder)])
        dialog.close()

    def says(self, words: str) -> bool:
        return any(words in label.text() for label in self.page.findChildren(QLabel))


@pytest.fixture
def desk(themes, qtbot, tmp_path) -> Iterator[Desk]:
    desk = Desk(themes, tmp_path)
    qtbot.addWidget(desk.page)
    desk.page.show()
    yield desk
    assert desk.tasks.shut_down(10)
    QCoreApplication.processEvents()
    desk.settings.close()


def test_the_appearance_changes_at_once_and_is_kept(desk, themes, qtbot):
    combo = desk.page.findChild(QComboBox)
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_End)
    assert combo.currentText() == "Dark"
    assert themes.theme.is_dark
    assert desk.settings.get(THEME) is ThemePreference.DARK


def test_notifications_can_be_turned_off(desk, qtbot):
    box = desk.page.findChild(QCheckBox)
    assert box.text().replace("&", "") == "Tell when pictures are finished"
    assert box.isChecked()
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert desk.settings.get(NOTIFY_GROUP_END) is False
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert desk.settings.get(NOTIFY_GROUP_END) is True


def test_what_was_turned_off_is_shown_as_off(desk, themes, qtbot, tmp_path):
    desk.settings.set(NOTIFY_GROUP_END, False)
    page = GeneralPage(themes, desk.settings, desk.tasks, tmp_path)
    qtbot.addWidget(page)
    assert not page.findChild(QCheckBox).isChecked()


def test_another_folder_is_tried_before_it_is_taken(desk, qtbot, tmp_path):
    chosen = tmp_path / "new" / "place"
    with qtbot.waitSignal(desk.page.pictures_folder_changed) as caught:
        desk.choose_folder(qtbot, chosen)
    assert caught.args == [chosen]
    assert chosen.is_dir()
    assert list(chosen.iterdir()) == []
    assert desk.settings.get(PICTURES_FOLDER) == str(chosen)
    with qtbot.waitSignal(desk.page.pictures_folder_changed):
        desk.press(qtbot, "Default")
    assert desk.settings.get(PICTURES_FOLDER) == ""


def test_a_folder_that_cannot_be_written_is_refused_in_words(desk, qtbot, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    desk.choose_folder(qtbot, tmp_path / "file")
    qtbot.waitUntil(lambda: desk.says("The pictures' folder could not be used."))
    assert desk.settings.get(PICTURES_FOLDER) == ""
