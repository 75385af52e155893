"""A pipeline for the worker's tests: the prompt's first word says how the job goes."""

import os
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from algovera_desktop.domain.generation import GenerationRequest, ModelInfo, Size
from algovera_desktop.server.pipelines.base import RenderCancelledError, StepCallback

HOLD_UNTIL = "TRIAL_HOLD_UNTIL"
"""Environment variable: the file whose coming ends every ``hold``."""


class TrialPipeline:
    """Paints one colour, which the seed decides, unless the prompt asks for trouble."""

    model = ModelInfo("trial", "Trial", native_size=Size(128, 128), default_steps=4)

    def load(self) -> None:
        """Nothing to load."""

    def unload(self) -> None:
        """Nothing to give back."""

    def render(self, request: GenerationRequest, on_step: StepCallback) -> Image.Image:
        size = request.width, request.height
        picture = Image.new("RGB", size, (request.seed % 256, 99, 33))
        trouble, *rest = request.prompt.split()
        preview = _preview_in_vain if "blindly" in rest else picture.copy
        for step in range(1, request.steps + 1):
            if not on_step(step, request.steps, preview) and trouble != "deaf":
                raise RenderCancelledError
            if step == 1 and trouble == "hold":
                _hold(lambda: on_step(1, request.steps, picture.copy))
            elif step == 1:
                _make(trouble, rest)
        return picture.crop((0, 0, 8, 8)) if trouble == "crop" else picture


def _preview_in_vain() -> Image.Image:
    raise ValueError("nothing can be seen")


def _hold(go_on: Callable[[], bool]) -> None:
    while not Path(os.environ[HOLD_UNTIL]).exists():
        time.sleep(0.02)
        if not go_on():
            raise RenderCancelledError


def _make(trouble: str, rest: list[str]) -> None:
    match trouble:
        case "exit":
            os._exit(int(rest[0]))
        case "signal":
            os.kill(os.getpid(), getattr(signal, rest[0]))
        case "raise":
            raise ValueError(" ".join(rest))
        case "print":
            print("a library's chatter", flush=True)
        case "sleep":  # as a graphics card's owner does
            time.sleep(float(rest[0]))
        case "deaf":
            time.sleep(600)
        case "devour":
            resource.setrlimit(resource.RLIMIT_AS, (2 * 1024**3, resource.RLIM_INFINITY))
            bytearray(8 * 1024**3)


class BrokenPipeline(TrialPipeline):
    """One that cannot be made."""

    def __init__(self) -> None:
        raise ImportError("its weights are not here")
