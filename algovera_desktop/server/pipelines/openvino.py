"""OpenVINO: diffusion models on processors and on Intel's GPUs (openvino-genai 2026.4)."""

import json
import platform
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import openvino
import openvino_genai
from PIL import Image

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server.memory import free_memory_bytes, require_memory
from algovera_desktop.server.pipelines.base import (
    LATENTS_ARE_NOT_CLIPPED,
    RenderCancelledError,
    RenderFailedError,
    Scheduler,
    StepCallback,
    Weights,
)
from algovera_desktop.server.pipelines.compiled_models import CompiledModels
from algovera_desktop.server.pipelines.converted_place import converted_folder
from algovera_desktop.server.pipelines.devices import load_on_first
from algovera_desktop.server.pipelines.latents import picture_of_latents
from algovera_desktop.server.pipelines.model_folder import needed_bytes, pipeline_class
from algovera_desktop.server.pipelines.onnx_conversion import ConvertedModels
from algovera_desktop.server.pipelines.onnx_folder import holds_onnx
from algovera_desktop.server.pipelines.registry import AUTO_DEVICE

# Its stubs leave keyword arguments and paths without a type.
_genai: Any = openvino_genai

_NEGATIVE_PROMPTS = ("StableDiffusion",)
_SCHEDULERS = {
    Scheduler.DDIM: openvino_genai.Scheduler.Type.DDIM,
    Scheduler.EULER: openvino_genai.Scheduler.Type.EULER_DISCRETE,
    Scheduler.EULER_ANCESTRAL: openvino_genai.Scheduler.Type.EULER_ANCESTRAL_DISCRETE,
    Scheduler.LCM: openvino_genai.Scheduler.Type.LCM,
    Scheduler.PNDM: openvino_genai.Scheduler.Type.PNDM,
}


class OpenVinoPipeline:
    """Renders a folder in OpenVINO's layout, or one of ONNX, which is converted into ``cache``.
    Nothing in such a folder is code."""

    def __init__(self, weights: Weights, device: str, cache: Path) -> None:
        self._weights, self._wanted = weights, device
        self._folder, self._cache = Path(weights.folder), cache
        self._pipe: Any = None
        self._class = ""
        self.device = ""

    def load(self) -> None:
        core = openvino.Core()
        devices = wanted_devices(self._wanted, core.available_devices)
        needed = needed_bytes(self._weights)
        require_memory(needed, free_memory_bytes())
        if holds_onnx(self._folder):
            self._folder = ConvertedModels(converted_folder(self._cache)).folder_of(self._weights)
        self._class = pipeline_class(self._folder)

        compiled = CompiledModels(self._cache / "compiled")

        def load_on(device: str) -> tuple[Any, str]:
            def make(properties: dict[str, str]) -> Any:
                return _genai.Text2ImagePipeline(self._folder, device, **properties)

            return compiled.loaded(device, needed, make), _in_words(core, device)

        pipe, words = load_on_first(devices, load_on)
        if self._weights.scheduler is not Scheduler.OWN:
            pipe.set_scheduler(self._scheduler(self._weights.scheduler))
        self._pipe, self.device = pipe, words

    def unload(self) -> None:
        self._pipe = None

    def render(self, request: GenerationRequest, on_step: StepCallback) -> Image.Image:
        steps = _Steps(self._pipe, self._class, on_step)
        pixels = self._pipe.generate(
            request.prompt,
            width=request.width,
            height=request.height,
            num_inference_steps=request.steps,
            guidance_scale=request.guidance_scale,
            rng_seed=request.seed,
            callback=steps.on_step,
            **self._negative_prompt(request),
        )
        steps.raise_what_happened()
        return Image.fromarray(np.array(pixels.data[0]))

    def _negative_prompt(self, request: GenerationRequest) -> dict[str, Any]:
        """Without guidance it would be refused, and would change nothing."""
        is_used = self._class.startswith(_NEGATIVE_PROMPTS) and request.guidance_scale > 1
        return {"negative_prompt": request.negative_prompt} if is_used else {}

    def _scheduler(self, scheduler: Scheduler) -> Any:
        own = json.loads((self._folder / "scheduler" / "scheduler_config.json").read_bytes())
        with tempfile.TemporaryDirectory() as folder:  # it reads a file and nothing else
            config = Path(folder) / "scheduler_config.json"
            config.write_text(json.dumps(own | LATENTS_ARE_NOT_CLIPPED), "utf-8")
            return _genai.Scheduler.from_config(config, _SCHEDULERS[scheduler])


class _Steps:
    """The callback of one rendering. Nothing may be raised in it: the process would abort."""

    def __init__(self, pipe: Any, pipeline_class: str, on_step: StepCallback) -> None:
        self._pipe, self._class, self._on_step = pipe, pipeline_class, on_step
        self._error: BaseException | None = None

    def on_step(self, step: int, total: int, latent: openvino.Tensor) -> bool:
        """Whether to stop. ``step`` counts from 0."""
        try:
            if not self._on_step(step + 1, total, lambda: self._preview(latent)):
                self._error = RenderCancelledError()
        except BaseException as error:
            self._error = error
        return self._error is not None

    def raise_what_happened(self) -> None:
        if self._error is not None:
            raise self._error

    def _preview(self, latent: openvino.Tensor) -> Image.Image:
        picture = picture_of_latents(np.array(latent.data[0]), self._class)
        if picture is None:
            picture = Image.fromarray(np.array(self._pipe.decode(latent).data[0]))
        return picture


def wanted_devices(wanted: str, available: list[str]) -> list[str]:
    """OpenVINO's name of the device for ``cpu``, ``gpu`` or a name of its own; for ``auto`` those
    to try, the best one first.

    Raises RenderFailedError if there is none such here.
    """
    gpus = [name for name in available if name.split(".")[0] == "GPU"]
    if wanted == AUTO_DEVICE:
        return [*gpus[:1], "CPU"]
    name = wanted.upper()
    found = gpus[:1] if name == "GPU" else [each for each in available if each == name]
    if not found:
        raise RenderFailedError(
            f"OpenVINO finds no device {wanted!r} here. It finds: {', '.join(available)}."
        )
    return found


def _in_words(core: openvino.Core, device: str) -> str:
    name = str(core.get_property(device, "FULL_DEVICE_NAME")).strip() or platform.machine()
    return f"{name} ({device}, OpenVINO)"
