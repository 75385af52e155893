"""Records whose pictures are not where they were, to be found again by their bytes."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from algovera_desktop.library.file_records import FileRecord, Seen
from algovera_desktop.library.picture_file import PictureFile
from algovera_desktop.services.picture_folders import PictureFolders

_LONGEST_WORDS = 200
"""In bytes, of the 255 that a file's name may have."""


@dataclass(frozen=True, slots=True)
class Overwritten:
    """A record in whose place lies a file with other bytes: edited, or another picture."""

    record: FileRecord
    file: Path
    picture: PictureFile


class LostRecords:
    """Gives each file the record of its bytes, each record once."""

    def __init__(self, records: Collection[FileRecord]) -> None:
        self._left = {record.id: record for record in records}
        self._sizes = {record.size_bytes for record in records}
        self._by_hash: dict[str, list[FileRecord]] = {}
        for record in records:
            self._by_hash.setdefault(record.sha256, []).append(record)

    def left(self) -> list[FileRecord]:
        return list(self._left.values())

    def has(self, record: FileRecord) -> bool:
        return record.id in self._left

    def may_be(self, file: Path) -> bool:
        """Whether it is worth while to read a file."""
        try:
            return bool(self._left) and file.stat().st_size in self._sizes
        except OSError:
            return False

    def take(self, picture: PictureFile) -> FileRecord | None:
        """The record of these bytes; of several the one of this time."""
        records = self._by_hash.get(picture.image.sha256)
        if not records:
            return None
        found = min(records, key=lambda record: record.modified_ns != picture.modified_ns)
        self.drop(found)
        return found

    def drop(self, record: FileRecord) -> None:
        """Look for this one no more."""
        self._by_hash[record.sha256].remove(record)
        del self._left[record.id]


@dataclass(frozen=True, slots=True)
class Trade:
    """Pictures that have taken others' places: ``moved`` into them, and ``ousted`` out of them,
    with the paths that those have until they are found.

    ``sidecars`` are of the moved ones, and are to be written anew: beside a picture that got
    another's name may lie the other's sidecar. ``edited`` have other bytes than any lost record.
    """

    moved: tuple[Seen, ...]
    ousted: tuple[tuple[int, str], ...]
    sidecars: tuple[int, ...]
    edited: tuple[Overwritten, ...]


def seen_at(image_id: int, file: Path, picture: PictureFile, folders: PictureFolders) -> Seen:
    """A picture whose file was found, perhaps in another place than before."""
    is_left = not folders.owns(file)
    return Seen(image_id, folders.known_as(file), picture.modified_ns, is_left)


def traded(
    lost: LostRecords, overwritten: Collection[Overwritten], folders: PictureFolders
) -> Trade:
    """Find which of the lost records' pictures have each other's names.

    ``lost`` has those of ``overwritten`` too. An ousted record keeps a path that no file has
    until its own picture is found.
    """
    moved: list[Seen] = []
    ousted: list[FileRecord] = []
    sidecars: list[int] = []
    edited: list[Overwritten] = []
    for one in overwritten:
        record = lost.take(one.picture)
        if record is None:
            edited.append(one)
            continue
        moved.append(seen_at(record.id, one.file, one.picture, folders))
        ousted.append(one.record)
        if record.is_curated or one.picture.sidecar is not None:
            sidecars.append(record.id)
    nowhere = ((one.id, lost_path(one.path, one.id)) for one in ousted)
    return Trade(tuple(moved), tuple(nowhere), tuple(sidecars), tuple(edited))


def lost_path(path: str, image_id: int) -> str:
    """What stands in the record of a picture that is nowhere, while another has its place."""
    place = PurePosixPath(path)
    words = place.stem.encode()[:_LONGEST_WORDS].decode(errors="ignore")
    return place.with_name(f"{words} (lost {image_id}){place.suffix}").as_posix()
