"""Real pictures of every format and kind, and what stays as it is when a text goes into them."""

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image

from algovera_desktop.library.formats import JPEG, PNG, WEBP

PILLOW_NAMES = {PNG: "PNG", JPEG: "JPEG", WEBP: "WEBP"}


def picture(mode: str = "RGB") -> Image.Image:
    image = Image.radial_gradient("L").resize((61, 47))
    return Image.merge(mode, [image.rotate(90 * n) for n in range(len(mode))])


def encoded(media_type: str, image: Image.Image | None = None, **options: Any) -> bytes:
    buffer = io.BytesIO()
    (image or picture()).save(buffer, PILLOW_NAMES[media_type], **options)
    return buffer.getvalue()


def exif_block(*, comment: bytes | None = None) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "An Artist"
    exif[ExifTags.Base.Orientation] = 6
    sub = exif.get_ifd(ExifTags.IFD.Exif)
    sub[ExifTags.Base.LensModel] = "A lens with a long name"
    sub[ExifTags.Base.MakerNote] = b"maker's own bytes" * 3
    if comment is not None:
        sub[ExifTags.Base.UserComment] = comment
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    return exif.tobytes()


SAMPLES: dict[str, tuple[str, bytes]] = {
    "png": (PNG, encoded(PNG)),
    "png with transparency": (PNG, encoded(PNG, picture("RGBA"))),
    "png of 256 colours": (PNG, encoded(PNG, picture().quantize())),
    "jpeg": (JPEG, encoded(JPEG)),
    "progressive jpeg": (JPEG, encoded(JPEG, progressive=True, dpi=(300, 300))),
    "jpeg with exif": (JPEG, encoded(JPEG, exif=exif_block())),
    "jpeg with a profile": (JPEG, encoded(JPEG, icc_profile=b"p" * 100_000)),
    "webp": (WEBP, encoded(WEBP)),
    "lossless webp": (WEBP, encoded(WEBP, lossless=True)),
    "lossless webp with transparency": (WEBP, encoded(WEBP, picture("RGBA"), lossless=True)),
    "webp with transparency": (WEBP, encoded(WEBP, picture("RGBA"))),
    "webp with exif": (WEBP, encoded(WEBP, exif=exif_block())),
    "webp with xmp": (WEBP, encoded(WEBP, xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")),
    "animated webp": (
        WEBP,
        encoded(WEBP, save_all=True, append_images=[picture().rotate(90)], duration=100),
    ),
}


def png_chunks(data: bytes) -> list[bytes]:
    chunks, position = [], 8
    while position < len(data):
        end = position + 12 + int.from_bytes(data[position : position + 4], "big")
        chunks.append(data[position:end])
        position = end
    return chunks


def jpeg_parts(data: bytes) -> list[bytes]:
    """Every segment but those of Exif and XMP, and at the end the scan as it is."""
    parts, position = [], 2
    while data[position + 1] != 0xDA:
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        parts.append(data[position:end])
        position = end
    ours = (b"Exif", b"http")
    return [part for part in parts if part[4:8] not in ours] + [data[position:]]


def webp_chunks(data: bytes) -> list[bytes]:
    chunks, position = [], 12
    while position < len(data):
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        end = position + 8 + size + size % 2
        chunks.append(data[position:end])
        position = end
    return [chunk for chunk in chunks if chunk[:4] not in (b"VP8X", b"EXIF", b"XMP ")]


PARTS = {
    PNG: lambda data: [c for c in png_chunks(data) if c[4:8] not in (b"tEXt", b"iTXt")],
    JPEG: jpeg_parts,
    WEBP: webp_chunks,
}


needs_exiftool = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="exiftool is not installed"
)


def exiftool(*arguments: str | Path) -> str:
    command = ["exiftool", "-charset", "exif=utf8", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def warnings_of(path: Path) -> list[str]:
    """What exiftool has against a file, but for what only a camera could have said."""
    report = exiftool("-a", "-s3", "-validate", "-warning", "-error", path).partition("\n")[2]
    return [line for line in report.splitlines() if "Missing required" not in line]
