"""Small files that are whole or not there, also after a power cut."""

import errno
import os
from pathlib import Path

from algovera_desktop.server.models.errors import DownloadError, NoSpaceError


def write_whole(path: Path, data: bytes) -> None:
    """Put ``data`` in the place of the file, in one step and safely on disk. Raises OSError."""
    temporary = path.with_name(f"{path.name}.new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder outlive a power cut."""
    if os.name != "posix":  # Windows cannot open a folder, and orders its own metadata
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def in_words(error: OSError, path: Path) -> DownloadError:
    """What the disk said of a file or folder of a model's."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoSpaceError("The disk is full. Make room and go on.")
    return DownloadError(f"{path} cannot be written: {error.strerror}.")
