"""Bytes onto disk so that a power cut leaves the old file or the new one, never half of one."""

import errno
import os
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from algovera_desktop.domain.errors import DiskFullError, LibraryError

_NO_SPACE = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


@contextmanager
def os_errors_translated(what: str) -> Generator[None, None, None]:
    """Turn an OSError into DiskFullError or LibraryError; ``what`` begins the message."""
    try:
        yield
    except OSError as error:
        message = f"{what}: {error.strerror or error}"
        if error.errno in _NO_SPACE:
            raise DiskFullError(message) from error
        raise LibraryError(message) from error


def write_durably(path: Path, data: bytes, *, part: Path) -> None:
    """Write ``data`` at ``path``, in the place of what is there, by way of the file ``part``.

    ``part`` must lie on the same file system. When this returns, the file and its name are on
    the disk; when it raises OSError, ``path`` is as it was and ``part`` is gone.
    """
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            _fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    fsync_folder(path.parent)


def copy_durably(source: Path, target: Path, *, part: Path) -> None:
    """Copy a file, with its times, to ``target``, where there must be nothing yet.

    ``part`` must lie on the same file system. What the copy holds is on the disk when this
    returns; its name is after ``fsync_folder``. Raises OSError, FileExistsError among it; then
    ``target`` is as it was and ``part`` is gone.
    """
    try:
        shutil.copyfile(source, part)
        times = source.stat()
        os.utime(part, ns=(times.st_atime_ns, times.st_mtime_ns))
        with part.open("rb+") as file:
            _fsync(file.fileno())
        # No portable call renames only where nothing is; to make a file is refused there.
        with target.open("xb"):
            pass
        part.replace(target)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def make_folder(path: Path) -> None:
    """Make a folder and its parents; the names of those made are on the disk at return."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    fsync_folder(path.parent)


def fsync_file(path: Path) -> None:
    """Put on the disk what somebody else has written to a file."""
    with path.open("r+b") as file:
        _fsync(file.fileno())


def fsync_folder(path: Path) -> None:
    """Put the names in a folder on the disk. Windows does that by itself and offers no call."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network and FUSE file systems have no fsync for folders; nothing better exists.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def _fsync(descriptor: int) -> None:
    if sys.platform == "darwin":
        # macOS's fsync stops at the drive's own cache.
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)
