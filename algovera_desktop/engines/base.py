"""What every engine can be asked, whatever protocol it speaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.generation import GenerationRequest, ModelInfo


class RemoteState(Enum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RemoteStatus:
    """What an engine says of a job. ``progress`` is 0.0 to 1.0, ``queue_position`` 0 while it
    runs; None where the engine does not say. ``error`` is its reason for FAILED, ``previews``
    how many unfinished pictures it has offered so far."""

    state: RemoteState
    progress: float | None = None
    queue_position: int | None = None
    error: str = ""
    previews: int = 0


@dataclass(frozen=True, slots=True)
class FetchedImage:
    """A picture's bytes exactly as sent, decoded once and found whole.

    ``media_type`` and the sides (pixels) are read from the bytes, not believed from a header.
    """

    data: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """What a server says of itself; empty strings where it does not."""

    version: str = ""
    device: str = ""
    queue_length: int | None = None


class Engine(Protocol):
    """A place that makes pictures. Every call blocks, may raise EngineError or
    JobCancelledError, and belongs on a worker thread."""

    def models(self, token: CancelToken) -> Sequence[ModelInfo]:
        """The base models that can be asked for, in the server's order."""
        ...

    def check(self, token: CancelToken) -> EngineHealth:
        """Prove that the address answers the protocol and that the key is accepted."""
        ...

    def submit(
        self, request: GenerationRequest, token: CancelToken, *, client_ref: str | None = None
    ) -> str:
        """Post a job once, never twice, and return its remote id.

        A ``client_ref`` that the server has met before is answered with the first one's remote
        id, and no further job is made. It is to be given only where ``can_repeat``, and is always
        sent then: what the caller wrote down as sent must have been, whatever is learnt of the
        server meanwhile.

        Raises SubmissionUncertainError when the answer was lost after the job was sent. Every
        other error says that the job was not taken; after EngineUnreachableError,
        EngineTimeoutError and RateLimitedError it may be taken later as it is.
        """
        ...

    def status(self, remote_id: str, token: CancelToken, *, wait_s: float = 0.0) -> RemoteStatus:
        """A job's state; where the server offers it, answered up to ``wait_s`` seconds later,
        as soon as something changes."""
        ...

    def fetch(self, remote_id: str, token: CancelToken) -> FetchedImage:
        """The finished picture."""
        ...

    def preview(self, remote_id: str, token: CancelToken) -> FetchedImage | None:
        """A running job's picture as it stands, small; None where there is none, or none any
        more."""
        ...

    def cancel(self, remote_id: str, token: CancelToken) -> bool:
        """Ask for a job to end; False where the server offers no such thing."""
        ...

    @property
    def can_wait(self) -> bool:
        """Whether ``status`` can wait on the server's side; known after ``models``."""
        ...

    @property
    def can_repeat(self) -> bool:
        """Whether a POST may be repeated under its ``client_ref``; known after ``models``."""
        ...

    def close(self) -> None:
        """Drop connections. Calls after this raise EngineUnreachableError."""
        ...
