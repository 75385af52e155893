"""Builds all that has no window and that no first screenful needs. Heavy: import and build it on
a worker thread."""

from dataclasses import dataclass
from functools import partial

from algovera_desktop.collection import Collection
from algovera_desktop.domain.settings import PICTURES_FOLDER
from algovera_desktop.library.health import LibraryHealth
from algovera_desktop.library.trash import Trash
from algovera_desktop.services.importer import Importer
from algovera_desktop.services.index_keeper import IndexKeeper
from algovera_desktop.services.keepers import Keepers
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.picture_folders import PictureFolders
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.services.reconcile import Reconciler
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.services.sidecars import SidecarWriter
from algovera_desktop.services.steps import StepRunner
from algovera_desktop.services.trash_keeper import TrashKeeper


@dataclass(frozen=True, slots=True)
class Backend:
    """What the window works with once the library is open."""

    collection: Collection
    queue: JobQueue
    steps: StepRunner
    importer: Importer
    keepers: Keepers


def open_backend(collection: Collection, paths: Paths, settings: SettingsStore) -> Backend:
    """Build what makes and keeps pictures. Raises LibraryError; the collection stays open."""
    database, library, files = collection.database, collection.library, collection.files
    queue = JobQueue(database, library)
    importer = Importer(database, library, files)
    importer.clean_up()
    keepers = Keepers(
        LibraryHealth(database, paths.library_file),
        TrashKeeper(Trash(database), files, collection.thumbnails),
        Reconciler(database, library, partial(_picture_folders, paths, settings)),
        SidecarWriter(database, files),
        IndexKeeper(database),
    )
    return Backend(collection, queue, StepRunner(queue, files), importer, keepers)


def _picture_folders(paths: Paths, settings: SettingsStore) -> PictureFolders:
    return PictureFolders.of(paths.pictures, settings.get(PICTURES_FOLDER))
