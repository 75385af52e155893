"""The window before the library is open."""

from contextlib import closing

import pytest
from PySide6.QtWidgets import QLabel

from algovera_desktop.domain.settings import THEME
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.shell import Shell
from algovera_desktop.ui.main_window import MainWindow
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.widgets.prompt_form import PromptForm


@pytest.mark.allows_log("set aside")
def test_settings_that_cannot_be_read_are_said(qtbot, qapp, tmp_path):
    file = Paths.under(tmp_path).settings_file
    file.write_text("{")
    with closing(SettingsStore(file)) as settings:
        window = MainWindow()
        qtbot.addWidget(window)
        themes = ThemeController(qapp, settings.get(THEME))
        shell = Shell(window, themes, settings, PromptForm(themes))
        window.show()
        assert shell.messages.isVisible()
        said = " ".join(label.text() for label in shell.messages.findChildren(QLabel))
        assert "settings.json.broken" in said
        assert shell.tasks.shut_down(5)
