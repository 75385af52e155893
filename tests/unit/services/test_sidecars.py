"""What artists make of pictures reaches the files beside them: late rather than never."""

import random
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import NewImage
from algovera_desktop.library.adopted_curation import adopt
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.sidecar import read_sidecar, sidecar_path, write_sidecar
from algovera_desktop.library.store import Library
from algovera_desktop.library.xmp import read_packet
from algovera_desktop.library.xmp_curation import AlbumPlace, SidecarCuration
from algovera_desktop.services.sidecars import SidecarsWritten, SidecarWriter
from support.full_disk import fill, make_room, small_disk_at
from support.picture_samples import exiftool, needs_exiftool

LATER = pytest.mark.allows_log("left for later")


class Shelf:
    """A library with pictures on the disk, and the writer of their sidecars."""

    def __init__(self, database: Database, files: PictureFiles) -> None:
        self.database = database
        self.files = files
        self.curation = Curation(database)
        self.library = Library(database)
        self.writer = SidecarWriter(database, files)

    def add(self, *paths: str, tool: str = "") -> list[int]:
        """A picture at each path; returns the ids."""
        for path in paths:
            file = self.files.absolute(path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"a picture")
        with_record = [replace(IMAGE, path=path, tool=tool) for path in paths]
        return [
            self.database.write(lambda c, one=one: self.library.add_in(c, one)).id
            for one in with_record
        ]

    def run(self) -> SidecarsWritten:
        return self.writer.run(CancelToken())

    def said(self, path: str) -> SidecarCuration | None:
        return read_sidecar(self.files.absolute(path))

    def due(self) -> Sequence[int]:
        return self.database.read(
            lambda c: [row[0] for row in c.execute("SELECT id FROM images WHERE sidecar_due")]
        )


IMAGE = NewImage(
    path="",
    sha256="0" * 64,
    size_bytes=9,
    media_type="image/png",
    width=64,
    height=48,
    created_at=datetime(2026, 11, 22, tzinfo=UTC),
    server_name="This computer",
    model_title="Sketch",
    job_id="",
    request=GenerationRequest("a fox", "sketch"),
)


@pytest.fixture
def shelf(database: Database, files: PictureFiles) -> Shelf:
    return Shelf(database, files)


def test_all_that_an_artist_makes_of_a_picture_is_beside_it(shelf: Shelf) -> None:
    one, two, _ = shelf.add("2026-11/1.png", "2026-11/2.png", "2026-11/3.png")
    shelf.curation.set_rating([one], 4)
    shelf.curation.set_favourite([one], True)
    shelf.curation.add_tags([one, two], ["snow", "Fuchs"])
    shelf.curation.set_notes(one, "print it\x01 large")
    shelf.curation.make_album("Best")
    (album,) = shelf.curation.albums()
    shelf.curation.add_to_album(album.id, [two, one])
    shelf.library.trash([two])
    assert shelf.run() == SidecarsWritten(2, 0)
    first, second = shelf.said("2026-11/1.png"), shelf.said("2026-11/2.png")
    assert first is not None
    assert second is not None
    assert (first.rating, first.is_favourite, first.notes) == (4, True, "print it\x01 large")
    assert first.tags == second.tags == ("Fuchs", "snow")
    assert (first.trashed_at, second.trashed_at) == (None, shelf.library.get(two).trashed_at)
    assert [place.name for place in (*first.albums, *second.albums)] == ["Best", "Best"]
    assert second.albums[0].position < first.albums[0].position
    assert shelf.said("2026-11/3.png") is None
    packet = sidecar_path(shelf.files.absolute("2026-11/1.png")).read_bytes()
    assert read_packet(packet).description == "a fox"
    assert (shelf.due(), shelf.run()) == ([], SidecarsWritten())


def test_the_picture_itself_is_not_touched(shelf: Shelf) -> None:
    (one,) = shelf.add("1.png")
    before = shelf.files.absolute("1.png").stat()
    shelf.curation.set_rating([one], 4)
    shelf.run()
    assert shelf.files.absolute("1.png").stat() == before


def test_what_is_taken_back_is_taken_back_there_too(shelf: Shelf) -> None:
    (one,) = shelf.add("1.png")
    change = shelf.curation.set_rating([one], 4)
    assert change is not None
    shelf.run()
    shelf.curation.revert(change)
    assert shelf.run() == SidecarsWritten(1, 0)
    assert not sidecar_path(shelf.files.absolute("1.png")).exists()


def test_more_than_a_batch_is_written_in_one_run(shelf: Shelf) -> None:
    ids = shelf.add(*(f"{n}.png" for n in range(230)))
    shelf.curation.set_rating(ids, 3)
    assert shelf.run() == SidecarsWritten(230, 0)
    assert shelf.said("229.png") == SidecarCuration(3)


