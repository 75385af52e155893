"""The model against a plain list, whatever happens while the library is answering."""

from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    multiple,
    rule,
    run_state_machine_as_test,
)
from PySide6.QtCore import QCoreApplication, QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester

from algovera_desktop.domain.images import LibraryQuery, SortOrder
from algovera_desktop.domain.jobs import JobState
from algovera_desktop.ui.models import gallery_model
from algovera_desktop.ui.models.gallery_model import GalleryModel
from algovera_desktop.ui.models.gallery_rows import JobTile
from algovera_desktop.ui.tasks import Tasks
from support.picture_world import make_job
from support.plain_search import NOW, PlainSearch, make_record

QUERIES = st.sampled_from(
    [
        LibraryQuery(),
        LibraryQuery(sort=SortOrder.OLDEST),
        LibraryQuery(sort=SortOrder.RATING),
        LibraryQuery(text="odd"),
        LibraryQuery(text="even", sort=SortOrder.RANDOM),
        LibraryQuery(trashed=True),
    ]
)


PICKED = st.sets(st.integers(0, 60), max_size=12)


class GalleryMachine(RuleBasedStateMachine):
    """Pictures come, change and go; jobs start and finish; other queries are asked."""

    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.search = PlainSearch(30)
        self.tasks = Tasks()
        self.model = GalleryModel(self.search, self.tasks)
        warn = QAbstractItemModelTester.FailureReportingMode.Warning
        self.tester = QAbstractItemModelTester(self.model, warn)
        self.open_jobs: set[str] = set()
        self.numbers = count(100)
        self.asked = LibraryQuery()
        self.model.load()

    @rule(query=QUERIES)
    def ask(self, query):
        self.asked = query
        self.model.set_query(query)

    @rule(target=jobs, size=st.integers(1, 3))
    def start_jobs(self, size):
        numbers = [next(self.numbers) for _ in range(size)]
        jobs = [make_job(one, JobState.RUNNING, group=numbers[0]) for one in numbers]
        self.open_jobs.update(job.id for job in jobs)
        self.model.add_jobs(jobs)
        return multiple(*((job.id, job.request.seed) for job in jobs))

    @rule(job=consumes(jobs))
    def finish(self, job):
        job_id, number = job
        self.open_jobs.discard(job_id)
        self.search.pictures[number] = make_record(number)
        self.search.change([number], job_id=job_id)
        self.model.complete_job(job_id, self.search.pictures[number])

    @rule(job=consumes(jobs))
    def dismiss(self, job):
        self.open_jobs.discard(job[0])
        self.model.remove_jobs([job[0]])

    @rule(size=st.integers(1, 4))
    def bring_in(self, size):
        numbers = [next(self.numbers) for _ in range(size)]
        self.search.pictures |= {number: make_record(number) for number in numbers}
        self.model.insert_images([self.search.pictures[number] for number in numbers])

    @rule(picked=PICKED)
    def trash(self, picked):
        ids = self.pick(picked)
        self.search.change(ids, trashed_at=NOW)
        self.model.remove_images(ids)

    @rule(picked=PICKED)
    def restore(self, picked):
        self.model.insert_images(self.search.change(self.pick(picked), trashed_at=None))

    @rule(picked=PICKED)
    def restore_by_ids(self, picked):
        ids = self.pick(picked)
        self.search.change(ids, trashed_at=None)
        self.model.restore_images(ids)

    @rule(picked=PICKED, rating=st.integers(0, 5))
    def rate(self, picked, rating):
        ids = self.pick(picked)
        self.search.change(ids, rating=rating)
        self.model.images_changed(ids)

    @rule()
    def turn_the_loop(self):
        QCoreApplication.processEvents()

    @rule(share=st.floats(0, 1), picked=PICKED)
    def keep_the_cursor_while_others_go(self, share, picked):
        self.settle()
        if not self.model.rowCount():
            return
        row = round(share * (self.model.rowCount() - 1))
        index, tile = QPersistentModelIndex(self.model.index(row)), self.model.tile(row)
        gone = [one for one in self.pick(picked) if one != getattr(tile, "id", None)]
        self.search.change(gone, trashed_at=None if self.model.query.trashed else NOW)
        self.model.remove_images(gone)
        self.settle()
        assert self.model.tile(index.row()) == tile

    @rule()
    def look(self):
        self.settle()
        self.check()

    def pick(self, numbers: set[int]) -> list[int]:
        """Some of all pictures; the same ones, however far the model has come."""
        known = sorted(self.search.pictures)
        return sorted({known[number % len(known)] for number in numbers})

    def settle(self) -> None:
        timer = self.model._reread_timer
        self.model.set_wanted("test", range(self.model.rowCount()))
        while self.tasks.live_count or timer.isActive():
            QCoreApplication.processEvents()
            if not self.tasks.live_count:
                self.model.set_wanted("test", range(self.model.rowCount()))

    def shown(self) -> list[int]:
        tiles = [self.model.tile(row) for row in range(self.model.rowCount())]
        return [tile.id for tile in tiles if not isinstance(tile, JobTile)]

    def check(self) -> None:
        query, rows = self.asked, range(self.model.rowCount())
        assert self.model.query == query
        tiles = [self.model.tile(row) for row in rows]
        jobs = [tile.job.id for tile in tiles if isinstance(tile, JobTile)]
        pictures = self.shown()
        expected = [record.id for record in self.search.found(query)]
        assert set(jobs) == (self.open_jobs if query.is_everything else set())
        assert sorted(pictures) == sorted(expected)
        assert self.model.count == len(expected)
        assert [self.model.row_of_job(one) for one in jobs] == [
            row for row in rows if isinstance(tiles[row], JobTile)
        ]
        assert [self.model.tile(self.model.row_of_image(one)).id for one in pictures] == pictures
        front = len(self.model._list.head)
        if query.sort is not SortOrder.RATING:
            behind = set(pictures[-(len(rows) - front) :]) if len(rows) > front else set()
            assert [one for one in expected if one in behind] == [
                one for one in pictures if one in behind
            ]
        assert (
            list(self.model.selection([(0, len(rows) - 1)] if rows else []).image_ids) == pictures
        )
        assert [tile for tile in tiles if not isinstance(tile, JobTile)] == [
            self.search.pictures[one] for one in pictures
        ]

    def teardown(self) -> None:
        self.settle()
        self.check()
        assert self.tasks.shut_down(10)
        QCoreApplication.processEvents()


def run(examples: int) -> None:
    """Nothing is made smaller after a failure: threads do not do the same again."""
    run_state_machine_as_test(
        GalleryMachine,
        settings=settings(
            deadline=None,
            max_examples=examples,
            stateful_step_count=20,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_rows_are_what_the_library_holds(qapp, qtlog):
    run(30)
    assert [record.message for record in qtlog.records] == []


def test_the_rows_are_so_however_many_are_asked_for_anew(qapp, qtlog, monkeypatch):
    """What is meant for ten thousand pictures, with a handful."""
    monkeypatch.setattr(gallery_model, "_MANY", 2)
    run(15)
    assert [record.message for record in qtlog.records] == []


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    """So that both ways of taking rows out come up with a handful of pictures, and soon."""
    monkeypatch.setattr(gallery_model, "_REREAD_DELAY_MS", 0)
    monkeypatch.setattr("algovera_desktop.ui.models.gallery_rows_model._FEW_RUNS", 2)
