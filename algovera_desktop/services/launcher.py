"""The program's icon in the desktop's launcher: how far the pictures are, and how many wait.

Source: Ubuntu's "Unity Launcher API": the signal Update of the interface
com.canonical.Unity.LauncherEntry, on the session bus, from any object path. KDE's task manager and
the docks of GNOME hear it too. A launcher forgets what it was told when the teller leaves the bus.
"""

# jeepney has no types to be strict about.
# pyright: standard

import logging
from dataclasses import dataclass
from threading import Lock

from jeepney import DBusAddress, new_signal
from jeepney.io.blocking import DBusConnection, open_dbus_connection

_log = logging.getLogger(__name__)

_OBJECT = DBusAddress(
    "/com/canonical/unity/launcherentry/algovera", interface="com.canonical.Unity.LauncherEntry"
)
_NO_BUS = (OSError, KeyError, ValueError, RuntimeError)
"""What jeepney raises without a session bus, with one that it cannot use, and as one ends."""

_CLOSE_S = 0.2
"""For so long the UI's thread may wait for one that tells."""


@dataclass(frozen=True, slots=True)
class LauncherState:
    """``progress`` is 0.0 to 1.0, None for no bar; ``count`` of pictures is not shown where it is
    0; ``is_urgent`` draws attention."""

    progress: float | None = None
    count: int = 0
    is_urgent: bool = False


class LauncherLink:
    """Tells the launcher, over one connection that is made for the first state worth telling.

    ``app_id`` is the name of our desktop entry. Without a bus nothing is told, and the log says so
    once.
    """

    def __init__(self, app_id: str) -> None:
        self._uri = f"application://{app_id}.desktop"
        self._lock = Lock()
        self._connection: DBusConnection | None = None
        self._told = LauncherState()
        self._is_given_up = False

    def tell(self, state: LauncherState) -> None:
        """Show this state; from any thread. It waits for the bus, so not from the UI's."""
        with self._lock:
            if state == self._told or self._is_given_up:
                return
            try:
                if self._connection is None:
                    self._connection = open_dbus_connection("SESSION")
                self._connection.send(new_signal(_OBJECT, "Update", "sa{sv}", self._body(state)))
                self._told = state
            except _NO_BUS as error:
                self._is_given_up = True
                _log.info("No launcher is told of progress: %s", type(error).__name__)

    def close(self) -> None:
        """Leave the bus, by which a launcher forgets what it was told. Idempotent.

        Where a bus keeps ``tell`` waiting the connection is left to the end of the process.
        """
        self._is_given_up = True
        if not self._lock.acquire(timeout=_CLOSE_S):
            return
        try:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
        finally:
            self._lock.release()

    def _body(self, state: LauncherState) -> tuple[str, dict[str, tuple[str, object]]]:
        return self._uri, {
            "progress": ("d", state.progress or 0.0),
            "progress-visible": ("b", state.progress is not None),
            "count": ("x", state.count),
            "count-visible": ("b", state.count > 0),
            "urgent": ("b", state.is_urgent),
        }
