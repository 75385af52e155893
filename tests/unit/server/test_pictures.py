"""A picture is on disk whole, or not there at all."""

import resource
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.server.pictures import PictureFolder


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
