"""What one side of the pipe says, the other understands."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.server.frames import read_frame, write_frame

MESSAGES = st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text())


@given(st.lists(st.tuples(MESSAGES, st.binary())))
def test_frames_come_out_as_they_went_in(frames: list[tuple[dict[str, object], bytes]]) -> None:
    stream = io.BytesIO()
    for message, payload in frames:
        write_frame(stream, message, payload)
    stream.seek(0)
    for frame in frames:
        assert read_frame(stream) == frame
    assert read_frame(stream) is None


@pytest.mark.parametrize("cut", [1, 8, 12, 20])
def test_a_frame_that_breaks_off_reads_as_the_end(cut: int) -> None:
    stream = io.BytesIO()
    write_frame(stream, {"kind": "done"}, b"picture")
    assert read_frame(io.BytesIO(stream.getvalue()[:-cut])) is None
