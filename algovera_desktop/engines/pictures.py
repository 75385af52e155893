"""Whether bytes from a network are the picture that they claim to be."""

from io import BytesIO

from PIL import Image

from algovera_desktop.domain.errors import ProtocolError
from algovera_desktop.engines.base import FetchedImage

PIXEL_LIMIT = 100_000_000
# Pillow warns above its limit and refuses above twice of it. It is one number for the process.
Image.MAX_IMAGE_PIXELS = PIXEL_LIMIT


def checked_picture(data: bytes, *, url: str = "") -> FetchedImage:
    """Decode a PNG, JPEG or WebP completely and say what it is.

    Takes as long as decoding does, so it belongs on a worker thread. Raises ProtocolError for
    another format, a picture of more than 100 megapixels, and one that is damaged or cut off.
    """
    media_type = _media_type(data)
    if not media_type:
        raise ProtocolError("the server's answer is not a PNG, JPEG or WebP picture", url=url)
    failure = ""
    width = height = 0
    try:
        width, height = _decode(data, media_type)
    # Pillow's decoders raise nearly anything on damaged input: OSError, SyntaxError, ValueError,
    # struct.error, IndexError, zlib.error, DecompressionBombError and its warning.
    except Exception as error:
        failure = f"the picture is damaged or cut off ({type(error).__name__}: {error})"
    if width * height > PIXEL_LIMIT:
        failure = (
            f"the picture has {width}x{height} pixels, more than {PIXEL_LIMIT // 10**6} million"
        )
    if failure:
        raise ProtocolError(failure, url=url)
    return FetchedImage(data, media_type, width, height)


def _media_type(data: bytes) -> str:
    """The type that the first bytes tell, ``""`` for any that we do not take."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return ""


def _decode(data: bytes, media_type: str) -> tuple[int, int]:
    """Width and height of a picture that decodes to its last pixel.

    One with too many pixels is measured and not decoded.
    """
    formats = [media_type.removeprefix("image/").upper()]
    with Image.open(BytesIO(data), formats=formats) as picture:
        size = picture.size
        if size[0] * size[1] > PIXEL_LIMIT:
            return size
        # Only verify() looks at a PNG's checksums, and it leaves nothing to load.
        picture.verify()
    with Image.open(BytesIO(data), formats=formats) as picture:
        picture.load()
    return size
