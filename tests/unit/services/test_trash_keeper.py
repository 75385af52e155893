"""The trash is emptied: for good, only what lies in it, and across a kill."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import JobCancelledError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import LibraryQuery, NewImage
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.rows import to_stamp
from algovera_desktop.library.sidecar import sidecar_path, write_sidecar
from algovera_desktop.library.store import Library
from algovera_desktop.library.thumbnails import ThumbnailCache
from algovera_desktop.library.trash import Trash
from algovera_desktop.library.xmp_curation import SidecarCuration
from algovera_desktop.services.trash_keeper import Emptied, TrashKeeper
from support.kept_library import KeptLibrary

IMAGE = NewImage(
    path="",
    sha256="0" * 64,
    size_bytes=7,
    media_type="image/png",
    width=64,
    height=48,
    created_at=datetime(2026, 11, 22, tzinfo=UTC),
    server_name="This computer",
    model_title="Sketch",
    job_id="",
    request=GenerationRequest("a fox", "sketch"),
)


@dataclass
class Place:
    """A library in a folder, with a file and a sidecar for each picture."""

    folder: Path
    database: Database

    def __post_init__(self) -> None:
        self.library = Library(self.database)
        self.pictures = self.folder / "pictures"
        self.keeper = TrashKeeper(Trash(self.database), PictureFiles(self.pictures))

    def add(self, count: int, *, first: int = 0) -> None:
        numbers = range(first, first + count)
        paths = [f"2026-{number % 12 + 1:02}/{number}.png" for number in numbers]
        for path in paths:
            file = self.pictures / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"picture")
            file.with_name(file.name + ".xmp").write_bytes(b"sidecar")
        self.database.write(
            lambda connection: [
                self.library.add_in(connection, replace(IMAGE, path=path)) for path in paths
            ]
        )

    def trash(self, *ids: int, days_ago: float = 0) -> None:
        self.library.trash(ids)
        stamp = to_stamp(datetime.now(UTC) - timedelta(days=days_ago))
        self.database.write(
            lambda connection: connection.executemany(
                "UPDATE images SET trashed_at = ? WHERE id = ?", [(stamp, one) for one in ids]
            )
        )

    def empty(self, *ids: int) -> Emptied:
        return self.keeper.empty(CancelToken(), lambda _emptied: None, ids or None)

    def kept(self, *, trashed: bool = False) -> list[int]:
        query = LibraryQuery(trashed=trashed)
        return sorted(record.id for record in self.library.page(query, limit=10_000))

    def file(self, image_id: int) -> Path:
        record = self.library.get(image_id)
        assert record is not None
        return self.pictures / record.path

    def files(self) -> set[Path]:
        return {path for path in self.pictures.rglob("*") if path.is_file()}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with closing(Database(tmp_path / "library.sqlite3")) as database:
        place = Place(tmp_path, database)
        place.add(6)
        yield place


def test_what_is_in_the_trash_goes_with_its_files_and_the_rest_stays(place: Place) -> None:
    gone = place.file(2)
    place.trash(2, 3)
    assert place.empty() == Emptied(removed=2)
    assert (place.kept(), place.kept(trashed=True)) == ([1, 4, 5, 6], [])
    assert not gone.exists()
    assert len(place.files()) == 8


def test_a_picture_that_was_imported_in_its_place_keeps_its_file(place: Place) -> None:
    theirs, ours = place.folder / "theirs.png", place.folder / "chosen" / "ours.png"
    for file in (theirs, ours):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"picture")
    images = (
        replace(IMAGE, path=theirs.as_posix(), job_id="", tool="ComfyUI"),
        replace(IMAGE, path=ours.as_posix(), job_id="a job"),
    )
    place.database.write(lambda one: [place.library.add_in(one, image) for image in images])
    place.trash(7, 8)
    assert place.empty() == Emptied(removed=2)
    assert (theirs.exists(), ours.exists()) == (True, False)
    assert place.kept(trashed=True) == []


@pytest.mark.parametrize("is_darktables", [False, True])
@pytest.mark.parametrize("is_there", [False, True])
def test_of_a_picture_left_in_its_place_only_our_own_sidecar_goes_and_only_with_it(
    place: Place, tmp_path: Path, is_there: bool, is_darktables: bool
) -> None:
    file = tmp_path / "elsewhere" / "1.png"
    file.parent.mkdir()
    if is_there:
        file.write_bytes(b"picture")
    write_sidecar(file, SidecarCuration(rating=3, tags=("fox",)), IMAGE.request.prompt)
    beside = sidecar_path(file)
    if is_darktables:
        end, theirs = "</rdf:RDF>", '<rdf:Description xmlns:d="http://d/" d:history_end="1"/>'
        beside.write_text(beside.read_text("utf-8").replace(end, theirs + end), "utf-8")
    image = replace(IMAGE, path=file.as_posix())
    record = place.database.write(lambda connection: place.library.add_in(connection, image))
    place.trash(record.id)
    assert place.empty() == Emptied(removed=1)
    assert place.library.get(record.id) is None
    assert beside.exists() == (is_there or is_darktables)
    assert file.exists() == is_there


def test_only_those_chosen_go_and_only_if_they_are_in_the_trash(place: Place) -> None:
    place.trash(2, 3)
    assert place.empty(1, 3, 99) == Emptied(removed=1)
    assert (place.kept(), place.kept(trashed=True)) == ([1, 4, 5, 6], [2])
    assert place.file(1).exists()
    assert place.file(2).exists()


@pytest.mark.parametrize(
    ("days", "left"), [(30, [3, 4]), (7, [4]), (1, [4]), (40, [1, 2, 3, 4]), (0, [1, 2, 3, 4])]
)
def test_what_has_been_there_long_enough_goes_by_itself(
    place: Place, days: int, left: list[int]
) -> None:
    place.trash(1, 2, days_ago=31)
    place.trash(3, days_ago=8)
    place.trash(4)
    assert place.keeper.empty_old(days, CancelToken()) == Emptied(removed=4 - len(left))
    assert place.kept(trashed=True) == left


def test_what_is_restored_while_the_trash_is_emptied_is_spared(place: Place) -> None:
    place.add(194, first=6)
    place.trash(*range(1, 201))
    keeper = place.keeper

    def restore_the_last(_emptied: Emptied) -> None:
        place.library.restore([200])

    emptied = keeper.empty(CancelToken(), restore_the_last)
    assert emptied == Emptied(removed=199)
    assert 200 in place.kept()
    assert place.file(200).exists()


def test_what_is_going_cannot_be_brought_back(place: Place) -> None:
    place.trash(1, 2)
    Trash(place.database).claim([1])
    assert place.library.restore([1, 2]) == (2,)
    assert place.keeper.empty_old(0, CancelToken()) == Emptied(removed=1)
    assert place.kept() == [2, 3, 4, 5, 6]
    assert place.kept(trashed=True) == []


def test_it_ends_between_two_batches_when_it_is_cancelled(place: Place) -> None:
    token, reports = CancelToken(), list[Emptied]()

    def report(emptied: Emptied) -> None:
        reports.append(emptied)
        token.cancel()

    place.trash(1, 2)
    with pytest.raises(JobCancelledError):
        place.keeper.empty(token, report)
    with pytest.raises(JobCancelledError):
        place.keeper.empty(token, report)
    assert reports == [Emptied(removed=2)]


@pytest.mark.allows_log("left in the trash")
def test_a_file_that_cannot_be_deleted_stays_in_the_trash_with_its_picture(place: Place) -> None:
    stubborn = place.file(1)
    stubborn.unlink()
    stubborn.mkdir()
    place.trash(1, 2, days_ago=31)
    emptied = place.keeper.empty_old(30, CancelToken())
    assert (emptied.removed, emptied.left) == (1, 1)
    assert stubborn.name in emptied.problem
    assert place.kept(trashed=True) == [1]
    assert place.keeper.empty_old(30, CancelToken()) == Emptied()
    assert place.library.restore([1]) == (1,)


@pytest.mark.allows_log("left in the trash")
def test_a_folder_that_is_gone_keeps_its_pictures_unless_asked_by_hand(place: Place) -> None:
    place.trash(1, 2, days_ago=31)
    folder = place.file(1).parent
    folder.rename(folder.with_name("unplugged"))
    emptied = place.keeper.empty_old(30, CancelToken())
    assert (emptied.removed, emptied.left) == (1, 1)
    assert place.kept(trashed=True) == [1]
    assert place.empty() == Emptied(removed=1)


@pytest.mark.parametrize("is_emptied", [False, True])
def test_pictures_on_a_drive_that_is_away_stay_in_the_trash_until_it_is_back(
    place: Place, *, is_emptied: bool
) -> None:
    place.trash(1, 2)
    unplugged = place.pictures.rename(place.folder / "unplugged")
    if is_emptied:
        place.pictures.mkdir()
    assert replace(place.empty(), problem="") == Emptied(left=2)
    assert place.kept(trashed=True) == [1, 2]
    if is_emptied:
        place.pictures.rmdir()
    unplugged.rename(place.pictures)
    assert place.empty() == Emptied(removed=2)
    assert len(place.files()) == 8


def test_another_picture_that_has_the_name_by_now_is_not_deleted(tmp_path: Path) -> None:
    with KeptLibrary(tmp_path / "data") as kept:
        good, bad = kept.add(1), kept.add(2)
        kept.library.trash([bad.id])
        good_file, bad_file = (kept.files.absolute(one.path) for one in (good, bad))
        good_file.replace(bad_file)
        emptied = TrashKeeper(Trash(kept.database), kept.files).empty(
            CancelToken(), lambda _emptied: None
        )
        assert replace(emptied, problem="") == Emptied(left=1)
        assert bad_file.read_bytes()
        assert [record.id for record in kept.records()] == [good.id, bad.id]


def test_a_picture_whose_file_has_gone_already_goes_too(place: Place) -> None:
    place.trash(1, days_ago=31)
    place.file(1).unlink()
    assert place.keeper.empty_old(30, CancelToken()) == Emptied(removed=1)
    assert place.kept(trashed=True) == []


def test_no_thumbnail_of_a_deleted_picture_is_kept(place: Place, tmp_path: Path) -> None:
    place.trash(1)
    with closing(ThumbnailCache(tmp_path / "thumbnails.sqlite3")) as cache:
        cache.put(IMAGE.sha256, 160, b"small")
        keeper = TrashKeeper(Trash(place.database), PictureFiles(place.pictures), cache)
        keeper.empty_old(1, CancelToken())
        assert cache.get(IMAGE.sha256, 160) == b"small"
        keeper.empty(CancelToken(), lambda _emptied: None)
        assert cache.get(IMAGE.sha256, 160) is None


def test_tags_and_places_in_albums_go_with_the_picture(place: Place) -> None:
    curation = Curation(place.database)
    curation.add_tags([1, 2], ["fox"])
    curation.add_tags([1], ["snow"])
    curation.make_album("Best", [1, 2])
    place.trash(1)
    place.empty()
    names = place.database.read(
        lambda connection: [row[0] for row in connection.execute("SELECT name FROM tags")]
    )
    assert names == ["fox"]
    assert [album.count for album in curation.albums()] == [1]


KEEPER = """
import sys
from contextlib import closing
from pathlib import Path
from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.trash import Trash
from algovera_desktop.library.xmp_curation import SidecarCuration
from algovera_desktop.services.trash_keeper import TrashKeeper

