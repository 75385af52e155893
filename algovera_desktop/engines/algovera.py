"""The Algovera protocol, spoken to any server that answers it.

Two variants are accepted everywhere: what the service's documentation says and what its public
code did. What our own server adds is found out by ``models`` and used where it is offered.
"""

import logging
import uuid
from collections.abc import Callable, Sequence

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    AuthenticationError,
    EngineError,
    JobForgottenError,
    ProtocolError,
    SubmissionUncertainError,
)
from algovera_desktop.domain.generation import GenerationRequest, ModelInfo
from algovera_desktop.engines.answers import (
    error_from,
    expect_object,
    health_from,
    invalid_request_from,
    job_uuid_of,
    json_object,
    status_from,
)
from algovera_desktop.engines.base import EngineHealth, FetchedImage, RemoteStatus
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.http import (
    PICTURE_LIMIT_BYTES,
    Answer,
    Call,
    HttpClient,
    Patience,
)
from algovera_desktop.engines.model_answers import described_models, named_models
from algovera_desktop.engines.pictures import checked_picture

log = logging.getLogger(__name__)

LONGEST_WAIT_S = 30.0
MOST_LOGGED_WORDS = 20
_NEVER_CARRIED_OUT_STATUSES = frozenset({501, 505})
_UNCERTAIN_STATUSES = frozenset({303, 408})
_DROPPED_BODY_STATUSES = frozenset({400, 411, 413, 422})
_NOT_OFFERED_STATUSES = frozenset({404, 405})


class AlgoveraEngine:
    """One server; ``endpoint`` tells its address and key as they are at each call.

    It may raise CredentialError, or EngineUnreachableError while a local server restarts.
    """

    def __init__(
        self, endpoint: Callable[[], Endpoint], *, patience: Patience | None = None
    ) -> None:
        self._http = HttpClient(endpoint, patience=patience)
        self._can_wait = False
        self._can_repeat = False
        self._logged_words: set[str] = set()

    @property
    def can_wait(self) -> bool:
        return self._can_wait

    @property
    def can_repeat(self) -> bool:
        return self._can_repeat

    def models(self, token: CancelToken) -> Sequence[ModelInfo]:
        models, _ = self._learn(token)
        return models

    def check(self, token: CancelToken) -> EngineHealth:
        """Prove the address by its models and the key by asking for a job that cannot exist."""
        _, health = self._learn(token)
        told = EngineHealth() if health is None else health_from(_expect_service(health))
        self._check_key(token)
        return told

    def _learn(self, token: CancelToken) -> tuple[Sequence[ModelInfo], Answer | None]:
        """The models, and what our own server said of its health; finds out what it offers."""
        answer = self._http.read(lambda _: Call("/api/models"), token)
        if _is_passing(answer):
            raise error_from(answer)
        body = json_object(answer) if answer.status == 200 else None
        described = described_models(body) if body else None
        if described is not None:
            health = self._http.read(lambda _: Call("/api/health"), token)
            self._can_wait = True
            self._can_repeat = _offers_repeat(health, otherwise=self._can_repeat)
            return described, health
        answer = self._http.read(lambda _: Call("/api/basemodels"), token)
        named = named_models(_expect_service(answer), url=answer.url)
        self._can_wait = self._can_repeat = False
        return named, None

    def _check_key(self, token: CancelToken) -> None:
        """Raise AuthenticationError if the key is refused.

        An accepted key gets 404 from our server and 500 from the original, so 500 is no reason
        to try again.
        """
        nobodys_job = uuid.uuid4().hex
        answer = self._http.read(
            lambda endpoint: _status_call(endpoint, nobodys_job), token, attempts=1
        )
        if answer.status in (200, 500):
            return
        error = error_from(answer)
        if not isinstance(error, JobForgottenError):
            raise error

    def submit(
        self, request: GenerationRequest, token: CancelToken, *, client_ref: str | None = None
    ) -> str:
        answer = self._http.post(lambda endpoint: _job_call(endpoint, request, client_ref), token)
        if 200 <= answer.status < 300:
            remote_id = job_uuid_of(answer)
            if remote_id is None:
                text = "the server took the job but did not name it"
                raise SubmissionUncertainError(text, url=answer.url)
            return remote_id
        if answer.status == 422:
            raise invalid_request_from(answer, request)
        raise _refusal_of_job(answer)

    def status(self, remote_id: str, token: CancelToken, *, wait_s: float = 0.0) -> RemoteStatus:
        waits_s = min(wait_s, LONGEST_WAIT_S) if self._can_wait else 0.0
        answer = self._http.read(lambda endpoint: _status_call(endpoint, remote_id, waits_s), token)
        status, unknown_word = status_from(answer)
        if unknown_word:
            self._log_once(unknown_word)
        return status

    def _log_once(self, word: str) -> None:
        if word in self._logged_words or len(self._logged_words) >= MOST_LOGGED_WORDS:
            return
        self._logged_words.add(word)
        log.warning("unknown job status %r is taken for running", word)

    def fetch(self, remote_id: str, token: CancelToken) -> FetchedImage:
        """The finished picture.

        The protocol asks for it by a GET with a body, which some proxies drop or refuse; then it
        is asked for again with the same names in the query.
        """
        answer = self._http.read(lambda endpoint: _asset_call(endpoint, remote_id), token)
        if _body_was_dropped(answer):
            answer = self._http.read(
                lambda endpoint: _asset_call(endpoint, remote_id, in_query=True), token
            )
        if not 200 <= answer.status < 300:
            raise error_from(answer)
        if answer.media_type.startswith("text/") or "json" in answer.media_type:
            kind = "a web page" if "html" in answer.media_type else "text"
            raise ProtocolError(f"the server sent {kind} instead of a picture", url=answer.url)
        return checked_picture(answer.body, url=answer.url)

    def preview(self, remote_id: str, token: CancelToken) -> FetchedImage | None:
        answer = self._http.read(
            lambda endpoint: Call("/api/preview", query=_names(endpoint, remote_id)),
            token,
            attempts=1,  # a later one comes anyway
        )
        if answer.status != 200:
            return None
        return checked_picture(answer.body, url=answer.url)

    def cancel(self, remote_id: str, token: CancelToken) -> bool:
        # Asking twice for the end of a job costs nothing, so this POST is tried again like a read.
        answer = self._http.read(
            lambda endpoint: Call("/api/cancel", "POST", json=_names(endpoint, remote_id)), token
        )
        if answer.status in _NOT_OFFERED_STATUSES:
            return False
        if not 200 <= answer.status < 300:
            raise error_from(answer)
        return True

    def close(self) -> None:
        self._http.close()


