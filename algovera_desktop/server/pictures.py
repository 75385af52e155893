"""The finished pictures' files on the server."""

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import IO

from algovera_desktop.domain.errors import DiskFullError, LibraryError

_SUFFIX, _UNFINISHED = ".png", ".part"


class PictureFolder:
    """One PNG file a job, whole or not there at all. Everything blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(f"{folder} cannot be made: {error.strerror}") from error

    def reserve(self, job_id: str, size_bytes: int) -> None:
        """Take space for a picture that must not be lost, until ``save`` or ``release``.

        Raises DiskFullError or LibraryError, and then has taken none.
        """
        temporary = self._unfinished(job_id)
        try:
            with temporary.open("wb") as file:
                _take_space(file, size_bytes)
        except OSError as error:
            self.release(job_id)
            raise _translated(error) from error

    def release(self, job_id: str) -> None:
        """Give back the space that was taken for a picture that does not come."""
        with contextlib.suppress(OSError):
            self._unfinished(job_id).unlink()

    def save(self, job_id: str, data: bytes) -> None:
        """Put a picture safely on disk; raises DiskFullError or LibraryError."""
        temporary = self._unfinished(job_id)
        is_reserved = False
        try:
            is_reserved = temporary.exists()
            with temporary.open("r+b" if is_reserved else "wb") as file:
                file.write(data)
                file.truncate()
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._folder / f"{job_id}{_SUFFIX}")
            self._sync_folder()
        except OSError as error:
            if not is_reserved:
                self.release(job_id)
            raise _translated(error) from error

    def load(self, job_id: str) -> bytes | None:
        """A job's picture; None if it is not there; raises LibraryError."""
        try:
            return (self._folder / f"{job_id}{_SUFFIX}").read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _translated(error) from error

    def has(self, job_id: str) -> bool:
        """Whether a job's picture is there."""
        return (self._folder / f"{job_id}{_SUFFIX}").is_file()

    def keep_only(self, job_ids: set[str]) -> None:
        """Delete the files of all other jobs, what a crash left half written among them."""
        for file in self._folder.iterdir():
            if file.suffix in (_SUFFIX, _UNFINISHED) and file.stem not in job_ids:
                with contextlib.suppress(OSError):
                    file.unlink()

    def _unfinished(self, job_id: str) -> Path:
        return self._folder / f"{job_id}{_UNFINISHED}"

    def _sync_folder(self) -> None:
        if os.name != "posix":  # Windows cannot open a folder, and orders its own metadata
            return
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def most_png_bytes(width: int, height: int) -> int:
    """What a PNG of so many pixels in RGB takes if nothing in it can be compressed."""
    raw = height * (1 + 3 * width)  # a row begins with its filter
    # zlib adds 0.03 % to such data, a chunk's frame 12 bytes to each 64 KiB of it.
    return raw + raw // 1000 + 4096


def _take_space(file: IO[bytes], size_bytes: int) -> None:
    if sys.platform == "linux":
        os.posix_fallocate(file.fileno(), 0, size_bytes)
        return
    file.write(bytes(size_bytes))
    file.flush()
    os.fsync(file.fileno())


def _translated(error: OSError) -> LibraryError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError("No space is left on the server for the picture.")
    return LibraryError(f"The server could not keep the picture: {error.strerror}.")
