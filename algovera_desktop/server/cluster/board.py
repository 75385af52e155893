"""What server and workers write up for each other in Redis; the package tells what it means."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server.cluster.messages import (
    UnreadableError,
    request_from_bytes,
    request_to_bytes,
    workshop_from_bytes,
    workshop_to_bytes,
)
from algovera_desktop.server.cluster.pace import Pace
from algovera_desktop.server.painting import Workshop

BOARD_ERRORS = (RedisError, OSError)
"""What every method of a Board raises when Redis does not answer."""

ANSWER_S = 10.0

_EVENTS, _STOPS = "algovera:events", "algovera:stops"
_WORKERS = "algovera:workers"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands at one moment."""

    result: bytes | None
    is_leased: bool
    attempts: int


class Board:
    """A connection to Redis, used on one event loop. Each command is tried once: who gives it
    knows better when to try again."""

    def __init__(self, address: str, pace: Pace) -> None:
        from_address = cast(Any, Redis.from_url)  # redis-py's types are of both its worlds at once
        self._redis: Any = from_address(
            address,
            socket_connect_timeout=ANSWER_S / 2,
            socket_timeout=ANSWER_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._pace = pace
        self._keep_ms = _milliseconds(pace.keep_s)

    async def close(self) -> None:
        await self._redis.aclose()

    async def workers(self) -> dict[str, Workshop]:
        """What each live worker has, by its name."""
        names: list[bytes] = sorted(await self._redis.smembers(_WORKERS))
        if not names:
            return {}
        announced = await self._redis.mget([_worker_key(name.decode()) for name in names])
        found: dict[str, Workshop] = {}
        for name, data in zip(names, announced, strict=True):
            if data is None:
                await self._redis.srem(_WORKERS, name)
                continue
            with contextlib.suppress(UnreadableError):  # another version's: no hand for us
                found[name.decode()] = workshop_from_bytes(data)
        return found

    async def standing(self, job_id: str) -> Standing:
        result, lease, attempts = await self._redis.mget(
            _key("result", job_id), _key("lease", job_id), _key("attempts", job_id)
        )
        return Standing(result, lease is not None, int(attempts or 0))

    async def want(self, job_id: str, request: GenerationRequest) -> None:
        """Have this painted by whoever is told of it."""
        await self._redis.set(_key("order", job_id), request_to_bytes(request), px=self._keep_ms)

    async def call_off(self, job_id: str) -> None:
        """Have this not painted, and not finished by the worker that paints it."""
        await self._redis.set(_key("order", job_id), b"", px=self._keep_ms)
        await self._redis.publish(_STOPS, job_id)

    async def settle(self, job_id: str) -> None:
        """Have this painted by nobody any more. Its result stays for a while, should the server
        die before it has written the picture down."""
        async with self._redis.pipeline() as pipe:
            pipe.delete(_key("order", job_id))
            pipe.pexpire(_key("result", job_id), _milliseconds(self._pace.keep_taken_s))
            await pipe.execute()

    async def events(self) -> AsyncIterator[bytes]:
        """The frames that workers publish, from now on."""
        async for data in self._messages(_EVENTS):
            yield data

    async def announce(self, worker: str, workshop: Workshop) -> None:
        """Be counted on for the next ``silence_s``."""
        life_ms = _milliseconds(self._pace.silence_s)
        async with self._redis.pipeline() as pipe:
            pipe.sadd(_WORKERS, worker)
            pipe.set(_worker_key(worker), workshop_to_bytes(workshop), px=life_ms)
            await pipe.execute()

    async def leave(self, worker: str) -> None:
        """Be no longer counted on."""
        await self._redis.delete(_worker_key(worker))
        await self._redis.srem(_WORKERS, worker)

    async def renew(self, worker: str, job_id: str) -> None:
        """Hold on to a job for the next ``silence_s``."""
        life_ms = _milliseconds(self._pace.silence_s)
        await self._redis.set(_key("lease", job_id), worker, px=life_ms)

    async def begin(self, worker: str, job_id: str) -> tuple[GenerationRequest, int] | None:
        """Take a job: what to paint, and how many workers have begun with this one.

        None where there is nothing to do. Raises UnreadableError.
        """
        lease, life_ms = _key("lease", job_id), _milliseconds(self._pace.silence_s)
        is_taken = await self._redis.set(lease, worker, nx=True, px=life_ms)
        # Our own already where the answer to a first try was lost.
        if not is_taken and await self._redis.get(lease) != worker.encode():
            return None
        order, result = await self._redis.mget(_key("order", job_id), _key("result", job_id))
        if not order or result is not None:
            await self._redis.delete(lease)
            return None
        attempts = await self._redis.incr(_key("attempts", job_id))
        await self._redis.pexpire(_key("attempts", job_id), self._keep_ms)
        return request_from_bytes(order), attempts

    async def is_called_off(self, job_id: str) -> bool:
        return await self._redis.get(_key("order", job_id)) == b""

    async def end(self, job_id: str, result: bytes) -> None:
        """Put the result there, unless there is one, and let go of the job."""
        async with self._redis.pipeline() as pipe:
            pipe.set(_key("result", job_id), result, nx=True, px=self._keep_ms)
            pipe.delete(_key("lease", job_id))
            await pipe.execute()

    async def publish(self, event: bytes) -> None:
        await self._redis.publish(_EVENTS, event)

    async def stops(self) -> AsyncIterator[str]:
        """The ids of jobs that are called off, from now on."""
        async for data in self._messages(_STOPS):
            yield data.decode()

    async def _messages(self, channel: str) -> AsyncIterator[bytes]:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as heard:
            await heard.subscribe(channel)
            while True:
                message = await heard.get_message(timeout=self._pace.beat_s)
                if message is not None:
                    yield message["data"]


def _worker_key(name: str) -> str:
    return f"algovera:worker:{name}"


def _key(what: str, job_id: str) -> str:
    return f"algovera:{what}:{job_id}"


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
