import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.ui.dialogs.export_dialog import ExportDialog, ExportKind
from algovera_desktop.ui.dialogs.share_dialog import ShareDialog
from algovera_desktop.ui.export_controller import ExportController
from algovera_desktop.ui.widgets.message_bar import MessageBar, Severity
from support.picture_world import PictureWorld, picture_world


class Opened(QObject):
    """Stands for the file manager."""

    def __init__(self) -> None:
        super().__init__()
        self.folders: list[Path] = []

    @Slot(QUrl)
    def handle(self, url: QUrl) -> None:
        self.folders.append(Path(url.toLocalFile()))


DIALOGS = {"export": ExportDialog, "share": ShareDialog}


@dataclass
class Desk:
    qtbot: object
    world: PictureWorld
    window: QWidget
    bar: MessageBar
    controller: ExportController
    out: Path
    records: list[ImageRecord] = field(default_factory=list)

    @property
    def ids(self) -> list[int]:
        return [record.id for record in self.records]

    def wait_told(self):
        self.qtbot.waitUntil(lambda: self.bar.current is not None)
        return self.bar.current


@pytest.fixture
def desk(qtbot, tmp_path, themes) -> Iterator[Desk]:
    with picture_world(tmp_path / "world") as world:
        window = QWidget()
        qtbot.addWidget(window)
        bar = MessageBar(themes, window)

        def find(ids: Sequence[int]) -> list[ImageRecord]:
            found = (world.library.get(image_id) for image_id in ids)
            return [record for record in found if record]

        out = tmp_path / "out"
        out.mkdir()
        controller = ExportController(world.files, find, world.tasks, bar, themes, window)
        controller.export_folder = out
        desk = Desk(qtbot, world, window, bar, controller, out)
        desk.records = [world.add_picture(number) for number in range(3)]
        yield desk


def choose(dialog: QFileDialog, target: Path) -> None:
    """As Qt tells it: of folders the one that was shown, too, before the one that was typed."""
    is_folder = dialog.fileMode() == QFileDialog.FileMode.Directory
    dialog.filesSelected.emit([dialog.directory().path()] * is_folder + [str(target)])
    dialog.fileSelected.emit(dialog.directory().path() if is_folder else str(target))
    dialog.reject()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_go_to_the_chosen_folder_and_that_is_told(desk):
    dialog = desk.controller.export(desk.ids, desk.records[0])
    assert dialog.windowTitle() == "Export 3 pictures"
    choose(dialog.ask_for_target(), desk.out)
    message = desk.wait_told()
    assert message.severity is Severity.SUCCESS
    assert len(names_in(desk.out)) == 3
    desk.qtbot.waitUntil(lambda: not desk.window.findChildren(ExportDialog))


def test_the_way_to_the_files_is_offered(desk):
    opened = Opened()
    QDesktopServices.setUrlHandler("file", opened, "handle")
    try:
        dialog = desk.controller.export(desk.ids)
        dialog.choose(ExportKind.ZIP)
        choose(dialog.ask_for_target(), desk.out / "all.zip")
        message = desk.wait_told()
        (label, show) = message.actions[0]
        assert label == "Show in folder"
        show()
        assert opened.folders == [desk.out]
    finally:
        QDesktopServices.unsetUrlHandler("file")
    with zipfile.ZipFile(desk.out / "all.zip") as archive:
        assert len(archive.namelist()) == 3


@pytest.mark.parametrize(("kind", "name"), [(ExportKind.PDF, "a.pdf"), (ExportKind.PNG, "")])
def test_a_contact_sheet_is_made(desk, kind, name):
    dialog = desk.controller.export(desk.ids)
    dialog.choose(kind)
    choose(dialog.ask_for_target(), desk.out / name)
    desk.wait_told()
    assert names_in(desk.out) == [name or "Contact sheet 1.png"]


@pytest.mark.parametrize("way", DIALOGS)
def test_asked_again_the_dialog_is_about_the_pictures_that_are_meant_now(desk, way):
    ask, kind = getattr(desk.controller, way), DIALOGS[way]
    ask(desk.ids)
    ask(desk.ids[:2])
    desk.qtbot.waitUntil(lambda: len(desk.window.findChildren(kind)) == 1)
    (dialog,) = desk.window.findChildren(kind)
    assert "2" in dialog.windowTitle()
    dialog.close()


def test_an_export_that_is_under_way_stays_the_only_one(desk):
    dialog = desk.controller.export(desk.ids)
    choose(dialog.ask_for_target(), desk.out)
    assert desk.controller.export(desk.ids[:1]) is dialog
    desk.wait_told()
    desk.qtbot.waitUntil(lambda: not desk.window.findChildren(ExportDialog))
    assert len(names_in(desk.out)) == 3


def test_missing_files_are_named_in_the_details(desk):
    lost = desk.world.files.absolute(desk.records[1].path)
    lost.unlink()
    choose(desk.controller.export(desk.ids).ask_for_target(), desk.out)
    message = desk.wait_told()
    assert message.severity is Severity.WARNING
    assert message.details == lost.name


