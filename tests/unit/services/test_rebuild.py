"""The library made anew: from files alone, and from what an old library file still says."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    DiskFullError,
    JobCancelledError,
    LibraryBusyError,
    LibraryCorruptError,
    LibraryError,
)
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.picture_file import read_picture_file
from algovera_desktop.services.adoption import adopt_pictures
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.picture_folders import PictureFolders
from algovera_desktop.services.rebuild import RebuildProgress, RebuildReport, rebuild_library
from algovera_desktop.services.recovery import PictureRecovery
from support.full_disk import fill as fill_disk
from support.full_disk import small_disk_at
from support.kept_library import KeptLibrary, fill, png


def rebuild(
    data: Path,
    *,
    chosen: Path | None = None,
    token: CancelToken | None = None,
    on_progress: Callable[[RebuildProgress], object] = lambda _: None,
) -> RebuildReport:
    paths = Paths.under(data)
    folders = PictureFolders(paths.pictures, chosen)
    return rebuild_library(paths.library_file, folders, token or CancelToken(), on_progress)


def remove_library(data: Path) -> None:
    for file in data.glob("library.sqlite3*"):
        file.unlink()


def records(data: Path, chosen: Path | None = None) -> list[ImageRecord]:
    with KeptLibrary(data, chosen) as kept:
        return kept.records()


def left_over(data: Path) -> list[str]:
    return [file.name for file in data.glob("library.sqlite3.re*")]


def test_from_the_files_alone_comes_back_all_that_was_in_the_records(tmp_path: Path) -> None:
    before = fill(tmp_path)
    with KeptLibrary(tmp_path) as kept:
        order = kept.album_order("Best of all")
    remove_library(tmp_path)
    report = rebuild(tmp_path)
    assert records(tmp_path) == before
    with KeptLibrary(tmp_path) as kept:
        assert kept.album_order("Best of all") == order
        assert [tag.name for tag in kept.curation.tags()] == ["Fox", "snow"]
    counts = report.counts
    assert (counts.pictures, counts.trashed, counts.tags, counts.albums) == (8, 1, 2, 1)
    assert (report.unreadable, report.plain, report.set_aside) == (0, 0, None)
    assert not report.old_was_read
    assert left_over(tmp_path) == []


def test_exact_prompts_come_back(tmp_path: Path) -> None:
    with KeptLibrary(tmp_path) as kept:
        kept.add(1)
        path = kept.records()[0].path
    picture = Paths.under(tmp_path).pictures / path
    assert picture.exists()
    remove_library(tmp_path)
    rebuild(tmp_path)
    (record,) = records(tmp_path)
    assert record.request == GenerationRequest("a fox, number 1", "sketch", 64, 48, seed=1)
    assert record.job_id == f"{1:032x}"


def test_of_an_old_library_comes_back_what_no_file_says(tmp_path: Path) -> None:
    before = fill(tmp_path)
    with KeptLibrary(tmp_path) as kept:
        (job,) = kept.queue.add("studio", [GenerationRequest("paid for", "sketch")])
        claimed = kept.queue.claim("studio")
        assert claimed is not None
        kept.queue.accepted(job.id, "remote 7")
        kept.curation.set_rating([6], 3)
    report = rebuild(tmp_path)
    assert report.old_was_read
    assert report.counts.saved_searches == 1
    with KeptLibrary(tmp_path) as kept:
        assert [search.name for search in kept.curation.saved_searches()] == ["Foxes"]
        (open_job,) = kept.queue.open_jobs()
        assert (open_job.id, open_job.remote_id) == (job.id, "remote 7")
        found = kept.records()
    assert found == [replace(one, rating=3) if one.id == 6 else one for one in before]


def test_the_old_library_is_set_aside_whole(tmp_path: Path) -> None:
    fill(tmp_path)
    report = rebuild(tmp_path)
    assert report.set_aside is not None
    with closing(sqlite3.connect(report.set_aside)) as old:
        assert old.execute("SELECT count(*) FROM images").fetchone() == (8,)


def test_a_picture_whose_file_is_gone_keeps_its_record(tmp_path: Path) -> None:
    before = fill(tmp_path)
    (Paths.under(tmp_path).pictures / before[0].path).unlink()
    report = rebuild(tmp_path)
    assert report.counts.missing == 1
    found = records(tmp_path)
    assert found[0].missing_since is not None
    assert replace(found[0], missing_since=None) == before[0]
    assert found[1:] == before[1:]


def test_a_moved_picture_is_known_by_its_bytes(tmp_path: Path) -> None:
    before = fill(tmp_path)
    pictures = Paths.under(tmp_path).pictures
    moved = pictures / "elsewhere" / "renamed.png"
    moved.parent.mkdir()
    (pictures / before[5].path).rename(moved)
    report = rebuild(tmp_path)
    assert report.counts.missing == 0
    assert records(tmp_path)[5] == replace(before[5], path="elsewhere/renamed.png")


def test_pictures_of_others_and_files_that_are_none_are_told_apart(tmp_path: Path) -> None:
    pictures = Paths.under(tmp_path).pictures
    pictures.mkdir(parents=True)
    (pictures / "plain.png").write_bytes(png(1))
    (pictures / "broken.png").write_bytes(png(2)[:40])
    (pictures / "words.txt").write_text("no picture")
    (pictures / ".unfinished").mkdir()
    (pictures / ".unfinished" / "half.png").write_bytes(png(3))
    os.mkfifo(pictures / "endless.png")
    report = rebuild(tmp_path)
    assert (report.counts.pictures, report.plain, report.unreadable) == (1, 1, 1)
    assert "broken.png" in report.named[0]
    (record,) = records(tmp_path)
    assert (record.path, record.request.width, record.request.prompt) == ("plain.png", 64, "")


def test_numbers_go_by_when_pictures_came_to_be(tmp_path: Path) -> None:
    with KeptLibrary(tmp_path) as kept:
        for number in (3, 1, 2):
            kept.add(number)
    remove_library(tmp_path)
    rebuild(tmp_path)
    assert [record.request.seed for record in records(tmp_path)] == [1, 2, 3]


def test_a_chosen_folder_is_read_too_but_only_for_what_bears_our_names(tmp_path: Path) -> None:
    chosen = tmp_path / "chosen"
    data = tmp_path / "data"
    chosen.mkdir()
    before = fill(data, 3, chosen=chosen)
    (chosen / "holiday.png").write_bytes(png(9))
    remove_library(data)
    rebuild(data, chosen=chosen)
    assert records(data, chosen) == before


def test_a_picture_that_lies_elsewhere_is_found_by_the_old_record(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere.png"
    before = fill(data, 2)
    shutil.move(Paths.under(data).pictures / before[0].path, elsewhere)
    with KeptLibrary(data) as kept:
        kept.database.write(
            lambda connection: connection.execute(
                "UPDATE images SET path = ? WHERE id = 1", (elsewhere.as_posix(),)
            )
        )
    rebuild(data)
    assert records(data)[0] == replace(before[0], path=elsewhere.as_posix())


def test_two_files_of_one_job_are_two_pictures_and_the_job_has_the_first(tmp_path: Path) -> None:
    before = fill(tmp_path, 1)
    pictures = Paths.under(tmp_path).pictures
    shutil.copy(pictures / before[0].path, pictures / "2026-11" / "zz copy.png")
    rebuild(tmp_path)
    assert [record.job_id for record in records(tmp_path)] == [before[0].job_id, ""]


def store_without_a_record(kept: KeptLibrary) -> str:
    """What a death leaves between a picture's file and its record; returns the job's id."""
    (job,) = kept.queue.add("studio", [GenerationRequest("paid for", "sketch")])
    kept.queue.claim("studio")
    kept.queue.accepted(job.id, "remote 7")
    job = kept.queue.fetching(job.id, kept.files.stem(job))
    kept.files.save(png(70), "image/png", job)
    return job.id


@pytest.mark.parametrize("is_damaged", [False, True])
def test_a_picture_that_had_no_record_yet_gets_one_once(
    tmp_path: Path, *, is_damaged: bool
) -> None:
    with KeptLibrary(tmp_path) as kept:
        job_id = store_without_a_record(kept)
    if is_damaged:
        remove_library(tmp_path)
    rebuild(tmp_path)
    with KeptLibrary(tmp_path) as kept:
        PictureRecovery(kept.database, kept.library, kept.files, lambda _: "").run()
        (record,) = kept.records()
        assert record.job_id == job_id
        assert kept.queue.open_jobs() == []


def test_a_job_whose_picture_has_a_record_already_is_done(tmp_path: Path) -> None:
    with KeptLibrary(tmp_path) as kept:
        job_id = store_without_a_record(kept)
        (file,) = kept.folders.pictures()
        found = [(kept.folders.known_as(file), read_picture_file(file))]
        kept.database.write(lambda connection: connection.execute("UPDATE jobs SET state = 'done'"))
        adopt_pictures(kept.database, kept.library, found)
        kept.database.write(
            lambda connection: connection.execute("UPDATE jobs SET state = 'fetching'")
        )
        PictureRecovery(kept.database, kept.library, kept.files, lambda _: "").run()
        assert [record.job_id for record in kept.records()] == [job_id]
        assert kept.queue.open_jobs() == []


def damage(library: Path) -> None:
    """Overwrite a page in the middle, as a failing disk does."""
    size = library.stat().st_size
    with library.open("r+b") as file:
        for place in range(size // 4096 // 3, size // 4096, 3):
            file.seek(place * 4096)
            file.write(b"\xa5" * 4096)


@pytest.mark.parametrize(
    "spoil",
    [damage, lambda file: file.write_bytes(b"\xa5" * 9000), lambda file: os.truncate(file, 0)],
)
def test_from_a_damaged_library_comes_back_every_picture(
    tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    before = fill(tmp_path, 30)
    spoil(Paths.under(tmp_path).library_file)
    report = rebuild(tmp_path)
    assert records(tmp_path) == before
    assert report.set_aside is not None


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    file = Paths.under(tmp_path).library_file
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE theirs (x)")
    before = file.read_bytes()
    with pytest.raises(LibraryCorruptError):
        rebuild(tmp_path)
    assert file.read_bytes() == before


def test_it_is_refused_while_the_library_is_in_use(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    with KeptLibrary(tmp_path), pytest.raises(LibraryBusyError):
        rebuild(tmp_path)


@pytest.mark.parametrize("is_emptied", [True, False])
def test_it_is_refused_while_the_pictures_are_away(tmp_path: Path, *, is_emptied: bool) -> None:
    before = fill(tmp_path, 2)
    pictures = Paths.under(tmp_path).pictures
    pictures.rename(tmp_path / "unplugged")
    if is_emptied:
        pictures.mkdir()
    with pytest.raises(LibraryError, match="should hold pictures"):
        rebuild(tmp_path)
    assert records(tmp_path) == before
    assert left_over(tmp_path) == []


def test_cancelled_it_leaves_everything_as_it_was(tmp_path: Path) -> None:
    before = fill(tmp_path, 3)
    token = CancelToken()
    with pytest.raises(JobCancelledError):
        rebuild(tmp_path, token=token, on_progress=lambda _: token.cancel())
    assert left_over(tmp_path) == []
    assert records(tmp_path) == before


def test_it_tells_how_far_it_is(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    told: list[RebuildProgress] = []
    rebuild(tmp_path, on_progress=told.append)
    assert told[0] == RebuildProgress(0, 3)
    assert told[-1] == RebuildProgress(3, 3)


def test_on_a_full_disk_it_says_so_and_leaves_everything_as_it_was(tmp_path: Path) -> None:
    with small_disk_at(tmp_path / "small") as disk:
        before = fill(disk, 2)
        ballast = fill_disk(disk, leave_bytes=40 * 1024)
        with pytest.raises(DiskFullError):
            rebuild(disk)
        ballast.unlink()
        assert left_over(disk) == []
        assert records(disk) == before
        rebuild(disk)
        assert records(disk) == before


REBUILD = """
import sys
from pathlib import Path
from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.picture_folders import PictureFolders
from algovera_desktop.services.rebuild import rebuild_library
paths = Paths.under(Path(sys.argv[1]))
print("begun", flush=True)
while True:
    rebuild_library(
        paths.library_file, PictureFolders(paths.pictures), CancelToken(), lambda _: None)
"""


def test_killed_at_any_moment_it_leaves_a_whole_library(tmp_path: Path) -> None:
    before = fill(tmp_path, 12)
    for delay_ms in (1, 20, 45, 70, 95, 120, 145, 170):
        command = [sys.executable, "-c", REBUILD, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            time.sleep(delay_ms / 1000)
            process.send_signal(signal.SIGKILL)
        assert records(tmp_path) == before
