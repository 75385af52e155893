"""How times and requests stand in the tables of the library's database."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from algovera_desktop.domain.generation import GenerationRequest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

REQUEST_COLUMNS = (
    "prompt",
    "negative_prompt",
    "model",
    "width",
    "height",
    "steps",
    "guidance_scale",
    "seed",
)
"""The columns of a request in ``jobs``; in ``images`` the two sides have a prefix."""


def to_stamp(time: datetime) -> int:
    """An aware time as whole microseconds since 1970 in UTC; nothing is rounded."""
    return (time - _EPOCH) // _MICROSECOND


def from_stamp(stamp: int) -> datetime:
    return _EPOCH + stamp * _MICROSECOND


def request_values(request: GenerationRequest) -> tuple[str | int | float, ...]:
    """A request in the order of REQUEST_COLUMNS."""
    return (
        request.prompt,
        request.negative_prompt,
        request.model,
        request.width,
        request.height,
        request.steps,
        request.guidance_scale,
        request.seed,
    )


def request_from(
    row: sqlite3.Row | Mapping[str, Any], *, sides: tuple[str, str]
) -> GenerationRequest:
    """The request in a row; ``sides`` are the names of the columns of its two sides."""
    width, height = sides
    before, after = REQUEST_COLUMNS[:3], REQUEST_COLUMNS[5:]
    return request_of([row[name] for name in (*before, width, height, *after)])


def request_of(values: Sequence[Any]) -> GenerationRequest:
    """The request whose values these are, in the order of REQUEST_COLUMNS."""
    prompt, negative_prompt, model, width, height, steps, guidance_scale, seed = values
    return GenerationRequest(
        prompt=prompt,
        negative_prompt=negative_prompt,
        model=model,
        width=width,
        height=height,
        steps=steps,
        guidance_scale=guidance_scale,
        seed=seed,
    )


def insert_statement(table: str, columns: tuple[str, ...]) -> str:
    """An INSERT of one row; names come from our own constants, never from outside."""
    places = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"
