"""Connections that can be let go of from outside, and that know whether a request left.

requests blocks in a socket's read until the server speaks. An :class:`Exchange` makes a request
on a thread of its own and holds its socket, so that a cancelled token or a deadline can shut
it down. It also knows when the connection stood (TLS and a proxy's tunnel included): before that
moment nothing of a request can have reached a server, after it nobody can tell.
"""

import logging
import re
import socket
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import ContextVar
from math import inf
from threading import Condition, Thread
from time import monotonic
from typing import Any, TypeVar

from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidSchema
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

T = TypeVar("T")

POOL_SIZE = 32


class Exchange:
    """One request and its answer.

    ``sent`` as soon as a byte may have left this computer; ``aborted`` when the answer was cut
    off from this side, because its time was up or nobody wants it any more.
    """

    def __init__(self) -> None:
        self.sent = False
        self.aborted = False
        self._changed = Condition()
        self._socket: socket.socket | None = None
        self._settled = False
        self._finished = False
        self._expires_at_s = inf

    def run(self, send: Callable[[], T], deadline_s: float) -> T | None:
        """What ``send`` returns, which is called on a thread of its own, or raises.

        None if the exchange was aborted before its connection stood. Looking up a name,
        connecting and TLS's handshake cannot be ended from outside; they are left to fail by
        themselves, and nothing is sent any more.
        """
        self.expire_in(deadline_s)
        outcome: Future[T] = Future()

        def work() -> None:
            _CURRENT.set(self)
            try:
                outcome.set_result(send())
            except BaseException as error:
                outcome.set_exception(error)
            finally:
                self._finish()

        thread = Thread(target=work, name="exchange", daemon=True)
        thread.start()
        if not self._wait():
            return None
        thread.join()
        return outcome.result()

    def expire_in(self, seconds: float) -> None:
        """Set the deadline anew; 0 ends the exchange at once."""
        with self._changed:
            self._expires_at_s = monotonic() + seconds
            self._changed.notify_all()

    def let_go(self, grace_s: float) -> None:
        """Abort, but give a request that has left so many seconds more to be answered."""
        with self._changed:
            if self.sent and grace_s > 0:
                self.expire_in(grace_s)
            else:
                self.abort()

    def abort(self) -> None:
        """End a read or write that is blocked on the network; may be called from any thread."""
        with self._changed:
            if self._settled or self._finished:
                return
            self.aborted = True
            if self._socket:
                _shut_down(self._socket)
            self._changed.notify_all()

    def settle(self) -> None:
        """Say that the answer is whole: unless it was cut off before, it stands from now on."""
        with self._changed:
            self._settled = not self.aborted

    def holds(self, sock: socket.socket | None) -> None:
        """Called on the requesting thread when its connection stands."""
        with self._changed:
            if self.aborted and sock:
                _shut_down(sock)
                return
            self.sent = True
            self._socket = sock

    def _wait(self) -> bool:
        """Wait for the end, which the deadline may bring about; False: it was not waited for."""
        with self._changed:
            while not self._finished and (self.sent or not self.aborted):
                left_s = self._expires_at_s - monotonic()
                if self.aborted or self._settled:
                    self._changed.wait()
                elif left_s > 0:
                    self._changed.wait(left_s)
                else:
                    self.abort()
            return self._finished

    def _finish(self) -> None:
        with self._changed:
            self._finished = True
            self._socket = None
            self._changed.notify_all()


_CURRENT: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


def _shut_down(sock: socket.socket) -> None:
    """Wake whoever is blocked on a socket, without pulling its file descriptor away.

    SSLSocket's own ``shutdown`` would also take the TLS object from the thread that reads.
    """
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return


class _HTTPConnection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _tell_exchange(self.sock)

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:
            _tell_exchange(self.sock)
        super().request(*args, **kwargs)


class _HTTPSConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _tell_exchange(self.sock)

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:
            _tell_exchange(self.sock)
        super().request(*args, **kwargs)


def _tell_exchange(sock: socket.socket | None) -> None:
    exchange = _CURRENT.get()
    if exchange:
        exchange.holds(sock)


class _HTTPPool(HTTPConnectionPool):
    # urllib3's protocol types say "mutable", so no subclass at all would fit them.
    ConnectionCls = _HTTPConnection  # pyright: ignore[reportAssignmentType]


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection  # pyright: ignore[reportAssignmentType]


class ExchangeAdapter(HTTPAdapter):
    """requests' adapter with the connections above, and no retries of its own."""

    def __init__(self) -> None:
        super().__init__(pool_maxsize=POOL_SIZE, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        if proxy.lower().startswith("socks"):
            # Its connections would not tell whether a request was sent.
            raise InvalidSchema("SOCKS proxies are not supported")
        manager = super().proxy_manager_for(proxy, **proxy_kwargs)
        manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
        return manager


_QUERY = re.compile(r"\?[^\s\"'<>]*")


def _without_query(record: logging.LogRecord) -> bool:
    """A logging filter: urllib3 logs the URL of a request, and that of ``status`` has the key."""
    record.msg = _QUERY.sub("?…", record.getMessage())
    record.args = ()
    return True


def hide_queries_in_logs() -> None:
    """Keep query strings out of everything that urllib3 logs. Calling it again changes nothing."""
    for name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.util.retry"):
        logging.getLogger(name).addFilter(_without_query)
