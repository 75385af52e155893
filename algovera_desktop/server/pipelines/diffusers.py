"""Hugging Face's diffusers on PyTorch: NVIDIA's and Apple's GPUs, else the processor.

It comes with the extra ``torch``. Nothing is asked of the Hub, no code of a model's folder is run,
and of its weights only safetensors are read.
"""

import importlib
import inspect
import os
import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

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
from algovera_desktop.server.pipelines.devices import load_on_first
from algovera_desktop.server.pipelines.latents import picture_of_latents
from algovera_desktop.server.pipelines.model_folder import needed_bytes, pipeline_class, read_index
from algovera_desktop.server.pipelines.registry import AUTO_DEVICE
from algovera_desktop.server.pipelines.single_file import read_single_file, settings_beside

# Read when the libraries are imported.
os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")


def _imported(name: str) -> Any:
    """Without a type: whoever checks types may not have the extra, and its types say little."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # their deprecations among each other
        return importlib.import_module(name)


_torch = _imported("torch")
_transformers = _imported("transformers")
_diffusers = _imported("diffusers")

_CLASSES = (
    "FluxPipeline",
    "LatentConsistencyModelPipeline",
    "StableDiffusion3Pipeline",
    "StableDiffusionPipeline",
    "StableDiffusionXLPipeline",
)
_LIBRARIES: set[object] = {"diffusers", "transformers", "stable_diffusion", None}
_CAN_BE_LEFT_OUT = ("feature_extractor", "image_encoder", "safety_checker")
_SCHEDULERS = {
    Scheduler.DDIM: "DDIMScheduler",
    Scheduler.EULER: "EulerDiscreteScheduler",
    Scheduler.EULER_ANCESTRAL: "EulerAncestralDiscreteScheduler",
    Scheduler.LCM: "LCMScheduler",
    Scheduler.PNDM: "PNDMScheduler",
}


class DiffusersPipeline:
    """Renders a folder in diffusers' layout, or one ``.safetensors`` of a family that is known.

    The settings of a ``painting.safetensors`` of another kind may lie beside it, as a folder
    ``painting`` in the same layout without weights.
    """

    def __init__(self, weights: Weights, device: str, _cache: Path | None = None) -> None:
        _transformers.logging.set_verbosity_error()
        _transformers.logging.disable_progress_bar()
        _diffusers.utils.logging.set_verbosity_error()
        _diffusers.utils.logging.disable_progress_bar()
        self._weights, self._wanted = weights, device
        self._pipe: Any = None
        self._class = ""
        self.device = ""

    def load(self) -> None:
        place = Path(self._weights.folder)
        with _settings(place) as settings:
            self._class = _known_class(settings)

            def load_on(device: str) -> tuple[Any, str]:
                _require_memory(needed_bytes(self._weights), device)
                dtype = _torch.float32 if device == "cpu" else _torch.float16
                whole = place.is_dir()
                pipe = _from_folder(place, dtype) if whole else _from_file(place, settings, dtype)
                return pipe.to(device), _in_words(device)

            pipe, words = load_on_first(_wanted_devices(self._wanted), load_on)
        if self._weights.scheduler is not Scheduler.OWN:
            scheduler = getattr(_diffusers, _SCHEDULERS[self._weights.scheduler])
            pipe.scheduler = scheduler.from_config(
                {**pipe.scheduler.config, **LATENTS_ARE_NOT_CLIPPED}
            )
        pipe.set_progress_bar_config(disable=True)
        self._pipe, self.device = pipe, words

    def unload(self) -> None:
        self._pipe = None
        if _torch.cuda.is_available():
            _torch.cuda.empty_cache()

    def render(self, request: GenerationRequest, on_step: StepCallback) -> Image.Image:
        def on_step_end(
            pipe: Any, step: int, _time: Any, tensors: dict[str, Any]
        ) -> dict[str, Any]:
            def preview() -> Image.Image | None:
                return self._preview(tensors["latents"])

            if not on_step(step + 1, max(pipe.num_timesteps, step + 1), preview):
                raise RenderCancelledError
            return {}

        result = self._pipe(
            request.prompt,
            width=request.width,
            height=request.height,
            num_inference_steps=request.steps,
            guidance_scale=request.guidance_scale,
            # On the processor, so that a seed gives the same noise on every device.
            generator=_torch.Generator("cpu").manual_seed(request.seed),
            callback_on_step_end=on_step_end,
            callback_on_step_end_tensor_inputs=["latents"],
            **self._negative_prompt(request),
        )
        if any(getattr(result, "nsfw_content_detected", None) or []):
            raise RenderFailedError("The model's own safety checker has refused the picture.")
        return result.images[0]

    def _negative_prompt(self, request: GenerationRequest) -> dict[str, Any]:
        """Without guidance it would change nothing; not every pipeline knows it."""
        is_known = "negative_prompt" in inspect.signature(self._pipe.__call__).parameters
        is_used = is_known and request.guidance_scale > 1
        return {"negative_prompt": request.negative_prompt} if is_used else {}

    def _preview(self, latents: Any) -> Image.Image | None:
        return picture_of_latents(latents[0].float().cpu().numpy(), self._class)


def _wanted_devices(wanted: str) -> list[str]:
    """PyTorch's name of the device for ``cpu``, ``gpu`` or a name of its own; for ``auto`` those
    to try, the best one first.

    Raises RenderFailedError if there is none such here.
    """
    cuda = [f"cuda:{number}" for number in range(_torch.cuda.device_count())]
    gpus = [*cuda, *(["mps"] if _torch.backends.mps.is_available() else [])]
    if wanted == AUTO_DEVICE:
        return [*gpus[:1], "cpu"]
    name = wanted.lower()
    found = (
        gpus[:1] if name in ("gpu", "cuda") else [each for each in [*gpus, "cpu"] if each == name]
    )
    if not found:
        here = ", ".join([*gpus, "cpu"])
        raise RenderFailedError(f"PyTorch finds no device {wanted!r} here. It finds: {here}.")
    return found


def _in_words(device: str) -> str:
    if device.startswith("cuda"):
        return f"{_torch.cuda.get_device_name(device)} ({device}, PyTorch)"
    return f"{'Apple GPU' if device == 'mps' else f'CPU, {os.cpu_count() or 1} cores'} (PyTorch)"


def _require_memory(needed: int, device: str) -> None:
    if device.startswith("cuda"):
        free, _ = _torch.cuda.mem_get_info(device)
        require_memory(needed, free, "the GPU's memory")
    else:
        require_memory(needed, free_memory_bytes())


def _known_class(settings: Path) -> str:
    """The pipeline that a folder names, once it is sure that it names nothing but known ones: a
    class of the folder's own would be code to run."""
    name = pipeline_class(settings)
    if name not in _CLASSES:
        raise RenderFailedError(f"This server cannot render a {name}.")
    for part in read_index(settings).values():
        library = cast("list[Any]", part)[0] if isinstance(part, list) and part else None
        if library not in _LIBRARIES:
            raise RenderFailedError(f"The model asks for code that is not known here: {library}.")
    return name


@contextmanager
def _settings(place: Path) -> Generator[Path]:
    """The folder of a model's settings, which one file's are put into for as long as it loads."""
    if place.is_dir():
        yield place
        return
    if place.suffix != ".safetensors" or not place.is_file():
        raise RenderFailedError(f"There is no model {place}: a folder, or a .safetensors file.")
    if (beside := settings_beside(place)) is not None:
        yield beside
        return
    with tempfile.TemporaryDirectory() as folder:
        read_single_file(place).write_settings(Path(folder))
        yield Path(folder)


def _from_folder(folder: Path, dtype: Any) -> Any:
    absent = {name: None for name in _CAN_BE_LEFT_OUT if not (folder / name).is_dir()}
    return _diffusers.DiffusionPipeline.from_pretrained(
        folder,
        dtype=dtype,
        use_safetensors=True,
        local_files_only=True,
        trust_remote_code=False,
        **absent,
    )


def _from_file(file: Path, settings: Path, dtype: Any) -> Any:
    make = getattr(_diffusers, _known_class(settings))
    return make.from_single_file(
        str(file),
        config=str(settings),
        dtype=dtype,
        local_files_only=True,
    )
