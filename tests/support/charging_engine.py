"""An engine in this process that makes pictures by a script and counts what it would charge."""

import io
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    AuthenticationError,
    CredentialError,
    EngineFailedError,
    EngineTimeoutError,
    EngineUnreachableError,
    InvalidRequestError,
    JobForgottenError,
    PaymentRequiredError,
    ProtocolError,
    RateLimitedError,
    SubmissionUncertainError,
)
from algovera_desktop.domain.generation import GenerationRequest, ModelInfo
from algovera_desktop.engines.base import EngineHealth, FetchedImage, RemoteState, RemoteStatus


class Killed(BaseException):
    """The program dies here: nothing that it does after an error is done."""


REFUSALS: dict[str, Callable[[], Exception]] = {
    "unreachable": lambda: EngineUnreachableError("no connection"),
    "no keyring": lambda: CredentialError("locked"),
    "wrong key": lambda: AuthenticationError("HTTP status 401"),
    "no credits": lambda: PaymentRequiredError("HTTP status 402"),
    "invalid": lambda: InvalidRequestError("width", "must be even", 3),
    "busy": lambda: RateLimitedError("HTTP status 429", retry_after_s=30.0),
    "redirect": lambda: ProtocolError("the server redirects"),
}
"""After these a job was certainly not taken."""

LOSSES = ("lost before", "lost after", "killed before", "killed after", "bug after")
"""After these nobody here knows; before or after the server took the job."""

TROUBLES: dict[str, Callable[[], BaseException]] = {
    "unreachable": lambda: EngineUnreachableError("no connection"),
    "no answer": lambda: EngineTimeoutError("no answer in time"),
    "wrong key": lambda: AuthenticationError("HTTP status 401"),
    "busy": lambda: RateLimitedError("HTTP status 429"),
    "a page": lambda: ProtocolError("a web page"),
    "bad gateway": lambda: EngineFailedError("HTTP status 502"),
    "killed": Killed,
    "bug": lambda: RuntimeError("our own mistake"),
}
"""What a question may meet."""


@dataclass
class RemoteJob:
    asked: int = 0
    is_cancelled: bool = False


def _small_png() -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((16, 16)).save(buffer, "PNG")
    return buffer.getvalue()


class ChargingEngine:
    """Lives on when the program dies. Scripts are used up, an answer a call; then all is well.

    ``posting`` is the job whose POST comes next, by its id here. ``made`` counts the jobs that
    were made for each, which is what a server charges for; ``risked`` the POSTs after which it
    may have been charged, those under one reference counted once. ``meanwhile`` is done inside
    the next call of its name.
    """

    def __init__(self, *, can_wait: bool = False, can_repeat: bool = False) -> None:
        self.can_wait = can_wait
        self.can_repeat = can_repeat
        self.posting = ""
        self.made: Counter[str] = Counter()
        self.post_script: deque[str] = deque()
        self.question_script: deque[str] = deque()
        self.meanwhile: dict[str, Callable[[], None]] = {}
        self._picture = _small_png()
        self._jobs: dict[str, RemoteJob] = {}
        self._by_ref: dict[str, str] = {}
        self._risks: defaultdict[str, set[str]] = defaultdict(set)
        self._posts = 0

    def risked(self, job_id: str) -> int:
        return len(self._risks[job_id])

    def models(self, token: CancelToken) -> Sequence[ModelInfo]:
        return [ModelInfo("sketch", "Sketch")]

    def check(self, token: CancelToken) -> EngineHealth:
        return EngineHealth()

    def submit(
        self, request: GenerationRequest, token: CancelToken, *, client_ref: str | None = None
    ) -> str:
        token.raise_if_cancelled()
        self._posts += 1
        answer = self.post_script.popleft() if self.post_script else "taken"
        self._do_meanwhile("submit")
        if answer in REFUSALS and not (answer == "invalid" and client_ref in self._by_ref):
            raise REFUSALS[answer]()
        self._risks[self.posting].add(client_ref or f"POST {self._posts}")
        if answer == "killed before":
            raise Killed
        if answer == "lost before":
            raise SubmissionUncertainError("the answer was lost")
        remote_id = self._take(client_ref)
        if answer == "killed after":
            raise Killed
        if answer == "bug after":
            raise RuntimeError("our own mistake")
        if answer == "lost after":
            raise SubmissionUncertainError("the answer was lost")
        return remote_id

    def status(self, remote_id: str, token: CancelToken, *, wait_s: float = 0.0) -> RemoteStatus:
        job = self._asked_for("status", remote_id, token)
        job.asked += 1
        if job.is_cancelled:
            return RemoteStatus(RemoteState.FAILED, error="cancelled")
        if job.asked > 1:
            return RemoteStatus(RemoteState.DONE)
        return RemoteStatus(RemoteState.RUNNING, job.asked / 4, 0)

    def fetch(self, remote_id: str, token: CancelToken) -> FetchedImage:
        self._asked_for("fetch", remote_id, token)
        return FetchedImage(self._picture, "image/png", 16, 16)

    def cancel(self, remote_id: str, token: CancelToken) -> bool:
        if remote_id in self._jobs:
            self._jobs[remote_id].is_cancelled = True
        return True

    def close(self) -> None:
        """Nothing to close."""

    def _take(self, client_ref: str | None) -> str:
        if self.can_repeat and client_ref in self._by_ref:
            return self._by_ref[client_ref]
        remote_id = f"remote {len(self._jobs)}"
        self._jobs[remote_id] = RemoteJob()
        self.made[self.posting] += 1
        if self.can_repeat and client_ref is not None:
            self._by_ref[client_ref] = remote_id
        return remote_id

    def _asked_for(self, call: str, remote_id: str, token: CancelToken) -> RemoteJob:
        token.raise_if_cancelled()
        answer = self.question_script.popleft() if self.question_script else ""
        self._do_meanwhile(call)
        if answer == "forgotten":
            raise JobForgottenError("Unknown job")
        if answer == "failed":
            self._jobs[remote_id].is_cancelled = True
        elif answer:
            raise TROUBLES[answer]()
        return self._jobs[remote_id]

    def _do_meanwhile(self, call: str) -> None:
        act = self.meanwhile.pop(call, None)
        if act is not None:
            act()
