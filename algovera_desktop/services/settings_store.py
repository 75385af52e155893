"""The settings' file: one JSON object, replaced whole, never half-written.

    {"version": 1, "settings": {"theme": "dark", ...}}

Keys that this version does not know are kept, so that going back and forth between versions
loses nothing. Of the others only those are written that were changed here, so that a second copy
of the program, which finds the library held and is closed again, undoes nothing of the first's.
"""

import json
import logging
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

from algovera_desktop.domain.errors import SchemaTooNewError
from algovera_desktop.domain.settings import Json, Setting
from algovera_desktop.library.durable import make_folder, write_durably

T = TypeVar("T")

_log = logging.getLogger(__name__)

FILE_VERSION = 1
_UNREADABLE = (OSError, ValueError, LookupError, TypeError, RecursionError)
_DELAY_S = 0.3
"""From a change to its write: many changes become one write, and a crash takes little."""

_AGAIN_S = 5.0
"""From a write that failed to the next try: the disk may have room by then."""


class SettingsStore:
    """Reads the file once, at construction; ``get`` and ``set`` never touch the disk.

    ``set`` is written soon after by a thread of its own, which tries again after ``again_s``
    seconds what could not be written. ``broken_file`` is where a file was
    put that could not be read, None if all was well; the settings are then the defaults.
    """

    def __init__(self, path: Path, *, again_s: float = _AGAIN_S) -> None:
        self._path = path
        self._again_s = again_s
        self.broken_file: Path | None = None
        self._values = self._load()
        self._changed_here: dict[str, Json] = {}
        self._changed = threading.Condition()
        self._generation = 0
        self._written = 0
        self._hurry = False
        self._closing = False
        self._thread = threading.Thread(target=self._write_changes, name="settings", daemon=True)
        self._thread.start()

    def get(self, setting: Setting[T]) -> T:
        """The value in force: the file's, or the default where that is missing or no good."""
        with self._changed:
            if setting.key not in self._values:
                return setting.default
            stored = self._values[setting.key]
        try:
            return setting.decode(stored)
        except ValueError as error:
            _log.warning("setting ignored: %s", error)
            return setting.default

    def set(self, setting: Setting[T], value: T) -> None:
        """Change a value at once for ``get`` and shortly in the file.

        Raises ValueError, and changes nothing, for a value that the setting cannot have.
        """
        # Through JSON text and back: what is kept is a copy, and known to be writable.
        encoded = cast(Json, json.loads(json.dumps(setting.encode(value))))
        setting.decode(encoded)
        with self._changed:
            if setting.key in self._values and self._values[setting.key] == encoded:
                return
            self._values[setting.key] = encoded
            self._changed_here[setting.key] = encoded
            self._generation += 1
            self._changed.notify_all()

    def flush(self) -> None:
        """Wait until every change so far is on the disk, or has failed to get there."""
        with self._changed:
            target = self._generation
            if self._written < target and not self._closing:
                self._hurry = True
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._written >= target)

    def close(self) -> None:
        """Write what is left and end the thread. Idempotent."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _write_changes(self) -> None:
        is_kept, is_over = True, False
        while not is_over:
            with self._changed:
                patience_s = None if is_kept else self._again_s
                self._changed.wait_for(self._is_awaited, patience_s)
                if is_kept and self._written == self._generation:
                    return
                self._changed.wait_for(lambda: self._closing or self._hurry, _DELAY_S)
                self._hurry = False
                generation = self._generation
                known, changed = dict(self._values), dict(self._changed_here)
            is_kept = self._was_written(known, changed, is_said=not is_kept)
            with self._changed:
                self._written = generation
                self._changed.notify_all()
                is_over = self._closing and generation == self._generation

    def _is_awaited(self) -> bool:
        return self._closing or self._written < self._generation

    def _was_written(
        self, known: dict[str, Json], changed: dict[str, Json], *, is_said: bool
    ) -> bool:
        try:
            version, kept = _read(self._path)
        except _UNREADABLE:
            version, kept = FILE_VERSION, known
        content = {"version": version, "settings": kept | changed}
        text = json.dumps(content, ensure_ascii=False, indent=1)
        try:
            make_folder(self._path.parent)
            part = self._path.with_name(self._path.name + ".part")
            write_durably(self._path, text.encode("utf-8", "surrogatepass"), part=part)
        except OSError as error:
            # The program goes on with what is in memory.
            if not is_said:
                _log.warning("settings not written: %s", error.strerror)
            return False
        return True

    def _load(self) -> dict[str, Json]:
        try:
            return _read(self._path)[1]
        except FileNotFoundError:
            return {}
        except _UNREADABLE as error:
            _log.warning("settings set aside, defaults used: %s", type(error).__name__)
            self._set_aside()
            return {}

    def _set_aside(self) -> None:
        broken = self._path.with_name(self._path.name + ".broken")
        with suppress(OSError):
            self._path.replace(broken)
            self.broken_file = broken


def require_known_version(path: Path) -> None:
    """Raises SchemaTooNewError where a later version of the program wrote this file in a form of
    its own. One that is missing, or cannot be read, is for whoever reads it."""
    try:
        version, _settings = _read(path)
    except _UNREADABLE:
        return
    if version > FILE_VERSION:
        raise SchemaTooNewError(f"settings of version {version}; this program knows {FILE_VERSION}")


def _read(path: Path) -> tuple[int, dict[str, Json]]:
    """The file's version and settings; raises one of _UNREADABLE."""
    content: Any = json.loads(path.read_bytes())
    return max(FILE_VERSION, int(content["version"])), dict(content["settings"])
