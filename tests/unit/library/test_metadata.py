"""Text in picture files: nothing of the picture changes, others read it, nothing breaks us."""

import io
import json
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import ExifTags, Image, PngImagePlugin

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.library.formats import EXTENSIONS, JPEG, PNG, WEBP, MetadataError
from algovera_desktop.library.metadata import embed, picture_sides, read_parameters
from algovera_desktop.library.parameters import format_parameters
from support.picture_samples import (
    PARTS,
    SAMPLES,
    encoded,
    exif_block,
    exiftool,
    needs_exiftool,
    warnings_of,
)

TEXT = format_parameters(GenerationRequest("ein Fuchs 🦊 im Schnee,\nüber Nacht 雪", "sketch"))
PLAIN = format_parameters(GenerationRequest("a café at night", "sketch", negative_prompt="grey"))
samples = pytest.mark.parametrize(("media_type", "data"), SAMPLES.values(), ids=SAMPLES)


@samples
@pytest.mark.parametrize("text", [TEXT, PLAIN])
def test_the_text_comes_back_and_all_else_is_byte_for_byte_what_it_was(
    media_type: str, data: bytes, text: str
) -> None:
    result = embed(data, media_type, text)
    assert read_parameters(result) == text
    assert PARTS[media_type](result) == PARTS[media_type](data)


@samples
def test_every_pixel_of_every_frame_is_what_it_was(media_type: str, data: bytes) -> None:
    result = embed(data, media_type, TEXT)
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(result)) as after:
        frames = getattr(before, "n_frames", 1)
        assert getattr(after, "n_frames", 1) == frames
        assert (after.size, after.mode) == (before.size, before.mode)
        for frame in range(frames):
            before.seek(frame)
            after.seek(frame)
            assert after.tobytes() == before.tobytes()


@samples
def test_a_second_text_does_not_replace_the_first(media_type: str, data: bytes) -> None:
    result = embed(data, media_type, TEXT)
    assert embed(result, media_type, PLAIN) == result


@samples
def test_the_sides_are_read_from_the_header(media_type: str, data: bytes) -> None:
    for file in (data, embed(data, media_type, TEXT)):
        sides = picture_sides(file)
        assert (sides.width, sides.height) == (61, 47)


@pytest.mark.parametrize("text", [TEXT, PLAIN])
def test_pillow_finds_the_png_text_where_automatic1111_puts_it(text: str) -> None:
    with Image.open(io.BytesIO(embed(encoded(PNG), PNG, text))) as image:
        assert image.info["parameters"] == text


@pytest.mark.parametrize("media_type", [JPEG, WEBP])
def test_pillow_finds_the_comment_that_automatic1111_would_write(media_type: str) -> None:
    with Image.open(io.BytesIO(embed(encoded(media_type), media_type, TEXT))) as image:
        comment = image.getexif().get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment]
    assert comment == b"UNICODE\0" + TEXT.encode("utf-16-be")


@pytest.mark.parametrize("media_type", [JPEG, WEBP])
@pytest.mark.parametrize("blank", [None, b"\0" * 16, b"ASCII\0\0\0" + b" " * 40])
def test_exif_that_was_there_is_still_there(media_type: str, blank: bytes | None) -> None:
    data = encoded(media_type, exif=exif_block(comment=blank))
    result = embed(data, media_type, TEXT)
    assert read_parameters(result) == TEXT
    with Image.open(io.BytesIO(result)) as image:
        exif = image.getexif()
        assert exif[ExifTags.Base.Artist] == "An Artist"
        assert exif[ExifTags.Base.Orientation] == 6
        assert exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] == "N"
        sub = exif.get_ifd(ExifTags.IFD.Exif)
        assert sub[ExifTags.Base.LensModel] == "A lens with a long name"
        assert sub[ExifTags.Base.MakerNote] == b"maker's own bytes" * 3


