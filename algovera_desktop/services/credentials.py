"""Keys of servers, in the operating system's keyring and nowhere else on disk."""

import logging
from enum import Enum
from threading import Lock
from typing import TYPE_CHECKING

from algovera_desktop.domain.errors import CredentialError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

log = logging.getLogger(__name__)

SERVICE_NAME = "Algovera Desktop"
NO_BACKEND = "none"
_PLAINTEXT_MODULES = ("keyrings.alt", "keyring.backends.null", "keyring.backends.fail")


class KeyPlace(Enum):
    """Where a key was put: for good, or until the program ends."""

    KEYRING = "keyring"
    SESSION = "session"


class CredentialStore:
    """One key a server, under the server's id.

    Every call may wait for a person who is asked to unlock the keyring, so it belongs on a
    worker thread. keyring is imported at the first call, for it costs a tenth of a second. A
    key that was read or set is remembered until the program ends: it is asked for at each call
    to a server, and a keyring that locks itself must not fail the jobs under way.
    """

    def __init__(self) -> None:
        self._remembered: dict[str, str] = {}
        self._lock = Lock()

    def get(self, server_id: str) -> str | None:
        """The key, or None if there is none.

        Raises CredentialError when the keyring is locked or refuses, so that nobody knows
        whether it holds one, and none is remembered.
        """
        with self._lock:
            remembered = self._remembered.get(server_id)
        if remembered is not None:
            return remembered
        backend = _secure_backend()
        if backend is None:
            return None
        try:
            key = backend.get_password(SERVICE_NAME, server_id)
        except Exception as error:
            raise _refusal("read", error) from error
        if key is None:
            return None
        with self._lock:
            # Another key may have been set while the keyring was answering.
            return self._remembered.setdefault(server_id, key)

    def set(self, server_id: str, key: str) -> KeyPlace:
        """Keep a key; it is read back, for what the keyring says it kept may be lost."""
        with self._lock:
            self._remembered[server_id] = key
        backend = _secure_backend()
        kept = backend is not None and _kept(backend, server_id, key)
        return KeyPlace.KEYRING if kept else KeyPlace.SESSION

    def delete(self, server_id: str) -> None:
        """Forget a key; nothing happens if there is none.

        Raises CredentialError when the keyring may still hold it.
        """
        with self._lock:
            self._remembered.pop(server_id, None)
        backend = _secure_backend()
        if backend is None:
            return
        try:
            if backend.get_password(SERVICE_NAME, server_id) is not None:
                backend.delete_password(SERVICE_NAME, server_id)
        except Exception as error:
            raise _refusal("delete", error) from error

    def backend_name(self) -> str:
        """The keyring in use, as a bug report names it; ``none`` if keys last for a session."""
        backend = _secure_backend()
        return NO_BACKEND if backend is None else backend.name


def _kept(backend: "KeyringBackend", server_id: str, key: str) -> bool:
    try:
        # keyring wraps the method in a decorator without types.
        backend.set_password(SERVICE_NAME, server_id, key)  # pyright: ignore[reportUnknownMemberType]
        return backend.get_password(SERVICE_NAME, server_id) == key
    # Not all are KeyringError: a kwalletd5 without its plug-in raises jeepney's DBusErrorResponse.
    except Exception as error:
        log.warning("the keyring took no key: %s", type(error).__name__)
        return False


def _refusal(verb: str, error: Exception) -> CredentialError:
    return CredentialError(f"the keyring did not {verb} the key: {type(error).__name__}: {error}")


def _secure_backend() -> "KeyringBackend | None":
    """The keyring to use; None if there is none, or only one that would keep keys readable."""
    try:
        import keyring
        from keyring.backends.chainer import ChainerBackend

        chosen = keyring.get_keyring()
        candidates = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
        return next(filter(_is_secure, candidates), None)
    except Exception as error:
        log.warning("no keyring can be used: %s: %s", type(error).__name__, error)
        return None


def _is_secure(backend: "KeyringBackend") -> bool:
    return backend.priority > 0 and not type(backend).__module__.startswith(_PLAINTEXT_MODULES)
