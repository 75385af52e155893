from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEventLoop, QTimer

from algovera_desktop.ui.picture_reader import PictureProblem
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from support.picture_world import PictureWorld, picture_world, png


@pytest.fixture
def world(qapp, tmp_path) -> Iterator[PictureWorld]:
    with picture_world(tmp_path) as world:
        yield world


def make(qtbot, world, records, side_px: int = 32) -> None:
    """Wish for thumbnails and wait until each is there or known not to be."""
    loader = world.thumbnails
    loader.set_wanted("test", records, side_px)
    qtbot.waitUntil(
        lambda: all(loader.pixmap(one, side_px) or loader.problem(one) for one in records)
    )


def let_pass(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def test_a_thumbnail_has_the_pictures_shape_and_colour(qtbot, world):
    record = world.add_picture(1, png((200, 30, 90), (64, 48)))
    make(qtbot, world, [record])
    pixmap = world.thumbnails.pixmap(record, 32)
    assert (pixmap.width(), pixmap.height()) == (32, 24)
    colour = pixmap.toImage().pixelColor(16, 12)
    assert colour.red() == pytest.approx(200, abs=4)
    assert colour.green() == pytest.approx(30, abs=4)


def test_a_small_picture_is_not_enlarged(qtbot, world):
    record = world.add_picture(1, png((1, 2, 3), (8, 16)))
    make(qtbot, world, [record], side_px=256)
    pixmap = world.thumbnails.pixmap(record, 256)
    assert (pixmap.width(), pixmap.height()) == (8, 16)


def test_transparency_is_kept(qtbot, world):
    record = world.add_picture(1, png((200, 30, 90, 128)))
    make(qtbot, world, [record])
    colour = world.thumbnails.pixmap(record, 32).toImage().pixelColor(5, 5)
    assert colour.alpha() == pytest.approx(128, abs=2)


def test_a_stored_thumbnail_serves_when_the_picture_is_gone(qtbot, world):
    record = world.add_picture(1)
    make(qtbot, world, [record])
    world.files.absolute(record.path).unlink()
    world.thumbnails = ThumbnailLoader(world.files, world.cache, world.tasks)
    make(qtbot, world, [record])
    assert world.thumbnails.problem(record) is None


@pytest.mark.allows_log("stored thumbnail is damaged")
def test_a_damaged_stored_thumbnail_is_made_anew(qtbot, world):
    record = world.add_picture(1)
    world.cache.put(record.sha256, 256, b"no picture")
    make(qtbot, world, [record])
    assert world.thumbnails.problem(record) is None
    assert world.cache.get(record.sha256, 256) != b"no picture"


def test_a_missing_file_is_told_from_a_broken_one(qtbot, world):
    missing, broken = world.add_picture(1), world.add_picture(2)
    world.files.absolute(missing.path).unlink()
    world.files.absolute(broken.path).write_bytes(b"\x89PNG and then nothing")
    make(qtbot, world, [missing, broken])
    assert world.thumbnails.problem(missing) is PictureProblem.MISSING
    assert world.thumbnails.problem(broken) is PictureProblem.BROKEN


def test_a_missing_file_is_looked_for_again_when_asked(qtbot, world):
    record = world.add_picture(1)
    path = world.files.absolute(record.path)
    data = path.read_bytes()
    path.unlink()
    make(qtbot, world, [record])
    path.write_bytes(data)
    world.thumbnails.retry_problems()
    make(qtbot, world, [record])
    assert world.thumbnails.problem(record) is None


def test_a_file_is_never_read_as_another_kind_than_its_record_says(qtbot, world):
    """A hostile file does not get to choose the decoder."""
    record = world.add_picture(1)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    world.files.absolute(record.path).write_bytes(svg)
    make(qtbot, world, [record])
    assert world.thumbnails.problem(record) is PictureProblem.BROKEN


def test_another_size_stands_in_until_the_right_one_is_there(qtbot, world):
    record = world.add_picture(1)
    make(qtbot, world, [record], side_px=16)
    assert world.thumbnails.pixmap(record, 48).width() == 16
    world.thumbnails.set_wanted("test", [record], 48)
    qtbot.waitUntil(lambda: world.thumbnails.pixmap(record, 48).width() == 48)


def test_wishes_that_were_replaced_are_not_worked_off(qtbot, world):
    records = [world.add_picture(number) for number in range(40)]
    told: list[str] = []
    world.thumbnails.changed.connect(told.append)
    world.thumbnails.set_wanted("test", records, 32)
    world.thumbnails.set_wanted("test", records[-1:], 32)
    qtbot.waitUntil(lambda: records[-1].sha256 in told)
    let_pass(100)
    assert len(told) <= 3


def test_each_thumbnail_is_made_once_for_all_who_want_it(qtbot, world):
    record = world.add_picture(1)
    told: list[str] = []
    world.thumbnails.changed.connect(told.append)
    for who in ("one", "two", "three"):
        world.thumbnails.set_wanted(who, [record, record], 32)
    qtbot.waitUntil(lambda: bool(told))
    let_pass(100)
    assert told == [record.sha256]


def test_memory_stays_within_the_budget_and_forgets_the_oldest(qtbot, world):
    records = [world.add_picture(number) for number in range(6)]
    one_thumbnail = 32 * 24 * 4
    world.thumbnails = ThumbnailLoader(
        world.files, world.cache, world.tasks, budget_bytes=3 * one_thumbnail
    )
    for record in records:
        make(qtbot, world, [record])
    kept = [world.thumbnails.pixmap(record, 32) is not None for record in records]
    assert kept == [False, False, False, True, True, True]
