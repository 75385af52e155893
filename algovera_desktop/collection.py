"""What the first screenful is read from. Heavy: import and build it on a worker thread."""

from dataclasses import dataclass
from pathlib import Path

from algovera_desktop.domain.settings import PICTURES_FOLDER
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.library.thumbnails import ThumbnailCache
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.recovery import PictureRecovery
from algovera_desktop.services.servers import ServerList
from algovera_desktop.services.settings_store import SettingsStore


@dataclass(frozen=True, slots=True)
class Collection:
    """The open library with its files and thumbnails."""

    database: Database
    library: Library
    files: PictureFiles
    thumbnails: ThumbnailCache

    def close(self) -> None:
        """Write what is left and let go of the files; nothing may use them any more."""
        self.thumbnails.close()
        self.database.close()


def open_collection(
    database: Database, paths: Paths, settings: SettingsStore, servers: ServerList
) -> Collection:
    """Build what stands on the library's database, and mend what a crash left of its pictures.

    ``servers`` names them in the user's language. Raises LibraryError; the database is closed
    then.
    """

    def server_name(server_id: str) -> str:
        server = servers.get(server_id)
        return server.name if server else ""

    try:
        library = Library(database)
        chosen = settings.get(PICTURES_FOLDER)
        files = PictureFiles(paths.pictures, Path(chosen) if chosen else None)
        PictureRecovery(database, library, files, server_name).run()
        return Collection(database, library, files, ThumbnailCache(paths.thumbnails_file))
    except BaseException:
        database.close()
        raise