def test_what_went_wrong_stands_in_the_dialog_and_it_can_be_tried_again(desk):
    dialog = desk.controller.export(desk.ids)
    choose(dialog.ask_for_target(), desk.out / "not there")
    desk.qtbot.waitUntil(lambda: not dialog.problem.isHidden())
    assert dialog.problem.text().startswith("Nothing could be written there.")
    assert dialog.go.isEnabled()
    choose(dialog.ask_for_target(), desk.out)
    desk.wait_told()
    assert len(names_in(desk.out)) == 3


def test_closing_the_dialog_stops_the_export(desk):
    dialog = desk.controller.export(desk.ids * 200)
    dialog.choose(ExportKind.ZIP)
    choose(dialog.ask_for_target(), desk.out / "all.zip")
    dialog.reject()
    desk.qtbot.waitUntil(lambda: desk.world.tasks.live_count == 0)
    assert names_in(desk.out) == []
    assert desk.bar.current is None


def test_a_name_that_means_nothing_cannot_be_exported(desk):
    dialog = desk.controller.export(desk.ids, desk.records[0])
    dialog.pattern.setText("{sede}")
    assert not dialog.go.isEnabled()
    assert "{sede}" in dialog._name.text()
    dialog.pattern.setText("{number} {seed}")
    assert dialog.go.isEnabled()
    assert dialog._name.text() == "For example: 0001 0.png"
    dialog.reject()


def test_the_file_dialog_asks_before_it_replaces(desk):
    dialog = desk.controller.export(desk.ids)
    dialog.choose(ExportKind.PDF)
    asked = dialog.ask_for_target()
    assert asked.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    assert not asked.testOption(QFileDialog.Option.DontConfirmOverwrite)
    assert asked.defaultSuffix() == "pdf"
    asked.reject()
    dialog.reject()


def test_what_leaves_is_said_before_it_leaves(desk):
    dialog = desk.controller.share(desk.ids, desk.records[0])
    assert not dialog.save.isEnabled()
    desk.qtbot.waitUntil(dialog.save.isEnabled)
    stays, taken_out = dialog.lines(0), dialog.lines(1)
    assert any(line.startswith("The picture itself, unchanged") for line in stays)
    assert any("made by an algorithm" in line for line in stays)
    assert any("parameters" in line for line in taken_out)
    assert "a fox, number 0" in dialog._texts.toPlainText()
    assert names_in(desk.out) == []
    dialog.reject()


def test_no_line_of_what_leaves_is_cut_off(desk):
    dialog = desk.controller.share(desk.ids, desk.records[0])
    desk.qtbot.waitUntil(dialog.save.isEnabled)
    desk.qtbot.waitUntil(lambda: dialog.lines(1) != [])
    for label in dialog.findChildren(QLabel):
        if label.isVisible() and label.wordWrap():
            desk.qtbot.waitUntil(
                lambda label=label: label.height() >= label.heightForWidth(label.width())
            )
    dialog.reject()


def test_shared_copies_have_neither_prompt_nor_name_of_it(desk):
    dialog = desk.controller.share(desk.ids, desk.records[0])
    desk.qtbot.waitUntil(dialog.save.isEnabled)
    choose(dialog.ask_for_target(), desk.out)
    desk.wait_told()
    assert len(names_in(desk.out)) == 3
    for file in desk.out.iterdir():
        assert file.name.startswith("picture ")
        assert b"fox" not in file.read_bytes()


def test_one_copy_is_saved_under_the_name_that_is_chosen(desk):
    dialog = desk.controller.share(desk.ids[:1], desk.records[0])
    desk.qtbot.waitUntil(dialog.save.isEnabled)
    asked = dialog.ask_for_target()
    assert asked.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    assert Path(asked.selectedFiles()[0]).name == "picture.png"
    assert not dialog.save_zip.isVisible()
    choose(asked, desk.out / "gift.png")
    desk.wait_told()
    assert names_in(desk.out) == ["gift.png"]


def test_several_can_be_shared_as_a_zip(desk):
    dialog = desk.controller.share(desk.ids, desk.records[0])
    desk.qtbot.waitUntil(dialog.save.isEnabled)
    choose(dialog.ask_for_zip(), desk.out / "gift.zip")
    desk.wait_told()
    assert b"fox" not in (desk.out / "gift.zip").read_bytes()


def test_a_file_that_is_not_understood_is_named_and_not_shared(desk):
    broken = desk.world.files.absolute(desk.records[0].path)
    broken.write_bytes(broken.read_bytes()[:100])
    dialog = desk.controller.share(desk.ids[:1], desk.records[0])
    desk.qtbot.waitUntil(lambda: not dialog.problem.isHidden())
    assert broken.name in dialog.problem.text()
    assert not dialog.save.isEnabled()
    dialog.reject()


def test_a_share_that_cannot_be_written_can_be_tried_again(desk):
    dialog = desk.controller.share(desk.ids[:1], desk.records[0])
    desk.qtbot.waitUntil(dialog.save.isEnabled)
    choose(dialog.ask_for_target(), desk.out / "no" / "gift.png")
    desk.qtbot.waitUntil(lambda: not dialog.problem.isHidden())
    assert dialog.problem.text().startswith("Nothing could be written there.")
    desk.qtbot.waitUntil(dialog.save.isEnabled)
    dialog.reject()


def test_all_buttons_have_names(desk):
    for dialog in (desk.controller.export(desk.ids), desk.controller.share(desk.ids)):
        for button in dialog.findChildren(QPushButton):
            assert button.text() or button.accessibleName()
        dialog.reject()
