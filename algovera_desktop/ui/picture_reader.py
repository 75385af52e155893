"""Picture files into QImages, on worker threads.

Only through QImageReader and QImageWriter: they let go of Python's lock while they work,
QImage.fromData, loadFromData and scaled do not, and the window would stand still.
"""

from enum import Enum
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QImageWriter

MAX_DECODED_MB = 512
"""Room for the 100 megapixels that a picture may have, at four bytes each."""

_FORMATS = {"image/png": b"png", "image/jpeg": b"jpeg", "image/webp": b"webp"}


class PictureProblem(Enum):
    """Why a picture cannot be shown."""

    MISSING = "missing"
    BROKEN = "broken"


class PictureUnreadableError(Exception):
    """The file is gone or is no picture; ``problem`` says which. Never leaves ``ui``."""

    def __init__(self, problem: PictureProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def read_picture(path: Path, media_type: str, box_px: int | None = None) -> QImage:
    """A picture from a file, upright and ready to be painted; larger than a square of
    ``box_px`` on no side, never enlarged. Raises PictureUnreadableError."""
    reader = QImageReader(str(path))
    reader.setFormat(QByteArray(_FORMATS.get(media_type, b"")))
    try:
        return _read(reader, box_px)
    except PictureUnreadableError:
        if path.exists():
            raise
        raise PictureUnreadableError(PictureProblem.MISSING) from None


def decode_picture(data: bytes, box_px: int) -> QImage:
    """The same from bytes of our own making."""
    array = QByteArray(data)
    buffer = QBuffer(array)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    return _read(QImageReader(buffer), box_px)


def encode_thumbnail(image: QImage) -> bytes:
    """JPEG, or PNG where there is transparency to keep."""
    array = QByteArray()
    buffer = QBuffer(array)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"png" if image.hasAlphaChannel() else b"jpeg"))
    writer.setQuality(90)
    writer.write(image)
    buffer.close()
    return bytes(array.data())


def _read(reader: QImageReader, box_px: int | None) -> QImage:
    QImageReader.setAllocationLimit(MAX_DECODED_MB)
    reader.setAutoTransform(True)
    size = reader.size()
    if box_px and max(size.width(), size.height()) > box_px:
        box = QSize(box_px, box_px)
        reader.setScaledSize(
            size.scaled(box, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))
        )
    image = reader.read()
    if image.isNull():
        raise PictureUnreadableError(PictureProblem.BROKEN)
    if image.hasAlphaChannel():
        return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    return image.convertToFormat(QImage.Format.Format_RGB32)
