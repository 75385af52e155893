"""The wire between the server and its worker: one JSON message and perhaps bytes a frame.

A frame is two big-endian 32-bit lengths (message, payload), the message as UTF-8 JSON, the
payload as it is.
"""

import json
import struct
from typing import IO, Any

Message = dict[str, Any]

RESTED = 75
"""The exit status of a worker that ended because nobody had needed its model for long. The end
of the process is what gives everything back, a GPU's memory too."""

_LENGTHS = struct.Struct(">II")


def write_frame(stream: IO[bytes], message: Message, payload: bytes = b"") -> None:
    """Send one frame and flush it; raises OSError when nobody reads any more."""
    text = json.dumps(message).encode()
    stream.write(_LENGTHS.pack(len(text), len(payload)) + text + payload)
    stream.flush()


def read_frame(stream: IO[bytes]) -> tuple[Message, bytes] | None:
    """The next frame, None at the end of the stream or when it breaks off inside a frame."""
    head = stream.read(_LENGTHS.size)
    if len(head) < _LENGTHS.size:
        return None
    text_length, payload_length = _LENGTHS.unpack(head)
    body = stream.read(text_length + payload_length)
    if len(body) < text_length + payload_length:
        return None
    return json.loads(body[:text_length]), body[text_length:]
