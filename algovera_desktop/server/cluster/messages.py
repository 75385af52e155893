"""What server and workers tell each other through Redis, to bytes and back."""

import io

from pydantic import TypeAdapter, ValidationError

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server.frames import Message, read_frame, write_frame
from algovera_desktop.server.painting import Workshop

_WORKSHOP = TypeAdapter(Workshop)
_REQUEST = TypeAdapter(GenerationRequest)


class UnreadableError(Exception):
    """The other side is of another version."""


def to_bytes(message: Message, payload: bytes = b"") -> bytes:
    """One frame, as the painting process writes it too."""
    frame = io.BytesIO()
    write_frame(frame, message, payload)
    return frame.getvalue()


def from_bytes(data: bytes) -> tuple[Message, bytes]:
    """The message and payload of a frame; raises UnreadableError."""
    try:
        frame = read_frame(io.BytesIO(data))
    except ValueError as error:
        raise UnreadableError from error
    if frame is None:
        raise UnreadableError
    return frame


def workshop_to_bytes(workshop: Workshop) -> bytes:
    return _WORKSHOP.dump_json(workshop)


def workshop_from_bytes(data: bytes) -> Workshop:
    """Raises UnreadableError."""
    try:
        return _WORKSHOP.validate_json(data)
    except ValidationError as error:
        raise UnreadableError from error


def request_to_bytes(request: GenerationRequest) -> bytes:
    return _REQUEST.dump_json(request)


def request_from_bytes(data: bytes) -> GenerationRequest:
    """Raises UnreadableError."""
    try:
        return _REQUEST.validate_json(data)
    except ValidationError as error:
        raise UnreadableError from error
