"""A real library whose disk is full once, or whose program dies, at a moment that a test names."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import Any, TypeVar

from algovera_desktop.domain.errors import DiskFullError
from algovera_desktop.domain.jobs import Job
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles, StoredFile
from support.charging_engine import Killed

T = TypeVar("T")

ACCIDENTS = ("full", "killed before", "killed after")


@dataclass
class Fuse:
    """What happens at the write after the next ``writes`` ones, to the database or a picture."""

    accident: str = ""
    writes: int = 0

    def guard(self, write: Callable[[], T]) -> T:
        if not self.accident or self.writes > 0:
            self.writes -= 1
            return write()
        accident, self.accident = self.accident, ""
        if accident == "full":
            raise DiskFullError("no space is left")
        if accident == "killed after":
            write()
        raise Killed


class MortalDatabase(Database):
    def __init__(self, path: Path, fuse: Fuse) -> None:
        super().__init__(path)
        self._fuse = fuse

    def write(self, operation: Callable[[Connection], T]) -> T:
        write = super().write
        return self._fuse.guard(lambda: write(operation))


class MortalFiles(PictureFiles):
    def __init__(self, root: Path, fuse: Fuse) -> None:
        super().__init__(root)
        self._fuse = fuse

    def save(self, data: bytes, media_type: str, job: Job, **said: Any) -> StoredFile:
        save = super().save
        return self._fuse.guard(lambda: save(data, media_type, job, **said))