def _is_passing(answer: Answer) -> bool:
    """Whether an answer only says that something is wrong just now, and nothing of what the
    server offers."""
    return answer.status == 429 or answer.status >= 500


def _offers_repeat(health: Answer, *, otherwise: bool) -> bool:
    """Whether the server knows ``client_ref``; a passing trouble leaves it as it was thought
    to be."""
    if _is_passing(health):
        return otherwise
    body = json_object(health) if health.status == 200 else None
    return body is not None and body.get("client_ref") is True


def _required_key(endpoint: Endpoint) -> str:
    if not endpoint.key:
        raise AuthenticationError("no key was entered for this server", url=endpoint.address)
    return endpoint.key


def _names(endpoint: Endpoint, remote_id: str) -> dict[str, str]:
    """What names a job in every call about it: its id, and the key that it belongs to."""
    return {"api_key": _required_key(endpoint), "job_uuid": remote_id}


def _job_call(endpoint: Endpoint, request: GenerationRequest, client_ref: str | None) -> Call:
    """The documentation knows neither ``neg_prompt`` nor ``client_ref``, so each is sent only
    where there is one."""
    job: dict[str, str | int | float] = {
        "prompt": request.prompt,
        "height": request.height,
        "width": request.width,
        "inf_steps": request.steps,
        "guidance_scale": request.guidance_scale,
        "seed": request.seed,
        "base_model": request.model,
        "api_key": _required_key(endpoint),
    }
    if request.negative_prompt:
        job["neg_prompt"] = request.negative_prompt
    if client_ref:
        job["client_ref"] = client_ref
    return Call("/api/txt2img", "POST", json=job)


def _status_call(endpoint: Endpoint, remote_id: str, wait_s: float = 0.0) -> Call:
    query = _names(endpoint, remote_id)
    if wait_s > 0:
        query["wait"] = f"{wait_s:g}"
    return Call("/api/status", query=query, wait_s=wait_s)


def _asset_call(endpoint: Endpoint, remote_id: str, *, in_query: bool = False) -> Call:
    names = _names(endpoint, remote_id)
    if in_query:
        return Call("/api/getAsset", query=names, limit_bytes=PICTURE_LIMIT_BYTES)
    return Call("/api/getAsset", json=names, limit_bytes=PICTURE_LIMIT_BYTES)


def _body_was_dropped(answer: Answer) -> bool:
    """Whether a proxy may have refused, or taken away, the body of a GET.

    A server without the body misses its fields (422); Google's front ends answer 400 to a GET
    with a body, CloudFront 403 with a page of its own.
    """
    is_page = answer.status == 403 and json_object(answer) is None
    return answer.status in _DROPPED_BODY_STATUSES or is_page


def _expect_service(answer: Answer) -> dict[str, object]:
    """The JSON of a call that needs no key and no job, so that 404 means a wrong address."""
    if answer.status in _NOT_OFFERED_STATUSES:
        raise ProtocolError("no Algovera server answers at this address", url=answer.url)
    return expect_object(answer)


def _refusal_of_job(answer: Answer) -> EngineError:
    """What an unsuccessful answer to a posted job means for the user's money.

    A redirect, a status of 4xx, 501 and 505 say that the request was not carried out, and so
    does 503 with Retry-After, which asks for patience. Any other 5xx can come from a proxy, or
    from a server that failed after it took the job. 303 points to the result of something
    done, and 408 is also sent by proxies that gave up on their server.
    """
    error = error_from(answer)
    refused = 300 <= answer.status < 500 and answer.status not in _UNCERTAIN_STATUSES
    asks_for_patience = answer.status == 503 and answer.retry_after_s is not None
    if not (refused or asks_for_patience or answer.status in _NEVER_CARRIED_OUT_STATUSES):
        return SubmissionUncertainError(str(error), url=answer.url)
    if isinstance(error, JobForgottenError):
        return ProtocolError(f"this address takes no jobs: {error}", url=answer.url)
    return error
