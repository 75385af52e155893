"""What the readers and writers of picture files share."""

from dataclasses import dataclass

PNG = "image/png"
JPEG = "image/jpeg"
WEBP = "image/webp"

EXTENSIONS = {PNG: ".png", JPEG: ".jpg", WEBP: ".webp"}


class MetadataError(ValueError):
    """A file is not what its type says, or has no room for a text. The only error that the
    readers and writers of metadata raise, whatever the bytes are."""


@dataclass(frozen=True, slots=True)
class Sides:
    """A picture's width and height in pixels, as its header says."""

    width: int
    height: int


def media_type_of(data: bytes) -> str | None:
    """The type of a file by its first bytes; None for one that we do not handle."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    return None
