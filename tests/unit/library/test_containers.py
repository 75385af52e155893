"""A stranger's file is walked within bounds, whatever it is: what it holds, or one plain reason."""

import hashlib
import io
import struct
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from algovera_desktop.library.containers import MAX_TEXT_BYTES, PictureContents, read_contents
from algovera_desktop.library.formats import JPEG, PNG, WEBP, MetadataError, Sides
from algovera_desktop.library.hashed_stream import BLOCK_BYTES
from algovera_desktop.library.picture_file import read_picture_file
from algovera_desktop.library.readers.choice import read_texts
from algovera_desktop.library.readers.picture_texts import picture_texts

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf'
    b'-syntax-ns#"><rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif='
    b'"http://ns.adobe.com/exif/1.0/" xmp:CreatorTool="Draw Things"><exif:UserComment><rdf:Alt>'
    b'<rdf:li xml:lang="x-default">{"c": "a fox", "uc": "", "seed": 3}</rdf:li></rdf:Alt>'
    b"</exif:UserComment></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def exif() -> bytes:
    fields = Image.Exif()
    fields[0x010F] = 'workflow:{"nodes": [], "links": []}'
    fields[0x0110] = 'prompt:{"1": {"class_type": "KSampler", "inputs": {"seed": 9}}}'
    fields[0x9286] = "a comment"
    return fields.tobytes()


