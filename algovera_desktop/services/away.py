"""Whether a file that is not there is gone, or lies on a drive that is not connected."""

from pathlib import Path, PurePath

from algovera_desktop.library.reachable import is_folder
from algovera_desktop.services.picture_folders import PictureFolders, is_empty

_MOST_REMEMBERED = 4096
_DEPTH_OF_MOUNTS = {("media",): 2, ("run", "media"): 2, ("mnt",): 1, ("Volumes",): 1}
"""How many folders below these are names of drives: udisks', the old way, and macOS's."""


class AwayFolders:
    """Judges by folders, each of which is looked at once."""

    def __init__(self, folders: PictureFolders) -> None:
        self._folders = folders
        self.own = folders.away()
        self._is_there: dict[Path, bool] = {}

    def hides(self, file: Path) -> bool:
        """Whether nothing can be said of a file that is not where its record says."""
        own = next((folder for folder in self._folders.all() if file.is_relative_to(folder)), None)
        if own is not None:
            return own in self.own
        folder = file.parent
        if folder not in self._is_there:
            if len(self._is_there) >= _MOST_REMEMBERED:
                self._is_there.clear()
            self._is_there[folder] = is_folder(folder) or not is_on_absent_drive(folder)
        return not self._is_there[folder]


def is_on_absent_drive(folder: Path) -> bool:
    """Whether a folder that is not there would be on a drive that is not there either."""
    existing = nearest_existing(folder)
    if existing == existing.parent and not existing.exists():
        return True  # A letter of Windows'.
    drive = _drive_of(folder)
    return drive is not None and (len(existing.parts) < len(drive.parts) or is_empty(drive))


def nearest_existing(folder: Path) -> Path:
    """The folder itself, or the lowest one above it that is there."""
    while not is_folder(folder) and folder != folder.parent:
        folder = folder.parent
    return folder


def _drive_of(folder: PurePath) -> Path | None:
    """Where a drive is connected that the folder would be on; None for this machine's own."""
    parts = folder.parts[1:]
    for above, depth in _DEPTH_OF_MOUNTS.items():
        end = len(above) + depth
        if parts[: len(above)] == above and len(parts) >= end:
            return Path(folder.anchor, *parts[:end])
    return None
