"""Where the library's own pictures lie: the program's folder, and one that the user has chosen."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from algovera_desktop.library.formats import EXTENSIONS

_SUFFIXES = frozenset({*EXTENSIONS.values(), ".jpeg"})
_STORED = re.compile(r"(?:\d{4}-\d{2}/\d{4}-\d{2}-\d{2} \d{6} |imported/\d{4}-\d{2}/)[^/]+")
"""How this program names what it stores (``library/names.py``) or copies."""

_TIME = re.compile(r"(?:.*/)?(\d{4}-\d{2}-\d{2} \d{6}) [^/]+")


@dataclass(frozen=True, slots=True)
class PictureFolders:
    """``root`` is the program's own: what is in it belongs to the library. The ``chosen`` one may
    be full of other pictures: only what bears a name of ours is taken for ours."""

    root: Path
    chosen: Path | None = None

    @classmethod
    def of(cls, root: Path, chosen: str) -> Self:
        """``chosen`` as the settings have it, "" for none."""
        return cls(root, Path(chosen) if chosen else None)

    def all(self) -> tuple[Path, ...]:
        return (self.root,) if self.chosen is None else (self.root, self.chosen)

    def away(self) -> tuple[Path, ...]:
        """Those that are not there, or empty: on a drive that is not connected, say, whose
        place in the file system is left. Whether that is so is for the caller to judge, who
        knows if there were ever pictures in them."""
        return tuple(folder for folder in self.all() if is_empty(folder))

    def pictures(self) -> Iterator[Path]:
        """Every file that looks like a picture of the library, one folder after the other.

        Reads one folder at a time. Those that cannot be read are passed over, and so are hidden
        ones, among them the one of unfinished files.
        """
        yield from pictures_below(self.root)
        if self.chosen is not None and not self.chosen.is_relative_to(self.root):
            yield from filter(self.owns, pictures_below(self.chosen))

    def owns(self, picture: Path) -> bool:
        """Whether a file is taken for one of the library's."""
        if picture.is_relative_to(self.root):
            return True
        if self.chosen is None or not picture.is_relative_to(self.chosen):
            return False
        return bool(_STORED.fullmatch(picture.relative_to(self.chosen).as_posix()))

    def known_as(self, picture: Path) -> str:
        """A file's path as its record has it; see ``PictureFiles``."""
        if picture.is_relative_to(self.root):
            return picture.relative_to(self.root).as_posix()
        return picture.absolute().as_posix()

    def absolute(self, path: str) -> Path:
        return self.root / path


def time_in_name(path: str) -> datetime | None:
    """When a picture was asked for that bears a name of ours: aware, in UTC."""
    named = _TIME.fullmatch(path)
    if named is not None:
        with suppress(ValueError, OverflowError, OSError):
            return datetime.strptime(named[1], "%Y-%m-%d %H%M%S").astimezone(UTC)
    return None


def pictures_below(folder: Path) -> Iterator[Path]:
    """Every file with a picture's name in a folder and those in it; hidden ones are left out, and
    so is what cannot be read."""
    folders: list[str] = []
    files: list[str] = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif entry.name[entry.name.rfind(".") :].lower() in _SUFFIXES and _is_file(entry):
                files.append(entry.name)
    for name in sorted(files):
        yield folder / name
    for name in sorted(folders):
        yield from pictures_below(folder / name)


def _is_file(entry: os.DirEntry[str]) -> bool:
    """What is none, such as a pipe, would never come to an end."""
    with suppress(OSError):
        return entry.is_file()
    return False


def is_empty(folder: Path) -> bool:
    """Whether a folder has nothing in it, is not there, or does not answer."""
    with suppress(OSError), os.scandir(folder) as entries:
        return next(iter(entries), None) is None
    return True
