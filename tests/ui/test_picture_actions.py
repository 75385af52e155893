import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtDBus import QDBusConnection, QDBusPendingCallWatcher
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.domain.images import LibraryQuery
from algovera_desktop.ui.history import History
from algovera_desktop.ui.picture_actions import PictureActions, show_in_folder_command
from algovera_desktop.ui.picture_commands import PictureCommands
from algovera_desktop.ui.widgets.message_bar import MessageBar
from support.picture_world import PictureWorld, picture_world, png

if sys.platform == "linux":
    from jeepney import HeaderFields, new_method_return
    from jeepney.bus_messages import message_bus
    from jeepney.io.blocking import DBusConnection, open_dbus_connection

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="other systems have a command")


@pytest.fixture
def world(qapp, tmp_path) -> Iterator[PictureWorld]:
    with picture_world(tmp_path / "world") as world:
        yield world


@pytest.fixture
def bar(qtbot, themes) -> MessageBar:
    bar = MessageBar(themes)
    qtbot.addWidget(bar)
    return bar


@pytest.fixture
def history(world, bar) -> History:
    return History(world.tasks, bar)


@pytest.fixture
def actions(world, history) -> Iterator[PictureActions]:
    actions = PictureActions(world.library, world.files, world.tasks, history)
    yield actions
    QGuiApplication.clipboard().clear()


def test_a_copied_picture_is_pixels_and_a_file(qtbot, world, actions):
    record = world.add_picture(1, png((200, 30, 90)))
    with qtbot.waitSignal(actions.copied):
        actions.copy_picture(record)
    data = QGuiApplication.clipboard().mimeData()
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (64, 48)
    assert image.pixelColor(3, 3).getRgb() == (200, 30, 90, 255)
    assert data.urls() == [QUrl.fromLocalFile(world.files.absolute(record.path))]


def test_a_missing_picture_cannot_be_copied_and_that_is_told(qtbot, world, actions):
    record = world.add_picture(1)
    world.files.absolute(record.path).unlink()
    with qtbot.waitSignal(actions.failed) as told:
        actions.copy_picture(record)
    assert isinstance(told.args[0], LibraryError)


def test_the_prompt_is_copied_as_it_was_written(world, actions):
    actions.copy_prompt(world.add_picture(1))
    assert QGuiApplication.clipboard().text() == "a fox, number 1"


def test_a_saved_copy_has_the_same_bytes(qtbot, world, actions, tmp_path):
    record, target = world.add_picture(1), tmp_path / "copy.png"
    target.write_bytes(b"the dialog has asked already")
    with qtbot.waitSignal(actions.saved) as told:
        actions.save_as(record, target)
    assert told.args == [target]
    assert target.read_bytes() == world.files.absolute(record.path).read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.png", "world"]


def test_a_copy_that_cannot_be_written_leaves_nothing_behind(qtbot, world, actions, tmp_path):
    record = world.add_picture(1)
    with qtbot.waitSignal(actions.failed) as told:
        actions.save_as(record, tmp_path / "no such folder" / "copy.png")
    assert isinstance(told.args[0], LibraryError)
    assert [path.name for path in tmp_path.iterdir()] == ["world"]


def test_the_dialog_suggests_the_name_and_the_folder_used_last(qtbot, world, actions, tmp_path):
    record = world.add_picture(1)
    folder = tmp_path / "exports"
    folder.mkdir()
    actions.export_folder = folder
    dialog = actions.ask_where_to_save(record)
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    assert not dialog.testOption(QFileDialog.Option.DontConfirmOverwrite)
    name = world.files.absolute(record.path).name
    with qtbot.waitSignal(actions.saved) as told:
        dialog.fileSelected.emit(str(folder / name))
    assert told.args == [folder / name]
    assert actions.export_folder == folder
    dialog.reject()


def test_trashed_pictures_come_back_in_the_order_of_undo(qtbot, world, history, actions):
    ids = [world.add_picture(number).id for number in range(3)]
    for batch in (ids[:1], ids[1:]):
        with qtbot.waitSignal(actions.trashed) as told:
            actions.trash(batch)
        assert told.args == [tuple(batch)]
    assert world.library.page(LibraryQuery()) == []
    with qtbot.waitSignal(actions.restored) as told:
        history.undo()
    assert told.args == [tuple(ids[1:])]
    with qtbot.waitSignal(actions.restored):
        history.undo()
    assert len(world.library.page(LibraryQuery())) == 3


