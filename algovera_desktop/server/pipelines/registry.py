"""Which pipelines a worker holds, named so that only the worker imports them."""

import importlib
from collections.abc import Callable, Sequence
from typing import cast

from algovera_desktop.server.pipelines.base import Pipeline


def make_pipelines(names: Sequence[str]) -> dict[str, Pipeline]:
    """Build the pipelines of these ``module:factory`` names, keyed by their model's name."""
    pipelines: dict[str, Pipeline] = {}
    for name in names:
        module, _, factory = name.partition(":")
        make = cast(Callable[[], Pipeline], getattr(importlib.import_module(module), factory))
        pipeline = make()
        pipelines[pipeline.model.name] = pipeline
    return pipelines
