"""The finished pictures' files on the server."""

import contextlib
import errno
import os
from pathlib import Path

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

    def save(self, job_id: str, data: bytes) -> None:
        """Put a picture safely on disk; raises DiskFullError or LibraryError."""
        final = self._folder / f"{job_id}{_SUFFIX}"
        temporary = final.with_suffix(_UNFINISHED)
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(final)
            self._sync_folder()
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
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

    def _sync_folder(self) -> None:
        if os.name != "posix":  # Windows cannot open a folder, and orders its own metadata
            return
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _translated(error: OSError) -> LibraryError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError("No space is left on the server for the picture.")
    return LibraryError(f"The server could not keep the picture: {error.strerror}.")
