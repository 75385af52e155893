"""Gets models, checks them, takes them away, and says how each of them is."""

import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from algovera_desktop.domain.managed_models import ModelState
from algovera_desktop.server.models.catalogue import NEWEST, Catalogue
from algovera_desktop.server.models.download import DownloadRules
from algovera_desktop.server.models.durable import in_words
from algovera_desktop.server.models.errors import (
    DownloadError,
    FolderRefusedError,
    LicenceNotAcceptedError,
    ModelBusyError,
    UnknownModelError,
    WrongStateError,
)
from algovera_desktop.server.models.listing import ModelListing
from algovera_desktop.server.models.manifest import Aim, Manifest, read_manifest
from algovera_desktop.server.models.own_folder import read_own_folder
from algovera_desktop.server.models.places import ModelPlace, ModelsFolder
from algovera_desktop.server.models.settings import hub_address, set_mirror
from algovera_desktop.server.models.shelf import ModelShelf, Shelved, write_note
from algovera_desktop.server.models.views import ModelView
from algovera_desktop.server.models.work import Ending, ModelWork, model_lock
from algovera_desktop.server.pipelines.converted_place import (
    converted_folder,
    converted_place,
    drop_converted,
)
from algovera_desktop.server.pipelines.runtimes import missing_runtime, never_here

_END_S = 60.0
_CLOSE_S = 3.0

TAKEN_NAMES = frozenset({NEWEST, "dalle", "sketch"})
"""Names that no folder of the user's own can have: other parts of the program answer to them."""

_UNDER_WAY = (ModelState.WAITING, ModelState.DOWNLOADING, ModelState.CHECKING)
_MAX_NAME_CHARS = 100


