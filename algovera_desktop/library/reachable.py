"""Looks at places that may not answer: a dead drive, a folder that nobody may read.

pathlib says False for what is not there, and raises OSError for what it cannot tell (until Python
3.14, which says False for that too).
"""

from contextlib import suppress
from pathlib import Path


def is_folder(path: Path) -> bool:
    """Whether a folder is there, and answers."""
    with suppress(OSError):
        return path.is_dir()
    return False


def is_file(path: Path) -> bool:
    """Whether a file is there, and its place answers."""
    with suppress(OSError):
        return path.is_file()
    return False


def is_gone(path: Path) -> bool:
    """Whether it is certain that nothing is there."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def is_empty_file(path: Path) -> bool:
    """Whether a file is there with nothing in it, as a power cut can leave one."""
    with suppress(OSError):
        return path.is_file() and path.stat().st_size == 0
    return False
