"""Which engine answers for which server."""

from collections.abc import Callable
from threading import Lock

from algovera_desktop.domain.errors import EngineUnreachableError
from algovera_desktop.domain.servers import ServerConfig
from algovera_desktop.engines.base import Engine


class EngineDirectory:
    """Keeps one engine a server, with its connections.

    Usable from every thread. ``find`` looks a server up by id, ``make`` builds its engine.
    """

    def __init__(
        self,
        find: Callable[[str], ServerConfig | None],
        make: Callable[[ServerConfig], Engine],
    ) -> None:
        self._find = find
        self._make = make
        self._engines: dict[str, Engine] = {}
        self._lock = Lock()

    def engine(self, server_id: str) -> Engine:
        """The engine of a server; EngineUnreachableError if the user has removed the server."""
        with self._lock:
            engine = self._engines.get(server_id)
            if engine is None:
                server = self._find(server_id)
                if server is None:
                    raise EngineUnreachableError("this server was removed from the settings")
                engine = self._engines[server_id] = self._make(server)
            return engine

    def close(self) -> None:
        """Drop all connections."""
        with self._lock:
            engines, self._engines = list(self._engines.values()), {}
        for engine in engines:
            engine.close()
