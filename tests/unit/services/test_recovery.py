"""After a start no picture is without its record, and none that was paid for is lost."""

import io
import shutil
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from algovera_desktop.collection import open_collection
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import LibraryQuery
from algovera_desktop.domain.jobs import END_STATES, FailureKind, Job, JobFailure, JobState
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.services.recovery import PictureRecovery
from algovera_desktop.services.servers import ServerList
from algovera_desktop.services.settings_store import SettingsStore

FOX = GenerationRequest("a fox", "v1.5", seed=7)
BROKEN = JobFailure(FailureKind.LIBRARY, "the disk was full")
VERSION_1 = Path(__file__).parents[1] / "library" / "version_1.sql"


def png(colour: str = "orange") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "pictures"


def pictures(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def start(database: Database, library: Library, files: PictureFiles) -> None:
    PictureRecovery(database, library, files, lambda server_id: f"Server {server_id}").run()


def fetching_job(queue: JobQueue, files: PictureFiles) -> Job:
    queue.add("local", [FOX])
    job = queue.claim("local")
    assert job is not None
    queue.accepted(job.id, "remote")
    return queue.fetching(job.id, files.stem(job))


def as_it_is(queue: JobQueue, job: Job) -> Job:
    found = queue.get(job.id)
    assert found is not None
    return found


def leave_as(queue: JobQueue, job: Job, state: JobState) -> None:
    """Bring a job that is being fetched to another state, as a user and a worker can."""
    if state in (JobState.FAILED, JobState.RUNNING):
        queue.failed(job.id, BROKEN)
    if state is JobState.RUNNING:
        queue.retry([job.id])
    if state in (JobState.WAITING, JobState.HELD, JobState.SUBMITTING, JobState.UNKNOWN):
        queue.cancel([job.id])
        queue.restore([job])
    if state is JobState.HELD:
        queue.begin_edit(job.id)
    if state in (JobState.SUBMITTING, JobState.UNKNOWN):
        queue.claim("local")
    if state is JobState.UNKNOWN:
        queue.uncertain(job.id)


@pytest.mark.parametrize("state", [state for state in JobState if state not in END_STATES])
def test_a_picture_that_is_there_ends_its_job_whatever_that_has_come_to(
    queue: JobQueue,
    database: Database,
    library: Library,
    files: PictureFiles,
    root: Path,
    state: JobState,
) -> None:
    job = fetching_job(queue, files)
    stored = files.save(png(), "image/png", job)
    leave_as(queue, job, state)
    assert as_it_is(queue, job).state is state
    start(database, library, files)
    (record,) = library.page(LibraryQuery())
    assert as_it_is(queue, job).state is JobState.DONE
    assert (record.path, record.sha256, record.job_id) == (stored.path, stored.sha256, job.id)
    assert (record.width, record.height, record.request) == (40, 30, FOX)
    assert (record.server_name, record.model_title) == ("Server local", "v1.5")
    assert pictures(root) == [files.absolute(stored.path)]


def test_a_job_without_its_picture_is_left_to_be_fetched(
    queue: JobQueue, database: Database, library: Library, files: PictureFiles
) -> None:
    job = fetching_job(queue, files)
    start(database, library, files)
    assert as_it_is(queue, job) == job


def test_what_is_no_picture_is_not_taken_for_one(
    queue: JobQueue, database: Database, library: Library, files: PictureFiles
) -> None:
    job = fetching_job(queue, files)
    stored = files.save(png(), "image/png", job)
    files.absolute(stored.path).write_bytes(b"not a picture")
    start(database, library, files)
    assert as_it_is(queue, job) == job
    assert library.count(LibraryQuery()) == 0


def test_the_picture_of_a_cancelled_job_is_taken_away_and_no_other(
    queue: JobQueue, database: Database, library: Library, files: PictureFiles, root: Path
) -> None:
    unwanted, wanted = fetching_job(queue, files), fetching_job(queue, files)
    files.save(png(), "image/png", unwanted)
    kept = files.save(png(), "image/png", wanted)
    queue.cancel([unwanted.id])
    start(database, library, files)
    assert pictures(root) == [files.absolute(kept.path)]
    assert as_it_is(queue, unwanted).state is JobState.CANCELLED
    assert as_it_is(queue, unwanted).picture_stem is None
    assert library.count(LibraryQuery()) == 1


def test_what_cannot_be_taken_away_now_is_taken_away_at_a_later_start(
    queue: JobQueue, database: Database, library: Library, files: PictureFiles, root: Path
) -> None:
    job = fetching_job(queue, files)
    in_the_way = files.absolute(f"{job.picture_stem}.png") / "somebody's own.txt"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("theirs")
    queue.cancel([job.id])
    start(database, library, files)
    assert pictures(root) == [in_the_way]
    shutil.rmtree(in_the_way.parent)
    files.save(png(), "image/png", job)
    start(database, library, files)
    assert pictures(root) == []


def test_on_a_drive_that_is_away_a_picture_is_looked_for_again_later(
    queue: JobQueue, database: Database, library: Library, tmp_path: Path, root: Path
) -> None:
    drive, away = tmp_path / "drive", tmp_path / "away"
    drive.mkdir()
    files = PictureFiles(root, drive)
    unwanted, wanted = fetching_job(queue, files), fetching_job(queue, files)
    files.save(png(), "image/png", unwanted)
    files.save(png(), "image/png", wanted)
    queue.failed(wanted.id, BROKEN)
    queue.cancel([unwanted.id])
    drive.rename(away)
    start(database, library, PictureFiles(root))
    assert library.count(LibraryQuery()) == 0
    away.rename(drive)
    start(database, library, PictureFiles(root))
    (record,) = library.page(LibraryQuery())
    assert record.job_id == wanted.id
    assert pictures(drive) == [files.absolute(record.path)]


@pytest.mark.skipif(sys.platform == "win32", reason="has no time.tzset")
def test_neither_a_journey_nor_another_folder_makes_a_second_file(
    queue: JobQueue,
    database: Database,
    library: Library,
    tmp_path: Path,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "first folder").mkdir()
    first = PictureFiles(root, tmp_path / "first folder")
    with monkeypatch.context() as changed:
        changed.setenv("TZ", "Pacific/Auckland")
        time.tzset()
        job = fetching_job(queue, first)
        stored = first.save(png(), "image/png", job)
    time.tzset()
    start(database, library, PictureFiles(root, tmp_path / "second folder"))
    (record,) = library.page(LibraryQuery())
    assert record.path == stored.path
    assert pictures(tmp_path / "second folder") == []


def test_what_is_half_written_is_removed_also_where_pictures_were_stored_before(
    queue: JobQueue, database: Database, library: Library, tmp_path: Path, root: Path
) -> None:
    earlier = tmp_path / "earlier"
    fetching_job(queue, PictureFiles(root, earlier))
    for folder in (root, earlier):
        (folder / ".unfinished").mkdir(parents=True)
        (folder / ".unfinished" / "half.png.part").write_bytes(b"half")
    start(database, library, PictureFiles(root))
    assert pictures(root) + pictures(earlier) == []


def test_a_second_start_finds_nothing_to_do(
    queue: JobQueue, database: Database, library: Library, files: PictureFiles
) -> None:
    job = fetching_job(queue, files)
    files.save(png(), "image/png", job)
    start(database, library, files)
    done = as_it_is(queue, job)
    start(database, library, files)
    assert as_it_is(queue, job) == done
    assert library.count(LibraryQuery()) == 1


def test_the_program_recovers_when_it_opens_its_library(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path / "data")
    paths.make()
    with closing(Database(paths.library_file)) as database:
        files = PictureFiles(paths.pictures)
        job = fetching_job(JobQueue(database, Library(database)), files)
        files.save(png(), "image/png", job)
    with closing(SettingsStore(paths.settings_file)) as kept:
        servers = ServerList(kept, local_name="Dieser Computer")
        collection = open_collection(Database(paths.library_file), paths, kept, servers)
        with closing(collection):
            (record,) = collection.library.page(LibraryQuery())
    assert (record.job_id, record.server_name) == (job.id, "Dieser Computer")


def test_the_jobs_of_an_earlier_version_go_on_and_find_their_pictures(
    tmp_path: Path, files: PictureFiles
) -> None:
    path = tmp_path / "old.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    with closing(Database(path)) as database:
        library = Library(database)
        queue = JobQueue(database, library)
        start(database, library, files)
        queue.recover()
        states = [job.state.value for job in queue.open_jobs()]
        assert states == ["fetching", "running", "failed", "unknown", "unknown", "waiting"]
        fetching, running, *_ = queue.open_jobs()
        stored = files.save(png(), "image/png", replace(fetching, picture_stem=None))
        found = files.find(fetching)
        assert found is not None
        assert found.stored == stored
        assert running.remote_id == "remote 2"
        (new,) = queue.add("local", [FOX])
        assert queue.open_jobs()[-1] == new
        assert queue.settle(queue.open_jobs()[3].id) is None
