import io
import re
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import JobCancelledError, LibraryError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.contact_sheet import PageSize, SheetLayout
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.services.export import Exporter, ExportProgress
from algovera_desktop.services.export_sheet import SheetCaptions, SheetMaker

LAYOUT = SheetLayout(PageSize.LETTER, columns=2, title="Foxes")
CAPTIONS = SheetCaptions()


def nothing(_progress: ExportProgress) -> None:
    pass


class Shelf:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.records: dict[int, ImageRecord] = {}
        self.maker = SheetMaker(Exporter(PictureFiles(root), self.find))

    def find(self, ids: Sequence[int]) -> list[ImageRecord]:
        return [self.records[image_id] for image_id in ids]

    def add(self, data: bytes | None = None) -> int:
        image_id = len(self.records) + 1
        name = f"fox {image_id}.png"
        if data is None:
            picture = io.BytesIO()
            Image.new("RGB", (64, 48), "red").save(picture, "PNG")
            data = picture.getvalue()
        (self.root / name).write_bytes(data)
        self.records[image_id] = ImageRecord(
            path=name,
            sha256=f"{image_id:064x}",
            size_bytes=len(data),
            media_type="image/png",
            width=64,
            height=48,
            created_at=datetime(2026, 11, 22, tzinfo=UTC),
            server_name="",
            model_title="Sketch",
            job_id="",
            request=GenerationRequest("a fox\nin the snow", "sketch", seed=7),
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


def test_a_pdf_has_as_many_pages_as_the_pictures_need(shelf: Shelf, out: Path):
    ids = [shelf.add() for _ in range(2 * LAYOUT.per_page + 1)]
    target = out / "sheet.pdf"
    report = shelf.maker.to_pdf(ids, target, LAYOUT, CAPTIONS, CancelToken(), nothing)
    assert report.count == len(ids)
    assert len(re.findall(rb"/Type /Page\b(?!s)", target.read_bytes())) == 3
    assert [path.name for path in out.iterdir()] == ["sheet.pdf"]


def test_another_program_opens_the_pdf(shelf: Shelf, out: Path):
    if shutil.which("gs") is None:
        pytest.skip("Ghostscript is not installed")
    ids = [shelf.add() for _ in range(LAYOUT.per_page + 1)]
    target = out / "sheet.pdf"
    shelf.maker.to_pdf(ids, target, LAYOUT, CAPTIONS, CancelToken(), nothing)
    command = ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=bbox", str(target)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stderr.count("%%BoundingBox: 0 0 612 792") == 2


def test_each_page_can_be_a_png(shelf: Shelf, out: Path):
    (out / "Foxes 1.png").write_bytes(b"mine")
    ids = [shelf.add() for _ in range(LAYOUT.per_page + 1)]
    report = shelf.maker.to_png(ids, out, "Foxes", LAYOUT, CAPTIONS, CancelToken(), nothing)
    assert report.written == (out / "Foxes 1 (2).png", out / "Foxes 2.png")
    assert (out / "Foxes 1.png").read_bytes() == b"mine"
    with Image.open(out / "Foxes 2.png") as page:
        assert page.size == LAYOUT.size_px


def test_what_cannot_be_opened_is_named_and_left_out(shelf: Shelf, out: Path):
    ids = [shelf.add(b"no picture"), shelf.add(), shelf.add()]
    (shelf.root / "fox 3.png").unlink()
    report = shelf.maker.to_pdf(ids, out / "a.pdf", LAYOUT, CAPTIONS, CancelToken(), nothing)
    assert report.missing == ("fox 1.png", "fox 3.png")
    assert report.count == 1


def test_a_sheet_of_nothing_is_not_made(shelf: Shelf, out: Path):
    ids = [shelf.add(b"no picture")]
    with pytest.raises(LibraryError):
        shelf.maker.to_pdf(ids, out / "a.pdf", LAYOUT, CAPTIONS, CancelToken(), nothing)
    assert not list(out.iterdir())


@pytest.mark.parametrize("form", ["pdf", "png"])
def test_nothing_is_left_of_what_was_called_off(shelf: Shelf, out: Path, form: str):
    ids = [shelf.add() for _ in range(2 * LAYOUT.per_page)]
    token = CancelToken()

    def stop_late(progress: ExportProgress) -> None:
        if progress.done == LAYOUT.per_page + 1:
            token.cancel()

    make = partial(shelf.maker.to_png, ids, out, "a")
    if form == "pdf":
        make = partial(shelf.maker.to_pdf, ids, out / "a.pdf")
    with pytest.raises(JobCancelledError):
        make(LAYOUT, CAPTIONS, token, stop_late)
    assert not list(out.iterdir())


def test_a_caption_is_the_prompt_on_one_line_and_the_facts_on_the_next(shelf: Shelf):
    record = shelf.records[shelf.add()]
    assert CAPTIONS.of(record) == ("a fox in the snow", "Sketch · 7")
    assert SheetCaptions(with_prompt=False).of(record) == ("Sketch · 7",)
    assert SheetCaptions(with_prompt=False, with_facts=False).lines == 0
