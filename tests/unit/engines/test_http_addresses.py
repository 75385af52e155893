import threading
from collections.abc import Callable

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    EngineUnreachableError,
    InsecureAddressError,
    InvalidRequestError,
)
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.http import MIB, Answer, Call, HttpClient, Patience
from algovera_desktop.engines.transport import POOL_SIZE
from support.http_server import (
    ScriptedServer,
    late,
    redirect,
    reply_json,
    scripted_server,
)

OK = reply_json({"ok": True})
TWO_GIB = 2 * 1024 * MIB


def read(client: HttpClient, token: CancelToken, **changes: object) -> Answer:
    return client.read(lambda _: Call("/x", **changes), token)


def post(client: HttpClient, token: CancelToken) -> Answer:
    return client.post(lambda _: Call("/x", "POST", json={"prompt": "a fox"}), token)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(
    client: HttpClient, server: ScriptedServer, token: CancelToken, status: int
) -> None:
    with scripted_server() as other:
        server.on("/x", redirect(f"{other.address}/x?api_key=1", status))
        answers = [read(client, token), post(client, token)]
        assert [answer.status for answer in answers] == [status, status]
        assert [answer.moved_to for answer in answers] == ["http://127.0.0.1"] * 2
        assert other.requests == []


@pytest.mark.parametrize("address", ["http://192.0.2.1", "http://studio.example:80/algovera"])
def test_plain_http_beyond_this_computer_needs_a_yes(
    make_client: Callable[..., HttpClient], token: CancelToken, address: str
) -> None:
    for call in (read, post):
        with pytest.raises(InsecureAddressError):
            call(make_client(address), token)


def test_plain_http_with_a_yes_is_used(
    quick: Patience,
    server: ScriptedServer,
    token: CancelToken,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", server.address)
    server.on("/x", OK)
    endpoint = Endpoint("http://studio.example", allow_plain_http=True)
    client = HttpClient(lambda: endpoint, patience=quick)
    assert read(client, token).status == 200
    assert server.requests[0].headers["host"] == "studio.example"
    client.close()


def test_this_computer_is_reached_without_a_proxy(
    client: HttpClient,
    make_client: Callable[..., HttpClient],
    server: ScriptedServer,
    token: CancelToken,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server.on("/x", OK)
    assert read(make_client(server.address), token).status == 200


def test_a_host_that_no_proxy_names_is_reached_without_one(
    quick: Patience, server: ScriptedServer, token: CancelToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.address)
    monkeypatch.setenv("no_proxy", "direct.invalid")
    endpoint = Endpoint("http://direct.invalid", allow_plain_http=True)
    client = HttpClient(lambda: endpoint, patience=quick)
    with pytest.raises(EngineUnreachableError):
        read(client, token)
    assert server.requests == []
    client.close()


def test_a_socks_proxy_is_refused_before_anything_is_sent(
    make_client: Callable[..., HttpClient], token: CancelToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1")
    for call in (read, post):
        with pytest.raises(EngineUnreachableError):
            call(make_client("https://studio.example"), token)


@pytest.mark.parametrize("address", ["", "ftp://x", "https://u:p@x", "https://xn--.invalid..", "x"])
def test_an_address_that_cannot_be_used_says_so(
    make_client: Callable[..., HttpClient], token: CancelToken, address: str
) -> None:
    for call in (read, post):
        with pytest.raises((InvalidRequestError, EngineUnreachableError)):
            call(make_client(address), token)


def test_a_path_in_front_of_the_calls_is_kept(
    make_client: Callable[..., HttpClient], server: ScriptedServer, token: CancelToken
) -> None:
    server.on("/algovera/x", OK)
    assert read(make_client(f"{server.address}/algovera/"), token).status == 200


def test_an_address_that_changes_is_found_at_the_next_try(
    quick: Patience, server: ScriptedServer, token: CancelToken
) -> None:
    addresses = iter(["http://127.0.0.1:1", server.address])
    server.on("/x", OK)
    client = HttpClient(lambda: Endpoint(next(addresses)), patience=quick)
    assert read(client, token).status == 200
    client.close()


def test_a_closed_client_is_unreachable(
    client: HttpClient, server: ScriptedServer, token: CancelToken
) -> None:
    client.close()
    client.close()
    for call in (read, post):
        with pytest.raises(EngineUnreachableError):
            call(client, token)
    assert server.requests == []


def test_many_threads_may_call_at_once(
    client: HttpClient, server: ScriptedServer, token: CancelToken
) -> None:
    server.on("/x", late(0.05, OK))
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(read(client, token).status))
        for _ in range(POOL_SIZE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * POOL_SIZE
