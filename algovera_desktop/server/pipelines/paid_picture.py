"""A picture that comes from another computer: waits for it, and makes it the size asked for."""

import io
import threading
from collections.abc import Callable
from concurrent.futures import Future

import requests
from PIL import Image

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server.pipelines.base import (
    RenderCancelledError,
    RenderFailedError,
    StepCallback,
)
from algovera_desktop.server.pipelines.paid_download import MAYBE_PAID, PaidDownload

_LOOK_S = 0.5


class PaidPicture:
    """A Pipeline for a picture that was painted and paid for, and lies at ``address``."""

    def __init__(self, address: str) -> None:
        self._address = address

    def load(self) -> None:
        """Nothing to load."""

    def unload(self) -> None:
        """Nothing to give back."""

    def render(self, request: GenerationRequest, on_step: StepCallback) -> Image.Image:
        """Fetch the picture: it is read, however often, and never asked for again."""
        return awaited(lambda token: self._fetch(request, token), on_step)

    def _fetch(self, request: GenerationRequest, token: CancelToken) -> Image.Image:
        with requests.Session() as session:
            data = PaidDownload(session, token).fetch(self._address)
        return picture_of(data, request)


def awaited(ask: Callable[[CancelToken], Image.Image], on_step: StepCallback) -> Image.Image:
    """What ``ask`` gives, on a thread of its own, so that a cancel need not wait for it. Raises
    what it raises, and RenderCancelledError."""
    blank = Image.new("RGB", (1, 1))
    if not on_step(0, 1, blank.copy):
        raise RenderCancelledError
    answer: Future[Image.Image] = Future()
    token = CancelToken()
    threading.Thread(target=_ask_into, args=(ask, token, answer), daemon=True).start()
    while True:
        try:
            picture = answer.result(_LOOK_S)
        except TimeoutError:
            if answer.done():  # it is what became of it
                raise
            if not on_step(0, 1, blank.copy):
                token.cancel()
                raise RenderCancelledError from None
        else:
            on_step(1, 1, picture.copy)
            return picture


def picture_of(data: bytes, request: GenerationRequest) -> Image.Image:
    """The picture that these bytes are, in the size asked for; raises RenderFailedError."""
    picture = _decoded(data)
    wanted = (request.width, request.height)
    if picture.size != wanted:
        picture = picture.resize(wanted, Image.Resampling.LANCZOS)
    return picture


def _ask_into(
    ask: Callable[[CancelToken], Image.Image], token: CancelToken, answer: Future[Image.Image]
) -> None:
    try:
        answer.set_result(ask(token))
    except BaseException as error:  # handed to the thread that waits
        answer.set_exception(error)


def _decoded(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
            return image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        nonsense = f"What the image service sent is no picture. {MAYBE_PAID}"
        raise RenderFailedError(nonsense) from None
