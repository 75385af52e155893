"""The pipelines that a worker holds: those it carries, and one installed model at a time."""

import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from algovera_desktop.domain.generation import model_named
from algovera_desktop.server.memory import is_out_of_memory
from algovera_desktop.server.pipelines.base import (
    CarriedPipeline,
    Pipeline,
    RemoteAccess,
    RenderFailedError,
    RuntimePipeline,
    Weights,
)
from algovera_desktop.server.pipelines.model_folder import Stamp, files_stamp
from algovera_desktop.server.pipelines.registry import make_runtime

_NO_MEMORY = (
    "The computer ran out of memory while it loaded the model. "
    "Close other programs or choose a smaller model."
)


class PipelineRack:
    """``device`` and ``cache`` are for installed models, as ``registry`` describes them."""

    def __init__(self, carried: Mapping[str, CarriedPipeline], device: str, cache: Path) -> None:
        self._carried, self._device, self._cache = carried, device, cache
        self._warm: set[str] = set()
        self._loaded: tuple[Weights, Stamp] | None = None
        self._runtime: RuntimePipeline | None = None

    @property
    def holds_weights(self) -> bool:
        """Whether an installed model takes memory."""
        return self._runtime is not None

    def warm_up(self) -> None:
        """Load the first of those that are carried."""
        try:
            self.carried(next(iter(self._carried)))
        except Exception:  # the first job meets it again and fails with its reason
            traceback.print_exc()

    def carried(self, name: str) -> Pipeline:
        """One that is carried, ready to render."""
        pipeline = self._carried[name]
        if name not in self._warm:
            pipeline.load()
            self._warm.add(name)
        return pipeline

    def remote(self, access: RemoteAccess, on_paid: Callable[[str], None]) -> Pipeline:
        """One that asks another company; ``on_paid`` as in OpenAiImagesPipeline."""
        from algovera_desktop.server.pipelines.openai_images import OpenAiImagesPipeline

        return OpenAiImagesPipeline(model_named("dalle"), access, on_paid)

    def paid(self, address: str) -> Pipeline:
        """One that has the picture already, and fetches it."""
        from algovera_desktop.server.pipelines.paid_picture import PaidPicture

        return PaidPicture(address)

    def with_weights(self, weights: Weights) -> RuntimePipeline:
        """An installed model, loaded, in the place of the one before; anew if its files have
        been replaced since.

        Raises RenderFailedError with the reason why it cannot be.
        """
        loaded = weights, _stamp(weights)
        if self._runtime is not None and self._loaded == loaded:
            return self._runtime
        self.let_go()
        pipeline = make_runtime(weights, self._device, self._cache)
        _load(pipeline)
        self._loaded, self._runtime = loaded, pipeline
        return pipeline

    def let_go(self) -> None:
        """Of the installed model that takes memory, if there is one."""
        if self._runtime is not None:
            self._runtime.unload()
            self._runtime = None


def _stamp(weights: Weights) -> Stamp:
    try:
        return files_stamp(weights)
    except OSError as error:
        words = f"The model's files cannot be read: {error.strerror}."
        raise RenderFailedError(words) from error


def _load(pipeline: RuntimePipeline) -> None:
    try:
        pipeline.load()
    except RenderFailedError:
        raise
    except Exception as error:
        traceback.print_exc()
        if is_out_of_memory(error):
            raise RenderFailedError(_NO_MEMORY) from error
        lines = str(error).strip().splitlines() or [""]
        reason = f"{type(error).__name__}: {lines[-1]}"
        raise RenderFailedError(
            f"The model could not be loaded. Its files may be damaged or incomplete. ({reason})"
        ) from error
