"""Texts in the pixels themselves, in the lowest bit of each, where no list of chunks shows them.

The form is that of the "stealth" texts which NovelAI and some extensions of AUTOMATIC1111 write:
down the columns, in the alpha channel or in the three colours, first one of four words that say
how the rest is to be read.
"""

import io
import warnings
from typing import TYPE_CHECKING

from PIL import Image

from algovera_desktop.library.formats import JPEG, MetadataError, media_type_of

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

_SIGNATURES = (b"stealth_pnginfo", b"stealth_pngcomp", b"stealth_rgbinfo", b"stealth_rgbcomp")
_SIGNATURE_BITS = len(_SIGNATURES[0]) * 8
_MAX_PIXELS = 100_000_000


def has_hidden_text(data: bytes) -> bool:
    """Whether a file's pixels begin with one of the words. A JPEG's cannot: its lowest bits are
    not kept. Raises MetadataError for a picture that cannot be decoded."""
    import numpy  # Here, for it takes longer to load than the window, and is seldom needed.

    if media_type_of(data) == JPEG:
        return False
    picture = _decoded(data)
    columns = -(-_SIGNATURE_BITS // picture.height)
    strip = picture.crop((0, 0, min(columns, picture.width), picture.height))
    pixels = numpy.asarray(strip.convert("RGBA")).transpose(1, 0, 2)
    alpha, colours = pixels[:, :, 3], pixels[:, :, :3]
    return _begins_with_a_word(alpha) or _begins_with_a_word(colours)


def without_hidden_text(data: bytes) -> bytes:
    """The same picture as a file whose pixels have no lowest bits of their own any more. Raises
    MetadataError for an animation, whose other frames would be lost."""
    import numpy

    picture = _decoded(data)
    if getattr(picture, "is_animated", False):
        raise MetadataError("an animation with a text hidden in its pixels")
    pixels = numpy.asarray(picture.convert("RGBA")).copy()
    pixels[:, :, :3] &= 0xFE
    pixels[:, :, 3] |= 1
    target = io.BytesIO()
    result = Image.fromarray(pixels if picture.mode == "RGBA" else pixels[:, :, :3])
    profile = picture.info.get("icc_profile")
    result.save(target, picture.format, lossless=True, exact=True, icc_profile=profile)
    return target.getvalue()


def _begins_with_a_word(values: "NDArray[numpy.uint8]") -> bool:
    import numpy

    bits = values.reshape(-1)[:_SIGNATURE_BITS] & 1
    return numpy.packbits(bits).tobytes() in _SIGNATURES


def _decoded(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Its own limit warns at a size that a picture of ours may have.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data))
            if picture.width * picture.height > _MAX_PIXELS:
                raise MetadataError("a picture that is too large")
            picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise MetadataError("a picture that cannot be decoded") from error
    return picture
