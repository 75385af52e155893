"""Pictures by OpenAI's Images API, or by any server that speaks it.

Fields, sizes and errors are those of ``POST /v1/images/generations`` in OpenAI's API reference.
A picture costs money when the request has arrived, so that a request is sent once: whatever
becomes of its answer, it is never sent again from here.
"""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any, cast

import requests
from PIL import Image
from requests.auth import AuthBase

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.generation import GenerationRequest, ModelInfo, Size
from algovera_desktop.server.pipelines.base import (
    RemoteAccess,
    RenderFailedError,
    StepCallback,
)
from algovera_desktop.server.pipelines.paid_download import (
    ANSWER_S,
    CONNECT_S,
    MAYBE_PAID,
    PaidDownload,
    body_of,
)
from algovera_desktop.server.pipelines.paid_picture import awaited, picture_of

_LONGEST_REASON = 300


class OpenAiImagesPipeline:
    """Asks for one picture at a time. ``on_paid`` is told the address of one that is to be fetched,
    before that, on another thread than ``render``'s."""

    def __init__(
        self,
        model: ModelInfo,
        access: RemoteAccess,
        on_paid: Callable[[str], None] = lambda _address: None,
    ) -> None:
        self._model, self._access, self._on_paid = model, access, on_paid

    @property
    def model(self) -> ModelInfo:
        return self._model

    def load(self) -> None:
        """Nothing to load."""

    def unload(self) -> None:
        """Nothing to give back."""

    def render(self, request: GenerationRequest, on_step: StepCallback) -> Image.Image:
        """Have the picture painted. What was asked for before a cancel is paid all the same."""
        return awaited(lambda token: self._ask(request, token), on_step)

    def _ask(self, request: GenerationRequest, token: CancelToken) -> Image.Image:
        size = Size(request.width, request.height)
        with requests.Session() as session:
            found = _first_picture(_checked(self._post(session, request.prompt, size)))
            if isinstance(found, bytes):
                return picture_of(found, request)
            self._on_paid(found)
            return picture_of(PaidDownload(session, token).fetch(found), request)

    def _post(self, session: requests.Session, prompt: str, size: Size) -> requests.Response:
        asked = painted_size(self._access.model, size)
        body: dict[str, Any] = {
            "model": self._access.model,
            "prompt": prompt,
            "n": 1,
            "size": f"{asked.width}x{asked.height}",
        }
        try:
            return session.post(
                f"{self._access.address.rstrip('/')}/images/generations",
                json=body,
                auth=_Bearer(self._access.key),
                timeout=(CONNECT_S, ANSWER_S),
                allow_redirects=False,  # a POST that is sent on might be paid twice
                stream=True,
            )
        except (requests.ConnectTimeout, requests.exceptions.SSLError) as error:
            raise RenderFailedError(_unreachable(error)) from None
        except requests.ConnectionError as error:
            raise RenderFailedError(_lost(error)) from None
        except requests.RequestException as error:
            reason = f"No answer came from the image service ({type(error).__name__})."
            raise RenderFailedError(f"{reason} {MAYBE_PAID}") from None


class _Bearer(AuthBase):
    """The key as a header; being an ``auth`` it also keeps a .netrc from taking its place."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


def painted_size(model: str, size: Size) -> Size:
    """What to ask this model for so that a picture of ``size`` can be made from it."""
    if model.startswith("gpt-image") and max(size.width, size.height) < 1024:
        return Size(1024, 1024)
    return size


def _unreachable(error: requests.RequestException) -> str:
    return f"The image service cannot be reached ({type(error).__name__}). Nothing was paid."


def _lost(error: requests.ConnectionError) -> str:
    """A connection that was never made costs nothing; one that broke may have been paid for."""
    if "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
        return _unreachable(error)
    return f"The connection to the image service broke. {MAYBE_PAID}"


def _checked(response: requests.Response) -> dict[str, Any]:
    """The JSON of an answer that is not a refusal; raises RenderFailedError."""
    body = _json(_read(response))
    if response.status_code == 200:
        if body is None:
            raise RenderFailedError(f"The image service's answer makes no sense. {MAYBE_PAID}")
        return body
    raise RenderFailedError(_refusal(response.status_code, body or {}))


def _read(response: requests.Response) -> bytes:
    try:
        return body_of(response)
    except requests.RequestException:
        lost = f"The connection broke while the picture came. {MAYBE_PAID}"
        raise RenderFailedError(lost) from None


def _json(data: bytes) -> dict[str, Any] | None:
    try:
        body: object = json.loads(data)
    except ValueError:
        return None
    return cast("dict[str, Any]", body) if isinstance(body, dict) else None


def _refusal(status: int, body: dict[str, Any]) -> str:
    error: object = body.get("error")
    facts = cast("dict[str, object]", error) if isinstance(error, dict) else {}
    code, said = str(facts.get("code") or ""), _sentence(facts.get("message"))
    if status in (401, 403):  # its own words quote the key
        return "The image service refused the key. Put in another one under Settings."
    if code in ("content_policy_violation", "moderation_blocked"):
        return f"The image service refused these words as against its content policy. {said}"
    if code in ("insufficient_quota", "billing_hard_limit_reached"):
        return "The image service says that the account has no credit left."
    if status == 429:
        return "The image service has had too many requests from this key. Try again later."
    if status >= 500:
        return f"The image service failed (HTTP {status}). {MAYBE_PAID}"
    return f"The image service refused the request (HTTP {status}). {said}".strip()


def _sentence(value: object) -> str:
    """What a server says of itself, without line breaks and not too long."""
    return " ".join(value.split())[:_LONGEST_REASON] if isinstance(value, str) else ""


def _first_picture(body: dict[str, Any]) -> bytes | str:
    """The picture's bytes, or the address where they lie; raises RenderFailedError."""
    entries: object = body.get("data")
    first: object = cast("list[object]", entries)[0] if isinstance(entries, list) and entries else 0
    facts = cast("dict[str, object]", first) if isinstance(first, dict) else {}
    encoded, url = facts.get("b64_json"), facts.get("url")
    if isinstance(encoded, str):
        try:
            return base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            pass
    if isinstance(url, str) and url.startswith(("https://", "http://")):
        return url
    raise RenderFailedError(f"The image service's answer holds no picture. {MAYBE_PAID}")
