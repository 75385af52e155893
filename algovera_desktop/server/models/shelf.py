"""The models that lie on this computer's disk."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from algovera_desktop.domain.generation import ModelInfo
from algovera_desktop.server.pipelines.base import Checkpoint

NOTE = "checkpoint.json"
"""The file in a model's folder that says what it is; written last, so it means: all is there."""

_CHECKPOINT = TypeAdapter(Checkpoint)


class ModelShelf:
    """A folder with one folder for each installed model."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def installed(self) -> Sequence[Checkpoint]:
        """Those that can be painted with now, by name."""
        return await asyncio.to_thread(self._read)

    async def known(self) -> Sequence[ModelInfo]:
        """All of them."""
        return [checkpoint.model for checkpoint in await self.installed()]

    def _read(self) -> list[Checkpoint]:
        found: list[Checkpoint] = []
        for note in sorted(self._folder.glob(f"*/{NOTE}")):
            try:
                found.append(_CHECKPOINT.validate_json(note.read_bytes()))
            except (OSError, ValidationError):  # removed meanwhile, or of another version
                continue
        return sorted(found, key=lambda checkpoint: checkpoint.model.name)
