"""What is known of one model's download, kept beside its files from the first moment on."""

from dataclasses import dataclass
from enum import Enum

from pydantic import TypeAdapter, ValidationError

from algovera_desktop.server.models.catalogue import CatalogueEntry
from algovera_desktop.server.models.durable import in_words, write_whole
from algovera_desktop.server.models.places import ModelPlace


class Aim(Enum):
    """What is to become of a download that is not finished; the next server goes on with
    ``RUN``."""

    RUN = "run"
    PAUSED = "paused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file as the Hub lists it: a ``sha256`` for large ones, else git's ``blob_id``."""

    path: str
    size_bytes: int
    sha256: str = ""
    blob_id: str = ""


@dataclass(frozen=True, slots=True)
class PartNote:
    """What the server called the content of which a part is here: its ``ETag``, "" for none."""

    path: str
    etag: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A download: what was agreed to, and what it consists of.

    ``entry`` is the catalogue's at the time of the pull, ``accepted_at`` (seconds since 1970) when
    its licence was accepted. ``commit`` and ``files`` are empty until the Hub has listed them.
    """

    entry: CatalogueEntry
    accepted_at: float
    aim: Aim = Aim.RUN
    reason: str = ""
    commit: str = ""
    files: tuple[HubFile, ...] = ()
    part: PartNote | None = None

    @property
    def total_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)


_MANIFEST = TypeAdapter(Manifest)


def read_manifest(place: ModelPlace) -> Manifest | None:
    """The download at this place, None if there is none that can be understood."""
    try:
        return _MANIFEST.validate_json(place.manifest.read_bytes())
    except (OSError, ValidationError):
        return None


def write_manifest(place: ModelPlace, manifest: Manifest) -> None:
    """Keep it, safely on disk. Raises DownloadError."""
    try:
        place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(place.manifest, _MANIFEST.dump_json(manifest, indent=1))
    except OSError as error:
        raise in_words(error, place.folder) from error
