"""A broker that speaks TLS is trusted for its certificate, and by no other."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from kombu.exceptions import OperationalError

from algovera_desktop.server.cluster.board import BOARD_ERRORS, Board
from algovera_desktop.server.cluster.broker import make_celery, send
from algovera_desktop.server.cluster.pace import Pace
from support.certificates import Certificate, make_certificate
from support.redis_server import PASSWORD, RedisServer, redis_server


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificates"), "other")


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    folder = tmp_path_factory.mktemp("certificates")
    with redis_server(make_certificate(folder, "broker")) as server:
        yield server


def use(address: str) -> list[type[Exception]]:
    """Do as server and workers do; what went wrong on each of their two ways to the broker."""
    errors: list[type[Exception]] = []

    async def look() -> None:
        board = Board(address, Pace())
        try:
            await board.workers()
        finally:
            await board.close()

    try:
        asyncio.run(look())
    except BOARD_ERRORS as error:
        errors.append(type(error))
    app = make_celery(address, Pace())
    try:
        send(app, "job", "model")
    except OperationalError as error:
        errors.append(type(error))
    finally:
        app.close()
    return errors


def test_the_one_that_the_address_names_is_trusted(redis: RedisServer) -> None:
    assert use(redis.address) == []


def test_any_other_gets_no_password(redis: RedisServer, other: Certificate) -> None:
    queries = (f"?ssl_ca_certs={other.file}", "")  # trusted: another; those of this computer
    addresses = [f"rediss://:{PASSWORD}@{redis.host}/0{query}" for query in queries]
    with ThreadPoolExecutor() as threads:  # each tries for some seconds
        assert [len(errors) for errors in threads.map(use, addresses)] == [2, 2]
