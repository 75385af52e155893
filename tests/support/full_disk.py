"""A disk that is really full: a file system in memory, mounted for a test."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

SIZE_BYTES = 1 << 20


@contextmanager
def small_disk_at(folder: Path) -> Iterator[Path]:
    """A file system of SIZE_BYTES in a new folder; skips the test where none can be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_BYTES}", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a file system can only be mounted as root, where that is allowed")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path, *, leave_bytes: int = 0) -> Path:
    """Take all room but ``leave_bytes`` by a file, which is returned."""
    ballast = folder / "ballast"
    with suppress(OSError), ballast.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    if leave_bytes:
        os.truncate(ballast, ballast.stat().st_size - leave_bytes)
    return ballast


def make_room(folder: Path) -> None:
    """Take away what ``fill`` put there."""
    (folder / "ballast").unlink()
