"""Which pipelines a worker can hold, named so that only the worker imports them."""

import importlib
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from algovera_desktop.server.pipelines.base import (
    CarriedPipeline,
    RenderFailedError,
    RuntimePipeline,
    Weights,
)
from algovera_desktop.server.pipelines.runtimes import unusable_runtime

AUTO_DEVICE = "auto"
"""The best device that a runtime finds. Else ``cpu``, ``gpu``, or a runtime's own word for one."""

_PACKAGE = __name__.rpartition(".")[0]
_RUNTIMES = {
    "openvino": f"{_PACKAGE}.openvino:OpenVinoPipeline",
    "diffusers": f"{_PACKAGE}.diffusers:DiffusersPipeline",
}

# OpenVINO tells Google Analytics that it was imported, unless it finds this package of its missing.
sys.modules["openvino_telemetry"] = None  # pyright: ignore[reportArgumentType]


def make_pipelines(names: Sequence[str]) -> dict[str, CarriedPipeline]:
    """Build the pipelines of these ``module:factory`` names, keyed by their model's name."""
    made = [cast("Callable[[], CarriedPipeline]", _named(name))() for name in names]
    return {pipeline.model.name: pipeline for pipeline in made}


def make_runtime(weights: Weights, device: str, cache: Path) -> RuntimePipeline:
    """A pipeline for an installed model, not loaded yet; ``cache`` is a folder for what can be made
    again.

    Raises RenderFailedError if there is no such runtime here.
    """
    runtime = weights.runtime
    if runtime not in _RUNTIMES:
        raise RenderFailedError(f"This server has no runtime {runtime!r}.")
    try:
        make = cast("Callable[[Weights, str, Path], RuntimePipeline]", _named(_RUNTIMES[runtime]))
    except ImportError as error:
        traceback.print_exc()  # into worker.log: which module it was is no word for people
        raise RenderFailedError(unusable_runtime(runtime)) from error
    return make(weights, device, cache)


def _named(name: str) -> object:
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)
