from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QAbstractItemModelTester

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.domain.images import ImageRecord, LibraryQuery
from algovera_desktop.domain.jobs import FailureKind, JobFailure, JobProgress, JobState
from algovera_desktop.ui.models.gallery_jobs import MAX_IN_LINE
from algovera_desktop.ui.models.gallery_model import GalleryModel
from algovera_desktop.ui.models.gallery_reader import FIRST_COUNT
from algovera_desktop.ui.models.gallery_rows import JobTile
from support.picture_world import PictureWorld, make_job, picture_world


@pytest.fixture
def world(qapp, tmp_path) -> Iterator[PictureWorld]:
    with picture_world(tmp_path) as world:
        yield world


@pytest.fixture
def model(world, qtlog) -> Iterator[GalleryModel]:
    """A model that Qt's own tester watches; it tells of a broken promise as a warning."""
    model = GalleryModel(world.search, world.tasks)
    tester = QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Warning, model
    )
    yield model
    assert [record.message for record in qtlog.records] == []
    del tester


def load(qtbot, model: GalleryModel) -> None:
    with qtbot.waitSignal(model.page_loaded):
        model.load()


def load_all(qtbot, model: GalleryModel) -> None:
    with qtbot.waitSignal(model.count_known):
        model.load()


def want(qtbot, model: GalleryModel, rows: range) -> None:
    """Have rows read and wait for all of them."""
    model.set_wanted("test", rows)
    qtbot.waitUntil(lambda: all(model.tile(row) is not None for row in rows))


def seeds(model: GalleryModel) -> list[int]:
    """What the rows show, by seed; jobs as negative numbers."""
    tiles = [model.tile(row) for row in range(model.rowCount())]
    return [
        -tile.job.request.seed if isinstance(tile, JobTile) else tile.request.seed for tile in tiles
    ]


def test_the_first_pictures_are_there_before_it_is_known_how_many_there_are(qtbot, world, model):
    world.add_records(FIRST_COUNT + 50)
    counts: list[int | None] = []
    model.page_loaded.connect(lambda: counts.append(model.count))
    with qtbot.waitSignal(model.count_known) as told:
        model.load()
    assert counts == [None]
    assert told.args == [FIRST_COUNT + 50] == [model.count]
    assert model.rowCount() == FIRST_COUNT + 50


def test_rows_show_their_pictures_newest_first_once_they_are_wanted(qtbot, world, model):
    world.add_records(FIRST_COUNT + 50)
    load_all(qtbot, model)
    assert model.tile(FIRST_COUNT) is None
    assert model.data(model.index(FIRST_COUNT)) == "Loading…"
    want(qtbot, model, range(FIRST_COUNT + 50))
    assert seeds(model) == list(range(FIRST_COUNT + 49, -1, -1))


def test_what_is_scrolled_past_is_not_read(qtbot, world, model):
    world.add_records(2000)
    load_all(qtbot, model)
    for first in range(500, 1900, 10):
        model.set_wanted("test", range(first, first + 10))
    want(qtbot, model, range(1990, 2000))
    read = [row for row in range(500, 1890) if model.tile(row) is not None]
    assert len(read) <= 10


def test_an_empty_library_is_loaded_too(qtbot, model):
    load(qtbot, model)
    assert model.rowCount() == 0
    assert model.count == 0


def test_a_library_that_cannot_be_read_is_told(qtbot, world, model):
    world.database.close()
    with qtbot.waitSignal(model.load_failed) as told:
        model.load()
    assert isinstance(told.args[0], LibraryError)


def test_new_jobs_stand_in_front_in_the_order_of_their_seeds(qtbot, world, model):
    world.add_records(2)
    load(qtbot, model)
    model.add_jobs([make_job(10, group=1), make_job(11, group=1)])
    model.add_jobs([make_job(20, group=2), make_job(21, group=2), make_job(22, group=2)])
    assert seeds(model) == [-20, -21, -22, -10, -11, 1, 0]


def test_jobs_read_back_at_start_stand_newest_group_first(model):
    jobs = [make_job(1, group=1), make_job(2, group=1), make_job(3, group=2)]
    model.add_jobs(jobs)
    assert seeds(model) == [-3, -1, -2]


def test_a_finished_jobs_row_turns_into_its_picture_in_place(qtbot, world, model):
    world.add_records(3)
    load(qtbot, model)
    model.add_jobs([make_job(10, group=1), make_job(11, group=1), make_job(12, group=1)])
    moved: list[object] = []
    model.rowsInserted.connect(lambda: moved.append("inserted"))
    model.rowsRemoved.connect(lambda: moved.append("removed"))
    record = world.add_picture(11)
    with qtbot.waitSignal(model.dataChanged) as told:
        model.complete_job(make_job(11).id, record)
    assert seeds(model) == [-10, 11, -12, 2, 1, 0]
    assert told.args[0].row() == model.row_of_image(record.id) == 1
    assert model.row_of_job(make_job(11).id) is None
    assert moved == []