def test_a_change_while_the_file_is_written_leaves_it_due(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = shelf.add("1.png")
    shelf.curation.set_rating([one], 3)
    write = shelf.database.write

    def change_first(operation):
        monkeypatch.undo()
        shelf.curation.set_rating([one], 5)
        return write(operation)

    monkeypatch.setattr(shelf.database, "write", change_first)
    shelf.run()
    assert (shelf.said("1.png"), shelf.due()) == (SidecarCuration(3), [one])
    shelf.run()
    assert (shelf.said("1.png"), shelf.due()) == (SidecarCuration(5), [])


@LATER
def test_a_folder_that_is_not_there_waits_and_the_others_do_not(shelf: Shelf) -> None:
    ids = shelf.add("drive/1.png", "drive/2.png", "here/3.png")
    shelf.curation.set_rating(ids, 2)
    drive = shelf.files.absolute("drive")
    drive.rename(drive.with_name("unplugged"))
    assert shelf.run() == SidecarsWritten(1, 2)
    assert (shelf.said("here/3.png"), drive.exists()) == (SidecarCuration(2), False)
    drive.with_name("unplugged").rename(drive)
    assert shelf.run() == SidecarsWritten(2, 0)
    assert shelf.said("drive/2.png") == SidecarCuration(2)


@LATER
def test_nothing_is_written_beside_a_picture_that_is_gone(shelf: Shelf) -> None:
    ids = shelf.add("1.png", "2.png")
    shelf.curation.set_rating(ids, 2)
    shelf.files.absolute("1.png").unlink()
    assert shelf.run() == SidecarsWritten(1, 1)
    assert (shelf.said("1.png"), shelf.said("2.png")) == (None, SidecarCuration(2))
    assert shelf.due() == ids[:1]


@LATER
def test_a_sidecar_that_cannot_be_written_does_not_keep_other_folders_from_theirs(
    shelf: Shelf,
) -> None:
    ids = shelf.add("a/1.png", "b/2.png")
    shelf.curation.set_rating(ids, 2)
    sidecar_path(shelf.files.absolute("a/1.png")).mkdir()
    assert shelf.run() == SidecarsWritten(1, 1)
    assert shelf.said("b/2.png") == SidecarCuration(2)


@LATER
def test_a_full_disk_is_waited_out_with_nothing_half_written(
    database: Database, tmp_path: Path
) -> None:
    with small_disk_at(tmp_path / "small") as disk:
        shelf = Shelf(database, PictureFiles(disk))
        ids = shelf.add("1.png", "2.png")
        shelf.curation.set_rating(ids[:1], 1)
        shelf.run()
        shelf.curation.set_rating(ids, 5)
        fill(disk)
        assert shelf.run() == SidecarsWritten(0, 2)
        assert sorted(path.name for path in disk.iterdir()) == [
            "1.png",
            "1.png.xmp",
            "2.png",
            "ballast",
        ]
        assert shelf.said("1.png") == SidecarCuration(1)
        make_room(disk)
        assert shelf.run() == SidecarsWritten(2, 0)
        assert shelf.said("2.png") == SidecarCuration(5)


@LATER
def test_a_library_that_is_closed_ends_the_run_quietly(shelf: Shelf) -> None:
    shelf.add("1.png")
    shelf.database.close()
    assert shelf.run() == SidecarsWritten()


def test_a_cancelled_run_writes_nothing_more_and_forgets_nothing(shelf: Shelf) -> None:
    ids = shelf.add("1.png")
    shelf.curation.set_rating(ids, 2)
    token = CancelToken()
    token.cancel()
    assert shelf.writer.run(token) == SidecarsWritten()
    assert shelf.due() == ids


@needs_exiftool
def test_what_another_program_wrote_since_is_taken_over_and_not_written_over(shelf: Shelf) -> None:
    one, two = shelf.add("1.png", "2.png")
    shelf.curation.add_tags([one, two], ["snow", "fox"])
    shelf.curation.set_rating([one], 3)
    shelf.run()
    changes = ("-XMP-xmp:Rating=1", "-XMP-dc:Subject-=fox", "-XMP-dc:Subject+=theirs")
    exiftool("-overwrite_original", *changes, sidecar_path(shelf.files.absolute("1.png")))
    shelf.curation.set_favourite([one], True)
    shelf.curation.add_tags([one], ["ours"])
    assert shelf.run() == SidecarsWritten(1, 0, (one,))
    assert shelf.due() == []
    assert shelf.said("1.png") == SidecarCuration(1, True, ("ours", "snow", "theirs"))
    record = shelf.library.get(one)
    assert record is not None
    assert (record.rating, record.tags) == (1, ("ours", "snow", "theirs"))
    other = shelf.library.get(two)
    assert other is not None
    assert other.tags == ("fox", "snow")


def theirs(shelf: Shelf, path: str) -> None:
    """A sidecar that another program has made, with two tags and three stars."""
    picture = shelf.files.absolute(path)
    write_sidecar(picture, SidecarCuration(3, tags=("old", "older")))
    text = sidecar_path(picture).read_text()
    for ours in ("Known", "Rating", "Tags"):
        text = text.replace(f"algovera:{ours}>", f"algovera:Other{ours}>")
    sidecar_path(picture).write_text(text)


def test_a_sidecar_that_another_program_made_adds_to_what_is_made_of_a_picture_here(
    shelf: Shelf,
) -> None:
    (one,) = shelf.add("1.png")
    theirs(shelf, "1.png")
    shelf.curation.add_tags([one], ["ours"])
    assert shelf.run() == SidecarsWritten(1, 0, (one,))
    assert shelf.said("1.png") == SidecarCuration(3, tags=("old", "older", "ours"))


def test_a_tag_taken_off_an_imported_picture_does_not_come_back_from_its_sidecar(
    shelf: Shelf,
) -> None:
    (one,) = shelf.add("1.png")
    theirs(shelf, "1.png")
    brought = SidecarCuration(3, tags=("old", "older"))
    shelf.database.write(lambda connection: adopt(connection, {one: brought}, [one]))
    assert shelf.run() == SidecarsWritten(1)
    shelf.curation.remove_tags([one], ["old"])
    shelf.curation.set_rating([one], 0)
    assert shelf.run() == SidecarsWritten(1)
    assert shelf.said("1.png") == SidecarCuration(tags=("older",))


def test_what_another_program_makes_of_an_imported_picture_is_not_lost(shelf: Shelf) -> None:
    (one,) = shelf.add("1.png", tool="ComfyUI")
    theirs(shelf, "1.png")
    shelf.curation.set_favourite([one], True)
    assert shelf.run() == SidecarsWritten(1, 0, (one,))
    assert shelf.said("1.png") == SidecarCuration(3, True, ("old", "older"))


def test_a_sidecar_counted_up_by_whoever_noticed_a_change_is_looked_at(shelf: Shelf) -> None:
    (one,) = shelf.add("1.png")
    shelf.curation.set_rating([one], 2)
    shelf.run()
    sidecar = sidecar_path(shelf.files.absolute("1.png"))
    sidecar.write_text(sidecar.read_text().replace("xmp:Rating>2", "xmp:Rating>5"))
    shelf.database.write(lambda c: c.execute("UPDATE images SET sidecar_due = sidecar_due + 1"))
    assert shelf.run() == SidecarsWritten(1, 0, (one,))
    record = shelf.library.get(one)
    assert record is not None
    assert (record.rating, shelf.due()) == (5, [])


CURATOR = """
import sys
from pathlib import Path
from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.library.adopted_curation import adopt
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.services.sidecars import SidecarWriter

folder, count = Path(sys.argv[1]), int(sys.argv[2])
database = Database(folder / "library.sqlite3")
curation = Curation(database)
writer = SidecarWriter(database, PictureFiles(folder / "pictures"))
print("begun", flush=True)
number = 0
while True:
    number += 1
    curation.set_rating(range(1, count + 1), number % 6)
    curation.add_tags([number % count + 1], [f"tag {number % 7}"])
    curation.set_notes(number % count + 1, f"note {number}")
    writer.run(CancelToken())
"""


def kill_somewhere(folder: Path, count: int, after_s: float) -> None:
    command = [sys.executable, "-c", CURATOR, str(folder), str(count)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "begun\n"
        time.sleep(after_s)
        process.kill()
    process.wait()


def test_a_kill_at_any_moment_leaves_whole_sidecars_and_the_next_run_completes_them(
    tmp_path: Path,
) -> None:
    paths = [f"2026-11/{n}.png" for n in range(12)]
    files = PictureFiles(tmp_path / "pictures")
    with closing(Database(tmp_path / "library.sqlite3")) as database:
        Shelf(database, files).add(*paths)
    chance = random.Random(11)
    for _ in range(6):
        kill_somewhere(tmp_path, len(paths), chance.uniform(0, 0.25))
        for path in paths:
            read_sidecar(files.absolute(path))
    with closing(Database(tmp_path / "library.sqlite3")) as database:
        shelf = Shelf(database, files)
        shelf.run()
        assert shelf.due() == []
        for number, path in enumerate(paths, 1):
            record = shelf.library.get(number)
            assert record is not None
            expected = SidecarCuration(record.rating, tags=record.tags, notes=record.notes)
            assert (shelf.said(path) or SidecarCuration()) == expected
        known = {files.absolute(path) for path in paths}
        known |= {sidecar_path(picture) for picture in known}
        assert set(files.absolute("2026-11").iterdir()) <= known


def test_albums_keep_their_order_in_the_files(shelf: Shelf) -> None:
    ids = shelf.add("1.png", "2.png", "3.png")
    shelf.curation.make_album("Best")
    (album,) = shelf.curation.albums()
    shelf.curation.add_to_album(album.id, ids)
    shelf.curation.move_in_album(album.id, ids[2:], ids[0])
    shelf.run()
    places: dict[str, AlbumPlace] = {}
    for path in ("1.png", "2.png", "3.png"):
        said = shelf.said(path)
        assert said is not None
        (places[path],) = said.albums
    assert sorted(places, key=lambda path: places[path].position) == ["3.png", "1.png", "2.png"]
