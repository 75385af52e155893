"""XMP in picture files: nothing of the picture changes, exiftool and Pillow agree with us."""

import io
import json
import struct
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image, PngImagePlugin

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.library.formats import EXTENSIONS, JPEG, PNG, WEBP, MetadataError
from algovera_desktop.library.metadata import (
    EmbeddedMetadata,
    embed,
    embed_all,
    embed_xmp,
    read_embedded,
)
from algovera_desktop.library.parameters import format_parameters
from algovera_desktop.library.xmp import (
    TRAINED_MODEL,
    PictureOrigin,
    XmpFields,
    read_packet,
    write_packet,
)
from algovera_desktop.library.xmp_curation import SidecarCuration
from support.picture_samples import (
    PARTS,
    SAMPLES,
    encoded,
    exif_block,
    exiftool,
    needs_exiftool,
    picture,
    warnings_of,
)

REQUEST = GenerationRequest(
    "ein Fuchs 🦊 <im> & Schnee,\nüber Nacht 雪",
    "v1.5",
    61,
    47,
    seed=2**53 - 1,
    negative_prompt="grey",
)
PARAMETERS = format_parameters(REQUEST)
FIELDS = XmpFields(
    description=REQUEST.prompt,
    creator_tool="Algovera Desktop",
    created_at=datetime(2026, 11, 22, 14, 30, 5, 123_456, UTC),
    digital_source_type=TRAINED_MODEL,
    parent_sha256="0123456789abcdef" * 4,
    origin=PictureOrigin(REQUEST, "This computer", "Stable Diffusion 1.5", "3f2a" * 8),
)
CURATED = replace(FIELDS, curation=SidecarCuration(4, True, ("Schnee", "fox & co")))
HAS_XMP = {"webp with xmp"}
samples = pytest.mark.parametrize(
    ("media_type", "data"),
    [sample for name, sample in SAMPLES.items() if name not in HAS_XMP],
    ids=[name for name in SAMPLES if name not in HAS_XMP],
)
formats = pytest.mark.parametrize("media_type", [PNG, JPEG, WEBP])


def stored(media_type: str, data: bytes, fields: XmpFields = FIELDS) -> bytes:
    result, errors = embed_all(data, media_type, PARAMETERS, fields)
    assert errors == ()
    return result


@samples
def test_all_comes_back_and_the_picture_is_byte_for_byte_what_it_was(
    media_type: str, data: bytes
) -> None:
    result = stored(media_type, data)
    expected = EmbeddedMetadata(PARAMETERS, FIELDS, write_packet(FIELDS))
    assert read_embedded(result) == expected
    assert PARTS[media_type](result) == PARTS[media_type](data)


@samples
def test_every_pixel_of_every_frame_is_what_it_was(media_type: str, data: bytes) -> None:
    with (
        Image.open(io.BytesIO(data)) as before,
        Image.open(io.BytesIO(stored(media_type, data))) as after,
    ):
        frames = getattr(before, "n_frames", 1)
        assert getattr(after, "n_frames", 1) == frames
        for frame in range(frames):
            before.seek(frame)
            after.seek(frame)
            assert after.tobytes() == before.tobytes()


@samples
def test_the_order_of_embedding_makes_no_difference_to_what_is_read(
    media_type: str, data: bytes
) -> None:
    packet = write_packet(FIELDS)
    result = embed(embed_xmp(data, media_type, packet), media_type, PARAMETERS)
    assert read_embedded(result) == read_embedded(stored(media_type, data))


@samples
def test_xmp_that_is_there_already_stays(media_type: str, data: bytes) -> None:
    theirs = write_packet(XmpFields(description="theirs"))
    result = embed_xmp(data, media_type, theirs)
    assert embed_xmp(result, media_type, write_packet(FIELDS)) == result
    assert read_embedded(stored(media_type, result)).packet == theirs


@formats
def test_pillow_finds_the_packet(media_type: str) -> None:
    with Image.open(io.BytesIO(stored(media_type, encoded(media_type)))) as image:
        found = image.info["XML:com.adobe.xmp" if media_type == PNG else "xmp"]
    found = found.encode() if isinstance(found, str) else found
    assert read_packet(found) == FIELDS


def infotext(file: bytes) -> str | None:
    """The text as AUTOMATIC1111's ``read_info_from_image`` finds it: Pillow's ``parameters``, or
    else the Exif user comment, its first eight bytes naming its encoding (piexif's helper)."""
    with Image.open(io.BytesIO(file)) as image:
        if "parameters" in image.info:
            return image.info["parameters"]
        comment = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)
    encodings = {b"UNICODE\0": "utf-16-be", b"ASCII\0\0\0": "ascii", b"JIS\0\0\0\0\0": "shift_jis"}
    return None if comment is None else comment[8:].decode(encodings[comment[:8]])


@samples
def test_a_reader_like_automatic1111s_agrees_with_us(media_type: str, data: bytes) -> None:
    assert infotext(stored(media_type, data)) == PARAMETERS


@formats
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_any_prompt_reads_the_same_there(media_type: str, prompt: str) -> None:
    text = format_parameters(GenerationRequest(prompt, "sketch"))
    assert infotext(embed(SAMPLES[media_type.partition("/")[2]][1], media_type, text)) == text


