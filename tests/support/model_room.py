"""A models' folder whose catalogue offers a mirror's tiny models, and a store that works there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from algovera_desktop.server.models.catalogue import OWN_CATALOGUE, read_catalogue
from algovera_desktop.server.models.download import DownloadRules
from algovera_desktop.server.models.places import ModelsFolder
from algovera_desktop.server.models.store import ModelStore
from algovera_desktop.server.models.views import ModelState, ModelView
from support.model_mirror import NAME, ModelMirror, catalogue_of
from support.waiting import wait_until

IMPATIENT = DownloadRules(reserve_bytes=0, first_pause_s=0.01, longest_pause_s=0.05)


@dataclass
class ModelRoom:
    """``store`` works in ``folder``, the models' folder of ``data_dir``."""

    data_dir: Path
    store: ModelStore

    @property
    def folder(self) -> Path:
        return self.data_dir / "models"

    def file(self, path: str, name: str = NAME) -> Path:
        """Where a model's file lies, or will."""
        return ModelsFolder(self.folder).place_of(name).files / path

    def view(self, name: str = NAME) -> ModelView:
        return self.store.view(name)

    def pull(self, name: str = NAME) -> ModelView:
        """Download it to its end, however that is."""
        self.store.pull(name, licence_accepted=True)
        self.store.wait(name)
        return self.view(name)

    def wait_for(self, state: ModelState, name: str = NAME) -> ModelView:
        wait_until(
            lambda: self.view(name).state is state, lambda: f"{state}: {self.view(name)}", 15
        )
        return self.view(name)


def prepare(data_dir: Path, mirror: ModelMirror, *names: str) -> None:
    """Let everybody at this data folder download the tiny models from this mirror."""
    folder = data_dir / "models"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / OWN_CATALOGUE).write_text(catalogue_of(*(names or (NAME,))))
    ModelStore(folder, read_catalogue(folder / OWN_CATALOGUE)).set_mirror(mirror.address)


@contextmanager
def model_room(
    data_dir: Path, mirror: ModelMirror, *names: str, rules: DownloadRules = IMPATIENT
) -> Iterator[ModelRoom]:
    """A room for the length of a block."""
    prepare(data_dir, mirror, *names)
    folder = data_dir / "models"
    store = ModelStore(folder, read_catalogue(folder / OWN_CATALOGUE), rules)
    try:
        yield ModelRoom(data_dir, store)
    finally:
        mirror.release.set()
        store.close()
