from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.services.picture_folders import PictureFolders
from algovera_desktop.services.reconcile import Reconciler
from algovera_desktop.ui.locating import Locating
from algovera_desktop.ui.widgets.message_bar import MessageBar
from support.picture_world import PictureWorld, picture_world, png


class Lost:
    """A library of three pictures whose files someone has moved away, to ``elsewhere``."""

    def __init__(self, world: PictureWorld, folder: Path, themes, window: QWidget) -> None:
        self.world = world
        self.elsewhere = folder / "elsewhere"
        self.messages = MessageBar(themes, window)
        folders = PictureFolders(folder / "pictures", None)
        reconciler = Reconciler(world.database, world.library, lambda: folders)
        records = [world.add_picture(number) for number in (1, 2, 3)]
        self.files = {one.id: self.elsewhere / Path(one.path).name for one in records}
        self.elsewhere.mkdir()
        for record in records:
            world.files.absolute(record.path).rename(self.files[record.id])
        reconciler.run(CancelToken(), lambda _progress: None)
        self.locating = Locating(reconciler, world.tasks, self.messages, window)
        self.found: list[tuple[int, ...]] = []
        self.locating.located.connect(self.found.append)

    def record(self, image_id: int) -> ImageRecord:
        record = self.world.library.get(image_id)
        assert record is not None
        return record

    def words(self) -> str:
        return self.messages.current.text if self.messages.current else ""

    def press(self, label: str) -> None:
        """Press a button of the message."""
        dict(self.messages.current.actions)[label]()


@pytest.fixture
def lost(qtbot, tmp_path, themes) -> Iterator[Lost]:
    window = QWidget()
    qtbot.addWidget(window)
    with picture_world(tmp_path) as world:
        yield Lost(world, tmp_path, themes, window)


def test_the_chosen_file_is_the_pictures_again(qtbot, lost):
    assert lost.record(1).missing_since is not None
    dialog = lost.locating.ask(lost.record(1))
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(str(lost.files[1]))
    qtbot.waitUntil(lambda: lost.found == [(1,)])
    assert lost.record(1).missing_since is None
    assert lost.world.files.absolute(lost.record(1).path) == lost.files[1]
    dialog.close()


def test_others_that_lie_there_too_are_taken_over_when_asked_for(qtbot, lost):
    lost.locating.locate(lost.record(1), lost.files[1])
    qtbot.waitUntil(lambda: "other missing pictures lie there too" in lost.words())
    assert lost.record(2).missing_since is not None
    lost.press("Take them over")
    qtbot.waitUntil(lambda: len(lost.found) == 2)
    assert sorted(lost.found[1]) == [2, 3]
    assert lost.record(2).missing_since is lost.record(3).missing_since is None


def test_one_other_is_not_spoken_of_as_several(qtbot, lost):
    lost.files[3].unlink()
    lost.locating.locate(lost.record(1), lost.files[1])
    qtbot.waitUntil(lambda: "Another missing picture lies there too." in lost.words())
    lost.press("Take it over")
    qtbot.waitUntil(lambda: lost.found == [(1,), (2,)])
    assert "The picture has its file again." in lost.words()


def test_another_file_is_taken_only_when_the_user_says_so(qtbot, lost):
    other = lost.elsewhere / "other.png"
    other.write_bytes(png((1, 2, 3)))
    lost.locating.locate(lost.record(1), other)
    qtbot.waitUntil(lambda: "not the picture" in lost.words())
    assert lost.record(1).missing_since is not None
    lost.press("Use it anyway")
    qtbot.waitUntil(lambda: lost.found == [(1,)])
    assert lost.record(1).missing_since is None


def test_another_pictures_file_is_never_taken(qtbot, lost):
    lost.locating.locate(lost.record(2), lost.files[2])
    qtbot.waitUntil(lambda: lost.found == [(2,)])
    lost.locating.locate(lost.record(1), lost.files[2])
    qtbot.waitUntil(lambda: "another picture" in lost.words())
    assert lost.record(1).missing_since is not None


def test_a_file_that_is_no_picture_is_told_as_a_failure(qtbot, lost):
    text = lost.elsewhere / "notes.txt"
    text.write_text("no picture", encoding="utf-8")
    with qtbot.waitSignal(lost.locating.failed):
        lost.locating.locate(lost.record(1), text)