@needs_exiftool
@samples
def test_exiftool_reads_what_we_wrote_and_finds_nothing_new_to_warn_of(
    media_type: str, data: bytes, tmp_path: Path
) -> None:
    before, after = (tmp_path / f"{name}{EXTENSIONS[media_type]}" for name in ("before", "after"))
    before.write_bytes(data)
    after.write_bytes(stored(media_type, data, CURATED))
    (found,) = json.loads(exiftool("-json", "-G1", "-struct", "-XMP:all", after))
    assert found["XMP-dc:Description"] == REQUEST.prompt
    assert found["XMP-iptcExt:DigitalSourceType"] == TRAINED_MODEL
    assert found["XMP-xmp:Rating"] == 4
    assert found["XMP-dc:Subject"] == ["Schnee", "fox & co"]
    assert found["XMP-lr:HierarchicalSubject"] == ["Schnee", "fox & co"]
    assert found["XMP-digiKam:TagsList"] == ["Schnee", "fox & co"]
    assert found["XMP-xmp:CreatorTool"] == "Algovera Desktop"
    assert found["XMP-xmp:CreateDate"] == "2026:11:22 14:30:05.123456+00:00"
    assert found["XMP-xmpMM:DerivedFrom"] == {"DocumentID": "sha256:" + FIELDS.parent_sha256}
    assert warnings_of(after) == warnings_of(before)


@needs_exiftool
@formats
def test_what_exiftool_writes_is_read(media_type: str, tmp_path: Path) -> None:
    file = tmp_path / f"picture{EXTENSIONS[media_type]}"
    file.write_bytes(stored(media_type, encoded(media_type)))
    changes = ("-XMP-xmp:Rating=2", "-XMP-dc:Subject+=neu", "-XMP-acdsee:Notes=their note")
    exiftool("-overwrite_original", *changes, file)
    found = read_embedded(file.read_bytes())
    assert found.parameters == PARAMETERS
    curation = SidecarCuration(2, tags=("neu",), notes="their note")
    assert found.xmp == replace(FIELDS, curation=curation)


@formats
def test_exif_that_was_there_is_still_the_first_thing_there(media_type: str) -> None:
    data = encoded(media_type, exif=exif_block())
    with Image.open(io.BytesIO(stored(media_type, data))) as image:
        assert image.getexif()[ExifTags.Base.Artist] == "An Artist"
    if media_type == JPEG:
        result = stored(media_type, data)
        assert result.index(b"Exif\0\0") < result.index(b"http://ns.adobe.com/xap/1.0/\0")


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("lossless", [True, False])
def test_a_webp_says_in_its_header_what_it_holds(mode: str, lossless: bool) -> None:
    result = stored(WEBP, encoded(WEBP, picture(mode), lossless=lossless))
    (flags,) = struct.unpack_from("<I", result, 20)
    assert result[12:16] == b"VP8X"
    assert flags == 0x04 | 0x08 | (0x10 if mode == "RGBA" else 0)
    assert result.rindex(b"EXIF") < result.rindex(b"XMP ")


def test_a_jpeg_without_room_for_the_words_says_at_least_how_it_came_to_be() -> None:
    request = replace(REQUEST, prompt="雪" * 8000, negative_prompt="雨" * 8000)
    origin = PictureOrigin(request)
    fields = replace(FIELDS, description=request.prompt, origin=origin)
    result, errors = embed_all(encoded(JPEG), JPEG, format_parameters(request), fields)
    found = read_embedded(result)
    assert len(errors) == 1
    assert found.parameters == format_parameters(request)
    assert found.xmp == replace(FIELDS, description="", origin=None)


def test_a_file_without_a_place_for_texts_is_left_as_it_is() -> None:
    data, errors = embed_all(b"GIF89a", "image/gif", PARAMETERS, FIELDS)
    assert data == b"GIF89a"
    assert errors
    with pytest.raises(MetadataError):
        read_embedded(data)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_packet_that_another_program_wrote_into_a_png_is_read(compressed: bool) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", write_packet(FIELDS).decode(), zip=compressed)
    assert read_embedded(encoded(PNG, pnginfo=info)).xmp == FIELDS


@formats
def test_a_damaged_packet_takes_nothing_else_with_it(media_type: str) -> None:
    data = embed(encoded(media_type), media_type, PARAMETERS)
    result = embed_xmp(data, media_type, b"<x:xmpmeta")
    assert read_embedded(result) == EmbeddedMetadata(PARAMETERS, None, b"<x:xmpmeta")


def test_a_packed_packet_that_would_fill_the_memory_is_as_if_it_were_not_there() -> None:
    body = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(64 << 20), 9)
    bomb = struct.pack(">I", len(body)) + b"iTXt" + body
    bomb += struct.pack(">I", zlib.crc32(b"iTXt" + body))
    data = embed(encoded(PNG), PNG, PARAMETERS)
    assert read_embedded(data[:33] + bomb + data[33:]) == EmbeddedMetadata(PARAMETERS)


STORED = {name: (media, stored(media, data)) for name, (media, data) in SAMPLES.items()}


@given(
    st.sampled_from(sorted(STORED)),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=12),
    st.floats(0, 1),
)
def test_a_damaged_or_cut_file_raises_nothing_but_the_one_error(
    name: str, damage: list[tuple[float, int]], cut: float
) -> None:
    media_type, data = STORED[name]
    for area in (len(data), min(len(data), 3000)):
        broken = bytearray(data)
        for place, value in damage:
            broken[int(place * area)] = value
        for file in (bytes(broken), bytes(broken[: int(cut * area)])):
            try:
                read_embedded(file)
                embed_xmp(file, media_type, b"<x/>")
            except MetadataError:
                continue
