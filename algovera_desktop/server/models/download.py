"""One model's download from the listing to the note that says that it is installed."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, TypeVar

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.server.models.durable import in_words
from algovera_desktop.server.models.errors import (
    ConnectionLostError,
    NoSpaceError,
)
from algovera_desktop.server.models.file_fetch import (
    FileFetch,
    FileSource,
    WrongContentError,
    matches,
    part_path,
)
from algovera_desktop.server.models.file_names import wanted
from algovera_desktop.server.models.manifest import (
    Aim,
    HubFile,
    Manifest,
    PartNote,
    write_manifest,
)
from algovera_desktop.server.models.places import ModelPlace
from algovera_desktop.server.models.progress import Progress

if TYPE_CHECKING:
    from algovera_desktop.server.models.hub import Hub
from algovera_desktop.server.models.shelf import write_note
from algovera_desktop.server.pipelines.base import Checkpoint

T = TypeVar("T")

_WRONG_CONTENTS = 2
_LONGEST_ASKED_S = 300.0


@dataclass(frozen=True, slots=True)
class DownloadRules:
    """``reserve_bytes`` of the disk are left free. A lost connection is tried again for ever,
    after ``first_pause_s``, then twice as long each time up to ``longest_pause_s``."""

    reserve_bytes: int = 512 << 20
    first_pause_s: float = 1.0
    longest_pause_s: float = 60.0


class ModelDownload:
    """Works on one thread; belongs to who holds the model's lock.

    ``tell_trouble`` hears why nothing comes at the moment, and "" when something does again.
    """

    def __init__(
        self,
        place: ModelPlace,
        manifest: Manifest,
        rules: DownloadRules,
        progress: Progress,
        token: CancelToken,
        tell_trouble: Callable[[str], None],
    ) -> None:
        self._place, self._manifest, self._rules = place, manifest, rules
        self._progress, self._token, self._tell_trouble = progress, token, tell_trouble

    @property
    def manifest(self) -> Manifest:
        """The download as it was kept last."""
        return self._manifest

    def run(self, address: str) -> None:
        """Have everything here and declare it installed. Raises DownloadError or
        JobCancelledError, both without losing what came so far."""
        # Imported late: requests takes long, and a server that downloads nothing starts without.
        from algovera_desktop.server.models.hub import Hub

        with Hub(address, self._token) as hub:
            if not self._manifest.commit:
                self._persistently(lambda: self._list(hub))
            self._require_space()
            self._progress.start(bytes_here(self._place, self._manifest), self._total_bytes)
            self._fetch_all(hub)
        self._declare_installed()

    def find_damage(self) -> tuple[HubFile, ...]:
        """The files that are gone or not what they should be, each one read whole."""
        self._progress.start(0, self._total_bytes)
        return tuple(file for file in self._manifest.files if not self._is_sound(file))

    def drop(self, files: tuple[HubFile, ...]) -> None:
        """Take damaged files away; the model is not installed until they are fetched again.

        The manifest says so first: a crash in between leaves a download that goes on.
        """
        self._keep(replace(self._manifest, aim=Aim.RUN, reason="", part=None))
        try:
            self._place.note.unlink(missing_ok=True)
            for file in files:
                (self._place.files / file.path).unlink(missing_ok=True)
        except OSError as error:
            raise in_words(error, self._place.folder) from error

    @property
    def _total_bytes(self) -> int:
        return self._manifest.total_bytes

    def _is_sound(self, file: HubFile) -> bool:
        try:
            return matches(self._place.files / file.path, file, self._token, self._progress)
        except OSError:
            return False

    def _list(self, hub: "Hub") -> None:
        entry = self._manifest.entry
        listing = hub.list_files(entry.hub_id, entry.revision)
        files = tuple(self._with_known_digest(f) for f in wanted(listing.files, entry.include))
        self._keep(replace(self._manifest, commit=listing.commit, files=files))

    def _with_known_digest(self, file: HubFile) -> HubFile:
        """What the catalogue knows of a file stands above what a server says."""
        known = self._manifest.entry.sha256.get(file.path)
        return replace(file, sha256=known) if known else file

    def _require_space(self) -> None:
        missing = self._total_bytes - bytes_here(self._place, self._manifest)
        free = shutil.disk_usage(self._place.folder).free
        if missing and missing + self._rules.reserve_bytes > free:
            raise NoSpaceError(
                f"{_sized(missing)} are still to come, and {_sized(free)} are free on the disk, "
                f"of which {_sized(self._rules.reserve_bytes)} are left alone."
            )

    def _fetch_all(self, hub: "Hub") -> None:
        source = FileSource(hub, self._manifest.entry.hub_id, self._manifest.commit)
        fetch = FileFetch(
            source,
            self._place.files,
            self._progress,
            self._token,
            self._keep_part,
            self._manifest.part,
        )
        done = 0
        for file in self._manifest.files:
            if not _is_here(self._place, file):
                self._persistently(lambda file=file, done=done: fetch.fetch(file, done))
            done += file.size_bytes

    def _persistently(self, action: Callable[[], T]) -> T:
        """Try again while the connection is at fault, once more if the content was."""
        pause_s = self._rules.first_pause_s
        wrong = 0
        while True:
            done_before = self._progress.pace.done_bytes
            try:
                return action()
            except WrongContentError:
                wrong += 1
                if wrong == _WRONG_CONTENTS:
                    raise
            except ConnectionLostError as error:
                if self._progress.pace.done_bytes > done_before:
                    pause_s = self._rules.first_pause_s
                asked_s = min(error.retry_after_s or 0.0, _LONGEST_ASKED_S)
                wait_s = max(asked_s, pause_s)
                self._tell_trouble(f"{error} It is tried again within {ceil(wait_s)} s.")
                self._token.wait(wait_s)
                pause_s = min(2 * pause_s, self._rules.longest_pause_s)
            finally:
                self._token.raise_if_cancelled()
            self._tell_trouble("")

    def _keep_part(self, part: PartNote) -> None:
        self._tell_trouble("")
        self._keep(replace(self._manifest, part=part))

    def _keep(self, manifest: Manifest) -> None:
        write_manifest(self._place, manifest)
        self._manifest = manifest

    def _declare_installed(self) -> None:
        entry = self._manifest.entry
        model = replace(entry.model, installed=True, size_bytes=self._total_bytes)
        files = self._place.files.relative_to(self._place.folder)
        try:
            write_note(
                self._place, Checkpoint(model, entry.runtime, str(files), entry.memory_bytes)
            )
        except OSError as error:
            raise in_words(error, self._place.note) from error


def bytes_here(place: ModelPlace, manifest: Manifest) -> int:
    """How much of a download is on disk, the part of the file on its way among it."""
    return sum(
        file.size_bytes if _is_here(place, file) else _part_bytes(place, file)
        for file in manifest.files
    )


def _is_here(place: ModelPlace, file: HubFile) -> bool:
    """A file has its name only when it was checked."""
    try:
        return (place.files / file.path).stat().st_size == file.size_bytes
    except OSError:
        return False


def _part_bytes(place: ModelPlace, file: HubFile) -> int:
    try:
        return min(part_path(place.files / file.path).stat().st_size, file.size_bytes)
    except OSError:
        return 0


def _sized(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 10**8 else f"{size_bytes / 1e6:.1f} MB"
