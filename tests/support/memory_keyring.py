"""A keyring for tests of the interface: kept in memory, and locked when a test says so."""

from threading import Event

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked


class MemoryKeyring(KeyringBackend):
    """Stands where the operating system's keyring stands; locked, it refuses."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, str] = {}
        self.is_locked = False
        self.answered = Event()
        self.answered.set()

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringLocked
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.answered.wait()
        if self.is_locked:
            raise KeyringLocked
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[username]
