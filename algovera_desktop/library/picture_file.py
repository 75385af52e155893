"""A picture's file as a record of the library needs it, whoever made it and wherever it lies."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from algovera_desktop.domain.generation import GenerationRequest, model_named
from algovera_desktop.domain.images import UNKNOWN_TOOL, NewImage
from algovera_desktop.library import raw_metadata
from algovera_desktop.library.containers import PictureContents, read_contents
from algovera_desktop.library.formats import PNG, MetadataError
from algovera_desktop.library.readers.choice import read_texts
from algovera_desktop.library.readers.picture_texts import picture_texts
from algovera_desktop.library.readers.reading import Reading, Texts, request_of
from algovera_desktop.library.sidecar import sidecar_path
from algovera_desktop.library.stealth import stealth_texts
from algovera_desktop.library.xmp import PictureOrigin, XmpFields, read_packet
from algovera_desktop.library.xmp_curation import SidecarCuration
from algovera_desktop.library.xmp_tree import MAX_BYTES

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sidecar:
    """The file with XMP beside a picture; ``problem`` is why it cannot be read, "" if it can."""

    path: Path
    curation: SidecarCuration
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PictureFile:
    """``image`` has the path under which the file was read; ``modified_ns`` is the file's time as
    its system has it. ``curation`` is the sidecar's where there is one, else the file's own;
    ``packed_texts`` is what ``raw_metadata.pack`` made of all texts, None where there are none.
    ``origin`` is what this program wrote when it stored the picture, to the letter and with the
    job; ``is_dated`` tells whether the file says when it came to be."""

    image: NewImage
    modified_ns: int
    curation: SidecarCuration
    sidecar: Sidecar | None
    packed_texts: bytes | None
    origin: PictureOrigin | None = None
    is_dated: bool = False


def read_picture_file(path: Path) -> PictureFile:
    """Read and hash a file in one pass, and its sidecar. Raises MetadataError for a file that is
    no whole picture, or that changes meanwhile; OSError."""
    with path.open("rb", buffering=0) as file:
        before = path.stat()
        contents = read_contents(file)
        fields = _fields(contents.xmp)
        texts, reading = _understood(file, contents, fields)
    after = path.stat()
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, contents.size_bytes):
        raise MetadataError("the file changed while it was read")
    sidecar = _sidecar(path)
    created_at = fields.created_at or _time(before.st_mtime_ns)
    return PictureFile(
        _image(path, contents, reading, fields, created_at),
        before.st_mtime_ns,
        fields.curation if sidecar is None else sidecar.curation,
        sidecar,
        raw_metadata.pack(texts) if texts else None,
        fields.origin,
        fields.created_at is not None,
    )


def _understood(
    file: BinaryIO, contents: PictureContents, fields: XmpFields
) -> tuple[Texts, Reading | None]:
    """All texts, and what they say; of a PNG that shows none which we know, the hidden ones too.
    What this program wrote needs no reader."""
    texts = picture_texts(contents)
    if fields.origin is not None:
        return texts, None
    reading = read_texts(texts)
    if reading is None and contents.media_type == PNG:
        hidden = stealth_texts(file)
        texts = {**hidden, **texts}
        reading = read_texts(texts) if hidden else None
    return texts, reading


def _image(
    path: Path,
    contents: PictureContents,
    reading: Reading | None,
    fields: XmpFields,
    created_at: datetime,
) -> NewImage:
    tool, request = _tool_and_request(reading, fields)
    sides = contents.sides
    if not (request.width and request.height):
        request = replace(request, width=sides.width, height=sides.height)
    origin = fields.origin
    return NewImage(
        path=path.as_posix(),
        sha256=contents.sha256,
        size_bytes=contents.size_bytes,
        media_type=contents.media_type,
        width=sides.width,
        height=sides.height,
        created_at=created_at,
        server_name=origin.server_name if origin else "",
        model_title=origin.model_title if origin else model_named(request.model).title,
        job_id="",
        request=request,
        tool=tool,
        parent_sha256=fields.parent_sha256,
    )


def _tool_and_request(reading: Reading | None, fields: XmpFields) -> tuple[str, GenerationRequest]:
    if fields.origin is not None:
        asked = fields.origin.request
        return "", request_of(
            asked.prompt,
            asked.negative_prompt,
            model=asked.model,
            width=asked.width,
            height=asked.height,
            steps=asked.steps,
            guidance_scale=asked.guidance_scale,
            seed=asked.seed,
        )
    if reading is None:
        return UNKNOWN_TOOL, request_of(fields.description)
    return reading.tool, reading.request


def _fields(packet: bytes | None) -> XmpFields:
    try:
        return XmpFields() if packet is None else read_packet(packet)
    except MetadataError:
        # The picture is none the worse for a packet that nobody can read.
        return XmpFields()


def _sidecar(picture: Path) -> Sidecar | None:
    """``picture.png.xmp``, as darktable and digiKam call it, or ``picture.xmp``, as Adobe does."""
    for path in (sidecar_path(picture), picture.with_suffix(".xmp")):
        try:
            with path.open("rb") as file:
                packet = file.read(MAX_BYTES + 1)
            return Sidecar(path, read_packet(packet).curation)
        except FileNotFoundError:
            continue
        except OSError as error:
            return Sidecar(path, SidecarCuration(), error.strerror or str(error))
        except MetadataError as error:
            return Sidecar(path, SidecarCuration(), str(error))
    return None


def _time(modified_ns: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=modified_ns // 1000)
    except OverflowError:
        return _EPOCH
