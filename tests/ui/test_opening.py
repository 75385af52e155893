"""The window while a library of an earlier version is opened, and when it cannot be."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QProgressBar

from algovera_desktop import opening
from algovera_desktop.app import Application
from algovera_desktop.library.database import Database
from algovera_desktop.library.migrations import MIGRATIONS
from algovera_desktop.services.paths import Paths
from algovera_desktop.ui.widgets.upgrade_view import UpgradeView

# What the offscreen platform says of a window that is raised.
pytestmark = pytest.mark.allows_log("This plugin does not support")

PICTURES = 4000


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A library of version 3 with some thousand pictures."""
    paths = Paths.under(tmp_path / "data")
    paths.make()
    with closing(Database(paths.library_file, migrations=MIGRATIONS[:2])) as database:
        database.write(add_pictures)
    Database(paths.library_file, migrations=MIGRATIONS[:3]).close()
    for older in paths.data.glob("*.before-*"):
        older.unlink()
    return paths


def add_pictures(connection: sqlite3.Connection) -> None:
    connection.execute(
        f"""WITH RECURSIVE many (n) AS
                (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < {PICTURES})
            INSERT INTO images SELECT n, n || '.png', printf('%064x', n), 1, 'image/png', 64, 48,
                n, NULL, '', '', '', 'a fox ' || n, '', 'sketch', 64, 48, 30, 7.5, n FROM many"""
    )


def count(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT count(*) FROM images").fetchone()[0]


@pytest.fixture
def application(qtbot, qapp, paths: Paths, os_keyring, monkeypatch) -> Iterator[Application]:
    monkeypatch.setattr(opening, "_UNTOLD_S", 0.0)
    application = Application(qapp, paths)
    application.show()
    yield application
    application.window.close()
    assert application.shut_down()
    application.window.deleteLater()
    application.deleteLater()


def upgrade_view(application: Application) -> UpgradeView | None:
    return application.window.findChild(UpgradeView)


def test_how_far_the_upgrade_is_stands_where_the_pictures_will_be(application, qtbot, paths):
    seen: list[tuple[int, str]] = []

    def is_seen() -> bool:
        view = upgrade_view(application)
        if view is not None and view.isVisible():
            seen.append((view.findChild(QProgressBar).value(), view.findChild(QLabel).text()))
        return bool(seen)

    qtbot.waitUntil(is_seen, timeout=20_000)
    percent, words = seen[0]
    assert words == f"Bringing your library up to date… {percent}\u00a0%"
    qtbot.waitUntil(lambda: application.workspace is not None, timeout=20_000)
    assert upgrade_view(application) is None
    assert application.gallery.pictures.isVisible()


def test_what_was_upgraded_is_kept_and_the_window_says_where(application, qtbot, paths):
    qtbot.waitUntil(lambda: application.workspace is not None, timeout=20_000)
    (older,) = paths.data.glob("library.sqlite3.before-*")
    with closing(sqlite3.connect(older)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)
    messages = application.shell.messages
    qtbot.waitUntil(lambda: messages.current is not None, timeout=20_000)
    assert older.name in messages.current.text
    assert str(paths.data) in messages.current.text


def test_the_window_can_be_closed_while_the_library_is_upgraded(application, qtbot, paths):
    qtbot.waitUntil(lambda: upgrade_view(application) is not None, timeout=20_000)
    application.window.close()
    assert application.shut_down()
    assert not list(paths.data.glob("*.rebuilding*"))
    with closing(Database(paths.library_file)) as database:
        assert database.read(count) == PICTURES


def test_a_small_library_is_upgraded_before_anything_is_said(qtbot, application, monkeypatch):
    monkeypatch.setattr(opening, "_UNTOLD_S", 3600.0)
    qtbot.waitUntil(lambda: application.workspace is not None, timeout=20_000)
    assert upgrade_view(application) is None


class TestOfALaterVersion:
    @pytest.fixture
    def paths(self, tmp_path: Path) -> Paths:
        paths = Paths.under(tmp_path / "data")
        paths.make()
        Database(paths.library_file).close()
        with closing(sqlite3.connect(paths.library_file)) as connection:
            connection.execute("PRAGMA user_version = 99")
        return paths

    def test_a_library_is_left_alone_and_the_window_says_what_to_do(
        self, application, qtbot, paths
    ):
        before = paths.library_file.read_bytes()
        qtbot.waitUntil(lambda: application.shell is not None, timeout=20_000)
        messages = application.shell.messages
        qtbot.waitUntil(lambda: messages.current is not None, timeout=20_000)
        assert "Install the latest version" in messages.current.text
        assert application.workspace is None
        assert paths.library_file.read_bytes() == before
        assert not paths.server_data.exists()


class TestThatCannotBeOpened:
    @pytest.fixture
    def paths(self, tmp_path: Path) -> Paths:
        paths = Paths.under(tmp_path / "data")
        paths.make()
        # Root may write into every folder, but nobody opens one as a file.
        paths.library_file.mkdir()
        return paths

    def test_the_window_names_the_folder_and_goes_on_when_it_does(self, application, qtbot, paths):
        qtbot.waitUntil(lambda: application.shell is not None, timeout=20_000)
        messages = application.shell.messages
        qtbot.waitUntil(lambda: messages.current is not None, timeout=20_000)
        assert f"The library in {paths.data} could not be opened" in messages.current.text
        paths.library_file.rmdir()
        (_words, try_again) = messages.current.actions[0]
        try_again()
        qtbot.waitUntil(lambda: application.workspace is not None, timeout=20_000)