def saved(kind: str, mode: str = "RGB", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((90, 60), 80).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def png_texts() -> PngInfo:
    info = PngInfo()
    info.add_text("parameters", "ein Füchslein\nSteps: 3")
    info.add_itxt("prompt", "雪", "en", "x")
    info.add_text("Comment", "long " * 500, zip=True)
    info.add_itxt("packed", "雪 " * 500, zip=True)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return info


PLAIN_PNG = saved("PNG")
FULL = {
    PNG: saved("PNG", pnginfo=png_texts(), exif=exif()),
    JPEG: saved("JPEG", exif=exif(), xmp=XMP, comment="a remark", progressive=True),
    WEBP: saved("WEBP", exif=exif(), xmp=XMP),
}


def contents(data: bytes) -> PictureContents:
    return read_contents(io.BytesIO(data))


def chunk(kind: bytes, body: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + checksum


def with_chunks(*chunks: bytes) -> bytes:
    return PLAIN_PNG[:33] + b"".join(chunks) + PLAIN_PNG[33:]


def refusal(data: bytes) -> str:
    with pytest.raises(MetadataError) as caught:
        contents(data)
    return str(caught.value)


@pytest.mark.parametrize("media_type", FULL)
def test_sides_hash_exif_and_xmp_are_found(media_type: str) -> None:
    data = FULL[media_type]
    found = contents(data)
    assert (found.media_type, found.sides, found.size_bytes) == (
        media_type,
        Sides(90, 60),
        len(data),
    )
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.exif is not None
    assert found.exif[:2] in (b"MM", b"II")
    assert found.xmp is not None
    assert found.xmp.strip() == XMP


def test_texts_of_every_kind_are_read_from_a_png() -> None:
    texts = contents(FULL[PNG]).texts
    assert texts["parameters"] == "ein Füchslein\nSteps: 3"
    assert texts["prompt"] == "雪"
    assert texts["Comment"] == "long " * 500
    assert texts["packed"] == "雪 " * 500


def test_a_comment_is_read_from_a_jpeg() -> None:
    assert contents(FULL[JPEG]).texts == {"Comment": "a remark"}


@pytest.mark.parametrize("media_type", FULL)
def test_texts_stand_under_one_set_of_keywords(media_type: str) -> None:
    texts = picture_texts(contents(FULL[media_type]))
    assert texts["UserComment"] == "a comment"
    assert texts["CreatorTool"] == "Draw Things"
    assert texts["XML:com.adobe.xmp"].encode() == XMP
    assert texts["workflow"] == '{"nodes": [], "links": []}'
    if media_type != PNG:
        reading = read_texts(texts | {"CreatorTool": ""})
        assert reading is not None
        assert (reading.tool, reading.request.seed) == ("ComfyUI", 9)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
@pytest.mark.parametrize("lossless", [False, True])
def test_every_way_to_save_a_picture_has_its_sides(kind: str, mode: str, lossless: bool) -> None:
    options = {"lossless": lossless} if kind == "WEBP" else {}
    assert contents(saved(kind, mode, **options)).sides == Sides(90, 60)


def test_a_file_of_many_blocks_is_hashed_whole() -> None:
    data = with_chunks(chunk(b"prVt", bytes(3 * BLOCK_BYTES + 17)), chunk(b"tEXt", b"k\0v"))
    data += bytes(BLOCK_BYTES)
    found = contents(data)
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.texts == {"k": "v"}
    long = saved("JPEG")[:-2] + bytes(BLOCK_BYTES * 2) + b"\xff\xd9"
    assert contents(long).sha256 == hashlib.sha256(long).hexdigest()


@pytest.mark.parametrize("media_type", FULL)
def test_a_file_that_is_cut_off_anywhere_is_refused(media_type: str) -> None:
    data = FULL[media_type]
    for length in [*range(0, 200), *range(200, len(data), 37), len(data) - 1]:
        assert refusal(data[:length])


def test_reasons_are_plain() -> None:
    assert refusal(b"") == "this is not a PNG, JPEG or WebP"
    assert refusal(b"GIF89a" + bytes(100)) == "this is not a PNG, JPEG or WebP"
    assert refusal(PLAIN_PNG[:-20]) == "the file is cut off"
    assert refusal(PLAIN_PNG[:8] + chunk(b"IEND", b"")) == "the PNG has no header"
    assert refusal(PLAIN_PNG[:33] + chunk(b"IEND", b"")) == "the PNG holds no picture"
    header = struct.pack(">IIBBBBB", 90, 0, 8, 2, 0, 0, 0)
    nothing = PLAIN_PNG[:8] + chunk(b"IHDR", header) + PLAIN_PNG[33:]
    assert refusal(nothing) == "the file holds no picture"
    damaged = bytearray(with_chunks(chunk(b"tEXt", b"parameters\0a fox")))
    damaged[60] ^= 1
    assert refusal(bytes(damaged)) == "the PNG is damaged"
    assert refusal(b"\xff\xd8\xff\xd9") == "the JPEG holds no picture"


def test_a_chunk_that_claims_two_gigabytes_is_refused_at_once() -> None:
    for kind in (b"IDAT", b"tEXt", b"iTXt", b"eXIf"):
        claim = struct.pack(">I", 2**31 - 1) + kind
        reason = refusal(PLAIN_PNG[:33] + claim + PLAIN_PNG[33:])
        assert reason in ("the file is cut off", "the file holds more than 8 MiB of text")


def test_a_picture_too_large_for_any_screen_is_refused() -> None:
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    bomb = PLAIN_PNG[:8] + chunk(b"IHDR", header) + PLAIN_PNG[33:]
    assert refusal(bomb) == "the picture has more than 268 million pixels"


TOO_MUCH = b"x" * 10_000_000
BOMBS: dict[str, Callable[[], bytes]] = {
    "ten megabytes of text": lambda: with_chunks(chunk(b"tEXt", b"parameters\0" + TOO_MUCH)),
    "a bomb in zTXt": lambda: with_chunks(
        chunk(b"zTXt", b"parameters\0\0" + zlib.compress(bytes(20_000_000)))
    ),
    "a bomb in iTXt": lambda: with_chunks(
        chunk(b"iTXt", b"parameters\0\1\0\0\0" + zlib.compress(bytes(20_000_000)))
    ),
    "a bomb in XMP": lambda: with_chunks(
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(20_000_000)))
    ),
    "many bombs": lambda: with_chunks(
        *[chunk(b"zTXt", b"%d\0\0" % n + zlib.compress(bytes(1 << 20))) for n in range(100)]
    ),
    "many texts": lambda: with_chunks(*[chunk(b"tEXt", b"%d\0x" % n) for n in range(5000)]),
    "a large WebP chunk": lambda: webp_with(b"EXIF", bytes(10_000_000)),
}


def webp_with(kind: bytes, body: bytes) -> bytes:
    plain = saved("WEBP")
    more = plain[12:] + kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(more)) + b"WEBP" + more


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_little_memory_and_is_refused(name: str) -> None:
    file = io.BytesIO(BOMBS[name]())
    tracemalloc.start()
    try:
        with pytest.raises(MetadataError, match="more than 8 MiB of text"):
            read_contents(file)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 3 * MAX_TEXT_BYTES


def test_more_chunks_than_any_picture_has_are_refused() -> None:
    empty = chunk(b"prVt", b"")
    assert refusal(with_chunks(empty * 300_000)) == "the file is in too many pieces"
    assert refusal(b"\xff\xd8" + b"\xff" * 300_000) == "the file is in too many pieces"


