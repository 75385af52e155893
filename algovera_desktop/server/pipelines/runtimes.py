"""Whether what paints a model is installed here, and how a person adds it."""

from functools import cache
from importlib.util import find_spec

from algovera_desktop.programs import is_bundle, with_pip

_MODULES = {"openvino": "openvino_genai", "diffusers": "diffusers"}
PACKAGES = {"openvino": "openvino-genai", "diffusers": "algovera-desktop[torch]"}
"""What pip calls each."""


@cache
def missing_runtime(runtime: str) -> str:
    """What must be installed before this runtime can paint, as a sentence; "" where all is here.

    Nothing is imported for it.
    """
    if runtime not in _MODULES or find_spec(_MODULES[runtime]) is not None:
        return ""
    return f"To paint with it, install first: {how_to_add(runtime)}."


def how_to_add(runtime: str) -> str:
    """What to install for a runtime that is not here."""
    if is_bundle() and runtime == "openvino":
        return "the package algovera-desktop-openvino, or the archive of that name"
    return with_pip(PACKAGES[runtime])
