"""Builds everything that has no window. Heavy: import and build it on a worker thread."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from algovera_desktop.domain.settings import PICTURES_FOLDER
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.health import LibraryHealth
from algovera_desktop.library.store import Library
from algovera_desktop.library.thumbnails import ThumbnailCache
from algovera_desktop.library.trash import Trash
from algovera_desktop.services.importer import Importer
from algovera_desktop.services.index_keeper import IndexKeeper
from algovera_desktop.services.keepers import Keepers
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.picture_folders import PictureFolders
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.services.reconcile import Reconciler
from algovera_desktop.services.recovery import PictureRecovery
from algovera_desktop.services.servers import ServerList
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.services.sidecars import SidecarWriter
from algovera_desktop.services.steps import StepRunner
from algovera_desktop.services.trash_keeper import TrashKeeper


@dataclass(frozen=True, slots=True)
class Backend:
    """What the window works with once the library is open."""

    database: Database
    library: Library
    files: PictureFiles
    thumbnails: ThumbnailCache
    queue: JobQueue
    steps: StepRunner
    importer: Importer
    keepers: Keepers

    def close(self) -> None:
        """Write what is left and let go of the files; nothing may use them any more."""
        self.thumbnails.close()
        self.database.close()


def open_backend(
    database: Database, paths: Paths, settings: SettingsStore, servers: ServerList
) -> Backend:
    """Build what stands on the library's database, and mend what a crash left of its pictures.

    ``servers`` names them in the user's language. Raises LibraryError; the database is closed
    then.
    """

    def server_name(server_id: str) -> str:
        server = servers.get(server_id)
        return server.name if server else ""

    try:
        library = Library(database)
        files = PictureFiles(paths.pictures, chosen_pictures_folder(settings))
        PictureRecovery(database, library, files, server_name).run()
        thumbnails = ThumbnailCache(paths.thumbnails_file)
        queue = JobQueue(database, library)
        importer = Importer(database, library, files)
        importer.clean_up()
        keepers = Keepers(
            LibraryHealth(database, paths.library_file),
            TrashKeeper(Trash(database), files, thumbnails),
            Reconciler(database, library, partial(_picture_folders, paths, settings)),
            SidecarWriter(database, files),
            IndexKeeper(database),
        )
        steps = StepRunner(queue, files)
        return Backend(database, library, files, thumbnails, queue, steps, importer, keepers)
    except BaseException:
        database.close()
        raise


def _picture_folders(paths: Paths, settings: SettingsStore) -> PictureFolders:
    return PictureFolders.of(paths.pictures, settings.get(PICTURES_FOLDER))


def chosen_pictures_folder(settings: SettingsStore) -> Path | None:
    """Where the user wants new pictures; None for the program's own folder."""
    chosen = settings.get(PICTURES_FOLDER)
    return Path(chosen) if chosen else None
