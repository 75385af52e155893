"""Which engine speaks to which of the servers in the settings."""

from collections.abc import Callable
from functools import partial

from algovera_desktop.domain.errors import CredentialError, EngineUnreachableError
from algovera_desktop.domain.servers import ServerConfig
from algovera_desktop.engines.base import Engine
from algovera_desktop.engines.embedded import LocalServer
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.services.credentials import CredentialStore
from algovera_desktop.services.servers import ServerList


class EngineMaker:
    """Builds the engine of a server entry. Loads the HTTP stack first: for a worker."""

    def __init__(
        self, servers: ServerList, credentials: CredentialStore, local: LocalServer
    ) -> None:
        self._servers = servers
        self._credentials = credentials
        self._local = local

    def saved(self, server: ServerConfig) -> Engine:
        """The engine of an entry as it is kept. Address and key are looked up at each call, so
        that jobs under way follow the user's changes."""
        if server.is_local:
            return _engine(self._local.endpoint)
        return _engine(partial(self._saved_endpoint, server.id))

    def tried(self, server: ServerConfig, key: str | None) -> Engine:
        """The engine of an entry that is being edited, with the key that was typed."""
        if server.is_local:
            return _engine(self._local.endpoint)
        endpoint = Endpoint(server.address, key, server.allow_plain_http)
        return _engine(lambda: endpoint)

    def _saved_endpoint(self, server_id: str) -> Endpoint:
        server = self._servers.get(server_id)
        if server is None:
            raise EngineUnreachableError("this server was removed from the settings")
        key = self._credentials.get(server_id)
        if key is None:
            # Said here, before anything is sent: the server could only call it refused.
            raise CredentialError("no key is kept for this server")
        return Endpoint(server.address, key, server.allow_plain_http)


def _engine(endpoint: Callable[[], Endpoint]) -> Engine:
    # Here and not above: with its HTTP stack it takes longer to load than the first screenful.
    from algovera_desktop.engines.algovera import AlgoveraEngine

    return AlgoveraEngine(endpoint)
