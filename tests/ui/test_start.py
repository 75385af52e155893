"""The window while it is still being built, touched by somebody who does not wait."""

from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from algovera_desktop.app import Application
from algovera_desktop.services.paths import Paths
from algovera_desktop.workspace import Workspace

# What the offscreen platform says of a window that is raised.
pytestmark = pytest.mark.allows_log("This plugin does not support")


@pytest.fixture
def application(qtbot, qapp, tmp_path: Path, os_keyring) -> Iterator[Application]:
    paths = Paths.under(tmp_path / "data")
    paths.make()
    application = Application(qapp, paths)
    application.show()
    application.window.activateWindow()
    yield application
    application.window.close()
    assert application.shut_down()
    application.window.deleteLater()
    application.deleteLater()


def press(application: Application, key: Qt.Key) -> None:
    """As the system does, which knows of windows only."""
    QTest.keyClick(application.window.windowHandle(), key)


def test_who_types_before_the_form_is_there_types_into_it(application, qtbot):
    qtbot.waitUntil(lambda: application.shell is not None)
    press(application, Qt.Key.Key_X)
    assert application.shell.form.draft()["prompt"] == "x"


def test_who_types_at_the_first_pictures_gets_the_whole_window(application, qtbot):
    qtbot.waitUntil(lambda: application.gallery is not None)
    assert application.workspace is None
    press(application, Qt.Key.Key_X)
    assert application.workspace is not None
    assert application.shell.form.draft()["prompt"] == "x"


def test_it_can_end_while_the_window_is_made_whole(application, qtbot, monkeypatch):
    monkeypatch.setattr(Workspace, "build", lambda _workspace: repeat(None))
    qtbot.waitUntil(lambda: application.shell is not None)
    qtbot.waitUntil(lambda: application.shell.findChild(Workspace) is not None)
    assert application.workspace is None
