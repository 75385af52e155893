"""Turns what went wrong into answers that say so, and hold no secret."""

import math
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import JSONResponse, Response

from algovera_desktop.domain.errors import InvalidRequestError, LibraryError
from algovera_desktop.server.guesses import TooManyGuessesError
from algovera_desktop.server.keys import UnknownKeyError, WrongKeyError
from algovera_desktop.server.painting import PainterUnavailableError
from algovera_desktop.server.protocol import FIELD_NAMES
from algovera_desktop.server.studio import ClosingError

_SECRET_FIELDS = frozenset({"api_key", "key"})
_MAX_VALUE_CHARS = 200
_UNAVAILABLE_RETRY_AFTER_S = 5
_CLOSING_RETRY_AFTER_S = 60


def install_error_answers(app: FastAPI) -> None:
    """Have the application answer each kind of error in the protocol's shape."""
    app.add_exception_handler(RequestValidationError, _answer_malformed)
    app.add_exception_handler(InvalidRequestError, _answer_outside_limits)
    app.add_exception_handler(UnknownKeyError, _answer_unknown_key)
    app.add_exception_handler(WrongKeyError, _answer_wrong_key)
    app.add_exception_handler(TooManyGuessesError, _answer_too_many_guesses)
    app.add_exception_handler(ClosingError, _answer_closing)
    app.add_exception_handler(PainterUnavailableError, _answer_unavailable)
    app.add_exception_handler(LibraryError, _answer_unavailable)
    app.add_exception_handler(Exception, _answer_our_bug)


async def _answer_malformed(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if any(each["type"] == "json_invalid" for each in error.errors()):
        return JSONResponse({"detail": "The body is no JSON."}, 400)
    return JSONResponse({"detail": [_field_error(each) for each in error.errors()]}, 422)


async def _answer_outside_limits(_request: Request, error: Exception) -> Response:
    assert isinstance(error, InvalidRequestError)
    field = FIELD_NAMES.get(error.field, error.field)
    detail = {
        "loc": ["body", field],
        "msg": f"{field} {error.limit}",
        "type": "value_error",
        "limit": error.limit,
        "value": _plain(error.value),
    }
    return JSONResponse({"detail": [detail]}, 422)


async def _answer_unknown_key(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"detail": "Unknown user"}, 403)


async def _answer_wrong_key(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"detail": "Invalid API key"}, 403)


async def _answer_too_many_guesses(_request: Request, error: Exception) -> Response:
    assert isinstance(error, TooManyGuessesError)
    headers = {"Retry-After": str(math.ceil(error.retry_after_s))}
    detail = "Too many wrong keys came from this address. Please try again later."
    return JSONResponse({"detail": detail}, 429, headers)


async def _answer_closing(_request: Request, _error: Exception) -> Response:
    headers = {"Retry-After": str(_CLOSING_RETRY_AFTER_S)}
    detail = "The server is about to end and takes no more jobs. Please try again in a minute."
    return JSONResponse({"detail": detail}, 503, headers)


async def _answer_unavailable(_request: Request, error: Exception) -> Response:
    headers = {"Retry-After": str(_UNAVAILABLE_RETRY_AFTER_S)}
    return JSONResponse({"detail": str(error)}, 503, headers)


async def _answer_our_bug(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"detail": "Internal server error"}, 500)


def _field_error(error: dict[str, Any]) -> dict[str, Any]:
    location: Sequence[str | int] = error["loc"]
    # A missing field's input is the whole body, key and all.
    hidden = not _SECRET_FIELDS.isdisjoint(location) or error["type"] == "missing"
    return {
        "loc": list(location),
        "msg": error["msg"],
        "type": error["type"],
        "limit": error["msg"],
        "value": None if hidden else _plain(error.get("input")),
    }


def _plain(value: object) -> str | int | float | bool | None:
    """The value as JSON can carry it, short; a container only by its kind."""
    if isinstance(value, str):
        return value[:_MAX_VALUE_CHARS].encode(errors="replace").decode()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        text = repr(value)
        sayable = len(text) <= _MAX_VALUE_CHARS and math.isfinite(value)
        return value if sayable else text[:_MAX_VALUE_CHARS]
    return type(value).__name__
