"""HTTP as an engine needs it: bounded in time and size, cancellable, and silent about keys.

Reads are tried again; a POST is sent once, on a connection of its own, because a kept-alive one
that the server has just closed would swallow it and nobody could tell whether it was read.
Redirects are not followed: the key would go along.
"""

import os
import random
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from requests import Request, Response
from urllib3.exceptions import HTTPError

from algovera_desktop import __version__
from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    EngineTimeoutError,
    EngineUnreachableError,
    InsecureAddressError,
    ProtocolError,
    SubmissionUncertainError,
)
from algovera_desktop.domain.servers import is_loopback, needs_plain_http_consent
from algovera_desktop.engines.endpoint import Endpoint, checked_address
from algovera_desktop.engines.failures import Failure, failure_from
from algovera_desktop.engines.transport import Exchange, ExchangeAdapter, hide_queries_in_logs

MIB = 1024 * 1024
JSON_LIMIT_BYTES = MIB
PICTURE_LIMIT_BYTES = 64 * MIB
_CHUNK_BYTES = 64 * 1024
_HEADERS = {"User-Agent": f"AlgoveraDesktop/{__version__}", "Accept-Encoding": "identity"}
_PASSING_STATUSES = frozenset({429, 500, 502, 503, 504})
_SILENCES = 2
_LONGEST_RETRY_AFTER_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds, and how often to try a read.

    ``read_s`` is the longest silence, ``json_s`` and ``picture_s`` the longest whole exchange,
    ``retry_after_s`` the longest wait that a server may ask for between two tries; ``grace_s``
    is what a POST under way still gets to answer when its token is cancelled.
    """

    connect_s: float = 10.0
    read_s: float = 30.0
    json_s: float = 60.0
    picture_s: float = 600.0
    attempts: int = 4
    first_pause_s: float = 0.5
    longest_pause_s: float = 8.0
    retry_after_s: float = 30.0
    grace_s: float = 3.0


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a protocol. ``wait_s`` is how long the server was asked to hold its answer;
    with ``bearer`` the key goes along in a header."""

    path: str
    method: str = "GET"
    query: Mapping[str, str] | None = None
    json: Mapping[str, str | int | float] | None = None
    limit_bytes: int = JSON_LIMIT_BYTES
    wait_s: float = 0.0
    bearer: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, and the endpoint that gave it.

    ``media_type`` is in lower case without parameters; ``moved_to`` is the origin that a redirect
    names. ``url`` has no query.
    """

    endpoint: Endpoint
    path: str
    status: int
    media_type: str
    body: bytes
    retry_after_s: float | None = None
    moved_to: str = ""

    @property
    def url(self) -> str:
        return self.endpoint.address + self.path


class HttpClient:
    """Makes calls to one endpoint, whose address may change from one try to the next.

    Every call blocks and belongs on a worker thread; several threads may call at once.
    """

    def __init__(
        self, endpoint: Callable[[], Endpoint], *, patience: Patience | None = None
    ) -> None:
        hide_queries_in_logs()
        self._endpoint = endpoint
        self._patience = patience or Patience()
        self._proxies = getproxies()
        self._bypasses: dict[str, bool] = {}
        self._ca_bundle = _ca_bundle()
        self._adapter = ExchangeAdapter()
        self._closed = False

    def read(
        self, call: Callable[[Endpoint], Call], token: CancelToken, *, attempts: int | None = None
    ) -> Answer:
        """Make a call that changes nothing, again and again until it is answered.

        ``call`` is asked anew for each try, for the key can change with the address. An answer
        of 429 or 5xx is tried again too, and returned when the tries are used up; an
        answer that does not come is waited for in the first two tries only, of which one may have
        gone out on a kept connection that had died unheard. Raises EngineUnreachableError,
        EngineTimeoutError or ProtocolError.
        """
        attempt = 1
        result = self._attempt(call, token)
        while attempt < (attempts or self._patience.attempts):
            pause_s = self._pause_before_next(result, attempt)
            if pause_s is None:
                break
            token.wait(pause_s)
            attempt += 1
            result = self._attempt(call, token)
        if isinstance(result, Failure):
            raise result.error
        return result

    def post(self, call: Callable[[Endpoint], Call], token: CancelToken) -> Answer:
        """Make a call that may cost something: once, and never again by itself.

        Raises EngineUnreachableError or EngineTimeoutError when it certainly was not sent, and
        SubmissionUncertainError when it may have been. A token that is cancelled after the
        request left does not take it back: its answer still gets a moment to arrive.
        """
        token.raise_if_cancelled()
        endpoint = self._checked_endpoint()
        with closing(ExchangeAdapter()) as adapter:
            result = self._exchange(adapter, endpoint, call(endpoint), token, once=True)
        if isinstance(result, Answer):
            return result
        if result.sent:
            raise SubmissionUncertainError(str(result.error), url=result.error.url)
        raise result.error

    def close(self) -> None:
        self._closed = True
        self._adapter.close()

    def _attempt(self, call: Callable[[Endpoint], Call], token: CancelToken) -> Answer | Failure:
        token.raise_if_cancelled()
        try:
            endpoint = self._checked_endpoint()
        except EngineUnreachableError as error:
            return Failure(error, sent=False, passing=not self._closed)
        return self._exchange(self._adapter, endpoint, call(endpoint), token)

    def _checked_endpoint(self) -> Endpoint:
        """The endpoint of this moment; raises before anything is sent that must not be sent."""
        if self._closed:
            raise EngineUnreachableError("the connection to this server was closed")
        endpoint = self._endpoint()
        address = checked_address(endpoint.address)
        if needs_plain_http_consent(address) and not endpoint.allow_plain_http:
            text = "plain http would send the key readable through the network"
            raise InsecureAddressError(text, url=address)
        return Endpoint(address, endpoint.key, endpoint.allow_plain_http)

    def _exchange(
        self,
        adapter: ExchangeAdapter,
        endpoint: Endpoint,
        call: Call,
        token: CancelToken,
        *,
        once: bool = False,
    ) -> Answer | Failure:
        exchange = Exchange()
        grace_s = self._patience.grace_s if once else 0.0
        with token.interrupting(partial(exchange.let_go, grace_s)):
            result = exchange.run(
                lambda: self._send(adapter, endpoint, call, exchange), self._deadline_s(call)
            )
        if result is None or exchange.aborted:
            # http.client takes a head that was cut off for a whole one: no such answer counts.
            error = EngineTimeoutError("no whole answer in time", url=endpoint.address + call.path)
            result = Failure(error, exchange.sent, passing=True)
        if isinstance(result, Failure) and not (once and result.sent):
            token.raise_if_cancelled()
        return result

    def _send(
        self, adapter: ExchangeAdapter, endpoint: Endpoint, call: Call, exchange: Exchange
    ) -> Answer | Failure:
        """One request on the wire. Nothing of requests or urllib3 gets past this method.

        The adapter is used without a Session, which would add a netrc password and cookies, and
        would read the body of a redirect, however large.
        """
        url = endpoint.address + call.path
        try:
            headers = _headers(endpoint, call)
            request = Request(call.method, url, headers, params=call.query, json=call.json)
            with adapter.send(
                request.prepare(),
                stream=True,
                timeout=(self._patience.connect_s, self._patience.read_s + call.wait_s),
                verify=self._ca_bundle or True,
                proxies=self._proxies_for(url),
            ) as response:
                answer = _answer(response, endpoint, call)
                exchange.settle()
                return answer
        except (OSError, HTTPError, HTTPException, ValueError) as error:
            return failure_from(error, url=url, sent=exchange.sent)

    def _deadline_s(self, call: Call) -> float:
        is_picture = call.limit_bytes > JSON_LIMIT_BYTES
        whole_s = self._patience.picture_s if is_picture else self._patience.json_s
        return whole_s + call.wait_s

    def _pause_before_next(self, result: Answer | Failure, attempt: int) -> float | None:
        """Seconds until a read is worth another try; None if it is not."""
        doubled_s = self._patience.first_pause_s * 2 ** (attempt - 1)
        pause_s = min(doubled_s, self._patience.longest_pause_s) * random.uniform(0.5, 1.0)
        if isinstance(result, Failure):
            is_silent = isinstance(result.error, EngineTimeoutError)
            most = _SILENCES if is_silent else self._patience.attempts
            return pause_s if result.passing and attempt < most else None
        if result.status not in _PASSING_STATUSES:
            return None
        asked_s = result.retry_after_s
        if asked_s is None:
            return pause_s
        return asked_s if asked_s <= self._patience.retry_after_s else None

    def _proxies_for(self, url: str) -> dict[str, str]:
        if not self._proxies or is_loopback(url):
            return {}
        host = urlsplit(url).netloc
        if host not in self._bypasses:
            self._bypasses[host] = bool(proxy_bypass(host))
        return {} if self._bypasses[host] else self._proxies


def _headers(endpoint: Endpoint, call: Call) -> dict[str, str]:
    if not call.bearer:
        return _HEADERS
    return {**_HEADERS, "Authorization": f"Bearer {endpoint.key or ''}"}


def _ca_bundle() -> str | None:
    """A file or folder of certificates that the environment names, as requests would take it."""
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
    named = (os.environ.get(name, "") for name in names)
    return next((path for path in named if path and Path(path).exists()), None)


def _answer(response: Response, endpoint: Endpoint, call: Call) -> Answer | Failure:
    headers = response.headers
    body = _body(response, endpoint.address + call.path, call.limit_bytes)
    if isinstance(body, Failure):
        return body
    return Answer(
        endpoint,
        call.path,
        status=response.status_code,
        media_type=headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        body=body,
        retry_after_s=retry_after_s(
            headers.get("Retry-After"), now=_http_date(headers.get("Date", ""))
        ),
        moved_to=_origin(headers.get("Location", "")) if response.is_redirect else "",
    )


def _body(response: Response, url: str, limit_bytes: int) -> bytes | Failure:
    """The body, decompressed; nothing is read beyond the limit and a larger one is not begun."""
    error = ProtocolError(f"the answer is larger than {limit_bytes // MIB} MiB", url=url)
    too_large = Failure(error, sent=True, passing=False)
    declared = response.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared) > limit_bytes:
        return too_large
    body = bytearray()
    for chunk in response.iter_content(_CHUNK_BYTES):
        body += chunk
        if len(body) > limit_bytes:
            return too_large
    return bytes(body)


def retry_after_s(header: str | None, *, now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for: a number or an HTTP date (RFC 9110, 10.2.3).

    ``now`` is the answer's own Date: a date is on the server's clock, which need not agree with
    the one here.
    """
    text = (header or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(float(text), _LONGEST_RETRY_AFTER_S)
    moment = _http_date(text)
    if moment is None:
        return None
    seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER_S)


def _http_date(text: str) -> datetime | None:
    """The moment that a header names, aware; None if it names none."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _origin(location: str) -> str:
    """Scheme and host of a redirect's target; nothing else of it may be shown."""
    try:
        parts = urlsplit(location)
        host = parts.hostname or ""
    except ValueError:
        return "an address that makes no sense"
    return f"{parts.scheme}://{host}" if host else "another path"
