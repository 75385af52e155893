"""Speaks with the Hub that models come from, or with a mirror of it.

Three of its calls are used: ``/api/models/{id}/revision/{revision}`` names the commit,
``/api/models/{id}/tree/{commit}?recursive=true`` lists the files with sizes and digests, and
``/{id}/resolve/{commit}/{path}`` gives a file, by way of other hosts, and from any byte on
(https://huggingface.co/docs/hub/api). No key, cookie or password goes along, to nobody.
"""

import json
import os
import re
import ssl
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import quote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from requests import PreparedRequest, Request, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException, SSLError
from urllib3.exceptions import HTTPError

from algovera_desktop import __version__
from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.servers import is_loopback
from algovera_desktop.server.models.errors import (
    ConnectionLostError,
    DownloadError,
    RangeRefusedError,
)
from algovera_desktop.server.models.manifest import HubFile

_CONNECT_S = 10.0
_READ_S = 30.0
_MOST_HOPS = 5
_MOST_PAGES = 20
_JSON_BYTES = 8 << 20
_PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_COMMIT = r"^[0-9a-f]{40}$"
_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")
_FAILURES = (OSError, HTTPError, HTTPException, RequestException, ValueError)


class _Revision(BaseModel):
    sha: Annotated[str, Field(pattern=_COMMIT)]


class _Lfs(BaseModel):
    oid: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=0)]


class _TreeItem(BaseModel):
    type: str
    path: str
    oid: str = ""
    size: Annotated[int, Field(ge=0)] = 0
    lfs: _Lfs | None = None

    def as_file(self) -> HubFile:
        if self.lfs is not None:
            return HubFile(self.path, self.lfs.size, sha256=self.lfs.oid)
        blob_id = self.oid if re.fullmatch(_COMMIT, self.oid) else ""
        return HubFile(self.path, self.size, blob_id=blob_id)


_TREE = TypeAdapter(list[_TreeItem])


@dataclass(frozen=True, slots=True)
class Listing:
    """What a revision consists of."""

    commit: str
    files: tuple[HubFile, ...]


class FileBody:
    """A file's bytes on their way, from ``start`` on; ``etag`` names the content, "" if unnamed."""

    def __init__(self, response: Response, host: str) -> None:
        self._response, self._host = response, host
        found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        self.start = int(found[1]) if response.status_code == 206 and found else 0
        self.etag = response.headers.get("ETag", "")

    def read(self, most: int) -> bytes:
        """Some bytes as soon as there are any, empty at the end. Raises ConnectionLostError."""
        try:
            return self._response.raw.read1(most, decode_content=False)
        except _FAILURES as error:
            raise ConnectionLostError(f"{self._host} broke off.") from error


