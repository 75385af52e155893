"""What a shared copy carries. The judges are exiftool and Pillow, not our own readers."""

import io
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.sharing.copy import SharedCopy, make_shared_copy
from algovera_desktop.library.sharing.pieces import PieceKind
from algovera_desktop.library.xmp import TRAINED_MODEL

SECRET = "a secret fox"
_OF_THE_FORMAT = ("ExifTool", "File", "Composite", "System", "PNG", "RIFF", "JFIF", "SourceFile")
_PACKET = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    'syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" e:DigitalSourceType="http://cv.iptc.'
    f'org/newscodes/digitalsourcetype/compositeSynthetic" dc:title="{SECRET}"/>'
    "</rdf:RDF></x:xmpmeta>"
)


def picture(mode: str = "RGB", side: int = 32) -> Image.Image:
    noise = numpy.random.default_rng(7).integers(0, 256, (side, side, len(mode)), numpy.uint8)
    return Image.fromarray(noise)


def exif(orientation: int = 1) -> bytes:
    block = Image.Exif()
    block[0x010E] = SECRET
    block[0x0112] = orientation
    block.get_ifd(0x8825).update({1: "N", 2: (47.0, 22.0, 11.0)})
    return block.tobytes()


@cache
def profile() -> bytes:
    """One for all: it holds the second in which it was made."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def full(name: str, *, orientation: int = 1) -> bytes:
    """A picture with a prompt, a place, a label, a profile and something behind its end."""
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", SECRET)
    info.add_text("workflow", json.dumps({"text": SECRET}), zip=True)
    info.add_itxt("XML:com.adobe.xmp", _PACKET)
    more = {"pnginfo": info} if name == "PNG" else {"xmp": _PACKET.encode()}
    if name == "JPEG":
        more["comment"] = SECRET.encode()
    target = io.BytesIO()
    picture().save(target, name, exif=exif(orientation), icc_profile=profile(), **more)
    return target.getvalue() + SECRET.encode()


def told_by_exiftool(tmp_path: Path, data: bytes) -> dict[str, str]:
    """Every tag that is not of the format itself; a file that it finds fault with fails."""
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed")
    file = tmp_path / "shared"
    file.write_bytes(data)
    done = subprocess.run(
        ["exiftool", "-G1", "-a", "-u", "-ee", "-j", str(file)],
        check=True,
        capture_output=True,
    )
    (tags,) = json.loads(done.stdout)
    own = {
        name: value
        for name, value in tags.items()
        if name.partition(":")[0] not in _OF_THE_FORMAT and not name.startswith("ICC")
    }
    assert "Warning" not in " ".join(tags)
    return own


def kinds(pieces) -> set[PieceKind]:
    return {piece.kind for piece in pieces}


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP"])
def test_exiftool_finds_the_label_and_nothing_else(tmp_path, name):
    shared = make_shared_copy(full(name), TRAINED_MODEL)
    assert told_by_exiftool(tmp_path, shared.data) == {
        "XMP-iptcExt:DigitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/"
        "compositeSynthetic"
    }
    assert SECRET.encode() not in shared.data


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP"])
def test_the_picture_and_its_profile_are_the_same(name):
    original, shared = full(name), make_shared_copy(full(name))
    with Image.open(io.BytesIO(original)) as before, Image.open(io.BytesIO(shared.data)) as after:
        assert before.tobytes() == after.tobytes()
        assert after.info["icc_profile"] == profile()


def test_what_is_taken_out_is_told_by_its_name():
    shared = make_shared_copy(full("PNG"))
    told = [(piece.kind, piece.name) for piece in shared.taken_out]
    assert sorted(told, key=str) == sorted(
        [
            (PieceKind.TEXT, "parameters"),
            (PieceKind.TEXT, "workflow"),
            (PieceKind.XMP, "XML:com.adobe.xmp"),
            (PieceKind.PLACE, "eXIf"),
            (PieceKind.TRAILING, ""),
        ],
        key=str,
    )
    assert kinds(shared.stays) == {PieceKind.PICTURE, PieceKind.COLOUR, PieceKind.LABEL}


def test_a_text_that_is_taken_out_can_be_read():
    told = {piece.name: piece.text for piece in make_shared_copy(full("PNG")).taken_out}
    assert told["parameters"] == SECRET
    (comment,) = [p for p in make_shared_copy(full("JPEG")).taken_out if p.name == "comment"]
    assert comment.text == SECRET


def test_a_label_in_words_of_its_own_does_not_ride_along():
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", _PACKET.replace("compositeSynthetic", SECRET))
    target = io.BytesIO()
    picture().save(target, "PNG", pnginfo=info)
    shared = make_shared_copy(target.getvalue())
    assert shared.source_type == ""
    assert SECRET.encode() not in shared.data


def test_a_jpegs_comment_and_a_time_are_taken_out():
    taken_out = kinds(make_shared_copy(full("JPEG")).taken_out)
    assert {PieceKind.TEXT, PieceKind.PLACE, PieceKind.XMP, PieceKind.TRAILING} == taken_out


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP"])
def test_how_the_picture_is_turned_stays(tmp_path, name):
    shared = make_shared_copy(full(name, orientation=6))
    told = told_by_exiftool(tmp_path, shared.data)
    assert told.pop("IFD0:Orientation") == "Rotate 90 CW"
    assert list(told) == ["XMP-iptcExt:DigitalSourceType"]


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP"])
def test_a_picture_of_no_model_gets_no_label(tmp_path, name):
    target = io.BytesIO()
    picture().save(target, name)
    shared = make_shared_copy(target.getvalue())
    assert shared.source_type == ""
    assert told_by_exiftool(tmp_path, shared.data) == {}


@pytest.mark.parametrize("mode", ["RGBA", "RGB"])
@pytest.mark.parametrize("is_lossless", [False, True])
def test_a_webp_stays_a_webp_that_others_read(tmp_path, mode, is_lossless):
    target = io.BytesIO()
    picture(mode).save(target, "WEBP", lossless=is_lossless, exact=True)
    shared = make_shared_copy(target.getvalue(), TRAINED_MODEL)
    with (
        Image.open(io.BytesIO(target.getvalue())) as before,
        Image.open(io.BytesIO(shared.data)) as after,
    ):
        assert (before.mode, before.tobytes()) == (after.mode, after.tobytes())
    assert told_by_exiftool(tmp_path, shared.data)


def test_an_animation_keeps_its_frames():
    target = io.BytesIO()
    frames = [picture(side=16), Image.new("RGB", (16, 16), "red")]
    frames[0].save(target, "WEBP", save_all=True, append_images=frames[1:], exif=exif())
    with Image.open(io.BytesIO(make_shared_copy(target.getvalue(), TRAINED_MODEL).data)) as after:
        assert after.n_frames == 2


def with_hidden_text(mode: str) -> bytes:
    """The prompt in the lowest bits, as NovelAI's own script puts it there."""
    word = b"stealth_pnginfo" if mode == "RGBA" else b"stealth_rgbinfo"
    bits = numpy.unpackbits(numpy.frombuffer(word + bytes(4) + SECRET.encode(), numpy.uint8))
    pixels = numpy.asarray(picture(mode)).copy()
    columns = pixels.transpose(1, 0, 2)
    channel = (columns[:, :, 3:] if mode == "RGBA" else columns).reshape(-1).copy()
    channel[: bits.size] = channel[: bits.size] & 0xFE | bits
    if mode == "RGBA":
        pixels[:, :, 3] = channel.reshape(32, 32).T
    else:
        pixels = channel.reshape(32, 32, 3).transpose(1, 0, 2)
    target = io.BytesIO()
    Image.fromarray(numpy.ascontiguousarray(pixels)).save(target, "PNG")
    return target.getvalue()


