"""The seam between the server's worker and whatever paints."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from PIL import Image

from algovera_desktop.domain.generation import GenerationRequest, ModelInfo

PreviewSource = Callable[[], Image.Image]
"""Makes the picture as it stands after the step; costs nothing unless it is called."""

StepCallback = Callable[[int, int, PreviewSource], bool]
"""``(steps done, steps in all, preview) -> go on?`` False asks the pipeline to stop."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """An installed model, as a worker loads it: what it can do, and where its files lie.

    ``runtime`` names the module that renders it ("openvino", "diffusers", "openai");
    ``folder`` is an absolute path, or "" for a model without files; ``memory_bytes`` is what it
    needs at its native size, 0 where nobody knows. With ``is_paid`` each picture costs money, and
    none is painted twice.
    """

    model: ModelInfo
    runtime: str
    folder: str = ""
    memory_bytes: int = 0
    is_paid: bool = False


@dataclass(frozen=True, slots=True)
class RemoteAccess:
    """Where to ask, for which model, and with whose money. The key is in no printed form, and is
    written down nowhere."""

    key: str = field(repr=False)
    address: str
    model: str


class RenderCancelledError(Exception):
    """The step callback asked for a stop, and the pipeline stopped."""


class RenderFailedError(Exception):
    """There will be no picture; the text says why, in words for the user."""


class Pipeline(Protocol):
    """One runtime with one model at a time, used by one thread of the worker process."""

    @property
    def model(self) -> ModelInfo: ...

    def load(self) -> None:
        """Make ready to render; may take long and much memory."""
        ...

    def render(self, request: GenerationRequest, on_step: StepCallback) -> Image.Image:
        """Paint an RGB picture of exactly the request's size, the same for the same request.

        Calls ``on_step`` after each step. Raises RenderCancelledError if it returned False,
        and RenderFailedError where there are words for what went wrong.
        """
        ...

    def unload(self) -> None:
        """Give back what ``load`` took."""
        ...
