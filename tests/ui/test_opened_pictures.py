"""Pictures that come from outside by themselves: opened with the program, or dropped on it."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.services.import_report import ImportMode
from algovera_desktop.services.importer import Importer
from algovera_desktop.ui.dialogs.dropped_picture_dialog import DroppedPictureDialog
from algovera_desktop.ui.opened_pictures import OpenedPictures
from support.foreign_picture import put_foreign_picture
from support.picture_world import PictureWorld, picture_world

TEXT = "an owl at night\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 42, Size: 64x48, Model: sd"


@dataclass
class Desk:
    qtbot: QtBot
    world: PictureWorld
    window: QWidget
    opened: OpenedPictures
    folder: Path

    def put(self, name: str, colour: str, text: str | None = TEXT) -> Path:
        return put_foreign_picture(self.folder / name, colour, text)

    def dialogs(self, count: int = 1) -> list[DroppedPictureDialog]:
        """Wait for so many of them."""

        def are_there() -> bool:
            return len(self.window.findChildren(DroppedPictureDialog)) == count

        self.qtbot.waitUntil(are_there)
        return self.window.findChildren(DroppedPictureDialog)

    def refusal(self, file: Path) -> str:
        """What is said where a file cannot be shown."""
        with self.qtbot.waitSignal(self.opened.refused) as told:
            self.opened.take([file])
        return told.args[0]


@pytest.fixture
def desk(qtbot, tmp_path, themes) -> Iterator[Desk]:
    with picture_world(tmp_path / "world") as world:
        window = QWidget()
        qtbot.addWidget(window)
        opened = OpenedPictures(world.library, world.tasks, window)
        opened.watch(window)
        folder = tmp_path / "elsewhere"
        folder.mkdir()
        yield Desk(qtbot, world, window, opened, folder)


def drop_on(window: QWidget, paths: list[Path]) -> bool:
    """Drop files from outside; whether they were taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier
    entering = QDragEnterEvent(QPoint(5, 5), copy, data, left, none.NoModifier)
    entering.ignore()
    QApplication.sendEvent(window, entering)
    if not entering.isAccepted():
        return False
    dropping = QDropEvent(QPointF(5, 5), copy, data, left, none.NoModifier, QEvent.Type.Drop)
    QApplication.sendEvent(window, dropping)
    return dropping.isAccepted()


def test_a_picture_shows_its_settings_for_the_form(desk):
    assert drop_on(desk.window, [desk.put("owl.png", "red")])
    (dialog,) = desk.dialogs()
    with desk.qtbot.waitSignal(desk.opened.settings_requested) as told:
        dialog.use.click()
    (request,) = told.args
    assert (request.prompt, request.seed, request.steps) == ("an owl at night", 42, 20)


def test_it_comes_into_the_library_only_if_that_is_asked_for(desk):
    file = desk.put("owl.png", "red")
    desk.opened.take([file])
    (dialog,) = desk.dialogs()
    assert desk.world.library.for_file(dialog._picture.image.sha256) is None
    with desk.qtbot.waitSignal(desk.opened.import_requested) as told:
        dialog.bring_in.click()
    assert told.args == [[file]]


def test_a_picture_without_settings_says_so(desk):
    desk.opened.take([desk.put("photo.png", "red", None)])
    (dialog,) = desk.dialogs()
    assert not dialog.use.isEnabled()
    assert dialog.bring_in.isVisible()


def test_one_that_the_library_has_is_shown_there(desk):
    file = desk.put("owl.png", "red")
    world = desk.world
    importer = Importer(world.database, world.library, world.files)
    (image_id,) = importer.run([file], ImportMode.COPY, CancelToken(), lambda _: None).image_ids
    desk.opened.take([file])
    (dialog,) = desk.dialogs()
    assert not dialog.bring_in.isVisible()
    with desk.qtbot.waitSignal(desk.opened.show_requested) as told:
        dialog.show_it.click()
    assert told.args[0].id == image_id


def test_several_have_a_window_each(desk):
    files = [desk.put("owl.png", "red"), desk.put("fox.png", "blue")]
    desk.opened.take(files)
    assert {dialog.windowTitle() for dialog in desk.dialogs(2)} == {"owl.png", "fox.png"}


def test_many_and_folders_are_to_be_imported(desk):
    files = [desk.put(f"{number}.png", "red") for number in range(5)]
    with desk.qtbot.waitSignal(desk.opened.import_requested) as told:
        drop_on(desk.window, files)
    assert told.args == [files]
    with desk.qtbot.waitSignal(desk.opened.import_requested) as told:
        drop_on(desk.window, [desk.folder])
    assert told.args == [[desk.folder]]


def test_a_file_that_is_gone_or_no_picture_is_told_by_its_name(desk):
    assert desk.refusal(desk.folder / "gone.png") == "“gone.png” is not there any more."
    broken = desk.folder / "{name} broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    assert desk.refusal(broken) == "“{name} broken.png” is no picture that this program can read."


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_that_nobody_writes_into_is_not_waited_for(desk):
    pipe = desk.folder / "pipe.png"
    os.mkfifo(pipe)
    assert "is no picture" in desk.refusal(pipe)


def test_words_that_are_dropped_are_not_taken(desk):
    assert not drop_on(desk.window, [])
