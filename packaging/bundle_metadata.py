"""Which packages the bundle is made of; read in the environment that PyInstaller runs in."""

import tomllib
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

# Of the build's environment: hatchling, which every environment of ours has, needs it.
from packaging.requirements import Requirement

LEFT_OUT = frozenset({"openvino-telemetry"})
"""Required by OpenVINO's converter of models, which works without it. We send nothing."""


def bundled_distributions(root: Path) -> list[str]:
    """The program's own name, and those of the packages that it needs on this system."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    found: set[str] = {project["name"]}
    waiting = list(_names(project["dependencies"]))
    while waiting:
        name = waiting.pop()
        if name not in found and name not in LEFT_OUT:
            found.add(name)
            waiting += _names(requires(name) or [])
    return sorted(found)


def _names(requirements: list[str]) -> Iterator[str]:
    for requirement in map(Requirement, requirements):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement.name.lower().replace("_", "-").replace(".", "-")
