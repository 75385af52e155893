"""What OpenVINO compiles of a model for a graphics card, kept from one load to the next.

A processor's are not kept: measured on Stable Diffusion 1.5, a load took 4 s instead of 8, but
2 GB of the disk and 1.7 GB more of memory. Compiling for a card takes much longer
(https://docs.openvino.ai, "Model Caching").
"""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

MOST_BYTES = 16 << 30
_FREE_TIMES = 4
"""So many times a model's size must be free on the disk: pictures need their place more."""


class CompiledModels:
    """``folder`` takes up to ``most_bytes``, and may be deleted any time."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most_bytes = folder, most_bytes

    def loaded(self, device: str, model_bytes: int, load: Callable[[dict[str, str]], T]) -> T:
        """What ``load`` makes, given OpenVINO's properties for this device."""
        if device == "CPU" or not self._has_room(model_bytes):
            return load({})
        made = load({"CACHE_DIR": str(self._folder)})
        self._drop_oldest()
        return made

    def _has_room(self, model_bytes: int) -> bool:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return shutil.disk_usage(self._folder).free > _FREE_TIMES * model_bytes
        except OSError:
            return False

    def _drop_oldest(self) -> None:
        """Until the rest is within bounds."""
        with suppress(OSError):  # another worker tidies up, too
            states = [(file, file.stat()) for file in self._folder.iterdir()]
            kept_bytes = 0
            for file, state in sorted(states, key=lambda each: each[1].st_mtime, reverse=True):
                kept_bytes += state.st_size
                if kept_bytes > self._most_bytes:
                    file.unlink()
