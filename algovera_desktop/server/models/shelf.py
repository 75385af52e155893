"""The models that lie on this computer's disk."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from algovera_desktop.domain.generation import ModelInfo, model_named
from algovera_desktop.server.models.catalogue import NEWEST, Catalogue
from algovera_desktop.server.models.durable import write_whole
from algovera_desktop.server.models.places import ModelPlace, ModelsFolder
from algovera_desktop.server.pipelines.base import Checkpoint

_CHECKPOINT = TypeAdapter(Checkpoint)
_Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Shelved:
    """An installed model: ``checkpoint`` with an absolute path, and where its note lies.

    ``is_own`` where the files are the user's own, elsewhere; ``is_present`` unless they are gone.
    """

    checkpoint: Checkpoint
    place: ModelPlace
    is_own: bool
    is_present: bool


class ModelShelf:
    """Looks into the models' folder; notes that have not changed are not read again."""

    def __init__(self, folder: Path, catalogue: Catalogue | None = None) -> None:
        self._folder = ModelsFolder(folder)
        self._catalogue = catalogue or Catalogue(())
        self._read: dict[Path, tuple[_Stamp, Checkpoint | None]] = {}

    async def installed(self) -> Sequence[Checkpoint]:
        """Those that can be painted with now, by name."""
        return await asyncio.to_thread(self.installed_now)

    async def known(self) -> Sequence[ModelInfo]:
        """Those of the catalogue in its order, then the user's own, then the newest's alias."""
        return await asyncio.to_thread(self._known_now)

    def shelved(self) -> list[Shelved]:
        """Every model that was installed, by name, also one whose files are gone. Blocks."""
        found = (self._look_at(place) for place in self._folder.places())
        return sorted((each for each in found if each), key=lambda each: each.checkpoint.model.name)

    def installed_now(self) -> list[Checkpoint]:
        """As ``installed``. Blocks."""
        return self._with_newest([each.checkpoint for each in self.shelved() if each.is_present])

    def _known_now(self) -> list[ModelInfo]:
        shelved = self.shelved()
        usable = {each.checkpoint.model.name: each for each in shelved if each.is_present}
        known = [
            usable[entry.name].checkpoint.model
            if entry.name in usable
            else entry.info(installed=False)
            for entry in self._catalogue
        ]
        for each in shelved:
            model = each.checkpoint.model
            if model.name not in self._catalogue:
                known.append(replace(model, installed=each.is_present))
        newest = self._with_newest([each.checkpoint for each in usable.values()])[-1:]
        if newest and newest[0].model.name == NEWEST:
            return [*known, newest[0].model]
        if any(entry.stable_rank for entry in self._catalogue):
            known.append(replace(model_named(NEWEST), installed=False))
        return known

    def _with_newest(self, installed: list[Checkpoint]) -> list[Checkpoint]:
        """These, and the newest Stable Diffusion among them once more under its published name."""
        ranked = [(self._rank(each.model.name), each) for each in installed]
        rank, newest = max(ranked, key=lambda pair: pair[0], default=(0, None))
        if newest is None or rank == 0:
            return installed
        title = f"{model_named(NEWEST).title}: {newest.model.title}"
        alias = replace(newest.model, name=NEWEST, title=title)
        return [*installed, replace(newest, model=alias)]

    def _rank(self, name: str) -> int:
        entry = self._catalogue.get(name)
        return entry.stable_rank if entry else 0

    def _look_at(self, place: ModelPlace) -> Shelved | None:
        checkpoint = self._checkpoint(place.note)
        if checkpoint is None:
            return None
        if not checkpoint.folder:
            return Shelved(checkpoint, place, is_own=False, is_present=True)
        # Relative, so that the data folder can be moved as it is.
        files = place.folder / checkpoint.folder
        is_own = not files.is_relative_to(place.folder)
        whole = replace(checkpoint, folder=str(files))
        return Shelved(whole, place, is_own, is_present=files.exists())

    def _checkpoint(self, note: Path) -> Checkpoint | None:
        try:
            state = note.stat()
            stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
            before = self._read.get(note)
            if before and before[0] == stamp:
                return before[1]
            checkpoint = _parsed(note.read_bytes())
        except OSError:  # not installed, or removed just now
            return None
        self._read[note] = (stamp, checkpoint)
        return checkpoint


def write_note(place: ModelPlace, checkpoint: Checkpoint) -> None:
    """Declare a model installed. Its own files' folder is given relative to the place's.

    Raises OSError.
    """
    write_whole(place.note, _CHECKPOINT.dump_json(checkpoint, indent=1))


def _parsed(note: bytes) -> Checkpoint | None:
    try:
        return _CHECKPOINT.validate_json(note)
    except ValidationError:  # of another version
        return None
