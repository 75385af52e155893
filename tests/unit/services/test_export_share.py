import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import JobCancelledError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import UNKNOWN_TOOL, ImageRecord
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.sharing.pieces import PieceKind
from algovera_desktop.library.xmp import ALGORITHM, TRAINED_MODEL
from algovera_desktop.services.export import Exporter, ExportProgress
from algovera_desktop.services.export_share import Sharer, source_type

SECRET = "a secret fox"


def nothing(_progress: ExportProgress) -> None:
    pass


def png(colour: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", f"{SECRET} in {colour}")
    data = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(data, "PNG", pnginfo=info)
    return data.getvalue()


class Shelf:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.records: dict[int, ImageRecord] = {}
        self.sharer = Sharer(Exporter(PictureFiles(root), self.find))

    def find(self, ids: Sequence[int]) -> list[ImageRecord]:
        return [self.records[image_id] for image_id in ids]

    def add(self, data: bytes | None, model: str = "sketch") -> int:
        image_id = len(self.records) + 1
        name = f"{SECRET} {image_id}.png"
        if data is not None:
            (self.root / name).write_bytes(data)
        self.records[image_id] = ImageRecord(
            path=name,
            sha256=f"{image_id:064x}",
            size_bytes=1,
            media_type="image/png",
            width=8,
            height=8,
            created_at=datetime(2026, 11, 22, tzinfo=UTC),
            server_name="",
            model_title="",
            job_id=f"job {image_id}",
            request=GenerationRequest(SECRET, model),
            id=image_id,
        )
        return image_id


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    root = tmp_path / "library"
    root.mkdir()
    return Shelf(root)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_what_leaves_is_told_before_anything_is_written(shelf: Shelf, out: Path):
    ids = [shelf.add(png("red")), shelf.add(png("blue"), "flux")]
    told: list[ExportProgress] = []
    found = shelf.sharer.look(ids, CancelToken(), told.append)
    assert [one.kind for one in found.stays] == [PieceKind.PICTURE, PieceKind.LABEL]
    (text,) = found.taken_out
    assert (text.kind, text.files, text.names) == (PieceKind.TEXT, 2, ["parameters"])
    assert text.texts == [f"{SECRET} in red", f"{SECRET} in blue"]
    assert found.source_types == (ALGORITHM, TRAINED_MODEL)
    assert (found.count, found.unlabelled) == (2, 0)
    assert told[-1] == ExportProgress(2, 2)
    assert not list(out.iterdir())


def test_neither_the_copies_nor_their_names_tell_the_prompt(shelf: Shelf, out: Path):
    ids = [shelf.add(png("red")), shelf.add(png("blue"))]
    report = shelf.sharer.to_folder(ids, out, CancelToken(), nothing)
    assert report.count == 2
    for path in report.written:
        assert "fox" not in path.name
        assert SECRET.encode() not in path.read_bytes()
        assert b"algorithmicMedia" in path.read_bytes()
    with Image.open(report.written[1]) as copy:
        assert copy.getpixel((0, 0)) == (0, 0, 255)


def test_the_entries_of_a_zip_tell_neither_time_nor_prompt(shelf: Shelf, out: Path):
    ids = [shelf.add(png("red")), shelf.add(png("blue")), shelf.add(png("red"))]
    target = out / "shared.zip"
    shelf.sharer.to_zip(ids, target, CancelToken(), nothing)
    assert SECRET.encode() not in target.read_bytes()
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        # The third is the first once more, byte by byte.
        assert len(archive.infolist()) == 2


def test_one_copy_goes_where_it_is_wished(shelf: Shelf, out: Path):
    image_id = shelf.add(png("red"))
    report = shelf.sharer.to_file(image_id, out / "gift.png", CancelToken(), nothing)
    assert report.written == (out / "gift.png",)
    assert [path.name for path in out.iterdir()] == ["gift.png"]


def test_what_cannot_be_understood_does_not_leave(shelf: Shelf, out: Path):
    ids = [shelf.add(b"GIF89a"), shelf.add(None), shelf.add(png("red"))]
    found = shelf.sharer.look(ids, CancelToken(), nothing)
    assert [name for name, _reason in found.refused] == [f"{SECRET} 1.png"]
    assert found.missing == (f"{SECRET} 2.png",)
    report = shelf.sharer.to_folder(ids, out, CancelToken(), nothing)
    assert (report.count, len(list(out.iterdir()))) == (1, 1)
    assert report.refused == found.refused


def test_it_stops_when_told_to(shelf: Shelf, out: Path):
    token = CancelToken()
    ids = [shelf.add(png("red")), shelf.add(png("blue"))]
    with pytest.raises(JobCancelledError):
        shelf.sharer.to_zip(ids, out / "a.zip", token, lambda _progress: token.cancel())
    assert not list(out.iterdir())


def test_only_what_a_model_made_is_said_to_be_made_by_one(shelf: Shelf):
    made_here = shelf.records[shelf.add(None, "flux")]
    assert source_type(made_here) == TRAINED_MODEL
    assert source_type(replace(made_here, job_id="", tool="ComfyUI")) == TRAINED_MODEL
    assert source_type(replace(made_here, job_id="")) == ""
    assert source_type(replace(made_here, job_id="", tool=UNKNOWN_TOOL)) == ""
