"""The window before the library is open."""

from collections import Counter
from contextlib import closing

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QLabel

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
        shell = Shell(window, themes, settings)
        shell.furnish()
        shell.put_form(PromptForm(themes))
        window.show()
        assert shell.messages.isVisible()
        said = " ".join(label.text() for label in shell.messages.findChildren(QLabel))
        assert "settings.json.broken" in said
        assert shell.tasks.shut_down(5)


def test_every_alt_key_of_the_window_is_of_one_control_alone(qtbot, qapp, tmp_path):
    with closing(SettingsStore(Paths.under(tmp_path).settings_file)) as settings:
        window = MainWindow()
        qtbot.addWidget(window)
        themes = ThemeController(qapp, settings.get(THEME))
        shell = Shell(window, themes, settings)
        shell.furnish()
        shell.put_form(PromptForm(themes))
        texts = [menu.text() for menu in window.menuBar().actions()]
        texts += [label.text() for label in window.findChildren(QLabel) if label.buddy()]
        texts += [button.text() for button in window.findChildren(QAbstractButton)]
        keys = Counter(filter(None, (QKeySequence.mnemonic(text).toString() for text in texts)))
        assert {"Alt+P", "Alt+O", "Alt+Q"} <= set(keys)
        assert keys == dict.fromkeys(keys, 1)
        assert shell.tasks.shut_down(5)