class Hub:
    """One conversation with a Hub, on one thread; ended from outside by its token."""

    def __init__(self, address: str, token: CancelToken) -> None:
        self._address = address
        self._token = token
        self._adapter = HTTPAdapter(max_retries=0)
        self._proxies = getproxies()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._adapter.close()

    def list_files(self, hub_id: str, revision: str) -> Listing:
        """The files of a revision. Raises DownloadError, ConnectionLostError among it."""
        try:
            path = f"/api/models/{hub_id}/revision/{quote(revision, safe='')}"
            commit = _Revision.model_validate(self._json(self._address + path)[0]).sha
            url: str | None = f"{self._address}/api/models/{hub_id}/tree/{commit}?recursive=true"
            items: list[_TreeItem] = []
            for _ in range(_MOST_PAGES):
                page, url = self._json(url)
                items += _TREE.validate_python(page)
                if url is None:
                    files = tuple(item.as_file() for item in items if item.type == "file")
                    return Listing(commit, files)
        except ValidationError as error:
            raise self._senseless() from error
        raise self._senseless()

    @contextmanager
    def open_file(
        self, hub_id: str, commit: str, path: str, start: int = 0, etag: str = ""
    ) -> Generator[FileBody]:
        """A file's bytes, from ``start`` on if the server can and it is still the same content.

        Raises DownloadError, ConnectionLostError among it.
        """
        headers: dict[str, str] = {}
        if start:
            headers["Range"] = f"bytes={start}-"
            if etag and not etag.startswith("W/"):  # a weak one may not stand here (RFC 9110)
                headers["If-Range"] = etag
        url = f"{self._address}/{hub_id}/resolve/{commit}/{quote(path)}"
        with self._answer(url, headers) as response:
            yield FileBody(response, self._host)

    def _json(self, url: str) -> tuple[Any, str | None]:
        """An answer, and where its next page is."""
        with self._answer(url, {}) as response:
            body = FileBody(response, self._host)
            data = b""
            while chunk := body.read(1 << 16):
                data += chunk
                if len(data) > _JSON_BYTES:
                    raise self._senseless()
            self._token.raise_if_cancelled()
            following = response.links.get("next", {}).get("url")
        try:
            return json.loads(data), self._same_place(url, following)
        except (ValueError, RecursionError) as error:
            raise self._senseless() from error

    def _same_place(self, url: str, following: str | None) -> str | None:
        if following is None:
            return None
        joined = urljoin(url, following)
        if not joined.startswith(f"{self._address}/"):
            raise self._senseless()
        return joined

    @contextmanager
    def _answer(self, url: str, headers: Mapping[str, str]) -> Generator[Response]:
        """The answer at the end of all redirections."""
        for _ in range(_MOST_HOPS):
            with self._sent(url, headers) as response:
                target = response.headers.get("Location")
                if response.status_code not in (301, 302, 303, 307, 308) or target is None:
                    self._judge(response)
                    yield response
                    return
            url = self._redirected(url, target)
        raise self._senseless()

    @contextmanager
    def _sent(self, url: str, headers: Mapping[str, str]) -> Generator[Response]:
        self._token.raise_if_cancelled()
        try:
            response = self._adapter.send(
                _prepared(url, headers),
                stream=True,
                timeout=(_CONNECT_S, _READ_S),
                verify=_ca_bundle() or True,
                proxies=self._proxies_for(url),
            )
        except _FAILURES as error:
            self._token.raise_if_cancelled()
            raise self._unreachable(error) from error
        with response, self._token.interrupting(lambda: _hang_up(response)):
            yield response

    def _redirected(self, url: str, target: str) -> str:
        joined = urljoin(url, target)
        parts = urlsplit(joined)
        is_downgrade = url.startswith("https:") and parts.scheme != "https"
        if parts.scheme not in ("http", "https") or is_downgrade or parts.username:
            raise DownloadError(f"{self._host} sends us to an address that is not safe.")
        return joined

    def _judge(self, response: Response) -> None:
        status = response.status_code
        if status in _PASSING_STATUSES:
            wait = response.headers.get("Retry-After", "")
            said = f"{self._host} cannot answer now (status {status})."
            raise ConnectionLostError(said, float(wait[:4]) if wait.isdigit() else None)
        if status in (401, 403):
            raise DownloadError(f"{self._host} does not give this model to everybody.")
        if status == 404:
            raise DownloadError(f"{self._host} does not have this model, or no longer.")
        if status == 416:
            raise RangeRefusedError(f"{self._host} has no bytes from there on.")
        is_coded = response.headers.get("Content-Encoding", "identity") != "identity"
        if status not in (200, 206) or is_coded:
            raise self._senseless()

    def _proxies_for(self, url: str) -> dict[str, str]:
        if not self._proxies or is_loopback(url) or proxy_bypass(urlsplit(url).netloc):
            return {}
        return self._proxies

    @property
    def _host(self) -> str:
        return urlsplit(self._address).netloc

    def _unreachable(self, error: Exception) -> DownloadError:
        if isinstance(error, SSLError) or isinstance(error.__cause__, ssl.SSLError):
            return ConnectionLostError(f"{self._host} cannot prove who it is (TLS).")
        return ConnectionLostError(f"{self._host} cannot be reached.")

    def _senseless(self) -> DownloadError:
        return DownloadError(f"{self._host} gave an answer that makes no sense.")


def _prepared(url: str, headers: Mapping[str, str]) -> PreparedRequest:
    ours = {"User-Agent": f"algovera-server/{__version__}", "Accept-Encoding": "identity"}
    return Request("GET", url, {**ours, **headers}).prepare()


def _hang_up(response: Response) -> None:
    """Wake the thread that reads; it finds the end of the data."""
    try:
        response.raw.shutdown()
    except (OSError, ValueError, RuntimeError):  # it has ended by itself
        return


def _ca_bundle() -> str | None:
    """A file or folder of certificates that the environment names, as requests would take it."""
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
    named = (os.environ.get(name, "") for name in names)
    return next((path for path in named if path and Path(path).exists()), None)
