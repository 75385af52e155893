"""A picture's texts are kept as they were found, within a limit."""

import json
import random
import zlib

from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.library.raw_metadata import MAX_BYTES, pack


def unpacked(packed: bytes) -> dict[str, str]:
    return json.loads(zlib.decompress(packed))


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=200), max_size=5))
def test_texts_come_back_as_they_were(texts: dict[str, str]) -> None:
    assert unpacked(pack(texts)) == texts


def test_the_longest_are_left_out_where_there_is_no_room_for_all() -> None:
    dice = random.Random(1)
    long = dice.randbytes(1_000_000).hex()
    odd = "".join(chr(dice.randrange(0x4E00, 0x9FFF)) for _ in range(MAX_BYTES // 2))
    texts = {"workflow": long, "odd": odd, "parameters": "a fox"}
    packed = pack(texts)
    assert len(packed) <= MAX_BYTES
    assert unpacked(packed)["parameters"] == "a fox"
    assert "workflow" not in unpacked(packed)
