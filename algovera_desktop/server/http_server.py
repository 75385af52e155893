"""Runs the ASGI application on a socket until somebody asks for the end."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Generator
from types import FrameType
from typing import Protocol, cast

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from algovera_desktop.server.http_rules import HttpRules

_LAST_ANSWERS_S = 1
_GOODBYE_S = 0.2
_ORDERLY_END_S = 5.0

_log = logging.getLogger(__name__)


class Worksite(Protocol):
    """What is to be drained before the end; both from the event loop's thread."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        ...

    def stop_taking(self) -> None:
        """Finish what is under way and begin nothing new."""
        ...


def run_http_server(
    app: FastAPI,
    listener: socket.socket,
    rules: HttpRules,
    work: Worksite,
    *,
    on_started: Callable[[], None],
    on_ending: Callable[[], None],
    ends_with_parent: bool,
    side: tuple[FastAPI, socket.socket] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, or, if asked for, until standard input ends.

    ``on_ending`` is called before open connections are waited for, a second at most. ``side`` is
    another application, on a socket of its own, without TLS.
    """
    server = HttpServer(_config(app, rules), work, rules.drain_s, on_started, on_ending)
    if ends_with_parent:
        _end_with_standard_input(server)
    asyncio.run(_serve(server, listener, side))


async def _serve(
    server: "HttpServer", listener: socket.socket, side: tuple[FastAPI, socket.socket] | None
) -> None:
    if side is None:
        await server.serve([listener])
        return
    app, side_listener = side
    side_server = _SideServer(_config(app, HttpRules()))
    beside = asyncio.create_task(side_server.serve([side_listener]))
    try:
        await server.serve([listener])
    finally:
        side_server.should_exit = True
        await beside


class HttpServer(uvicorn.Server):
    """Says when it is up and when it ends, and ends on a signal with status 0, not by it.

    The first signal drains the work, with which it may take ``drain_s``; the second does not
    wait for it.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        work: Worksite,
        drain_s: float,
        on_started: Callable[[], None],
        on_ending: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._work = work
        self._drain_s = drain_s
        self._drained_by_s: float | None = None
        self._signals = 0
        self._on_started = on_started
        self._on_ending = on_ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()

    async def on_tick(self, counter: int) -> bool:
        if self._signals and self._drained_by_s is None:
            self._start_to_drain()
        if self._drained_by_s is not None and self._is_drained(self._drained_by_s):
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_ending()
        hanging_up = asyncio.create_task(self._hang_up())
        # Before they are closed once more, which Python 3.11's TLS takes as a wish to forget them.
        for transport in self._closing():
            transport.abort()
        await super().shutdown(sockets)
        hanging_up.cancel()

    async def _hang_up(self) -> None:
        """Wait no longer for goodbyes that TLS asks for, and an idle client does not say."""
        closing: list[asyncio.Transport] = []
        while True:
            await asyncio.sleep(_GOODBYE_S)
            for transport in closing:
                transport.abort()
            closing = self._closing()

    def _closing(self) -> list[asyncio.Transport]:
        transports = [cast(H11Protocol, c).transport for c in self.server_state.connections]
        return [transport for transport in transports if transport.is_closing()]

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        def note(_number: int, _frame: FrameType | None) -> None:
            self._signals += 1

        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, note) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start_to_drain(self) -> None:
        self._drained_by_s = time.monotonic() + self._drain_s
        if self._drain_s <= 0:
            return
        self._work.stop_taking()
        if not self._work.is_idle:
            _log.warning(
                "Ending when what is being painted is done, after %g s at most; "
                "another signal ends at once",
                self._drain_s,
            )

    def _is_drained(self, by_s: float) -> bool:
        return self._signals > 1 or self._work.is_idle or time.monotonic() >= by_s


class _SideServer(uvicorn.Server):
    """Ends when it is told to; the signals are the main server's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _end_with_standard_input(server: HttpServer) -> None:
    """The parent holds the other end: it is gone when ours ends, also when it was killed."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        server.should_exit = True
        last_resort = threading.Timer(_ORDERLY_END_S, os._exit, (1,))
        last_resort.daemon = True
        last_resort.start()

    threading.Thread(target=wait, name="server-parent-watch", daemon=True).start()


def _config(app: FastAPI, rules: HttpRules) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # its lines would hold the keys that status calls carry
        proxy_headers=bool(rules.proxies),  # else the keys' page must see who really asks
        forwarded_allow_ips=list(rules.proxies),
        ssl_certfile=None if rules.tls is None else rules.tls.certificate,
        ssl_keyfile=None if rules.tls is None else rules.tls.key,
        server_header=False,
        timeout_graceful_shutdown=_LAST_ANSWERS_S,
    )