def test_what_was_restored_goes_back_to_the_trash_when_that_is_undone(
    qtbot, world, history, actions
):
    ids = [world.add_picture(number).id for number in range(3)]
    world.library.trash(ids[:2])
    with qtbot.waitSignal(actions.restored) as told:
        actions.restore(ids)
    assert told.args == [tuple(ids[:2])]
    qtbot.waitUntil(lambda: not history.is_busy)
    assert history.undo_action.text() == "Undo: Restore 3 pictures"
    with qtbot.waitSignal(actions.trashed) as told:
        history.undo()
    assert told.args == [tuple(ids[:2])]
    assert [record.id for record in world.library.page(LibraryQuery())] == ids[2:]


def test_what_is_in_the_trash_already_is_nothing_to_undo(qtbot, world, history, actions):
    record = world.add_picture(1)
    world.library.trash([record.id])
    actions.trash([record.id])
    qtbot.waitUntil(lambda: not history.is_busy)
    assert not history.undo_action.isEnabled()


def test_the_trash_keeps_the_file(qtbot, world, actions):
    record = world.add_picture(1)
    with qtbot.waitSignal(actions.trashed):
        actions.trash([record.id])
    assert world.files.absolute(record.path).exists()


def test_a_library_that_fails_is_told(qtbot, world, bar, actions):
    world.database.close()
    actions.trash([1])
    qtbot.waitUntil(lambda: bar.current is not None)
    assert bar.current.text.startswith("Delete – The pictures' folder could not be used.")


def test_commands_reach_the_actions(qtbot, world, actions, themes):
    commands = PictureCommands(themes)
    actions.serve(commands)
    record = world.add_picture(1)
    with qtbot.waitSignal(actions.trashed):
        commands.trash_requested.emit((record.id,))
    with qtbot.waitSignal(actions.restored):
        commands.restore_requested.emit((record.id,))
    with qtbot.waitSignal(actions.copied):
        commands.copy_requested.emit(record)


@pytest.fixture
def bus_address() -> Iterator[str]:
    """A message bus of its own, with nobody on it."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        yield daemon.stdout.readline().strip()
        daemon.terminate()


@pytest.fixture
def opened(monkeypatch) -> list[Path]:
    """The folders that the desktop was asked to open; there is no desktop here to do it."""
    folders: list[Path] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: folders.append(Path(url.toLocalFile()))
    )
    return folders


@contextmanager
def connected(world: PictureWorld, history: History, address: str) -> Iterator[PictureActions]:
    bus = QDBusConnection.connectToBus(address, "test")
    yield PictureActions(world.library, world.files, world.tasks, history, bus=bus)
    QDBusConnection.disconnectFromBus("test")


@linux_only
def test_the_file_manager_is_asked_to_show_the_picture(qtbot, world, history, bus_address, opened):
    record = world.add_picture(1)
    shown: list[object] = []

    def serve(connection: DBusConnection) -> None:
        call = connection.receive()
        while call.header.fields.get(HeaderFields.member) != "ShowItems":
            call = connection.receive()
        shown.append(call.body)
        connection.send(new_method_return(call))

    with (
        open_dbus_connection(bus_address) as connection,
        connected(world, history, bus_address) as actions,
    ):
        connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.FileManager1"))
        thread = threading.Thread(target=serve, args=(connection,), daemon=True)
        thread.start()
        actions.show_in_folder(record)
        qtbot.waitUntil(lambda: bool(shown) and not actions.findChildren(QDBusPendingCallWatcher))
        thread.join(5)
    url = QUrl.fromLocalFile(world.files.absolute(record.path)).toString()
    assert shown == [([url], "")]
    assert opened == []


@linux_only
def test_without_a_file_manager_the_folder_is_opened(qtbot, world, history, bus_address, opened):
    record = world.add_picture(1)
    with connected(world, history, bus_address) as actions:
        actions.show_in_folder(record)
        qtbot.waitUntil(lambda: not actions.findChildren(QDBusPendingCallWatcher))
    assert opened == [world.files.absolute(record.path).parent]


@linux_only
def test_without_a_bus_the_folder_is_opened(world, history, opened):
    record = world.add_picture(1)
    nowhere = QDBusConnection("no such connection")
    actions = PictureActions(world.library, world.files, world.tasks, history, bus=nowhere)
    actions.show_in_folder(record)
    assert opened == [world.files.absolute(record.path).parent]


@pytest.mark.parametrize("name", ["a fox.png", "red,fox.png", "fox.png"])
def test_windows_and_macos_have_a_command_that_selects_the_file(name: str) -> None:
    file = Path("pictures") / name
    assert show_in_folder_command(file, "win32") == f'explorer /select,"{file}"'
    assert show_in_folder_command(file, "darwin") == ["open", "-R", str(file)]
    assert show_in_folder_command(file, "linux") == []
