"""What an Algovera server's answers mean. Believes nothing that it has not looked at."""

import json
import math
import re
from typing import Any, cast
from urllib.parse import quote_plus

from algovera_desktop.domain.errors import (
    AuthenticationError,
    EngineError,
    EngineFailedError,
    InvalidRequestError,
    JobForgottenError,
    ModelGoneError,
    PaymentRequiredError,
    ProtocolError,
    RateLimitedError,
)
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.engines.base import EngineHealth, RemoteState, RemoteStatus
from algovera_desktop.engines.http import Answer

LONGEST_WORDS = 500
KNOWN_STATES = {
    "created": RemoteState.RUNNING,
    "in-process": RemoteState.RUNNING,
    "done": RemoteState.DONE,
    "failed": RemoteState.FAILED,
}
"""``in-process`` is the original service's; its documentation knows only the other three."""
_OUR_NAMES = {"inf_steps": "steps", "neg_prompt": "negative_prompt", "base_model": "model"}
_JOB_UUID = re.compile(r"[A-Za-z0-9_-]{1,128}")


def words(text: object, key: str | None = None) -> str:
    """A server's own words, fit to be shown: one line, not too long, and without the key."""
    plain = text if isinstance(text, str) else ""
    if key:
        plain = plain.replace(key, "[key]").replace(quote_plus(key), "[key]")
    line = " ".join("".join(c if c.isprintable() else " " for c in plain).split())
    return line if len(line) <= LONGEST_WORDS else line[: LONGEST_WORDS - 1] + "…"


def json_object(answer: Answer) -> dict[str, Any] | None:
    """The JSON object in an answer, or None if it is anything else."""
    try:
        value: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def expect_object(answer: Answer) -> dict[str, Any]:
    """The JSON object of a successful answer; raises for every other."""
    if not 200 <= answer.status < 300:
        raise error_from(answer)
    value = json_object(answer)
    if value is None:
        raise ProtocolError(_not_json(answer), url=answer.url)
    return value


def _not_json(answer: Answer) -> str:
    if "html" in answer.media_type:
        return "a web page answered instead of an Algovera server (a sign-in page, perhaps)"
    return "the answer is not the JSON that Algovera's protocol has here"


def error_from(answer: Answer) -> EngineError:
    """The error that an unsuccessful answer stands for."""
    body = json_object(answer)
    key = answer.endpoint.key
    detail = words(_detail_text(body), key) if body else ""
    said = detail or f"HTTP status {answer.status}"
    url = answer.url
    if answer.moved_to:
        return ProtocolError(f"the server redirects to {words(answer.moved_to, key)}", url=url)
    if answer.status == 402 or (answer.status == 403 and "credit" in detail.lower()):
        return PaymentRequiredError(said, url=url)
    if answer.status == 401 or (answer.status == 403 and body is not None):
        return AuthenticationError(said, url=url)
    if answer.status == 429 or (answer.status == 503 and answer.retry_after_s is not None):
        return RateLimitedError(said, url=url, retry_after_s=answer.retry_after_s)
    if answer.status in (404, 410) and body is not None:
        return JobForgottenError(said, url=url)
    if answer.status >= 500 or body is not None:
        return EngineFailedError(said, url=url)
    return ProtocolError(f"{_not_json(answer)}; HTTP status {answer.status}", url=url)


def _detail_text(body: dict[str, Any]) -> str:
    """``detail`` as text, whether it is a string or a list of ``{loc, msg, type}``.

    Only ``loc`` and ``msg`` are taken: ``input`` can repeat the whole request with its key.
    """
    detail: object = body.get("detail")
    if isinstance(detail, str):
        return detail
    return "; ".join(": ".join(filter(None, entry)) for entry in _field_errors(body))


def _field_errors(body: dict[str, Any]) -> list[tuple[str, str]]:
    """(field in the protocol's name, what is allowed) of each entry of a 422's ``detail``.

    Our server says the limit by itself; others have it in the message at best.
    """
    detail: object = body.get("detail")
    if not isinstance(detail, list):
        return []
    found: list[tuple[str, str]] = []
    for entry in cast("list[object]", detail)[:20]:
        if isinstance(entry, dict):
            error = cast("dict[str, object]", entry)
            path = error.get("loc")
            names = cast("list[object]", path) if isinstance(path, list) else []
            message = error.get("limit") or error.get("msg")
            last = next((n for n in reversed(names) if isinstance(n, str)), "")
            found.append((last, message if isinstance(message, str) else ""))
    return found


def invalid_request_from(
    answer: Answer, request: GenerationRequest
) -> InvalidRequestError | AuthenticationError:
    """What a 422 to a posted job means, in the names of :class:`GenerationRequest`.

    The value is the one that we sent, never one that the server repeats.
    """
    key = answer.endpoint.key
    body = json_object(answer) or {}
    errors = _field_errors(body) or [("", _detail_text(body))]
    name, message = errors[0]
    if name == "api_key":
        return AuthenticationError(words(message, key), url=answer.url)
    field = _OUR_NAMES.get(name, name)
    limit = words(message, key) or "the server does not accept it"
    if field == "model":
        return ModelGoneError(field, limit, request.model)
    if field in GenerationRequest.__slots__:
        return InvalidRequestError(field, limit, getattr(request, field))
    return InvalidRequestError("request", limit, request.model)


def job_uuid_of(answer: Answer) -> str | None:
    """The remote id in the answer to a posted job, None if there is none that can be used."""
    value = (json_object(answer) or {}).get("job_uuid")
    return value if isinstance(value, str) and _JOB_UUID.fullmatch(value) else None


def status_from(answer: Answer) -> tuple[RemoteStatus, str]:
    """A job's state, and its word where the protocol does not know it (else ``""``).

    An unknown word means that the job still runs.
    """
    body, key = expect_object(answer), answer.endpoint.key
    word = body.get("job_status")
    if not isinstance(word, str):
        raise ProtocolError("the answer does not say the job's state", url=answer.url)
    state = KNOWN_STATES.get(word.strip().lower())
    status = RemoteStatus(
        state=state or RemoteState.RUNNING,
        progress=_fraction(body.get("progress")),
        queue_position=whole_number(body.get("queue_position")),
        error=words(body.get("error"), key),
        previews=whole_number(body.get("previews")) or 0,
    )
    return status, "" if state else words(word, key)[:40]


def health_from(body: dict[str, Any]) -> EngineHealth:
    return EngineHealth(
        version=words(body.get("version"))[:80],
        device=words(body.get("device"))[:80],
        queue_length=whole_number(body.get("queue_length")),
    )


def whole_number(value: object) -> int | None:
    """A count from JSON, None for anything that is not a whole number of 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return value


def _fraction(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return min(max(float(value), 0.0), 1.0)