@pytest.mark.parametrize(
    "comment",
    [
        b"UNICODE\0" + "their words".encode("utf-16-be"),
        b"UNICODE\0" + "their words".encode("utf-16-le"),
        b"UNICODE\0" + "their words".encode("utf-16"),
        b"ASCII\0\0\0their words\0",
        b"\0\0\0\0\0\0\0\0their words",
        b"their words",
    ],
)
def test_a_comment_that_the_engine_wrote_is_left_and_read(comment: bytes) -> None:
    data = encoded(JPEG, exif=exif_block(comment=comment))
    assert embed(data, JPEG, TEXT) == data
    assert read_parameters(data) == "their words"


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("text", ["theirs", "ihre Wörter 雪"])
def test_a_png_text_that_the_engine_wrote_is_left_and_read(text: str, compressed: bool) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", "another")
    info.add_text("parameters", text, zip=compressed)
    data = encoded(PNG, pnginfo=info)
    assert embed(data, PNG, TEXT) == data
    assert read_parameters(data) == text


@needs_exiftool
@samples
def test_exiftool_reads_the_text_and_finds_nothing_new_to_warn_of(
    media_type: str, data: bytes, tmp_path: Path
) -> None:
    before, after = (tmp_path / f"{name}{EXTENSIONS[media_type]}" for name in ("before", "after"))
    before.write_bytes(data)
    after.write_bytes(embed(data, media_type, TEXT))
    (found,) = json.loads(exiftool("-json", "-Parameters", "-UserComment", after))
    assert found["Parameters" if media_type == PNG else "UserComment"] == TEXT
    assert warnings_of(after) == warnings_of(before)


def test_a_text_over_what_a_jpeg_can_hold_is_refused() -> None:
    with pytest.raises(MetadataError):
        embed(encoded(JPEG), JPEG, "x" * 40_000)


def test_a_packed_text_that_would_fill_the_memory_is_refused() -> None:
    body = b"parameters\0\0" + zlib.compress(bytes(64 << 20), 9)
    bomb = struct.pack(">I", len(body)) + b"zTXt" + body
    bomb += struct.pack(">I", zlib.crc32(b"zTXt" + body))
    data = encoded(PNG)
    with pytest.raises(MetadataError):
        read_parameters(data[:33] + bomb + data[33:])


def test_a_format_without_a_place_for_text_is_refused() -> None:
    with pytest.raises(MetadataError):
        embed(b"GIF89a", "image/gif", TEXT)
    with pytest.raises(MetadataError):
        read_parameters(b"")


def survives(media_type: str, data: bytes) -> None:
    for call in (
        lambda: embed(data, media_type, PLAIN),
        lambda: read_parameters(data),
        lambda: picture_sides(data),
    ):
        try:
            call()
        except MetadataError:
            continue


@given(
    st.sampled_from(sorted(SAMPLES)),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=12),
    st.floats(0, 1),
)
@example("png", [(9 / 300, 1)], 1.0)
def test_a_damaged_or_cut_file_raises_nothing_but_the_one_error(
    name: str, damage: list[tuple[float, int]], cut: float
) -> None:
    media_type, data = SAMPLES[name]
    for area in (len(data), min(len(data), 300)):
        broken = bytearray(data)
        for place, value in damage:
            broken[int(place * area)] = value
        survives(media_type, bytes(broken))
        survives(media_type, bytes(broken[: int(cut * area)]))


@given(
    st.sampled_from([(PNG, 8), (PNG, 33), (JPEG, 2), (JPEG, 20), (WEBP, 12), (WEBP, 30)]),
    st.binary(max_size=200),
)
def test_noise_after_a_good_beginning_raises_nothing_but_the_one_error(
    beginning: tuple[str, int], noise: bytes
) -> None:
    media_type, length = beginning
    data = encoded(media_type)
    survives(media_type, data[:length] + noise)
    survives(media_type, noise)


@given(st.binary(max_size=120))
def test_a_damaged_exif_block_raises_nothing_but_the_one_error(noise: bytes) -> None:
    for order in (b"MM\0*\0\0\0\x08", b"II*\0\x08\0\0\0"):
        payload = b"Exif\0\0" + order + noise
        segment = b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload
        data = SAMPLES["jpeg"][1]
        survives(JPEG, data[:2] + segment + data[2:])
