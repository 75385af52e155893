import gzip
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from algovera_desktop import __version__
from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    EngineTimeoutError,
    EngineUnreachableError,
    JobCancelledError,
    ProtocolError,
)
from algovera_desktop.engines.http import MIB, Answer, Call, HttpClient, retry_after_s
from support.http_server import (
    Behaviour,
    Conversation,
    ScriptedServer,
    captive_portal,
    chunked,
    cut_off,
    drips,
    hangs_up,
    raw,
    reply,
    reply_json,
    resets,
    silent,
    zeros,
)

OK = reply_json({"ok": True})
TWO_GIB = 2 * 1024 * MIB


class ImpatientToken(CancelToken):
    """Notes what it was asked to wait for, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)


def read(client: HttpClient, token: CancelToken, **changes: object) -> Answer:
    return client.read(lambda _: Call("/x", **changes), token)


def post(client: HttpClient, token: CancelToken) -> Answer:
    return client.post(lambda _: Call("/x", "POST", json={"prompt": "a fox"}), token)


def test_an_answer_comes_back_whole(
    client: HttpClient, server: ScriptedServer, token: CancelToken
) -> None:
    server.on("/x", reply(b"hello", 201, "Image/PNG; charset=x"))
    answer = read(client, token)
    assert (answer.status, answer.media_type, answer.body) == (201, "image/png", b"hello")
    assert answer.url == f"{server.address}/x"


def test_requests_say_who_asks_and_take_no_cookie_and_no_netrc(
    client: HttpClient,
    server: ScriptedServer,
    token: CancelToken,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.on("/x", reply_json({}, Set_Cookie="id=1; Path=/"))
    read(client, token)
    read(client, token)
    for request in server.requests:
        assert request.headers["user-agent"] == f"AlgoveraDesktop/{__version__}"
        assert "cookie" not in request.headers
        assert "authorization" not in request.headers


def test_reads_share_a_connection(
    client: HttpClient, server: ScriptedServer, token: CancelToken
) -> None:
    server.on("/x", OK)
    read(client, token)
    read(client, token)
    assert {request.connection for request in server.requests} == {1}


@pytest.mark.parametrize(
    "trouble",
    [
        reply_json({}, 500),
        captive_portal(502),
        reply_json({}, 503),
        reply_json({}, 504),
        reply_json({}, 429),
        hangs_up,
        resets,
        silent,
        cut_off(b'{"ok"', 999),
        chunked(b'{"ok"', cut=True),
        raw(b"\x00\x01 this is not HTTP\r\n\r\n"),
        reply(b"this is not gzip", Content_Encoding="gzip"),
    ],
)
def test_a_read_that_failed_in_passing_is_tried_again(
    client: HttpClient, server: ScriptedServer, token: CancelToken, trouble: Behaviour
) -> None:
    server.on("/x", trouble, OK)
    assert read(client, token).body == b'{"ok": true}'
    assert len(server.requests) == 2


def test_a_connection_reset_before_the_request_was_read_is_tried_again(
    client: HttpClient, server: ScriptedServer, token: CancelToken
) -> None:
    server.on("/x", OK)
    server.reset_unread = 1
    assert read(client, token).status == 200
    assert len(server.requests) == 1


def test_a_kept_connection_that_the_server_closed_meanwhile_costs_no_answer(
    client: HttpClient, server: ScriptedServer, token: CancelToken
) -> None:
    def answers_and_hangs_up(talk: Conversation) -> None:
        OK(talk)
        talk.hang_up()

    server.on("/x", answers_and_hangs_up)
    for _ in range(5):
        assert read(client, token).status == 200


@pytest.mark.parametrize(
    ("trouble", "error", "tries"),
    [
        (silent, EngineTimeoutError, 2),
        (hangs_up, EngineUnreachableError, 3),
        (resets, EngineUnreachableError, 3),
        (cut_off(b"{", 999), ProtocolError, 3),
        (chunked(b"{", cut=True), ProtocolError, 3),
        (reply(b"this is not gzip", Content_Encoding="gzip"), ProtocolError, 3),
    ],
)
def test_a_read_is_given_up_after_a_number_of_tries(
    client: HttpClient,
    server: ScriptedServer,
    token: CancelToken,
    trouble: Behaviour,
    error: type[Exception],
    tries: int,
) -> None:
    server.on("/x", trouble)
    with pytest.raises(error):
        read(client, token)
    assert len(server.requests) == tries


def test_the_last_answer_of_a_failing_server_is_given_back(
    client: HttpClient, server: ScriptedServer, token: CancelToken
) -> None:
    server.on("/x", reply_json({"detail": "no"}, 500))
    assert read(client, token).status == 500
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_is_not_asked_for_twice(
    client: HttpClient, server: ScriptedServer, token: CancelToken, status: int
) -> None:
    server.on("/x", reply_json({}, status))
    assert read(client, token).status == status
    assert len(server.requests) == 1


def test_pauses_between_tries_grow(
    make_client: Callable[..., HttpClient], server: ScriptedServer
) -> None:
    token = ImpatientToken()
    client = make_client(server.address, attempts=5, first_pause_s=1.0, longest_pause_s=3.0)
    server.on("/x", reply_json({}, 500))
    read(client, token)
    for pause_s, most_s in zip(token.waits, [1.0, 2.0, 3.0, 3.0], strict=True):
        assert most_s / 2 <= pause_s <= most_s


@pytest.mark.parametrize("header", ["1", "Sun, 22 Nov 2026 12:00:00 GMT"])
def test_retry_after_is_obeyed(client: HttpClient, server: ScriptedServer, header: str) -> None:
    token = ImpatientToken()
    server.on("/x", reply_json({}, 429, Retry_After=header), OK)
    assert read(client, token).status == 200
    assert token.waits == [1.0 if header == "1" else 0.0]


@pytest.mark.parametrize("skew", [timedelta(days=-3650), timedelta(hours=-1), timedelta(days=30)])
def test_a_retry_after_date_is_read_on_the_servers_clock(
    client: HttpClient, server: ScriptedServer, skew: timedelta
) -> None:
    token = ImpatientToken()
    there = datetime.now(UTC) + skew
    dates = [format_datetime(there + timedelta(seconds=late), usegmt=True) for late in (0, 1)]
    server.on("/x", reply_json({}, 429, Date=dates[0], Retry_After=dates[1]), OK)
    assert read(client, token).status == 200
    assert token.waits == [1.0]


def test_a_retry_after_date_beside_a_date_that_is_none_is_read_on_our_clock(
    client: HttpClient, server: ScriptedServer
) -> None:
    token = ImpatientToken()
    past = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    server.on("/x", reply_json({}, 429, Date="soon", Retry_After=past), OK)
    assert read(client, token).status == 200
    assert token.waits == [0.0]


def test_a_retry_after_beyond_all_patience_is_handed_on(
    client: HttpClient, server: ScriptedServer, token: CancelToken
) -> None:
    server.on("/x", reply_json({}, 503, Retry_After="3600"), OK)
    answer = read(client, token)
    assert (answer.status, answer.retry_after_s) == (503, 3600.0)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("999999999", 86_400.0),
        ("Wed, 21 Oct 2015 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2015 07:28:30 -0000", 30.0),
        ("Wed, 21 Oct 2015 07:27:00 GMT", 0.0),
        ("Wed, 21 Oct 9999 07:28:00 GMT", 86_400.0),
        ("Wed, 99 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    now = datetime(2015, 10, 21, 7, 28, tzinfo=UTC)
    assert retry_after_s(header, now=now) == seconds


def test_a_retry_after_far_in_the_future_is_a_day_at_most() -> None:
    header = format_datetime(datetime.now(UTC) + timedelta(days=400), usegmt=True)
    assert retry_after_s(header) == 86_400.0


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("limit_bytes", [MIB, 64 * MIB])
def test_of_two_gigabytes_only_what_is_allowed_is_read(
    client: HttpClient,
    server: ScriptedServer,
    token: CancelToken,
    declared: bool,
    limit_bytes: int,
) -> None:
    server.on("/x", zeros(TWO_GIB, declared=declared))
    with pytest.raises(ProtocolError, match="larger than"):
        read(client, token, limit_bytes=limit_bytes)
    assert len(server.requests) == 1
    slack_bytes = 16 * MIB  # socket buffers on both sides
    assert server.sent_bytes < (0 if declared else limit_bytes) + slack_bytes


def test_a_small_body_that_unpacks_to_a_large_one_is_refused(
    client: HttpClient, server: ScriptedServer, token: CancelToken
) -> None:
    bomb = gzip.compress(bytes(200 * MIB))
    assert len(bomb) < MIB
    server.on("/x", reply(bomb, Content_Encoding="gzip"))
    with pytest.raises(ProtocolError, match="larger than"):
        read(client, token)


def test_an_answer_of_exactly_the_limit_is_taken(
    client: HttpClient, server: ScriptedServer, token: CancelToken
) -> None:
    server.on("/x", reply(bytes(MIB)), reply(bytes(MIB + 1)))
    assert len(read(client, token).body) == MIB
    with pytest.raises(ProtocolError):
        read(client, token)


def test_the_large_body_of_a_redirect_is_not_read_either(
    client: HttpClient, server: ScriptedServer, token: CancelToken
) -> None:
    server.on("/x", zeros(TWO_GIB, declared=False, status=302, Location="/elsewhere"))
    with pytest.raises(ProtocolError, match="larger than"):
        read(client, token)


@pytest.mark.parametrize(
    "behaviour",
    [
        drips(b"HTTP/1.1 200 OK\r\nX-Endless: " + b"x" * 10_000, 0.02),
        drips(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b"x" * 9999, 0.02),
    ],
    ids=["head", "body"],
)
def test_an_answer_that_drips_ends_at_the_deadline(
    make_client: Callable[..., HttpClient],
    server: ScriptedServer,
    token: CancelToken,
    behaviour: Behaviour,
) -> None:
    server.on("/x", behaviour)
    client = make_client(server.address, json_s=0.3, attempts=1)
    with pytest.raises(EngineTimeoutError):
        read(client, token)


@pytest.mark.parametrize(
    "behaviour",
    [silent, cut_off(b"", 10), drips(b"HTTP/1.1 200 OK\r\n" + b"x" * 9999, 0.05)],
    ids=["no answer", "no body", "drip"],
)
def test_cancelling_interrupts_a_read_that_is_blocked(
    make_client: Callable[..., HttpClient],
    server: ScriptedServer,
    token: CancelToken,
    behaviour: Behaviour,
) -> None:
    def stall(talk: Conversation) -> None:
        try:
            behaviour(talk)
        except ConnectionAbortedError:
            talk.wait(3600)

    server.on("/x", stall)
    client = make_client(server.address, read_s=3600, json_s=3600)
    canceller = threading.Thread(target=lambda: (server.wait_for_request(), token.cancel()))
    canceller.start()
    with pytest.raises(JobCancelledError):
        read(client, token)
    canceller.join()


def test_cancelling_interrupts_a_read_over_tls(
    make_client: Callable[..., HttpClient],
    tls_server: ScriptedServer,
    certificate: Path,
    token: CancelToken,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    tls_server.on("/x", OK, silent)
    client = make_client(tls_server.address, read_s=3600, json_s=3600)
    assert read(client, token).status == 200
    canceller = threading.Thread(target=lambda: (tls_server.wait_for_request(2), token.cancel()))
    canceller.start()
    with pytest.raises(JobCancelledError):
        read(client, token)
    canceller.join()


def test_cancelling_interrupts_a_pause(
    make_client: Callable[..., HttpClient], server: ScriptedServer, token: CancelToken
) -> None:
    server.on("/x", reply_json({}, 429, Retry_After="3600"))
    client = make_client(server.address, retry_after_s=3600)
    canceller = threading.Thread(target=lambda: (server.wait_for_request(), token.cancel()))
    canceller.start()
    with pytest.raises(JobCancelledError):
        read(client, token)
    canceller.join()


def test_nothing_is_sent_for_a_token_that_is_cancelled_already(
    client: HttpClient, server: ScriptedServer, token: CancelToken
) -> None:
    token.cancel()
    for call in (read, post):
        with pytest.raises(JobCancelledError):
            call(client, token)
    assert server.requests == []


def test_a_cancelled_read_spoils_no_later_one(
    make_client: Callable[..., HttpClient], server: ScriptedServer
) -> None:
    server.on("/x", OK)
    client = make_client(server.address)
    for _ in range(20):
        token = CancelToken()
        assert read(client, token).status == 200
        token.cancel()
