"""One model's download or check on a thread of its own."""

import logging
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from enum import Enum

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import JobCancelledError
from algovera_desktop.domain.managed_models import ModelState
from algovera_desktop.server.lock import FolderInUseError, FolderLock
from algovera_desktop.server.models.download import DownloadRules, ModelDownload
from algovera_desktop.server.models.errors import DownloadError, ModelBusyError
from algovera_desktop.server.models.manifest import Aim, Manifest, write_manifest
from algovera_desktop.server.models.places import ModelPlace, ModelsFolder
from algovera_desktop.server.models.progress import Pace, Progress

AT_ONCE = 2
_LOOK_FOR_TURN_S = 0.2
_LOOK_S = 0.3

_log = logging.getLogger(__name__)


class Ending(Enum):
    """What a stopped download leaves: ``KEEP`` all as it is, for the next server to go on."""

    KEEP = "keep"
    PAUSE = "pause"
    DISCARD = "discard"


@contextmanager
def model_lock(folder: ModelsFolder, place: ModelPlace) -> Generator[None]:
    """Hold one model against every other process; raises ModelBusyError or DownloadError."""
    lock = take_model_lock(folder, place)
    try:
        yield
    finally:
        lock.release()


def take_model_lock(
    folder: ModelsFolder, place: ModelPlace, patience_s: float = _LOOK_S
) -> FolderLock:
    """As ``model_lock``; the caller releases it. Waits out another program's look at it."""
    try:
        return FolderLock(folder.locks, patience_s, f"{place.folder.name}.lock")
    except FolderInUseError:
        raise ModelBusyError("Another program is at work with this model.") from None
    except OSError as error:
        raise DownloadError(f"{folder.locks} cannot be written: {error.strerror}.") from error


def is_locked(folder: ModelsFolder, place: ModelPlace) -> bool:
    """Whether another program is at work with a model now."""
    try:
        take_model_lock(folder, place, patience_s=0).release()
    except ModelBusyError:
        return True
    except DownloadError:
        return False
    return False


class ModelWork:
    """Runs until it is done, failed or stopped; ``on_end`` hears a failure's words, else ""."""

    def __init__(
        self,
        folder: ModelsFolder,
        place: ModelPlace,
        manifest: Manifest,
        rules: DownloadRules,
        tell: Callable[[], None],
        on_end: Callable[["ModelWork", str], None],
    ) -> None:
        self._folder, self._place = folder, place
        self._tell, self._on_end = tell, on_end
        self._token = CancelToken()
        self._progress = Progress(tell)
        self._trouble = ""
        self._ending = Ending.KEEP
        self._state = ModelState.WAITING
        self._download = ModelDownload(
            place, manifest, rules, self._progress, self._token, self._on_trouble
        )
        self._thread = threading.Thread(target=self._run, name=f"model {place.folder.name}")
        self._thread.daemon = True  # a connection that is being made cannot be ended
        self._address = ""
        self._is_check = False
        self._lock: FolderLock | None = None
        self.damaged: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self._download.manifest.entry.name

    @property
    def manifest(self) -> Manifest:
        return self._download.manifest

    @property
    def state(self) -> ModelState:
        """What people are told; what was stopped counts as stopped at once."""
        if self._token.cancelled:
            return {
                Ending.DISCARD: ModelState.AVAILABLE,
                Ending.PAUSE: ModelState.INSTALLED if self._is_check else ModelState.PAUSED,
                Ending.KEEP: ModelState.INSTALLED if self._is_check else ModelState.PAUSED,
            }[self._ending]
        return self._state

    @property
    def is_stopping(self) -> bool:
        return self._token.cancelled

    @property
    def pace(self) -> Pace:
        return self._progress.pace

    @property
    def trouble(self) -> str:
        return self._trouble

    def start(self, address: str, *, check_first: bool = False) -> None:
        """Begin, holding the model's lock from now on; raises ModelBusyError or DownloadError.

        That its licence was accepted is on disk before the first byte is asked for.
        """
        lock = take_model_lock(self._folder, self._place)
        self._address, self._is_check = address, check_first
        try:
            if check_first:
                self._state = ModelState.CHECKING
            else:
                write_manifest(self._place, self.manifest)
            self._lock = lock
            self._thread.start()
        except BaseException:
            lock.release()
            raise

    def stop(self, ending: Ending) -> None:
        """Ask for the end, which comes soon."""
        self._ending = ending
        self._token.cancel()
        self._tell()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the end; whether it came."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        reason = ""
        try:
            if self._is_check:
                self._check()
            if not self._is_check:
                self._fetch()
        except JobCancelledError:
            self._end_as_asked()
        except DownloadError as error:
            reason = self._fail(str(error))
        except Exception:
            _log.exception("A model's download met a mistake of ours")
            reason = self._fail("The server made a mistake; its log says more.")
        finally:
            if self._lock:
                self._lock.release()
            self._on_end(self, reason)

    def _check(self) -> None:
        """Look for damage; what is damaged is taken away and will be fetched again."""
        damage = self._download.find_damage()
        if not damage:
            return
        self.damaged = tuple(file.path for file in damage)
        self._download.drop(damage)
        self._is_check = False
        self._state = ModelState.WAITING

    def _fetch(self) -> None:
        with ExitStack() as stack:
            stack.callback(self._take_turn().release)
            self._state = ModelState.DOWNLOADING
            self._tell()
            self._download.run(self._address)

    def _take_turn(self) -> FolderLock:
        """Wait for one of the places for downloads, which all processes here share."""
        while True:
            for number in range(AT_ONCE):
                with suppress(FolderInUseError):
                    return FolderLock(self._folder.locks, name=f"turn-{number}.lock")
            self._token.wait(_LOOK_FOR_TURN_S)

    def _end_as_asked(self) -> None:
        if self._ending is Ending.DISCARD:
            self._discard()
        elif self._ending is Ending.PAUSE and not self._is_check:
            self._keep_aim(Aim.PAUSED, "")

    def _discard(self) -> None:
        try:
            self._folder.clear(self._place)
        except OSError as error:
            _log.warning("%s could not be cleared: %s", self._place.folder, error.strerror)

    def _fail(self, reason: str) -> str:
        if not self._is_check:
            self._keep_aim(Aim.FAILED, reason)
        return reason

    def _keep_aim(self, aim: Aim, reason: str) -> None:
        # On a full disk the aim stays what it was: the next server tries again, and says so.
        with suppress(DownloadError):
            write_manifest(self._place, replace(self._download.manifest, aim=aim, reason=reason))

    def _on_trouble(self, words: str) -> None:
        if words != self._trouble:
            self._trouble = words
            self._tell()
