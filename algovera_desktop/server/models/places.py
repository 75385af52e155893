"""Where a model lies: ``models/<slug>/`` holds all that belongs to it.

    checkpoint.json   what is installed; written last, so it means: all is there
    download.json     what is, or was, downloaded, and the licence that was accepted for it
    files/            the model's own files; of the one on its way a ``.part``

Locks lie beside, in ``.locks/``: they outlive the model, since a lock must not be deleted.
"""

import hashlib
import re
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SLUG_CHARS = 40
_LEAVING = ".leaving-"


@dataclass(frozen=True, slots=True)
class ModelPlace:
    """One model's folder."""

    folder: Path

    @property
    def note(self) -> Path:
        return self.folder / "checkpoint.json"

    @property
    def manifest(self) -> Path:
        return self.folder / "download.json"

    @property
    def files(self) -> Path:
        return self.folder / "files"


class ModelsFolder:
    """The folder of all models' folders."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def locks(self) -> Path:
        return self.path / ".locks"

    @property
    def settings(self) -> Path:
        return self.path / "settings.json"

    def place_of(self, name: str) -> ModelPlace:
        """Where the model of this name lies, or would."""
        return ModelPlace(self.path / slug(name))

    def places(self) -> Iterator[ModelPlace]:
        """Each place where something lies."""
        try:
            found = sorted(self.path.iterdir())
        except FileNotFoundError:
            return
        for folder in found:
            if not folder.name.startswith(".") and folder.is_dir():
                yield ModelPlace(folder)

    def has_unfinished(self) -> bool:
        """Whether a server before this one was ended, or killed, while it was at work here."""
        half_here = (p.manifest.exists() and not p.note.exists() for p in self.places())
        return any(half_here) or any(self.path.glob(f"{_LEAVING}*"))

    def clear(self, place: ModelPlace) -> None:
        """Take a model away: in one step out of sight, then file by file. Raises OSError."""
        leaving = self.path / f"{_LEAVING}{uuid.uuid4().hex}"
        try:
            place.folder.rename(leaving)
        except FileNotFoundError:
            return
        shutil.rmtree(leaving, ignore_errors=True)

    def sweep(self) -> None:
        """Delete what a crash left of models that were being taken away."""
        for leaving in self.path.glob(f"{_LEAVING}*"):
            shutil.rmtree(leaving, ignore_errors=True)


def slug(name: str) -> str:
    """A folder's name for a model's: readable, safe on every system, and never two for one."""
    readable = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")[:_SLUG_CHARS]
    return f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:8]}".lstrip("-")
