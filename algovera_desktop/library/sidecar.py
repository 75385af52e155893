"""The file beside a picture that says what an artist has made of it: ``picture.png.xmp``.

darktable and digiKam write and read the same file. What they have in it stays; the picture itself
is not touched for a star.
"""

import itertools
import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.library.durable import fsync_folder, os_errors_translated, write_durably
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.xmp import meta
from algovera_desktop.library.xmp_curation import (
    CURATION_NAMES,
    KNOWN_XML,
    SidecarCuration,
    curation_from,
    curation_xml,
    last_written_from,
)
from algovera_desktop.library.xmp_merge import DECLARATION, Packet, opened, replaced
from algovera_desktop.library.xmp_names import description, expanded
from algovera_desktop.library.xmp_tree import MAX_BYTES, as_utf8, parse
from algovera_desktop.library.xmp_values import in_default_language, properties_of, text_of

_log = logging.getLogger(__name__)

_DESCRIPTION = "dc:description"
_DESCRIPTION_NAME = expanded(_DESCRIPTION)
_NOTHING = DECLARATION + meta("").encode() + b"\n"
_PART = ".part"
_UNREADABLE = ".unreadable"


def sidecar_path(picture: Path) -> Path:
    """``picture.png.xmp`` for ``picture.png``."""
    return picture.with_name(picture.name + ".xmp")


def read_sidecar(picture: Path) -> SidecarCuration | None:
    """What a picture's sidecar says, whoever wrote it; None where there is none, or an empty one.

    Raises MetadataError for one that cannot be read, LibraryError where the disk does not answer.
    """
    state = read_sidecar_state(picture)
    return None if state is None else state.says


@dataclass(frozen=True, slots=True)
class SidecarState:
    """What a sidecar says now, and what we had written there of rating, tags and notes, None if we
    never wrote there."""

    says: SidecarCuration
    written: SidecarCuration | None

    @property
    def is_changed(self) -> bool:
        """Whether another program has written since what we had not."""
        return _shared(self.says) != _shared(self.written or SidecarCuration())


def read_sidecar_state(picture: Path) -> SidecarState | None:
    """As ``read_sidecar``, with what it said before."""
    packet = _packet(sidecar_path(picture))
    if packet is None:
        return None
    properties = properties_of(parse(as_utf8(packet)))
    return SidecarState(curation_from(properties), last_written_from(properties))


def write_sidecar(picture: Path, curation: SidecarCuration, prompt: str = "") -> None:
    """Have in a picture's sidecar what is made of it, and on the disk, before this returns.

    ``prompt`` is its description there, for programs that look nowhere else, unless another has
    described it. All else in the file stays. A sidecar that would hold nothing but what came from
    us is taken away when there is nothing to say any more; one that nobody can read is set aside.
    Raises MetadataError for texts with broken characters, LibraryError and DiskFullError; then the
    file is as it was.
    """
    path = sidecar_path(picture)
    body = curation_xml(curation)
    prompted = _description(in_default_language(_DESCRIPTION, prompt))
    old = _packet(path)
    try:
        packet = opened(old or _NOTHING)
    except MetadataError:
        _set_aside(path)
        old, packet = None, opened(_NOTHING)
    new = _merged(packet, body, prompted, prompt)
    with os_errors_translated(f"cannot write {path}"):
        _replace(path, old, new)


def remove_sidecar(picture: Path) -> None:
    """Take a picture's sidecar away with it. Raises LibraryError."""
    path = sidecar_path(picture)
    with os_errors_translated(f"cannot remove {path}"):
        path.unlink(missing_ok=True)


def remove_own_sidecar(picture: Path, prompt: str) -> None:
    """Take away the sidecar of a picture that is gone, if it holds nothing but what came from us;
    ``prompt`` is what ``write_sidecar`` was told. Raises LibraryError."""
    packet = _packet(sidecar_path(picture))
    if packet is None:
        return
    with suppress(MetadataError):
        opening = opened(packet)
        is_ours = last_written_from(properties_of(opening.root)) is not None
        if is_ours and _merged(opening, "", "", prompt) is None:
            remove_sidecar(picture)


def _shared(curation: SidecarCuration) -> tuple[int, set[str], str]:
    return curation.rating, set(curation.tags), curation.notes


def _packet(path: Path) -> bytes | None:
    with os_errors_translated(f"cannot read {path}"):
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return None
    if len(data) > MAX_BYTES:
        raise LibraryError(f"{path} is too long for a sidecar")
    return data if data.strip() else None


def _description(body: str) -> str:
    return description(body) if body else ""


def _merged(packet: Packet, body: str, prompted: str, prompt: str) -> bytes | None:
    """None where nothing is left that came from anybody else. The prompt has a description of its
    own, so that it stays where it is when ours is replaced."""
    properties = properties_of(packet.root)
    theirs = text_of(properties.get(_DESCRIPTION_NAME))
    foreign = properties.keys() - CURATION_NAMES
    if not body and (not foreign or (foreign == {_DESCRIPTION_NAME} and theirs == prompt)):
        return None
    ours = description(body + KNOWN_XML)
    return replaced(packet, CURATION_NAMES, ours if theirs or not body else prompted + ours)


def _replace(path: Path, old: bytes | None, new: bytes | None) -> None:
    part = path.with_name(f".{path.name}{_PART}")
    if new is not None and new != old:
        write_durably(path, new, part=part)
        return
    part.unlink(missing_ok=True)  # A killed write may have left it.
    if new is None and old is not None:
        path.unlink(missing_ok=True)
        fsync_folder(path.parent)


def _set_aside(path: Path) -> None:
    """Give the file a name that no other has, for a person to look at."""
    names = (path.with_name(f"{path.name}{_UNREADABLE}{n or ''}") for n in itertools.count())
    target = next(name for name in names if not name.exists())
    with os_errors_translated(f"cannot rename {path}"):
        path.rename(target)
    _log.warning("%s is no XMP and is called %s now", path, target.name)
