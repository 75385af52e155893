"""A picture is on disk whole, or not there at all."""

import io
import random
import resource
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.server.pictures import PictureFolder, most_png_bytes
from algovera_desktop.server.worker import PNG_COMPRESSION


@pytest.fixture
def pictures(tmp_path: Path) -> PictureFolder:
    return PictureFolder(tmp_path / "pictures")


@contextmanager
def small_files_only() -> Generator[None]:
    """Inside, the system refuses files over 1 KB to this process, a long test log too."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_picture_comes_back_as_it_was(pictures: PictureFolder) -> None:
    pictures.save("1" * 32, b"picture")
    pictures.save("1" * 32, b"again")
    assert pictures.load("1" * 32) == b"again"


def test_a_picture_that_is_not_there_is_none(pictures: PictureFolder) -> None:
    assert pictures.load("1" * 32) is None


def test_a_picture_that_does_not_fit_leaves_the_old_one(
    pictures: PictureFolder, tmp_path: Path
) -> None:
    pictures.save("1" * 32, b"small")
    refused = pytest.raises(LibraryError, match="could not keep the picture")
    with refused, small_files_only():
        pictures.save("1" * 32, b"large" * 1000)
    assert pictures.load("1" * 32) == b"small"
    assert [file.name for file in (tmp_path / "pictures").iterdir()] == [f"{'1' * 32}.png"]


def test_a_picture_that_is_smaller_than_its_space_comes_back_as_it_was(
    pictures: PictureFolder, tmp_path: Path
) -> None:
    pictures.reserve("1" * 32, 10_000)
    assert not pictures.has("1" * 32)
    pictures.save("1" * 32, b"picture")
    assert pictures.load("1" * 32) == b"picture"
    assert [file.name for file in (tmp_path / "pictures").iterdir()] == [f"{'1' * 32}.png"]


def test_space_that_is_not_to_be_had_is_refused_and_given_back(
    pictures: PictureFolder, tmp_path: Path
) -> None:
    with pytest.raises(LibraryError), small_files_only():
        pictures.reserve("1" * 32, 10_000)
    assert list((tmp_path / "pictures").iterdir()) == []


def test_what_could_not_be_saved_keeps_its_space(pictures: PictureFolder, tmp_path: Path) -> None:
    pictures.reserve("1" * 32, 10_000)
    with pytest.raises(LibraryError), small_files_only():
        pictures.save("1" * 32, b"large" * 2000)
    assert (tmp_path / "pictures" / f"{'1' * 32}.part").stat().st_size == 10_000
    pictures.release("1" * 32)
    assert list((tmp_path / "pictures").iterdir()) == []


def test_a_place_that_cannot_be_looked_at_is_told(pictures: PictureFolder) -> None:
    with pytest.raises(LibraryError):
        pictures.save("1" * 300, b"picture")  # longer than a name can be


@pytest.mark.parametrize("size", [(8, 8), (256, 256), (1792, 1024)])
def test_no_png_is_larger_than_the_space_for_it(size: tuple[int, int]) -> None:
    noise = random.Random(1).randbytes(3 * size[0] * size[1])
    file = io.BytesIO()
    Image.frombytes("RGB", size, noise).save(file, "PNG", compress_level=PNG_COMPRESSION)
    assert len(noise) < len(file.getvalue()) < most_png_bytes(*size)


def test_what_no_job_has_and_what_is_half_written_is_deleted(
    pictures: PictureFolder, tmp_path: Path
) -> None:
    for job_id in ("1" * 32, "2" * 32):
        pictures.save(job_id, b"picture")
    (tmp_path / "pictures" / "3.part").touch()
    (tmp_path / "pictures" / "notes.txt").touch()
    pictures.keep_only({"2" * 32})
    names = {file.name for file in (tmp_path / "pictures").iterdir()}
    assert names == {f"{'2' * 32}.png", "notes.txt"}
