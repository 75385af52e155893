"""Whether what paints a model is installed here, and how a person adds it."""

from functools import cache
from importlib.util import find_spec

from algovera_desktop.programs import is_bundle, with_pip

_MODULES = {"openvino": "openvino_genai", "diffusers": "diffusers"}
_PACKAGES = {"openvino": "openvino-genai", "diffusers": "algovera-desktop[torch]"}
"""What pip calls each."""

_NO_TORCH = (
    "The installed program cannot paint with it: .safetensors weights take PyTorch, which it does "
    "not have. A folder of the same model in the form of OpenVINO or ONNX can be added instead"
)


@cache
def missing_runtime(runtime: str) -> str:
    """What must be installed before this runtime can paint, or that it never will; "" where all is
    here.

    Nothing is imported for it.
    """
    if never_here(runtime):
        return f"{_NO_TORCH}."
    if runtime not in _MODULES or find_spec(_MODULES[runtime]) is not None:
        return ""
    return f"To paint with it, install first: {_how_to_add(runtime)}."


def never_here(runtime: str) -> bool:
    """Whether no package can bring this runtime to the program as it is installed."""
    return is_bundle() and runtime == "diffusers"


def unusable_runtime(runtime: str) -> str:
    """Why one that would not load cannot paint, and what may help."""
    if missing := missing_runtime(runtime):
        return missing
    return f"What paints this model could not be loaded. Install it again: {_how_to_add(runtime)}."


def _how_to_add(runtime: str) -> str:
    if is_bundle() and runtime == "openvino":
        return "the package algovera-desktop-openvino, or the archive of that name"
    return with_pip(_PACKAGES[runtime])
