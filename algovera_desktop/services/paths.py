"""Every folder that the program uses."""

from dataclasses import dataclass
from pathlib import Path

from platformdirs import PlatformDirs
from platformdirs.api import PlatformDirsABC

_FOLDER_NAME = "Algovera"


@dataclass(frozen=True, slots=True)
class Paths:
    """Where things are kept. ``cache`` and ``logs`` may be emptied at any time."""

    data: Path
    cache: Path
    logs: Path
    pictures: Path

    @classmethod
    def default(cls, system: type[PlatformDirsABC] = PlatformDirs) -> "Paths":
        """The places that the operating system sets aside for the signed-in person."""
        places = system("algovera-desktop", appauthor=False)
        return cls(
            data=places.user_data_path,
            cache=places.user_cache_path,
            logs=places.user_log_path,
            pictures=places.user_pictures_path / _FOLDER_NAME,
        )

    @classmethod
    def under(cls, folder: Path) -> "Paths":
        """All of it below one folder, for ``--data-dir``: nothing is written anywhere else."""
        folder = folder.absolute()
        return cls(
            data=folder,
            cache=folder / "cache",
            logs=folder / "logs",
            pictures=folder / "pictures",
        )

    @property
    def library_file(self) -> Path:
        return self.data / "library.sqlite3"

    @property
    def settings_file(self) -> Path:
        return self.data / "settings.json"

    @property
    def server_data(self) -> Path:
        """The data folder of the server that the program starts for itself."""
        return self.data / "server"

    @property
    def thumbnails_file(self) -> Path:
        return self.cache / "thumbnails.sqlite3"

    def make(self) -> None:
        """Make the folders but the pictures' one, readable by their owner only: prompts are
        private. Raises OSError."""
        for folder in (self.data, self.cache, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
