"""What the studio asks of whoever paints: a worker process here, or many on other machines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from algovera_desktop.domain.generation import GenerationRequest, ModelInfo
from algovera_desktop.domain.updates import UPDATED
from algovera_desktop.server.pipelines.base import Checkpoint, RemoteAccess


class PainterUnavailableError(Exception):
    """Nothing can be painted now; the text says why, in words for the user."""


class PainterOutdatedError(PainterUnavailableError):
    """The program was updated, and the next painter is none for this server: nothing was begun."""

    def __init__(self) -> None:
        super().__init__(UPDATED)


class PaintingFailedError(Exception):
    """One picture could not be painted; the text says why, in words for the user."""


class PainterDiedError(PaintingFailedError):
    """Whoever painted is gone, and nobody knows how far it came."""


class PaintingCancelledError(Exception):
    """The painter stopped because it was told to."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a painter announced: the models that it carries itself, and what it computes on."""

    models: tuple[ModelInfo, ...]
    device: str


@dataclass(frozen=True, slots=True)
class PaintOrder:
    """One job to paint. ``checkpoint`` is None for a model that the painter carries itself;
    ``access`` is for a model of another company's. With an ``address`` the picture is painted and
    paid for, and is fetched from there: nothing else is needed, and nothing is asked for again."""

    job_id: str
    request: GenerationRequest
    checkpoint: Checkpoint | None = None
    access: RemoteAccess | None = None
    address: str = field(default="", repr=False)


class PaintListener(Protocol):
    """Hears how a painting goes on; called on the event loop, and must be quick."""

    def on_step(self, done: int, total: int) -> None:
        """So many steps are done, of so many."""
        ...

    def on_preview(self, jpeg: bytes) -> None:
        """The picture as it stands, small."""
        ...

    def on_paid(self, address: str) -> None:
        """The picture is painted and paid for, and can be read at this address for a while."""
        ...


class Painter(Protocol):
    """Paints up to ``capacity`` jobs at once. All but ``close`` belongs to one event loop."""

    @property
    def capacity(self) -> int:
        """How many jobs can be painted at once now; it may change, to 0 too."""
        ...

    @property
    def condition(self) -> tuple[str, str]:
        """``starting``, ``ready`` or ``unavailable``, and the device once it is known."""
        ...

    def start(self, on_capacity_changed: Callable[[], None]) -> None:
        """Get ready, on the running event loop, on which the change is told, too."""
        ...

    async def workshop(self) -> Workshop:
        """What can be painted, and on what; raises PainterUnavailableError."""
        ...

    async def paint(self, order: PaintOrder, listener: PaintListener) -> bytes:
        """A picture's PNG bytes.

        Raises PaintingFailedError, PaintingCancelledError or PainterUnavailableError.
        """
        ...

    def stop_painting(self, job_id: str) -> None:
        """Ask for this job to end at its next step; another job is left alone."""
        ...

    def close(self) -> None:
        """End all work. May block for as long as the system takes to end a process."""
        ...


class CheckpointSource(Protocol):
    """Which models are installed, besides those that the painter carries itself."""

    async def installed(self) -> Sequence[Checkpoint]:
        """Those that can be painted with now, by name; quick, since each job asks."""
        ...

    async def known(self) -> Sequence[ModelInfo]:
        """Those that could be installed too, told apart by ``ModelInfo.installed``."""
        ...
