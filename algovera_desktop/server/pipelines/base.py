"""The seam between the server's worker and whatever paints."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from algovera_desktop.domain.generation import GenerationRequest, ModelInfo

if TYPE_CHECKING:  # the server, which has no picture in its hands, starts without Pillow
    from PIL import Image

PreviewSource = Callable[[], "Image.Image | None"]
"""Makes the picture as it stands after the step, None where nobody knows how; costs nothing
unless it is called."""

StepCallback = Callable[[int, int, PreviewSource], bool]
"""``(steps done, steps in all, preview) -> go on?`` False asks the pipeline to stop."""


class Scheduler(StrEnum):
    """How noise is taken away step by step: those that both runtimes have."""

    OWN = ""
    """The one that the model's folder names."""
    DDIM = "ddim"
    EULER = "euler"
    EULER_ANCESTRAL = "euler_ancestral"
    LCM = "lcm"
    PNDM = "pndm"


LATENTS_ARE_NOT_CLIPPED = {"clip_sample": False}
"""Goes with the settings of another scheduler than the model's own. DDIM clips where nothing is
said, which is for pixels: it spoils latents, and OpenVINO refuses it."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What a worker must know to load a model; equal ones need not be loaded again.

    ``runtime``, ``folder`` and ``memory_bytes`` as in Checkpoint.
    """

    runtime: str
    folder: str
    memory_bytes: int = 0
    scheduler: Scheduler = Scheduler.OWN


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """An installed model: what it can do, and where its files lie.

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
    scheduler: Scheduler = Scheduler.OWN

    @property
    def weights(self) -> Weights:
        """What its worker loads."""
        return Weights(self.runtime, self.folder, self.memory_bytes, self.scheduler)


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
    """A model that renders, used by one thread of the worker process."""

    def load(self) -> None:
        """Make ready to render; may take long and much memory.

        Raises RenderFailedError where there are words for what went wrong.
        """
        ...

    def render(self, request: GenerationRequest, on_step: StepCallback) -> "Image.Image":
        """Paint an RGB picture of exactly the request's size, the same for the same request.

        Calls ``on_step`` after each step. Raises RenderCancelledError if it returned False,
        and RenderFailedError where there are words for what went wrong.
        """
        ...

    def unload(self) -> None:
        """Give back what ``load`` took."""
        ...


class CarriedPipeline(Pipeline, Protocol):
    """One that a worker has from its start, and that needs no files of its own."""

    @property
    def model(self) -> ModelInfo: ...


class RuntimePipeline(Pipeline, Protocol):
    """A runtime with one model's weights."""

    @property
    def device(self) -> str:
        """What it computes on, in words, once it is loaded."""
        ...
