import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from algovera_desktop.domain.errors import ProtocolError
from algovera_desktop.engines.pictures import PIXEL_LIMIT, checked_picture


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG with a true checksum over a header that promises any number of pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = b""
    for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")):
        chunks += struct.pack(">I", len(data)) + kind + data
        chunks += struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize(
    ("fixture", "media_type"),
    [("png", "image/png"), ("jpeg", "image/jpeg"), ("webp", "image/webp")],
)
def test_a_whole_picture_is_believed(
    fixture: str, media_type: str, request: pytest.FixtureRequest
) -> None:
    data: bytes = request.getfixturevalue(fixture)
    image = checked_picture(data)
    assert (image.data, image.media_type) == (data, media_type)
    assert (image.width, image.height) == (48, 32)


@pytest.mark.parametrize("fixture", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.8, 0.95])
def test_a_picture_that_was_cut_off_is_not(
    fixture: str, part: float, request: pytest.FixtureRequest
) -> None:
    data: bytes = request.getfixturevalue(fixture)
    with pytest.raises(ProtocolError):
        checked_picture(data[: int(len(data) * part)], url="https://studio.example/api/getAsset")


def test_a_png_with_a_flipped_bit_is_not_believed(png: bytes) -> None:
    at = png.index(b"IDAT") + 20
    with pytest.raises(ProtocolError, match="damaged"):
        checked_picture(png[:at] + bytes([png[at] ^ 1]) + png[at + 1 :])


@pytest.mark.parametrize("name", ["GIF", "BMP", "TIFF", "ICO", "PPM"])
def test_other_formats_are_not_taken(name: str) -> None:
    stream = BytesIO()
    Image.new("RGB", (16, 16)).save(stream, name)
    with pytest.raises(ProtocolError, match="not a PNG, JPEG or WebP"):
        checked_picture(stream.getvalue())


@pytest.mark.parametrize(
    ("width", "height"),
    [(10_001, 10_000), (13_000, 13_000), (15_000, 15_000), (2**31 - 1, 2**31 - 1)],
)
def test_a_picture_of_more_than_100_megapixels_is_not_decoded(width: int, height: int) -> None:
    with pytest.raises(ProtocolError):
        checked_picture(png_that_claims(width, height))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_its_size_is_what_is_said_of_a_picture_that_is_too_large() -> None:
    with pytest.raises(ProtocolError, match="13000x13000 pixels, more than 100 million"):
        checked_picture(png_that_claims(13_000, 13_000))


def test_a_picture_of_exactly_100_megapixels_is_looked_at() -> None:
    """It fails for want of pixels, not for its size."""
    assert PIXEL_LIMIT == 100_000_000
    with pytest.raises(ProtocolError, match="damaged"):
        checked_picture(png_that_claims(10_000, 10_000))


def test_a_failure_keeps_no_decoder_exception(png: bytes) -> None:
    with pytest.raises(ProtocolError) as caught:
        checked_picture(png[:60], url="https://studio.example/api/getAsset")
    assert caught.value.url == "https://studio.example/api/getAsset"
    assert caught.value.__context__ is None


@given(data=st.binary(max_size=300), start=st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"]))
def test_noise_is_a_protocol_error_and_nothing_else(data: bytes, start: bytes) -> None:
    with pytest.raises(ProtocolError):
        checked_picture(start + data)


@settings(max_examples=300)
@given(data=st.data())
def test_a_damaged_picture_decodes_or_is_a_protocol_error(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(_PICTURES))
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        image = checked_picture(bytes(damaged))
    except ProtocolError:
        return
    assert image.width * image.height <= PIXEL_LIMIT


def _encoded(name: str) -> bytes:
    stream = BytesIO()
    Image.radial_gradient("L").resize((24, 16)).convert("RGB").save(stream, name)
    return stream.getvalue()


_PICTURES = [_encoded(name) for name in ("PNG", "JPEG", "WEBP")]
