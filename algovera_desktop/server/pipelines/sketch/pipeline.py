"""The painter behind the server's seam: a request in, a painted picture out."""

from collections.abc import Callable
from typing import Protocol

from PIL import Image

from algovera_desktop.domain.generation import (
    FloatRange,
    GenerationRequest,
    IntRange,
    ModelInfo,
    Size,
)
from algovera_desktop.server.pipelines.base import RenderCancelledError, StepCallback
from algovera_desktop.server.pipelines.sketch.commission import Commission
from algovera_desktop.server.pipelines.sketch.painter import Painter
from algovera_desktop.server.pipelines.sketch.sprites import trimmed

SKETCH = ModelInfo(
    name="sketch",
    title="Sketch (no neural network)",
    description=(
        "Composes the things that your words name from a set of drawings and paints them stroke "
        "by stroke. No neural network: nothing to download, and it knows only what is in its set."
    ),
    native_size=Size(512, 512),
    sides=IntRange(128, 1024, 8),
    steps=IntRange(1, 50),
    guidance_scale=FloatRange(0.0, 20.0, 0.5),
    default_steps=30,
    default_guidance_scale=7.5,
)


class Pictures(Protocol):
    """Where the emoji come from (``EmojiSet``)."""

    def picture(self, key: str) -> Image.Image: ...


class SketchPipeline:
    """``read`` turns prompt and negative prompt into a commission."""

    def __init__(self, pictures: Pictures, read: Callable[[str, str], Commission]) -> None:
        self._pictures, self._read = pictures, read

    @property
    def model(self) -> ModelInfo:
        return SKETCH

    def load(self) -> None:
        """Nothing to load."""

    def unload(self) -> None:
        """Nothing to give back."""

    def render(self, request: GenerationRequest, on_step: StepCallback) -> Image.Image:
        commission = self._read(request.prompt, request.negative_prompt)
        keys = {subject.emoji for subject in commission.subjects}
        pictures = {key: trimmed(self._pictures.picture(key)) for key in sorted(keys)}
        painter = Painter(commission, pictures, request)
        for done in painter.passes():
            if not on_step(done, request.steps, painter.picture):
                raise RenderCancelledError
        return painter.picture()