class ModelStore:
    """All of it blocks, on the disk for a moment, and may be called from any thread.

    ``is_painting`` says whether a picture is being painted with a model; ``on_changed`` is called,
    from any thread, when something in ``views`` may have changed. ``cache`` is that of the
    workers: what they made of a model goes with it.
    """

    def __init__(
        self,
        folder: Path,
        catalogue: Catalogue,
        rules: DownloadRules | None = None,
        is_painting: Callable[[str], bool] = lambda _name: False,
        cache: Path | None = None,
    ) -> None:
        self._folder = ModelsFolder(folder)
        self._catalogue = catalogue
        self._shelf = ModelShelf(folder, catalogue)
        self._rules = rules or DownloadRules()
        self._is_painting = is_painting
        self._cache = cache
        self._lock = threading.RLock()
        self._works: dict[str, ModelWork] = {}
        self._reasons: dict[str, str] = {}
        self._damaged: dict[str, tuple[str, ...]] = {}
        self._listing = ModelListing(
            self._folder,
            catalogue,
            self._shelf,
            self._work,
            lambda name: self._reasons.get(name, ""),
        )
        self.on_changed: Callable[[], None] = lambda: None

    @property
    def shelf(self) -> ModelShelf:
        return self._shelf

    @property
    def hub_address(self) -> str:
        """Where models are downloaded from."""
        return hub_address(self._folder)

    def set_mirror(self, address: str) -> None:
        """Download from another place from now on; raises AddressRefusedError or DownloadError."""
        set_mirror(self._folder, address)
        self.on_changed()

    def free_bytes(self) -> int:
        """Free on the disk where models go."""
        existing = next(p for p in (self._folder.path, *self._folder.path.parents) if p.exists())
        return shutil.disk_usage(existing).free

    def go_on(self) -> None:
        """Take up what a predecessor left half done."""
        self._folder.sweep()
        for place in self._folder.places():
            manifest = read_manifest(place)
            if manifest and manifest.aim is Aim.RUN and not place.note.exists():
                try:
                    self._start(place, manifest)
                except ModelBusyError:  # another program has taken it up
                    continue
                except DownloadError as error:  # a full disk must not keep a server from starting
                    self._reasons[manifest.entry.name] = str(error)

    def close(self) -> None:
        """Stop everything where it is; the next one goes on."""
        works = self._at_work()
        for work in works:
            work.stop(Ending.KEEP)
        deadline = time.monotonic() + _CLOSE_S
        for work in works:
            work.join(max(deadline - time.monotonic(), 0))

    def views(self) -> list[ModelView]:
        """Every model, in the catalogue's order, then the user's own."""
        return self._listing.views()

    def view(self, name: str) -> ModelView:
        """One of them; raises UnknownModelError."""
        return self._listing.view(name)

    def pull(self, name: str, *, licence_accepted: bool) -> None:
        """Download a model of the catalogue, or go on with it.

        Raises UnknownModelError, LicenceNotAcceptedError, WrongStateError, ModelBusyError or
        DownloadError. What goes wrong later is told by ``views``.
        """
        entry = self._catalogue.entry(name)
        view = self.view(name)
        if view.state in _UNDER_WAY:
            return
        if view.state in (ModelState.INSTALLED, ModelState.MISSING):
            raise WrongStateError(f"{name} is installed already.")
        if not view.downloadable:
            why = view.reason or entry.note
            raise WrongStateError(f"{name} cannot be downloaded. {why}".strip())
        place = self._folder.place_of(name)
        manifest = self._settled_manifest(name, place)
        if manifest is None:
            if not licence_accepted:
                raise LicenceNotAcceptedError(
                    f"The licence {entry.licence.name} must be accepted first: "
                    f"{entry.licence.address}"
                )
            manifest = Manifest(entry, accepted_at=time.time())
        self._start(place, replace(manifest, aim=Aim.RUN, reason=""))

    def resume(self, name: str) -> None:
        """Go on with a download that was paused or failed; raises as ``pull`` does."""
        view = self.view(name)
        if view.state in _UNDER_WAY:
            return
        place = self._folder.place_of(name)
        manifest = self._settled_manifest(name, place)
        if manifest is None or place.note.exists():
            raise WrongStateError(f"{name} is not being downloaded.")
        self._start(place, replace(manifest, aim=Aim.RUN, reason=""))

    def pause(self, name: str) -> None:
        """Stop a download where it is, until it is resumed; raises WrongStateError."""
        self._require_work(name).stop(Ending.PAUSE)

    def cancel(self, name: str) -> None:
        """End a download and delete what came of it. Raises WrongStateError, ModelBusyError or
        DownloadError."""
        if (work := self._work(name)) is not None:
            work.stop(Ending.PAUSE if work.state is ModelState.CHECKING else Ending.DISCARD)
            return
        place = self._folder.place_of(name)
        if place.note.exists() or not place.folder.exists():
            raise WrongStateError(f"{name} is not being downloaded.")
        self._clear(name, place)

    def remove(self, name: str) -> None:
        """Take an installed model away; a folder of the user's own stays where it is.

        Raises UnknownModelError, WrongStateError, ModelBusyError or DownloadError.
        """
        view = self.view(name)
        if view.state not in (ModelState.INSTALLED, ModelState.MISSING, ModelState.CHECKING):
            raise WrongStateError(f"{name} is not installed.")
        self._require_unused(name)
        self._stop_and_wait(name, Ending.PAUSE)
        converted = self._converted(name)
        self._clear(name, self._folder.place_of(name))
        for place in converted:
            drop_converted(place)

    def verify(self, name: str) -> None:
        """Check every file of an installed model; what is damaged is fetched again.

        Of a folder of the user's own only the layout can be checked. Raises UnknownModelError,
        WrongStateError, FolderRefusedError, ModelBusyError or DownloadError.
        """
        shelved = self._shelved(name)
        if shelved.is_own:
            read_own_folder(Path(shelved.checkpoint.folder))
            return
        manifest = read_manifest(shelved.place)
        if manifest is None:
            raise WrongStateError(f"Nothing is known that {name} could be checked against.")
        self._start(shelved.place, manifest, check_first=True)

    def add(self, folder: Path, name: str) -> None:
        """Make a folder of the user's own, or one .safetensors file, a model; nothing is copied.

        Under a name of the catalogue it is that model, with its limits. Raises FolderRefusedError,
        WrongStateError, ModelBusyError or DownloadError.
        """
        name = checked_name(name)
        own = read_own_folder(folder)
        if never_here(own.runtime):
            raise FolderRefusedError(missing_runtime(own.runtime))
        place = self._folder.place_of(name)
        with model_lock(self._folder, place):
            if self._is_known_here(name, place):
                raise WrongStateError(f"There is a model {name} already.")
            entry = self._catalogue.get(name)
            try:
                place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_note(place, own.checkpoint(name, entry))
            except OSError as error:
                raise in_words(error, place.folder) from error
        self.on_changed()

    def wait(self, name: str) -> None:
        """Return when nothing is being done with a model here any more."""
        if (work := self._work(name)) is not None:
            work.join()

    def damaged(self, name: str) -> tuple[str, ...]:
        """The files that the last check of a model found damaged."""
        return self._damaged.get(name, ())

    def _start(self, place: ModelPlace, manifest: Manifest, *, check_first: bool = False) -> None:
        name = manifest.entry.name
        self._await_stopped(name)
        with self._lock:
            if name in self._works:
                raise ModelBusyError(f"{name} is still being worked at.")
            work = ModelWork(
                self._folder, place, manifest, self._rules, self._changed, self._on_work_end
            )
            self._reasons.pop(name, None)
            self._damaged.pop(name, None)
            self._works[name] = work
            try:
                work.start(self.hub_address, check_first=check_first)
            except BaseException:
                del self._works[name]
                raise
        self.on_changed()

    def _changed(self) -> None:
        self.on_changed()

    def _on_work_end(self, work: ModelWork, reason: str) -> None:
        with self._lock:
            del self._works[work.name]
            if reason:
                self._reasons[work.name] = reason
            self._damaged[work.name] = work.damaged
        self.on_changed()

    def _at_work(self) -> list[ModelWork]:
        with self._lock:
            return list(self._works.values())

    def _work(self, name: str) -> ModelWork | None:
        with self._lock:
            return self._works.get(name)

    def _require_work(self, name: str) -> ModelWork:
        work = self._work(name)
        if work is None:
            raise WrongStateError(f"{name} is not being downloaded by this program.")
        return work

    def _settled_manifest(self, name: str, place: ModelPlace) -> Manifest | None:
        """What is kept of a download, once one that was stopped has come to its end."""
        self._await_stopped(name)
        return read_manifest(place)

    def _await_stopped(self, name: str) -> None:
        work = self._work(name)
        if work is not None and work.is_stopping and not work.join(_END_S):
            raise ModelBusyError(f"{name} is still being stopped. Try again in a moment.")

    def _stop_and_wait(self, name: str, ending: Ending) -> None:
        if (work := self._work(name)) is not None:
            work.stop(ending)
            self._await_stopped(name)

    def _clear(self, name: str, place: ModelPlace) -> None:
        with model_lock(self._folder, place):
            try:
                self._folder.clear(place)
            except OSError as error:  # on Windows, while a worker has its files open
                raise ModelBusyError(
                    f"The files of {name} are in use: {error.strerror}."
                ) from error
        self._reasons.pop(name, None)
        self.on_changed()

    def _require_unused(self, name: str) -> None:
        files = {c.model.name: c.folder for c in self._shelf.installed_now()}
        aliases = [other for other, folder in files.items() if folder == files.get(name)]
        if any(self._is_painting(each) for each in {name, *aliases}):
            raise ModelBusyError(f"A picture is being painted with {name}. Remove it afterwards.")

    def _converted(self, name: str) -> list[Path]:
        """What was made of a model that is installed, if anything was."""
        if self._cache is None:
            return []
        folder = converted_folder(self._cache)
        weights = [c.weights for c in self._shelf.installed_now() if c.model.name == name]
        with suppress(OSError):
            return [place for w in weights if (place := converted_place(folder, w)).is_dir()]
        return []

    def _shelved(self, name: str) -> Shelved:
        for shelved in self._shelf.shelved():
            if shelved.checkpoint.model.name == name:
                return shelved
        raise UnknownModelError(f"{name} is not installed.")

    def _is_known_here(self, name: str, place: ModelPlace) -> bool:
        return place.note.exists() or place.manifest.exists() or name in TAKEN_NAMES


def checked_name(name: str) -> str:
    """A model's name without space around it; raises FolderRefusedError."""
    name = name.strip()
    if not name or len(name) > _MAX_NAME_CHARS or not name.isprintable():
        raise FolderRefusedError(f"A name has 1 to {_MAX_NAME_CHARS} characters that can be seen.")
    return name