def test_a_packed_text_that_is_broken_is_refused() -> None:
    packed = zlib.compress(b"a fox in the snow" * 10)
    for broken in (packed[:-5], packed[:4] + b"\xff" + packed[5:], b""):
        reason = refusal(with_chunks(chunk(b"zTXt", b"k\0\0" + broken)))
        assert reason == "a text cannot be unpacked"


READ = """
import re, sys
from pathlib import Path
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.picture_file import read_picture_file

def most_kib():
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])

before_kib = most_kib()
for name in sys.argv[1:]:
    try:
        read_picture_file(Path(name))
        print("read")
    except MetadataError as error:
        print(error)
print(most_kib() - before_kib)
"""
"""What ``getrusage`` says would begin with the memory of the process that started it."""

needs_proc = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the most memory ever used is read from /proc"
)


@needs_proc
def test_files_of_gigabytes_take_no_memory_worth_speaking_of(tmp_path: Path) -> None:
    """Sparse files, so that they take no disk either. The second is read to its end."""
    sizes = {"huge.png": 3 << 30, "large.png": 200 << 20}
    for name, size in sizes.items():
        body_bytes = size - len(PLAIN_PNG) - 12
        with (tmp_path / name).open("wb") as file:
            file.write(PLAIN_PNG[:33] + struct.pack(">I", body_bytes) + b"IDAT")
            file.seek(body_bytes + 4, io.SEEK_CUR)
            file.write(PLAIN_PNG[33:])
    command = [sys.executable, "-c", READ, *(str(tmp_path / name) for name in sizes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    huge, large, grown_kib = done.stdout.splitlines()
    assert (huge, large) == ("the file is larger than 1 GiB", "read")
    assert int(grown_kib) < 30_000


@needs_proc
def test_texts_made_to_fill_the_memory_do_not(tmp_path: Path) -> None:
    room = MAX_TEXT_BYTES // 5
    texts = {
        "prompt": '{"1": {"class_type": "", "inputs": {}}, "2": [' + "{}," * (room // 3) + "{}]}",
        "parameters": "a: 1, " * (room // 6),
        "invokeai_metadata": '{"a": [' + "[]," * (room // 3) + "[]]}",
        "Comment": "\u00e9" * room,
    }
    chunks = [chunk(b"tEXt", f"{key}\0{text}".encode("latin-1")) for key, text in texts.items()]
    path = tmp_path / "full.png"
    path.write_bytes(with_chunks(*chunks))
    command = [sys.executable, "-c", READ, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    outcome, grown_kib = done.stdout.splitlines()
    assert outcome == "read"
    assert int(grown_kib) < 150_000


def test_a_file_that_shrinks_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PLAIN_PNG)

    class Shrinking(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            self.truncate(50)
            return super().read(size)

    with pytest.raises(MetadataError, match="became shorter"):
        read_contents(Shrinking(PLAIN_PNG))
    assert read_picture_file(path).image.size_bytes == len(PLAIN_PNG)


def read_or_reason(data: bytes) -> tuple[PictureContents | None, str]:
    """Any other error than the one that is declared fails the test."""
    try:
        return contents(data), ""
    except MetadataError as error:
        return None, str(error)


def mutated(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """Pieces of it replaced, cut out or put in, wherever that is."""
    result = bytearray(data)
    for at, length, piece in edits:
        start = at % (len(result) + 1)
        result[start : start + length] = piece
    return bytes(result)


EDITS = st.lists(
    st.tuples(
        st.integers(0, 1 << 16),
        st.integers(0, 40),
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from(
                [b"\xff\xff\xff\xff", b"\0\0\0\0", b"iTXt", b"\xff\xd9", b"EXIF", b"II*\0"]
            ),
        ),
    ),
    max_size=6,
)


@pytest.mark.parametrize("media_type", FULL)
@settings(max_examples=300)
@given(edits=EDITS)
@example(edits=[])
def test_any_change_to_a_file_is_read_or_refused(
    media_type: str, edits: list[tuple[int, int, bytes]]
) -> None:
    data = mutated(FULL[media_type], edits)
    found, reason = read_or_reason(data)
    if found is None:
        assert 0 < len(reason) < 80
        return
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    texts = picture_texts(found)
    reading = read_texts(texts)
    if reading is not None:
        reading.request.prompt.encode()


@settings(max_examples=200)
@given(st.binary(max_size=300), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"]))
def test_any_bytes_are_read_or_refused(data: bytes, beginning: bytes) -> None:
    found, reason = read_or_reason(beginning + data)
    assert (found is None) == bool(reason)
