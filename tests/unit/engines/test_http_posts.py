import socket
import threading
from collections.abc import Callable

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    EngineUnreachableError,
    JobCancelledError,
    SubmissionUncertainError,
)
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.http import MIB, Answer, Call, HttpClient, Patience
from support.http_server import (
    Behaviour,
    ScriptedServer,
    chunked,
    cut_off,
    hangs_up,
    late,
    raw,
    reply,
    reply_json,
    resets,
    silent,
    zeros,
)

OK = reply_json({"ok": True})
TWO_GIB = 2 * 1024 * MIB


def read(client: HttpClient, token: CancelToken, **changes: object) -> Answer:
    return client.read(lambda _: Call("/x", **changes), token)


def post(client: HttpClient, token: CancelToken) -> Answer:
    return client.post(lambda _: Call("/x", "POST", json={"prompt": "a fox"}), token)


def test_a_post_has_a_connection_of_its_own(
    client: HttpClient, server: ScriptedServer, token: CancelToken
) -> None:
    server.on("/x", OK)
    read(client, token)
    post(client, token)
    post(client, token)
    assert [request.connection for request in server.requests] == [1, 2, 3]


@pytest.mark.parametrize(
    "trouble",
    [
        hangs_up,
        resets,
        silent,
        late(0.8, OK),
        cut_off(b'{"job_uuid": "f988', 999),
        chunked(b'{"job', cut=True),
        raw(b"\x00\x01 this is not HTTP\r\n\r\n"),
        zeros(TWO_GIB, declared=True),
        reply(b"this is not gzip", Content_Encoding="gzip"),
    ],
)
def test_a_post_whose_answer_is_lost_is_uncertain_and_never_repeated(
    client: HttpClient, server: ScriptedServer, token: CancelToken, trouble: Behaviour
) -> None:
    server.on("/x", trouble)
    with pytest.raises(SubmissionUncertainError):
        post(client, token)
    assert len(server.requests) == 1


def test_a_post_reset_before_it_was_read_is_uncertain(
    client: HttpClient, server: ScriptedServer, token: CancelToken
) -> None:
    server.reset_unread = 1
    with pytest.raises(SubmissionUncertainError):
        post(client, token)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1", "https://127.0.0.1:1", "https://nowhere.invalid"],
)
def test_a_post_that_found_no_server_was_certainly_not_sent(
    make_client: Callable[..., HttpClient], token: CancelToken, address: str
) -> None:
    with pytest.raises(EngineUnreachableError):
        post(make_client(address), token)


def test_a_post_to_a_server_without_a_trusted_certificate_was_certainly_not_sent(
    make_client: Callable[..., HttpClient], tls_server: ScriptedServer, token: CancelToken
) -> None:
    with pytest.raises(EngineUnreachableError, match="certificate"):
        post(make_client(tls_server.address), token)
    assert tls_server.requests == []


def test_a_post_to_a_server_that_speaks_no_tls_was_certainly_not_sent(
    make_client: Callable[..., HttpClient], server: ScriptedServer, token: CancelToken
) -> None:
    with pytest.raises(EngineUnreachableError):
        post(make_client(server.address.replace("http:", "https:")), token)
    assert not server.to("/x")


def test_a_post_through_a_proxy_that_refuses_the_tunnel_was_certainly_not_sent(
    make_client: Callable[..., HttpClient],
    server: ScriptedServer,
    token: CancelToken,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("https_proxy", server.address.replace("//", "//me:hunter2@"))
    server.on("studio.example:443", reply(b"", 407))
    with pytest.raises(EngineUnreachableError) as caught:
        post(make_client("https://studio.example"), token)
    assert "hunter2" not in str(caught.value)
    assert len(server.requests) == 1


def test_a_post_that_a_proxy_lost_is_uncertain(
    quick: Patience,
    server: ScriptedServer,
    token: CancelToken,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", server.address)
    server.on("/x", hangs_up)
    endpoint = Endpoint("http://studio.example", allow_plain_http=True)
    client = HttpClient(lambda: endpoint, patience=quick)
    with pytest.raises(SubmissionUncertainError):
        post(client, token)
    client.close()


def test_connecting_ends_at_once_when_it_is_cancelled_and_nothing_was_sent(
    token: CancelToken,
) -> None:
    """The server takes the connection and never shakes hands."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"https://127.0.0.1:{deaf.getsockname()[1]}"
        client = HttpClient(lambda: Endpoint(address), patience=Patience(connect_s=600))

        given_up = threading.Event()

        def cancel_when_connected() -> None:
            connection, _ = deaf.accept()
            with connection:
                token.cancel()
                given_up.wait()

        canceller = threading.Thread(target=cancel_when_connected)
        canceller.start()
        with pytest.raises(JobCancelledError):
            post(client, token)
        given_up.set()
        canceller.join()
        client.close()


def test_a_cancelled_post_is_still_answered_if_the_answer_is_near(
    make_client: Callable[..., HttpClient], server: ScriptedServer, token: CancelToken
) -> None:
    server.on("/x", late(0.2, OK))
    canceller = threading.Thread(target=lambda: (server.wait_for_request(), token.cancel()))
    canceller.start()
    assert post(make_client(server.address, grace_s=10), token).status == 200
    canceller.join()


def test_a_cancelled_post_without_an_answer_is_uncertain_after_a_moment(
    make_client: Callable[..., HttpClient], server: ScriptedServer, token: CancelToken
) -> None:
    server.on("/x", silent)
    canceller = threading.Thread(target=lambda: (server.wait_for_request(), token.cancel()))
    canceller.start()
    with pytest.raises(SubmissionUncertainError):
        post(make_client(server.address, read_s=3600, json_s=3600), token)
    canceller.join()