@pytest.mark.parametrize("mode", ["RGBA", "RGB"])
def test_a_text_hidden_in_the_pixels_is_found_and_taken_out(mode):
    original = with_hidden_text(mode)
    shared = make_shared_copy(original)
    assert shared.is_repainted
    assert PieceKind.HIDDEN in kinds(shared.taken_out)
    assert not make_shared_copy(shared.data).is_repainted
    with Image.open(io.BytesIO(original)) as before, Image.open(io.BytesIO(shared.data)) as after:
        assert after.mode == mode
        difference = numpy.asarray(before).astype(int) - numpy.asarray(after)
        assert numpy.abs(difference).max() == 1


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP"])
def test_half_a_file_is_refused(name):
    whole = full(name)[: -len(SECRET)]
    for length in range(0, len(whole), max(1, len(whole) // 50)):
        with pytest.raises(MetadataError):
            make_shared_copy(whole[:length])


def test_what_is_no_picture_is_refused():
    with pytest.raises(MetadataError):
        make_shared_copy(b"GIF89a" + bytes(100))


_WHOLE = {name: full(name) for name in ("PNG", "JPEG", "WEBP")}


@given(
    name=st.sampled_from(sorted(_WHOLE)),
    places=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=4),
)
def test_damage_ends_in_a_refusal_or_in_a_clean_copy(name: str, places: list[tuple[int, int]]):
    damaged = bytearray(_WHOLE[name])
    for place, value in places:
        damaged[place % len(damaged)] = value
    try:
        shared: SharedCopy = make_shared_copy(bytes(damaged), TRAINED_MODEL)
    except MetadataError:
        return
    kept = b"".join(p.raw for p in shared.stays if p.kind is not PieceKind.PICTURE)
    assert SECRET.encode() not in kept
