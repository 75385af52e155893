import errno
import http.client
import inspect
import socket
import ssl
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
import requests.exceptions
import urllib3.exceptions
from requests.models import Response

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    EngineError,
    EngineTimeoutError,
    EngineUnreachableError,
    ProtocolError,
    SubmissionUncertainError,
)
from algovera_desktop.engines import transport
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.failures import failure_from
from algovera_desktop.engines.http import Call, HttpClient, Patience

KEY = "c0ffee" * 10 + "f00d"
LEAKY = f"https://u:hunter2@studio.example/api/status?api_key={KEY}"
URL = "https://studio.example/api/status"


def made(kind: type[BaseException]) -> BaseException:
    """An exception of a kind whose text holds the key, however its constructor wants it."""
    for arguments in ((LEAKY,), (None, LEAKY, LEAKY), (LEAKY, LEAKY), (None, LEAKY), (1, 2), ()):
        try:
            return kind(*arguments)
        except (TypeError, AttributeError):
            continue
    error = kind.__new__(kind)
    error.args = (LEAKY,)
    return error


def kinds() -> Iterator[type[BaseException]]:
    """Every exception class of requests and urllib3, and the others that they let through."""
    for module in (requests.exceptions, urllib3.exceptions):
        for _, kind in inspect.getmembers(module, inspect.isclass):
            is_error = issubclass(kind, Exception) and not issubclass(kind, Warning)
            if is_error and kind.__module__ == module.__name__:
                yield kind
    yield from (OSError, TimeoutError, ConnectionResetError, BrokenPipeError, ssl.SSLError)
    yield from (ssl.SSLCertVerificationError, socket.gaierror, UnicodeError, ValueError)
    yield from (http.client.IncompleteRead, http.client.BadStatusLine, http.client.LineTooLong)


def everything_said(error: BaseException) -> str:
    """All that a log, a crash report or a debugger's repr could show of an error."""
    shown = "".join(traceback.format_exception(error))
    link: BaseException | None = error
    while link is not None:
        shown += repr(link) + repr(vars(link))
        link = link.__cause__ or link.__context__
    return shown


@pytest.mark.parametrize(
    "kind", list(kinds()), ids=lambda kind: f"{kind.__module__}.{kind.__name__}"
)
@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_exception_of_a_library_gets_out_and_none_tells_the_key(
    kind: type[BaseException],
    sent: bool,
    method: str,
    quick: Patience,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> Response:
        exchange = transport._CURRENT.get()
        assert exchange is not None
        if sent:
            exchange.holds(None)
        try:
            raise ValueError(LEAKY)
        except ValueError as inner:
            raise made(kind) from inner

    endpoint = Endpoint("https://studio.example", KEY)
    client = HttpClient(lambda: endpoint, patience=quick)
    call = Call("/api/status", method, query={"api_key": KEY})
    ask = client.post if method == "POST" else client.read
    monkeypatch.setattr(transport.ExchangeAdapter, "send", fail)
    with pytest.raises(EngineError) as caught:
        ask(lambda _: call, CancelToken())
    client.close()
    expects_doubt = sent and method == "POST"
    assert isinstance(caught.value, SubmissionUncertainError) is expects_doubt
    assert caught.value.url == URL
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    said = everything_said(caught.value)
    assert KEY not in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "Connection refused"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "Name or service"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "Network is unreachable"),
        (requests.exceptions.InvalidURL("x"), "address"),
    ],
)
def test_what_the_system_says_is_passed_on(error: Exception, words: str) -> None:
    wrapped = requests.exceptions.ConnectionError(error)
    failure = failure_from(wrapped, url=URL, sent=False)
    assert isinstance(failure.error, EngineUnreachableError)
    assert words in str(failure.error)


def test_a_silence_after_the_request_left_is_a_timeout() -> None:
    error = requests.exceptions.ReadTimeout()
    assert isinstance(failure_from(error, url=URL, sent=True).error, EngineTimeoutError)


def test_a_silence_before_the_connection_stood_means_unreachable() -> None:
    error = requests.exceptions.ConnectTimeout()
    failure = failure_from(error, url=URL, sent=False)
    assert isinstance(failure.error, EngineUnreachableError)
    assert failure.passing


def test_a_certificate_does_not_get_better_by_trying_again() -> None:
    inner = ssl.SSLCertVerificationError(1, "certificate verify failed")
    inner.verify_message = "certificate has expired"
    failure = failure_from(requests.exceptions.SSLError(inner), url=URL, sent=False)
    assert "certificate has expired" in str(failure.error)
    assert not failure.passing


def test_a_broken_answer_is_a_protocol_error_worth_another_try() -> None:
    failure = failure_from(requests.exceptions.ChunkedEncodingError(), url=URL, sent=True)
    assert isinstance(failure.error, ProtocolError)
    assert failure.passing


def test_an_exception_that_wraps_itself_is_translated_too() -> None:
    error = OSError()
    error.args = (error,)
    assert isinstance(failure_from(error, url=URL, sent=False).error, EngineUnreachableError)
