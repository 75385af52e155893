"""What an import is asked for, and what it says of itself."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from algovera_desktop.domain.errors import AlgoveraError


class ImportMode(Enum):
    """COPY: into the pictures' folder, so that the library keeps them. IN_PLACE: they stay where
    they are, and the library knows them by where that is."""

    COPY = "copy"
    IN_PLACE = "in place"


@dataclass(frozen=True, slots=True)
class Remark:
    """A file, or a folder, and one line about it in plain words."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """``done`` of ``total`` files are dealt with. While they are being looked for ``total`` is
    None and ``done`` counts those found."""

    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """``image_ids`` came in, in their order: to trash them undoes the import. ``known_count``
    were in the library already, of which ``trashed_ids`` lie in the trash. ``refused`` did not
    come in; ``remarks`` are on pictures that did. ``stopped_by`` is what ended it early: the
    user's cancel, a full disk; what is in ``image_ids`` is in the library all the same."""

    image_ids: tuple[int, ...]
    known_count: int
    trashed_ids: tuple[int, ...]
    refused: tuple[Remark, ...]
    remarks: tuple[Remark, ...] = ()
    stopped_by: AlgoveraError | None = None
