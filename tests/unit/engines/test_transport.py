import logging
import socket
import threading
from collections.abc import Iterator

import pytest

from algovera_desktop.engines.transport import Exchange, hide_queries_in_logs


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_blocked_read_ends_when_the_time_is_up(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    exchange = Exchange()

    def send() -> bytes:
        exchange.holds(pair[0])
        return pair[0].recv(1)

    assert exchange.run(send, 0.05) == b""
    assert exchange.sent
    assert exchange.aborted


def test_a_deadline_can_be_moved(pair: tuple[socket.socket, socket.socket]) -> None:
    exchange = Exchange()

    def send() -> bytes:
        exchange.holds(pair[0])
        exchange.expire_in(0)
        return pair[0].recv(1)

    assert exchange.run(send, 3600) == b""
    assert exchange.aborted


def test_a_connection_that_stands_too_late_is_not_waited_for_and_sends_nothing(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    exchange, connected, ended = Exchange(), threading.Event(), threading.Event()

    def send() -> None:
        exchange.abort()
        connected.wait()
        exchange.holds(pair[0])
        with pytest.raises(BrokenPipeError):
            pair[0].send(b"x")
        ended.set()

    assert exchange.run(send, 3600) is None
    connected.set()
    assert ended.wait(20)
    assert not exchange.sent


def test_connecting_is_given_up_when_the_time_is_up() -> None:
    exchange, connected = Exchange(), threading.Event()
    assert exchange.run(connected.wait, 0.05) is None
    assert exchange.aborted
    assert not exchange.sent
    connected.set()


def test_an_answer_that_is_whole_cannot_be_cut_off_any_more(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    exchange = Exchange()

    def send() -> str:
        exchange.holds(pair[0])
        exchange.settle()
        exchange.abort()
        exchange.expire_in(0)
        return "whole"

    assert exchange.run(send, 3600) == "whole"
    assert not exchange.aborted
    pair[0].send(b"still open")
    assert pair[1].recv(99) == b"still open"


def test_our_own_mistake_is_raised_where_the_answer_is_waited_for() -> None:
    with pytest.raises(ZeroDivisionError):
        Exchange().run(lambda: 1 / 0, 3600)


def test_an_answer_that_was_cut_off_is_never_whole() -> None:
    exchange = Exchange()
    exchange.abort()
    exchange.settle()
    assert exchange.aborted


def test_no_thread_outlives_an_exchange() -> None:
    before = threading.active_count()
    assert Exchange().run(threading.active_count, 3600) == before + 1
    assert threading.active_count() == before


def test_what_urllib3_logs_has_no_query(caplog: pytest.LogCaptureFixture) -> None:
    hide_queries_in_logs()
    hide_queries_in_logs()
    caplog.set_level("DEBUG")
    urls = ("/api/status?api_key=secret", "https://x.example/api/status?job=1&api_key=secret")
    for name in ("connection", "connectionpool", "util.retry"):
        for url in urls:
            logging.getLogger(f"urllib3.{name}").warning('%s "GET %s" (url=%r) %d', 1, url, url, 2)
    assert "secret" not in caplog.text
    assert caplog.text.count("1 \"GET /api/status?…\" (url='/api/status?…') 2") == 3