def test_pictures_that_finish_out_of_order_keep_their_jobs_places(world, model):
    model.add_jobs([make_job(10, group=1), make_job(11, group=1)])
    for number in (11, 10):
        model.complete_job(make_job(number).id, world.add_picture(number))
    assert seeds(model) == [10, 11]


def test_a_picture_that_a_page_brings_before_its_job_ends_stands_there_once(qtbot, world, model):
    record = world.add_picture(5)
    model.add_jobs([make_job(5, JobState.FETCHING)])
    load(qtbot, model)
    assert seeds(model) == [5]
    model.complete_job(record.job_id, record)
    assert seeds(model) == [5]


def test_a_cancelled_jobs_row_goes_and_a_removed_one_too(model):
    model.add_jobs([make_job(1), make_job(2), make_job(3)])
    model.update_jobs([make_job(2, JobState.CANCELLED)])
    model.remove_jobs([make_job(1).id])
    assert seeds(model) == [-3]


def test_progress_belongs_to_one_attempt(model):
    job = make_job(1, JobState.RUNNING)
    model.add_jobs([job])
    model.update_progress(JobProgress(job.id, 0.5, 0))
    assert "50" in model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    failure = JobFailure(FailureKind.PAYMENT, "402")
    model.update_jobs([replace(job, state=JobState.FAILED, failure=failure)])
    model.update_jobs([replace(job, state=JobState.WAITING)])
    assert model.tile(0) == JobTile(replace(job, state=JobState.WAITING))


def test_a_preview_of_a_job_that_is_gone_is_left_out(model):
    model.add_jobs([make_job(1, JobState.RUNNING)])
    before = model.tile(0)
    model.update_preview("gone", QImage(8, 8, QImage.Format.Format_RGB32))
    assert model.tile(0) == before


def test_of_a_long_line_only_the_first_have_a_tile(model):
    model.add_jobs([make_job(number, group=1) for number in range(10_000)])
    model.add_jobs([make_job(20_000), make_job(20_001, JobState.RUNNING)])
    assert seeds(model) == [-20_001, *range(0, -MAX_IN_LINE, -1)]


def test_a_job_far_back_in_line_gets_its_tile_beside_its_group_when_it_starts(model):
    jobs = [make_job(number, group=1) for number in range(100)]
    model.add_jobs(jobs)
    model.add_jobs([make_job(200, JobState.RUNNING)])
    model.update_jobs([replace(jobs[70], state=JobState.SUBMITTING)])
    assert seeds(model) == [-200, *range(0, -MAX_IN_LINE, -1), -70]


def test_whatever_leaves_the_line_makes_room_for_the_next_ones(model):
    jobs = [make_job(number, group=1) for number in range(MAX_IN_LINE)]
    model.add_jobs(jobs)
    model.update_jobs([replace(jobs[0], state=JobState.RUNNING)])
    model.update_jobs([replace(jobs[1], state=JobState.CANCELLED)])
    model.remove_jobs([jobs[2].id])
    model.add_jobs([make_job(number, group=2) for number in range(100, 110)])
    assert model.rowCount() == MAX_IN_LINE + 1
    assert seeds(model)[:3] == [-100, -101, -102]


def test_a_change_of_a_job_without_a_tile_gives_it_none_while_it_stands_in_line(model):
    jobs = [make_job(number, group=1) for number in range(MAX_IN_LINE + 1)]
    model.add_jobs(jobs)
    held = JobFailure(FailureKind.UNREACHABLE, "")
    model.update_jobs([replace(job, state=JobState.HELD, failure=held) for job in jobs])
    assert model.rowCount() == MAX_IN_LINE
    assert model.data(model.index(0), Qt.ItemDataRole.DisplayRole).startswith("On hold, No conn")
    model.update_jobs([replace(jobs[-1], state=JobState.DONE)])
    model.update_jobs([replace(jobs[-1], state=JobState.CANCELLED)])
    assert model.rowCount() == MAX_IN_LINE


def test_many_jobs_are_told_of_and_taken_away_in_few_steps(model):
    jobs = [make_job(number, JobState.FAILED, group=1) for number in range(1000)]
    told: list[tuple[str, int, int]] = []
    model.rowsInserted.connect(lambda _parent, *rows: told.append(("inserted", *rows)))
    model.rowsRemoved.connect(lambda _parent, *rows: told.append(("removed", *rows)))
    model.dataChanged.connect(lambda one, two: told.append(("changed", one.row(), two.row())))
    model.add_jobs(jobs)
    model.update_jobs([replace(job, state=JobState.RUNNING) for job in jobs])
    model.remove_jobs([job.id for job in jobs if job is not jobs[500]])
    assert told == [
        ("inserted", 0, 999),
        ("changed", 0, 999),
        ("removed", 501, 999),
        ("removed", 0, 499),
    ]
    assert seeds(model) == [-500]


def test_the_reason_of_a_server_stands_on_its_tiles_only_while_it_holds(model):
    model.add_jobs([make_job(1), make_job(2, server_id="other"), make_job(3, JobState.FAILED)])
    model.show_hold("studio", FailureKind.PAYMENT)
    model.add_jobs([make_job(4, JobState.RUNNING)])
    model.update_progress(JobProgress(make_job(4).id, 0.5, 0))

    def words() -> list[str]:
        rows = range(model.rowCount())
        return [model.data(model.index(row), Qt.ItemDataRole.DisplayRole) for row in rows]

    held = [text.startswith("On hold, No credits left: ") for text in words()]
    assert held == [True, False, False, True]
    model.show_hold("studio", None)
    assert not any("No credits" in text for text in words())
    assert "50" in words()[0]


