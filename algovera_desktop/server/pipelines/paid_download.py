"""Fetches a picture that was paid for: reading it again costs nothing, so that trouble on the way
is waited out for as long as the picture lies there."""

import time

import requests

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.server.pipelines.base import RenderFailedError

CONNECT_S = 10.0
ANSWER_S = 600.0
MOST_BYTES = 64 * 2**20
MAYBE_PAID = "It may have been paid for, so it is not asked for again by itself."

_LIFE_S = 3600.0
"""For so long OpenAI's reference says that such an address can be used."""

_GONE = frozenset({401, 403, 404, 410})
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_BLOCK_BYTES = 64 * 1024


class PaidDownload:
    """Goes on until it has the picture, it is gone, or ``token`` is cancelled."""

    def __init__(
        self,
        session: requests.Session,
        token: CancelToken,
        *,
        first_pause_s: float = _FIRST_PAUSE_S,
        life_s: float = _LIFE_S,
    ) -> None:
        self._session, self._token = session, token
        self._first_pause_s, self._life_s = first_pause_s, life_s

    def fetch(self, url: str) -> bytes:
        """The picture's bytes; no key goes along.

        Raises RenderFailedError when it is not to be had any more, and JobCancelledError.
        """
        gone_at = time.monotonic() + self._life_s
        pause_s = self._first_pause_s
        while True:
            try:
                return self._fetch_once(url)
            except requests.RequestException as error:
                if _is_final(error) or time.monotonic() + pause_s > gone_at:
                    lost = f"The finished picture could not be fetched. {MAYBE_PAID}"
                    raise RenderFailedError(lost) from None
            self._token.wait(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _fetch_once(self, url: str) -> bytes:
        with self._session.get(url, timeout=(CONNECT_S, ANSWER_S), stream=True) as response:
            response.raise_for_status()
            return body_of(response)


def _is_final(error: requests.RequestException) -> bool:
    """Whether another try would meet the same: it is gone, or was no address."""
    status = None if error.response is None else error.response.status_code
    return status in _GONE or isinstance(error, ValueError)


def body_of(response: requests.Response) -> bytes:
    """An answer's bytes, all of them; raises RequestException, or RenderFailedError for more than
    any picture has."""
    data = bytearray()
    for block in response.iter_content(_BLOCK_BYTES):
        data += block
        if len(data) > MOST_BYTES:
            raise RenderFailedError(f"The image service sent too much. {MAYBE_PAID}")
    return bytes(data)
