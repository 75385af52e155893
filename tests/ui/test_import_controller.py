from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from algovera_desktop.services.import_report import ImportMode
from algovera_desktop.services.importer import Importer
from algovera_desktop.ui.dialogs.import_dialog import ImportDialog
from algovera_desktop.ui.history import History
from algovera_desktop.ui.import_controller import ImportController
from algovera_desktop.ui.widgets.message_bar import MessageBar
from support.foreign_picture import put_foreign_picture
from support.picture_world import PictureWorld, picture_world

TEXT = "an owl at night\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 42, Size: 64x48, Model: sd"


@dataclass
class Desk:
    qtbot: object
    world: PictureWorld
    window: QWidget
    controller: ImportController
    history: History
    folder: Path

    def put(self, name: str, colour: str, text: str | None = TEXT) -> Path:
        return put_foreign_picture(self.folder / name, colour, text)

    def bring_in(self, dialog: ImportDialog) -> ImportDialog:
        dialog.go.click()
        self.qtbot.waitUntil(lambda: bool(dialog.outcome.text()))
        return dialog


@pytest.fixture
def desk(qtbot, tmp_path, themes) -> Iterator[Desk]:
    with picture_world(tmp_path / "world") as world:
        window = QWidget()
        qtbot.addWidget(window)
        history = History(world.tasks, MessageBar(themes, window))
        importer = Importer(world.database, world.library, world.files)
        controller = ImportController(importer, world.library, history, world.tasks, window)
        folder = tmp_path / "old pictures"
        folder.mkdir()
        yield Desk(qtbot, world, window, controller, history, folder)


def test_pictures_come_in_and_the_window_is_told(desk):
    desk.put("owl.png", "red")
    desk.put("fox.png", "blue")
    dialog = desk.controller.ask([desk.folder])
    with desk.qtbot.waitSignal(desk.controller.imported) as told:
        dialog.go.click()
    (ids,) = told.args
    assert len(ids) == 2
    record = desk.world.library.get(ids[0])
    assert record is not None
    assert record.request.prompt == "an owl at night"
    assert desk.world.files.absolute(record.path).parent != desk.folder
    desk.qtbot.waitUntil(lambda: dialog.outcome.text().startswith("2 pictures came in."))


def test_they_can_stay_where_they_are(desk):
    file = desk.put("owl.png", "red")
    dialog = desk.controller.ask([file])
    dialog.leave.setChecked(True)
    assert dialog.mode is ImportMode.IN_PLACE
    with desk.qtbot.waitSignal(desk.controller.imported) as told:
        dialog.go.click()
    record = desk.world.library.get(told.args[0][0])
    assert record is not None
    assert desk.world.files.absolute(record.path) == file


def test_what_did_not_come_in_is_listed_with_the_reason(desk):
    desk.put("owl.png", "red")
    (desk.folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    dialog = desk.bring_in(desk.controller.ask([desk.folder]))
    model = dialog.remarks.model()
    assert model.rowCount() == 1
    assert model.index(0, 0).data().startswith("broken.png: ")
    assert not dialog.remarks.isHidden()
    assert "Did not come in: 1" in dialog.outcome.text()


def test_twice_is_once_and_that_is_said(desk):
    desk.put("owl.png", "red")
    dialog = desk.bring_in(desk.controller.ask([desk.folder]))
    assert dialog.undo.isEnabled()
    dialog.outcome.clear()
    desk.controller.ask([desk.folder])
    desk.bring_in(dialog)
    assert "Here already: 1" in dialog.outcome.text()
    assert dialog.undo.isHidden()


def test_an_import_can_be_undone_and_that_too(desk):
    desk.put("owl.png", "red")
    dialog = desk.bring_in(desk.controller.ask([desk.folder]))
    with desk.qtbot.waitSignal(desk.controller.trashed) as trashed:
        dialog.undo.click()
    record = desk.world.library.get(trashed.args[0][0])
    assert record is not None
    assert record.trashed_at is not None
    assert "in the trash" in dialog.outcome.text()
    assert not dialog.undo.isEnabled()
    with desk.qtbot.waitSignal(desk.controller.restored) as restored:
        desk.history.redo()
    assert restored.args == [(record.id,)]
    assert dialog.outcome.text() == "One picture came in."
    assert dialog.undo.isEnabled()


def test_an_import_is_taken_back_by_key_after_its_report_was_closed(desk):
    desk.put("owl.png", "red")
    desk.put("fox.png", "blue")
    dialog = desk.bring_in(desk.controller.ask([desk.folder]))
    dialog.close()
    desk.qtbot.waitUntil(lambda: not desk.history.is_busy)
    assert desk.history.undo_action.text() == "Undo: Import 2 pictures"
    with desk.qtbot.waitSignal(desk.controller.trashed) as trashed:
        desk.history.undo()
    (ids,) = trashed.args
    assert len(ids) == 2
    assert all(desk.world.library.get(one).trashed_at for one in ids)
    with desk.qtbot.waitSignal(desk.controller.restored):
        desk.history.redo()
    assert not any(desk.world.library.get(one).trashed_at for one in ids)


def test_closing_the_dialog_stops_the_import_and_what_is_in_is_told(desk):
    for number in range(30):
        desk.put(f"{number}.png", f"#{number:06x}")
    dialog = desk.controller.ask([desk.folder])
    dialog.go.click()
    dialog.reject()
    desk.qtbot.waitUntil(lambda: desk.world.tasks.live_count == 0)
    assert desk.controller.ask() is not dialog


def test_nothing_can_be_imported_while_nothing_is_named(desk):
    dialog = desk.controller.ask()
    assert not dialog.go.isEnabled()
    asked = dialog.ask_for_folder()
    assert asked.fileMode() == QFileDialog.FileMode.Directory
    asked.filesSelected.emit([str(desk.folder)])
    asked.reject()
    assert dialog.go.isEnabled()
    assert dialog.sources == [desk.folder]


def test_a_typed_folder_comes_without_the_one_that_was_shown(desk):
    dialog = desk.controller.ask()
    asked = dialog.ask_for_folder()
    # What Qt 6.11 tells after Ctrl+A, a path, Return.
    asked.filesSelected.emit([str(desk.folder.parent), str(desk.folder)])
    asked.reject()
    assert dialog.sources == [desk.folder]


def test_the_action_opens_the_one_dialog(desk):
    desk.controller.action.trigger()
    desk.controller.action.trigger()
    assert len(desk.window.findChildren(ImportDialog)) == 1