def test_progress_of_a_job_that_is_gone_is_ignored(model):
    model.update_progress(JobProgress("gone", 0.5, 0))
    assert model.rowCount() == 0


@pytest.mark.parametrize(
    ("state", "progress", "words"),
    [
        (JobState.WAITING, None, "Waiting: a fox, number 1"),
        (
            JobState.WAITING,
            JobProgress("", held_up_by=FailureKind.RATE_LIMITED),
            "On hold, Server too busy: a fox, number 1",
        ),
        (JobState.RUNNING, JobProgress("", None, 2), "In line, 2 ahead: a fox, number 1"),
        (
            JobState.RUNNING,
            JobProgress("", 0.4, 0, FailureKind.UNREACHABLE),
            "On hold, No connection: a fox, number 1",
        ),
        (JobState.UNKNOWN, None, "Answer lost, It may have been charged: a fox, number 1"),
    ],
)
def test_a_screen_reader_hears_a_jobs_state_and_prompt(model, state, progress, words):
    job = make_job(1, state)
    model.add_jobs([job])
    if progress:
        model.update_progress(replace(progress, job_id=job.id))
    assert model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole) == words


def test_trashed_pictures_come_back_to_their_places(qtbot, world, model):
    world.add_records(6)
    load(qtbot, model)
    model.add_jobs([make_job(10, group=1), make_job(11, group=1)])
    made = world.add_picture(10)
    model.complete_job(made.job_id, made)
    rows = [model.tile(row) for row in (0, 3, 4, 6)]
    gone = [tile for tile in rows if isinstance(tile, ImageRecord)]
    model.remove_images([tile.id for tile in gone])
    assert seeds(model) == [-11, 5, 2, 0]
    model.insert_images(reversed(gone))
    assert seeds(model) == [10, -11, 5, 4, 3, 2, 1, 0]


def test_a_restored_picture_that_was_never_shown_stands_by_its_age(qtbot, world, model):
    world.add_records(3)
    world.library.trash([2])
    load(qtbot, model)
    world.library.restore([2])
    record = world.library.get(2)
    assert record is not None
    model.insert_images([record, record])
    assert seeds(model) == [2, 1, 0]


def test_pictures_come_back_by_their_ids_where_they_were_and_where_they_belong(qtbot, world, model):
    world.add_records(6)
    world.library.trash([2])
    load(qtbot, model)
    model.remove_images([4, 6])
    world.library.restore([2])
    model.restore_images((2, 4, 6, 1))
    want(qtbot, model, range(6))
    assert seeds(model) == [5, 4, 3, 2, 1, 0]


def test_what_comes_back_by_its_id_goes_from_the_trash(qtbot, world, model):
    world.add_records(3)
    world.library.trash([1, 2])
    with qtbot.waitSignal(model.page_loaded):
        model.set_query(LibraryQuery(trashed=True))
    world.library.restore([2])
    model.restore_images((2,))
    assert seeds(model) == [0]


def test_the_trash_shows_no_jobs_and_they_are_there_again_after(qtbot, world, model):
    world.add_records(3)
    world.library.trash([2])
    load(qtbot, model)
    model.add_jobs([make_job(10, group=1), make_job(11, group=1)])
    with qtbot.waitSignal(model.page_loaded):
        model.set_query(LibraryQuery(trashed=True))
    assert seeds(model) == [1]
    model.add_jobs([make_job(12)])
    model.complete_job(make_job(11).id, world.add_picture(11))
    model.update_progress(JobProgress(make_job(10).id, 0.5, 0))
    assert seeds(model) == [1]
    with qtbot.waitSignal(model.page_loaded):
        model.set_query(LibraryQuery())
    assert seeds(model) == [-12, -10, 11, 2, 0]


def test_a_restored_picture_goes_from_the_trash(qtbot, world, model):
    world.add_records(3)
    world.library.trash([1, 2])
    with qtbot.waitSignal(model.page_loaded):
        model.set_query(LibraryQuery(trashed=True))
    world.library.restore([2])
    record = world.library.get(2)
    assert record is not None
    model.insert_images([record])
    assert seeds(model) == [0]


def test_a_page_of_an_earlier_query_is_not_shown(qtbot, world, model):
    world.add_records(3)
    model.load()
    with qtbot.waitSignal(model.page_loaded):
        model.set_query(LibraryQuery(trashed=True))
    assert seeds(model) == []


def test_only_pictures_can_be_dragged(qtbot, world, model):
    world.add_records(1)
    load(qtbot, model)
    model.add_jobs([make_job(9)])
    draggable = [
        bool(model.flags(model.index(row)) & Qt.ItemFlag.ItemIsDragEnabled) for row in (0, 1)
    ]
    assert draggable == [False, True]
