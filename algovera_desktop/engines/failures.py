"""What went wrong between a request and its answer, in our words and without a secret.

The text of requests' and urllib3's exceptions holds the URL, and the URL of ``status`` holds the
key. So their text is never used, and none of them is chained to ours: an error is made from the
classes in the chain and from what the operating system or OpenSSL says, which know no URL.
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from requests import exceptions as requests_errors
from urllib3 import exceptions as urllib3_errors

from algovera_desktop.domain.errors import (
    EngineError,
    EngineTimeoutError,
    EngineUnreachableError,
    ProtocolError,
)

_TIMEOUTS = (TimeoutError, requests_errors.Timeout, urllib3_errors.TimeoutError)
_NO_CONNECTION = (urllib3_errors.NewConnectionError, urllib3_errors.ConnectTimeoutError)
_BROKEN_ANSWERS = (
    requests_errors.ChunkedEncodingError,
    requests_errors.ContentDecodingError,
    urllib3_errors.DecodeError,
    urllib3_errors.IncompleteRead,
    urllib3_errors.InvalidChunkLength,
)
_BAD_ADDRESSES = (
    requests_errors.InvalidURL,
    requests_errors.InvalidSchema,
    requests_errors.MissingSchema,
    urllib3_errors.LocationValueError,
    UnicodeError,
)


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer: why, whether the request may have reached a server, whether trying again helps."""

    error: EngineError
    sent: bool
    passing: bool


def failure_from(error: BaseException, *, url: str, sent: bool) -> Failure:
    """Translate an exception of requests, urllib3 or the socket; ``url`` is without secrets."""
    chain = list(_chain(error))
    why = _reason(chain)

    def holds(kinds: tuple[type[BaseException], ...]) -> bool:
        return any(isinstance(link, kinds) for link in chain)

    if holds((ssl.SSLCertVerificationError,)):
        text = f"the server's certificate is not trusted: {why}"
        return Failure(EngineUnreachableError(text, url=url), sent, passing=False)
    if holds(_BAD_ADDRESSES):
        text = f"the address cannot be used: {why}"
        return Failure(EngineUnreachableError(text, url=url), sent, passing=False)
    if holds(_BROKEN_ANSWERS):
        text = f"the answer broke off or is damaged: {why}"
        return Failure(ProtocolError(text, url=url), sent, passing=True)
    if holds(_TIMEOUTS) and sent and not holds(_NO_CONNECTION):
        return Failure(EngineTimeoutError(f"no answer in time: {why}", url=url), sent, True)
    text = f"{'the connection broke' if sent else 'no connection'}: {why}"
    return Failure(EngineUnreachableError(text, url=url), sent, passing=True)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that it wraps, in whichever way, each once."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        link = waiting.pop(0)
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [*link.args, getattr(link, "reason", None), link.__cause__, link.__context__]


def _reason(chain: list[BaseException]) -> str:
    """The deepest thing known: the system's own words where there are some, else a class name."""
    for link in reversed(chain):
        said: object = None
        if isinstance(link, ssl.SSLError):
            said = getattr(link, "verify_message", None) or getattr(link, "reason", None)
        elif isinstance(link, OSError) and not isinstance(link, requests_errors.RequestException):
            said = link.strerror if isinstance(link.errno, int) else None
        if isinstance(said, str) and said:
            return said
    return type(chain[-1]).__name__
