"""The places that the user can have pictures made."""

from dataclasses import replace
from os import urandom

from algovera_desktop.domain.errors import InvalidRequestError
from algovera_desktop.domain.servers import (
    HOSTED_ADDRESS,
    LOCAL_SERVER_ID,
    MOST_AT_ONCE,
    ServerConfig,
)
from algovera_desktop.domain.settings import ACTIVE_SERVER_ID, LOCAL_AT_ONCE, SERVERS
from algovera_desktop.engines.endpoint import checked_address
from algovera_desktop.services.settings_store import SettingsStore

THIS_COMPUTER = ServerConfig(LOCAL_SERVER_ID, "This computer")


def hosted_preset() -> ServerConfig:
    """Algovera's own service, to offer; it is in the list only once the user saves it."""
    return ServerConfig(new_server_id(), "Algovera", HOSTED_ADDRESS)


def new_server_id() -> str:
    """An id that no server has had, so that a key is never found under another's name."""
    return urandom(16).hex()


class ServerList:
    """This computer, always first, and the servers that the user entered, kept in settings.

    ``local_name`` is what this computer is called in the user's language.
    """

    def __init__(self, settings: SettingsStore, *, local_name: str = THIS_COMPUTER.name) -> None:
        self._settings = settings
        self._local_name = local_name

    def all(self) -> tuple[ServerConfig, ...]:
        return (self._local(), *self._settings.get(SERVERS))

    def get(self, server_id: str) -> ServerConfig | None:
        """None for one that was removed; its jobs and pictures are still there."""
        return next((server for server in self.all() if server.id == server_id), None)

    def active(self) -> ServerConfig:
        """Where pictures are made now; this computer if the chosen one was removed."""
        return self.get(self._settings.get(ACTIVE_SERVER_ID)) or self._local()

    def save(self, config: ServerConfig) -> ServerConfig:
        """Add a server, or change the one of the same id; returns it as it was kept. Of this
        computer only ``at_once`` can be changed.

        Raises InvalidRequestError, whose field is ``name``, ``address`` or ``at_once``.
        """
        if config.at_once is not None and not 1 <= config.at_once <= MOST_AT_ONCE:
            raise InvalidRequestError("at_once", f"must be 1 to {MOST_AT_ONCE}", config.at_once)
        if config.is_local:
            self._settings.set(LOCAL_AT_ONCE, config.at_once)
            return self._local()
        name = config.name.strip()
        if not name:
            raise InvalidRequestError("name", "must not be empty", config.name)
        kept = replace(config, name=name, address=checked_address(config.address))
        self._put(kept)
        return kept

    def remove(self, server_id: str) -> None:
        """Take a server out of the list. Its jobs, pictures and key are not touched."""
        left = tuple(s for s in self._settings.get(SERVERS) if s.id != server_id)
        self._settings.set(SERVERS, left)
        if self._settings.get(ACTIVE_SERVER_ID) == server_id:
            self._settings.set(ACTIVE_SERVER_ID, LOCAL_SERVER_ID)

    def _local(self) -> ServerConfig:
        at_once = self._settings.get(LOCAL_AT_ONCE)
        return replace(THIS_COMPUTER, name=self._local_name, at_once=at_once)

    def _put(self, kept: ServerConfig) -> None:
        servers = self._settings.get(SERVERS)
        if any(server.id == kept.id for server in servers):
            servers = tuple(kept if server.id == kept.id else server for server in servers)
        else:
            servers = (*servers, kept)
        self._settings.set(SERVERS, servers)