folder = Path(sys.argv[1])
database = Database(folder / "library.sqlite3")
keeper = TrashKeeper(Trash(database), PictureFiles(folder / "pictures"))

def report(emptied):
    # Waits for leave: where the killer gets no time, the trash would be empty before the kill.
    print(emptied.removed, flush=True)
    sys.stdin.readline()

keeper.empty(CancelToken(), report)
"""


@pytest.mark.parametrize("seed", range(2))
def test_a_kill_leaves_no_half_deleted_picture_that_could_come_back(
    tmp_path: Path, seed: int
) -> None:
    moments = random.Random(seed)
    with closing(Database(tmp_path / "library.sqlite3")) as database:
        place = Place(tmp_path, database)
        place.add(600)
        place.trash(*range(1, 600), days_ago=31)
    for _ in range(2):
        command = [sys.executable, "-c", KEEPER, str(tmp_path)]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as keeper:
            assert keeper.stdin is not None
            assert keeper.stdout is not None
            for _ in range(moments.randint(1, 4)):
                assert keeper.stdout.readline()
                keeper.stdin.write("on\n")
                keeper.stdin.flush()
            time.sleep(moments.uniform(0.0, 0.01))
            keeper.kill()
        with closing(Database(tmp_path / "library.sqlite3")) as database:
            place = Place(tmp_path, database)
            whole = {path for path in place.files() if path.suffix == ".png"}
            known = {place.file(one) for one in (*place.kept(), *place.kept(trashed=True))}
            assert whole <= known
            restored = place.library.restore(place.kept(trashed=True))
            assert {place.file(image_id) for image_id in restored} <= whole
            place.trash(*restored, days_ago=31)
    with closing(Database(tmp_path / "library.sqlite3")) as database:
        place = Place(tmp_path, database)
        assert len(place.kept(trashed=True)) in range(1, 600)
        place.keeper.empty_old(30, CancelToken())
        assert (place.kept(), place.kept(trashed=True)) == ([600], [])
        last = place.file(600)
        assert place.files() == {last, last.with_name(last.name + ".xmp")}
