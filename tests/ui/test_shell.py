"""The window before the library is open."""

import pytest
from PySide6.QtWidgets import QLabel

from algovera_desktop.services.paths import Paths
from algovera_desktop.shell import Shell
from algovera_desktop.ui.widgets.message_bar import MessageBar


@pytest.mark.allows_log("set aside")
def test_settings_that_cannot_be_read_are_said(qtbot, qapp, tmp_path):
    paths = Paths.under(tmp_path)
    paths.settings_file.write_text("{")
    shell = Shell(qapp, paths)
    qtbot.addWidget(shell.window)
    shell.window.show()
    bar = shell.window.findChild(MessageBar)
    assert bar.isVisible()
    assert "settings.json.broken" in " ".join(label.text() for label in bar.findChildren(QLabel))
    assert shell.tasks.shut_down(5)
    shell.close()
