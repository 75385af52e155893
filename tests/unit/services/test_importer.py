"""Pictures of other tools come into a real library, once each, whatever happens on the way."""

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import DiskFullError, JobCancelledError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord, LibraryQuery
from algovera_desktop.domain.jobs import Job, JobState
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.picture_file import read_picture_file
from algovera_desktop.library.raw_metadata import RawMetadata
from algovera_desktop.library.sidecar import read_sidecar, write_sidecar
from algovera_desktop.library.store import Library
from algovera_desktop.library.xmp_curation import AlbumPlace, SidecarCuration
from algovera_desktop.services.adoption import adopt_pictures
from algovera_desktop.services.import_report import ImportMode, ImportProgress, ImportReport
from algovera_desktop.services.importer import Importer
from support.full_disk import fill, make_room, small_disk_at

COPY, IN_PLACE = ImportMode.COPY, ImportMode.IN_PLACE
INFOTEXT = (
    "a fox number {n}\nNegative prompt: blurry\nSteps: 25, Sampler: Euler a, CFG scale: 6.5, "
    "Seed: {n}, Size: 64x48, Model: dreamshaper_8, Version: v1.10.1"
)


def picture(n: int, text: str | None = None) -> bytes:
    info = PngInfo()
    info.add_text("parameters", INFOTEXT.format(n=n) if text is None else text)
    buffer = io.BytesIO()
    image = Image.new("RGB", (64, 48), (n % 256, n // 256 % 256, 7))
    image.save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def put(path: Path, data: bytes, at_s: float = 1_700_000_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (at_s, at_s))
    return path


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return tmp_path / "shelf"


@pytest.fixture
def importer(database: Database, library: Library, files: PictureFiles) -> Importer:
    return Importer(database, library, files)


def run(
    importer: Importer,
    sources: Sequence[Path],
    mode: ImportMode = COPY,
    token: CancelToken | None = None,
) -> ImportReport:
    return importer.run(sources, mode, token or CancelToken(), lambda progress: None)


def records(library: Library) -> list[ImageRecord]:
    """Everything in the library, the first that came in first."""
    return library.page(LibraryQuery(), limit=10_000)[::-1]


def files_below(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


@pytest.mark.parametrize("mode", ImportMode)
def test_pictures_come_with_what_their_tool_says(
    importer: Importer,
    library: Library,
    database: Database,
    files: PictureFiles,
    shelf: Path,
    mode: ImportMode,
) -> None:
    data = picture(5)
    put(shelf / "2023" / "fox.png", data)
    report = run(importer, [shelf], mode)
    (record,) = records(library)
    assert report == ImportReport((record.id,), 0, (), ())
    request = record.request
    assert (request.prompt, request.negative_prompt) == ("a fox number 5", "blurry")
    assert (request.seed, request.steps, request.model) == (5, 25, "dreamshaper_8")
    assert (record.tool, record.width, record.height) == ("AUTOMATIC1111", 64, 48)
    assert record.created_at.timestamp() == 1_700_000_000
    assert RawMetadata(database).read(record.id) == {"parameters": INFOTEXT.format(n=5)}
    kept = files.absolute(record.path)
    assert kept.read_bytes() == data
    assert kept.name == "fox.png"
    assert (kept == shelf / "2023" / "fox.png") is (mode is IN_PLACE)
    assert kept.stat().st_mtime == 1_700_000_000
    assert modified_ns(database, record.id) == kept.stat().st_mtime_ns


def modified_ns(database: Database, image_id: int) -> int:
    statement = "SELECT modified_ns FROM images WHERE id = ?"
    return database.read(lambda c: c.execute(statement, (image_id,)).fetchone()[0])


@pytest.mark.parametrize("mode", ImportMode)
def test_the_oldest_comes_first(
    importer: Importer, library: Library, shelf: Path, mode: ImportMode
) -> None:
    for name, n, at_s in (("b.png", 1, 3e8), ("a/z.png", 2, 1e8), ("c.png", 3, 2e8)):
        put(shelf / name, picture(n), at_s)
    report = run(importer, [shelf], mode)
    assert [record.request.seed for record in records(library)] == [2, 3, 1]
    assert report.image_ids == tuple(record.id for record in records(library))


@pytest.mark.parametrize("first", ImportMode)
@pytest.mark.parametrize("second", ImportMode)
def test_run_twice_nothing_comes_twice(
    importer: Importer,
    library: Library,
    files: PictureFiles,
    shelf: Path,
    first: ImportMode,
    second: ImportMode,
) -> None:
    for n in range(3):
        put(shelf / f"{n}.png", picture(n))
    run(importer, [shelf], first)
    held = files_below(files.absolute(""))
    report = run(importer, [shelf, shelf / "1.png"], second)
    assert (report.image_ids, report.known_count, report.trashed_ids) == ((), 3, ())
    assert len(records(library)) == 3
    assert files_below(files.absolute("")) == held


def test_the_same_picture_under_two_names_comes_in_once(
    importer: Importer, library: Library, shelf: Path
) -> None:
    put(shelf / "one.png", picture(1))
    put(shelf / "two.png", picture(1))
    report = run(importer, [shelf])
    assert (len(report.image_ids), report.known_count) == (1, 1)


def test_what_lies_in_the_trash_stays_there_and_is_told(
    importer: Importer, library: Library, shelf: Path
) -> None:
    put(shelf / "fox.png", picture(1))
    (image_id,) = run(importer, [shelf]).image_ids
    library.trash([image_id])
    for mode in ImportMode:
        report = run(importer, [shelf], mode)
        assert (report.image_ids, report.known_count, report.trashed_ids) == ((), 1, (image_id,))
    assert records(library) == []


def test_two_pictures_of_one_name_keep_it_with_a_number(
    importer: Importer, library: Library, files: PictureFiles, shelf: Path
) -> None:
    for folder in ("a", "b", "c"):
        put(shelf / folder / "fox.png", picture(ord(folder)))
    run(importer, [shelf])
    names = sorted(Path(record.path).name for record in records(library))
    assert names == ["fox (2).png", "fox (3).png", "fox.png"]


def test_nothing_that_lies_there_is_overwritten(
    importer: Importer, library: Library, files: PictureFiles, shelf: Path
) -> None:
    put(shelf / "fox.png", picture(1))
    run(importer, [shelf])
    (record,) = records(library)
    stranger = put(files.absolute(record.path).with_name("hare.png"), b"not ours")
    files.absolute(record.path).unlink()
    put(shelf / "hare.png", picture(2))
    put(shelf / "sub" / "fox.png", picture(3))
    run(importer, [shelf])
    assert stranger.read_bytes() == b"not ours"
    assert len({each.path for each in records(library)}) == 3


def test_a_picture_of_no_tool_comes_in_all_the_same(
    importer: Importer, library: Library, shelf: Path
) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (30, 20)).save(buffer, "JPEG")
    put(shelf / "photo.JPG", buffer.getvalue())
    run(importer, [shelf])
    (record,) = records(library)
    assert (record.tool, record.request.prompt, record.media_type) == ("unknown", "", "image/jpeg")
    assert (record.request.width, record.request.height) == (30, 20)


def test_what_was_made_of_a_picture_comes_with_it(
    importer: Importer, library: Library, files: PictureFiles, shelf: Path
) -> None:
    curation = SidecarCuration(
        rating=4,
        is_favourite=True,
        tags=("Fuchs", "Schnee"),
        albums=(AlbumPlace("Best", 2),),
        notes="keep",
    )
    first = put(shelf / "a.png", picture(1), 1e8)
    write_sidecar(first, curation)
    second = put(shelf / "b.png", picture(2), 2e8)
    write_sidecar(second, SidecarCuration(tags=("schnee",), albums=(AlbumPlace("best", 1),)))
    second.with_name("b.png.xmp").rename(second.with_name("b.xmp"))
    sidecar = first.with_name("a.png.xmp").read_bytes()
    run(importer, [shelf])
    one, two = records(library)
    assert (one.rating, one.is_favourite, one.notes) == (4, True, "keep")
    assert (one.tags, one.albums) == (("Fuchs", "Schnee"), ("Best",))
    assert (two.tags, two.albums) == (("Schnee",), ("Best",))
    kept = files.absolute(one.path)
    assert kept.with_name("a.png.xmp").read_bytes() == sidecar
    assert read_sidecar(files.absolute(two.path)) is not None


def test_a_sidecar_that_cannot_be_read_costs_a_remark_only(
    importer: Importer, library: Library, shelf: Path
) -> None:
    put(shelf / "a.png", picture(1))
    broken = put(shelf / "a.png.xmp", b"<broken")
    report = run(importer, [shelf])
    assert len(report.image_ids) == 1
    assert [remark.path for remark in report.remarks] == [broken]
    assert broken.read_bytes() == b"<broken"


def test_each_file_that_cannot_be_read_costs_one_line(
    importer: Importer, library: Library, shelf: Path
) -> None:
    put(shelf / "good.png", picture(1))
    put(shelf / "cut.png", picture(2)[:-30])
    put(shelf / "text.png", b"hello")
    put(shelf / "empty.jpg", b"")
    (shelf / "gone.png").symlink_to(shelf / "nowhere.png")
    report = run(importer, [shelf, shelf / "missing.png", shelf / "none"])
    assert len(report.image_ids) == 1
    refused = {remark.path.name: remark.reason for remark in report.refused}
    assert refused.keys() == {"cut.png", "text.png", "empty.jpg", "missing.png", "none"}
    assert refused["cut.png"] == "the file is cut off"
    assert refused["text.png"] == "this is not a PNG, JPEG or WebP"


def test_a_name_that_is_no_text_is_copied_under_another(
    importer: Importer, library: Library, shelf: Path
) -> None:
    shelf.mkdir()
    path = os.fsencode(shelf) + b"/f\xf6x.png"
    Path(os.fsdecode(path)).write_bytes(picture(1))
    report = run(importer, [shelf], IN_PLACE)
    assert [remark.reason for remark in report.refused] == ["its name is no readable text"]
    report = run(importer, [shelf], COPY)
    assert len(report.image_ids) == 1


def test_only_what_is_called_a_picture_is_looked_for_and_nothing_hidden(
    importer: Importer, library: Library, shelf: Path
) -> None:
    put(shelf / "in.png", picture(1))
    put(shelf / ".hidden.png", picture(2))
    put(shelf / ".cache" / "thumb.png", picture(3))
    put(shelf / "notes.txt", b"text")
    (shelf / "circle").symlink_to(shelf, target_is_directory=True)
    report = run(importer, [shelf, shelf / ".." / "shelf"])
    assert (len(report.image_ids), report.known_count, report.refused) == (1, 0, ())


def test_progress_is_told_up_to_the_end(importer: Importer, shelf: Path) -> None:
    for n in range(450):
        put(shelf / f"{n}.png", picture(n))
    told: list[ImportProgress] = []
    report = importer.run([shelf], IN_PLACE, CancelToken(), told.append)
    assert len(report.image_ids) == 450
    assert told == [ImportProgress(done, 450) for done in (0, 200, 400, 450)]


@pytest.mark.parametrize("mode", ImportMode)
def test_cancelled_it_keeps_what_came_in_and_goes_on_later(
    importer: Importer, library: Library, files: PictureFiles, shelf: Path, mode: ImportMode
) -> None:
    for n in range(450):
        put(shelf / f"{n}.png", picture(n))
    token = CancelToken()

    def cancel_after_the_first(progress: ImportProgress) -> None:
        if progress.done:
            token.cancel()

    report = importer.run([shelf], mode, token, cancel_after_the_first)
    assert isinstance(report.stopped_by, JobCancelledError)
    assert len(report.image_ids) == 200 == len(records(library))
    if mode is COPY:
        assert len(files_below(files.absolute(""))) == 200
    assert len(run(importer, [shelf], mode).image_ids) == 250


def test_a_full_disk_stops_it_with_nothing_left_half_done(
    database: Database, library: Library, shelf: Path, tmp_path: Path
) -> None:
    for n in range(4):
        put(shelf / f"{n}.png", picture(n) + bytes(100_000))
    with small_disk_at(tmp_path / "small") as disk:
        ballast = fill(disk, leave_bytes=250_000)
        importer = Importer(database, library, PictureFiles(disk / "pictures"))
        report = run(importer, [shelf])
        assert isinstance(report.stopped_by, DiskFullError)
        assert report.image_ids == ()
        assert files_below(disk) == [ballast.name]
        make_room(disk)
        assert len(run(importer, [shelf]).image_ids) == 4


def test_nothing_is_copied_to_where_the_drive_of_the_chosen_folder_belongs(
    database: Database, library: Library, shelf: Path, tmp_path: Path
) -> None:
    put(shelf / "0.png", picture(0))
    drive = tmp_path / "drive"
    drive.mkdir()
    files = PictureFiles(tmp_path / "pictures", drive / "pictures")
    report = run(Importer(database, library, files), [shelf])
    assert report.image_ids == ()
    assert f"the folder {drive / 'pictures'} is not there" in str(report)
    assert list(drive.iterdir()) == []


def test_a_folder_that_cannot_be_made_costs_each_picture_a_line(
    importer: Importer, files: PictureFiles, shelf: Path
) -> None:
    for n in range(3):
        put(shelf / f"{n}.png", picture(n))
    files.absolute("").mkdir()
    put(files.absolute("imported"), b"a file where the folder should be")
    report = run(importer, [shelf])
    assert report.image_ids == ()
    assert len(report.refused) == 3
    assert files_below(files.absolute("")) == ["imported"]


class Meanwhile(CancelToken):
    """Has something done while a picture is on its way, at the third look at the token."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self._act = act
        self._looks = 0

    def raise_if_cancelled(self) -> None:
        super().raise_if_cancelled()
        self._looks += 1
        if self._looks == 3:
            self._act()


@pytest.mark.parametrize("mode", ImportMode)
@pytest.mark.parametrize("name", ["fox.png", "twin.png"])
def test_a_picture_that_got_its_record_meanwhile_comes_in_once(
    database: Database,
    library: Library,
    files: PictureFiles,
    importer: Importer,
    shelf: Path,
    mode: ImportMode,
    name: str,
) -> None:
    source = put(shelf / "fox.png", picture(1))
    twin = put(shelf / "apart" / name, picture(1)) if name == "twin.png" else source

    def adopt() -> None:
        found = [(twin.as_posix(), read_picture_file(twin))]
        assert len(adopt_pictures(database, library, found)) == 1

    report = run(importer, [source], mode, Meanwhile(adopt))
    assert (report.image_ids, report.known_count, report.stopped_by) == ((), 1, None)
    (record,) = records(library)
    assert record.path == twin.as_posix()
    assert files_below(files.absolute("")) == []
    assert source.read_bytes() == picture(1)


def test_our_own_pictures_come_from_another_library_to_the_letter(
    importer: Importer, library: Library, tmp_path: Path
) -> None:
    request = GenerationRequest(" Negative prompt: a\nfox ", "sketch", 64, 48, seed=2**53 - 1)
    now = datetime(2025, 3, 4, 5, 6, 7, 8, tzinfo=UTC)
    job = Job(
        id="3f2a9c1d5e704b1c9d0e8f7a6b5c4d3e",
        group_id="0" * 32,
        server_id="local",
        request=request,
        state=JobState.FETCHING,
        created_at=now,
        updated_at=now,
        parent_sha256="ab" * 32,
    )
    other = PictureFiles(tmp_path / "other")
    plain = io.BytesIO()
    Image.new("RGB", (64, 48)).save(plain, "PNG")
    other.save(plain.getvalue(), "image/png", job, server_name="Studio", created_at=now)
    run(importer, [tmp_path / "other"])
    (record,) = records(library)
    assert (record.request, record.tool, record.server_name) == (request, "", "Studio")
    assert (record.created_at, record.parent_sha256, record.job_id) == (now, "ab" * 32, job.id)


IMPORT = """
import sys
from pathlib import Path
from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services import import_run
from algovera_desktop.services.import_report import ImportMode
from algovera_desktop.services.importer import Importer

import_run.BATCH = 20
folder = Path(sys.argv[1])
database = Database(folder / "library.sqlite3")
importer = Importer(database, Library(database), PictureFiles(folder / "pictures"))
print("begun", flush=True)
report = importer.run([folder / "shelf"], ImportMode.COPY, CancelToken(), lambda progress: None)
assert report.stopped_by is None and not report.refused
database.close()
"""


def test_killed_at_any_moment_and_run_again_there_is_one_of_each(tmp_path: Path) -> None:
    count = 240
    for n in range(count):
        path = put(tmp_path / "shelf" / f"{n % 40}" / f"{n % 7}.png", picture(n), 1e9 + n)
        if n % 10 == 0:
            write_sidecar(path, SidecarCuration(rating=3))
    command = [sys.executable, "-c", IMPORT, str(tmp_path)]
    kills = 0
    for delay_s in (0.0, 0.05, 0.12, 0.25):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            time.sleep(delay_s)
            process.send_signal(signal.SIGKILL)
        kills += process.returncode == -signal.SIGKILL
    assert kills >= 2
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    database = Database(tmp_path / "library.sqlite3")
    try:
        library, files = Library(database), PictureFiles(tmp_path / "pictures")
        found = records(library)
        assert sorted(record.request.seed for record in found) == list(range(count))
        held = {files.absolute(record.path): record for record in found}
        assert len(held) == count
        for path, record in held.items():
            assert path.read_bytes() == picture(record.request.seed)
        sidecars = {
            p.with_name(p.name + ".xmp") for p, r in held.items() if r.request.seed % 10 == 0
        }
        left = {p for p in (tmp_path / "pictures").rglob("*") if p.is_file()}
        assert left == held.keys() | sidecars
        assert [record.rating for record in found].count(3) == count // 10
    finally:
        database.close()


def test_copies_that_a_crash_left_are_gone_after_the_next_start(
    database: Database, library: Library, files: PictureFiles, importer: Importer, tmp_path: Path
) -> None:
    data = picture(1)
    ours = put(files.absolute("imported/2024-01/ours.png"), data)
    empty = put(files.absolute("imported/2024-01/empty.png"), b"")
    other = put(files.absolute("imported/2024-01/other.png"), b"put there by a person")
    part = put(files.absolute("imported/2024-01/.part.png.part"), b"half")
    sha256 = hashlib.sha256(data).hexdigest()
    names = [f"imported/2024-01/{name}.png" for name in ("ours", "empty", "other", "part")]
    value = json.dumps([[name, sha256] for name in names])
    database.write(
        lambda c: c.execute("INSERT INTO facts VALUES ('copies under way', ?)", (value,))
    )
    importer.clean_up()
    assert [path.exists() for path in (ours, empty, other, part)] == [False, False, True, False]
    importer.clean_up()
