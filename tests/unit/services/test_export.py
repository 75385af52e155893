import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import DiskFullError, JobCancelledError, LibraryError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.services.export import Exporter, ExportOptions, ExportProgress
from algovera_desktop.services.export_names import file_name, unknown_fields
from support.full_disk import fill, small_disk_at

MADE_AT = datetime(2026, 11, 22, 14, 30, 5, tzinfo=UTC)


def nothing(_progress: ExportProgress) -> None:
    pass


class Shelf:
    """Records with real files; ``pages`` are the sizes in which they were asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.records: dict[int, ImageRecord] = {}
        self.pages: list[int] = []
        self.exporter = Exporter(PictureFiles(root), self.find)

    def find(self, ids: Sequence[int]) -> list[ImageRecord]:
        self.pages.append(len(ids))
        return [self.records[image_id] for image_id in ids if image_id in self.records]

    def add(self, name: str = "fox.png", data: bytes | None = None, **more: object) -> int:
        data = png() if data is None else data
        image_id = len(self.records) + 1
        path = f"2026-11/{image_id}/{name}"
        file = self.root / path
        file.parent.mkdir(parents=True)
        file.write_bytes(data)
        os.utime(file, (MADE_AT.timestamp(), MADE_AT.timestamp()))
        record = ImageRecord(
            path=path,
            sha256=f"{image_id:064x}",
            size_bytes=len(data),
            media_type="image/png",
            width=8,
            height=8,
            created_at=MADE_AT,
            server_name="This computer",
            model_title="Sketch",
            job_id=f"job {image_id}",
            request=GenerationRequest("a fox in the snow", "sketch", seed=42),
            id=image_id,
        )
        self.records[image_id] = replace(record, **more)
        return image_id

    def file(self, image_id: int) -> Path:
        return self.root / self.records[image_id].path


def png(colour: str = "red") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(data, "PNG")
    return data.getvalue()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "library")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_keep_their_bytes_their_names_and_their_times(shelf: Shelf, out: Path):
    ids = [shelf.add("fox.png", png("red")), shelf.add("owl.png", png("blue"))]
    report = shelf.exporter.to_folder(ids, out, ExportOptions(), CancelToken(), nothing)
    assert names_in(out) == ["fox.png", "owl.png"]
    assert report.written == (out / "fox.png", out / "owl.png")
    assert report.count == 2
    assert (out / "owl.png").read_bytes() == png("blue")
    assert (out / "owl.png").stat().st_mtime == MADE_AT.timestamp()


def test_what_is_there_is_never_overwritten(shelf: Shelf, out: Path):
    (out / "fox.png").write_bytes(b"mine")
    ids = [shelf.add(), shelf.add()]
    shelf.exporter.to_folder(ids, out, ExportOptions(), CancelToken(), nothing)
    assert names_in(out) == ["fox (2).png", "fox (3).png", "fox.png"]
    assert (out / "fox.png").read_bytes() == b"mine"


def test_a_file_that_is_not_there_is_named_and_the_rest_goes_on(shelf: Shelf, out: Path):
    ids = [shelf.add("gone.png"), shelf.add("here.png")]
    shelf.file(ids[0]).unlink()
    told: list[ExportProgress] = []
    report = shelf.exporter.to_folder(ids, out, ExportOptions(), CancelToken(), told.append)
    assert report.missing == ("gone.png",)
    assert (report.count, names_in(out)) == (1, ["here.png"])
    assert told == [ExportProgress(1, 2), ExportProgress(2, 2)]


def test_names_are_made_of_what_the_pattern_says(shelf: Shelf, out: Path):
    ids = [shelf.add(), shelf.add()]
    options = ExportOptions("{number} {prompt} {seed}")
    shelf.exporter.to_folder(ids, out, options, CancelToken(), nothing)
    assert names_in(out) == ["0001 a fox in the snow 42.png", "0002 a fox in the snow 42.png"]


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("con", "picture con.png"),
        ("../../{seed}", "42.png"),
        ("a/b:{seed}", "a b 42.png"),
        ("   ", "picture.png"),
        ("{nonsense}", "{nonsense}.png"),
        ("{model}", "Sketch.png"),
    ],
)
def test_a_pattern_never_leads_out_of_the_folder(shelf: Shelf, pattern: str, name: str):
    record = shelf.records[shelf.add()]
    assert file_name(pattern, record, 1) == name


def test_a_prompt_of_any_length_and_script_makes_a_name_that_fits(shelf: Shelf):
    request = GenerationRequest("лиса в снегу, 雪の中の狐/" * 50, "sketch")
    record = shelf.records[shelf.add(request=request)]
    name = file_name("{date} {prompt} {prompt} {prompt} {name}", record, 1)
    assert len(name.encode()) <= 204
    assert not set(name) & set('/\\:*?"<>|')


def test_a_field_that_means_nothing_is_named():
    assert unknown_fields("{seed} {sede} {prompt}") == ("sede",)


def test_sidecars_go_along_where_they_are_wished_for(shelf: Shelf, out: Path):
    ids = [shelf.add("fox.png"), shelf.add("owl.png")]
    sidecar = shelf.file(ids[0]).with_name("fox.png.xmp")
    sidecar.write_text("stars")
    options = ExportOptions("{seed}", with_sidecars=True)
    shelf.exporter.to_folder(ids, out, options, CancelToken(), nothing)
    assert names_in(out) == ["42 (2).png", "42.png", "42.png.xmp"]
    shelf.exporter.to_zip(ids, out / "all.zip", options, CancelToken(), nothing)
    with zipfile.ZipFile(out / "all.zip") as archive:
        assert archive.namelist() == ["42.png", "42.png.xmp", "42 (2).png"]


def test_records_are_read_a_page_at_a_time(shelf: Shelf, out: Path):
    image_id = shelf.add()
    report = shelf.exporter.to_folder(
        [*range(1000, 1500), image_id], out, ExportOptions(), CancelToken(), nothing
    )
    assert shelf.pages == [200, 200, 101]
    assert report.count == 1


def test_a_zip_holds_the_files_as_they_are(shelf: Shelf, out: Path):
    ids = [shelf.add("fox.png", png("red")), shelf.add("FOX.png", png("blue"))]
    target = out / "pictures.zip"
    report = shelf.exporter.to_zip(ids, target, ExportOptions(), CancelToken(), nothing)
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["fox.png", "FOX (2).png"]
        assert archive.read("FOX (2).png") == png("blue")
    assert (report.target, report.count) == (target, 2)
    assert names_in(out) == ["pictures.zip"]


def test_a_zip_that_outgrows_the_old_format_is_a_zip64_that_others_read(
    shelf: Shelf, out: Path, monkeypatch: pytest.MonkeyPatch
):
    """With the limits of 4 GiB and 65 535 files so low that a few pictures pass them."""
    target = out / "pictures.zip"
    with monkeypatch.context() as limits:
        limits.setattr(zipfile, "ZIP64_LIMIT", len(png()) * 2)
        limits.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)
        ids = [shelf.add(f"{n}.png", png() * (5 if n == 2 else 1)) for n in range(5)]
        shelf.exporter.to_zip(ids, target, ExportOptions(), CancelToken(), nothing)
    assert b"PK\x06\x06" in target.read_bytes()  # The end of a ZIP64's directory (APPNOTE 4.3.14).
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        sizes = [entry.file_size for entry in archive.infolist()]
        assert sizes == [shelf.file(image_id).stat().st_size for image_id in ids]
    if unzip := shutil.which("unzip"):
        subprocess.run([unzip, "-tqq", target], check=True)


def test_a_zip_takes_the_place_of_another_when_it_is_whole(shelf: Shelf, out: Path):
    target = out / "pictures.zip"
    target.write_bytes(b"old")
    token = CancelToken()
    ids = [shelf.add(), shelf.add()]

    def stop(_progress: ExportProgress) -> None:
        token.cancel()

    with pytest.raises(JobCancelledError):
        shelf.exporter.to_zip(ids, target, ExportOptions(), token, stop)
    assert target.read_bytes() == b"old"
    assert names_in(out) == ["pictures.zip"]
    shelf.exporter.to_zip(ids, target, ExportOptions(), CancelToken(), nothing)
    assert zipfile.is_zipfile(target)


def test_what_was_whole_stays_when_the_rest_is_called_off(shelf: Shelf, out: Path):
    token = CancelToken()
    ids = [shelf.add("fox.png"), shelf.add("owl.png")]
    with pytest.raises(JobCancelledError):
        shelf.exporter.to_folder(ids, out, ExportOptions(), token, lambda _p: token.cancel())
    assert names_in(out) == ["fox.png"]
    assert (out / "fox.png").read_bytes() == png()


def test_a_folder_that_is_not_there_is_told(shelf: Shelf, out: Path):
    with pytest.raises(LibraryError):
        shelf.exporter.to_folder(
            [shelf.add()], out / "nowhere", ExportOptions(), CancelToken(), nothing
        )
    with pytest.raises(LibraryError):
        shelf.exporter.to_zip(
            [shelf.add()], out / "no" / "a.zip", ExportOptions(), CancelToken(), nothing
        )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk_at(tmp_path / "disk") as disk:
        yield disk


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_full_disk_leaves_nothing_half_written(shelf: Shelf, small_disk: Path, kind: str):
    ids = [shelf.add("small.png"), shelf.add("large.png", bytes(600_000))]
    fill(small_disk, leave_bytes=200_000)
    exporter = shelf.exporter
    export: dict[str, Callable[[], object]] = {
        "folder": lambda: exporter.to_folder(
            ids, small_disk, ExportOptions(), CancelToken(), nothing
        ),
        "zip": lambda: exporter.to_zip(
            ids, small_disk / "a.zip", ExportOptions(), CancelToken(), nothing
        ),
    }
    with pytest.raises(DiskFullError):
        export[kind]()
    whole = ["small.png"] if kind == "folder" else []
    assert names_in(small_disk) == ["ballast", *whole]
