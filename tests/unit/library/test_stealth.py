"""Texts in the lowest bits of the alpha channel, in pictures that Pillow has written."""

import gzip
import io
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from algovera_desktop.domain.images import UNKNOWN_TOOL
from algovera_desktop.library.picture_file import read_picture_file
from algovera_desktop.library.stealth import stealth_texts

TEXTS = {
    "Title": "NovelAI generated image",
    "Description": "a fox in the snow",
    "Software": "NovelAI",
    "Source": "NovelAI Diffusion V4.5",
    "Comment": json.dumps({"steps": 25, "scale": 6.5, "seed": 4242, "uc": "blurry"}),
}


def hidden_in(size: tuple[int, int], packed: bytes, *, length: int | None = None) -> bytes:
    """A picture of noise, so that Pillow takes a filter of every kind."""
    width, height = size
    bits = 8 * len(packed) if length is None else length
    message = b"stealth_pngcomp" + bits.to_bytes(4) + packed
    picture = Image.frombytes("RGBA", size, random.Random(7).randbytes(4 * width * height))
    alpha = bytearray(picture.getchannel("A").tobytes())
    for at in range(8 * len(message)):
        x, y = divmod(at, height)
        bit = message[at // 8] >> (7 - at % 8) & 1
        alpha[y * width + x] = alpha[y * width + x] & 0xFE | bit
    picture.putalpha(Image.frombytes("L", size, bytes(alpha)))
    return png(picture)


def png(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


def packed(texts: object = TEXTS) -> bytes:
    return gzip.compress(json.dumps(texts).encode())


@pytest.mark.parametrize("size", [(64, 192), (700, 40), (30, 700)])
def test_what_is_hidden_is_found_down_the_columns(size: tuple[int, int]) -> None:
    assert stealth_texts(io.BytesIO(hidden_in(size, packed()))) == TEXTS


def test_a_picture_whose_texts_were_taken_out_still_says_how_it_was_made(tmp_path: Path) -> None:
    file = tmp_path / "saved from a chat.png"
    file.write_bytes(hidden_in((64, 192), packed()))
    found = read_picture_file(file)
    request = found.image.request
    assert found.image.tool == "NovelAI"
    assert (request.prompt, request.negative_prompt) == ("a fox in the snow", "blurry")
    assert (request.steps, request.guidance_scale, request.seed) == (25, 6.5, 4242)
    assert found.packed_texts is not None


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "LA"])
def test_a_picture_with_nothing_hidden_says_nothing(tmp_path: Path, mode: str) -> None:
    file = tmp_path / "plain.png"
    file.write_bytes(png(Image.new(mode, (40, 130))))
    assert read_picture_file(file).image.tool == UNKNOWN_TOOL


@pytest.mark.parametrize(
    "data",
    [
        hidden_in((64, 192), packed()[:40]),
        hidden_in((64, 192), b"no gzip at all"),
        hidden_in((64, 192), packed(["no", "texts"])),
        hidden_in((64, 192), packed(), length=2**32 - 8),
        hidden_in((64, 192), packed(), length=8 * 64 * 192),
        hidden_in((64, 192), gzip.compress(bytes(1 << 24))[: 1 << 10]),
        hidden_in((512, 512), gzip.compress(b" " * (1 << 22) + b"{}")),
    ],
    ids=["cut off", "not packed", "a list", "far too long", "too long", "a bomb", "much air"],
)
def test_what_makes_no_sense_is_as_if_it_were_not_there(data: bytes) -> None:
    assert stealth_texts(io.BytesIO(data)) == {}


WHOLE = hidden_in((64, 192), packed())


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255), st.booleans())
@settings(max_examples=60, deadline=None)
def test_damage_is_passed_over(at: int, value: int, is_cut: bool) -> None:
    damaged = WHOLE[:at] if is_cut else WHOLE[:at] + bytes([value]) + WHOLE[at + 1 :]
    assert stealth_texts(io.BytesIO(damaged)) in ({}, TEXTS)
