"""The key goes to the server and to nowhere else, whatever happens on the way."""

import io
import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.http import Patience
from support.http_server import (
    Behaviour,
    Conversation,
    ScriptedServer,
    captive_portal,
    chunked,
    cut_off,
    hangs_up,
    raw,
    redirect,
    reply,
    reply_json,
    resets,
    silent,
)

REQUEST = GenerationRequest(prompt="a fox", model="stable", negative_prompt="rain")
CALLS: dict[str, Callable[[AlgoveraEngine, CancelToken], object]] = {
    "models": lambda engine, token: engine.models(token),
    "check": lambda engine, token: engine.check(token),
    "submit": lambda engine, token: engine.submit(REQUEST, token),
    "status": lambda engine, token: engine.status("f988", token, wait_s=1),
    "fetch": lambda engine, token: engine.fetch("f988", token),
    "cancel": lambda engine, token: engine.cancel("f988", token),
}
PATHS = ("basemodels", "models", "health", "txt2img", "status", "getAsset", "cancel")


def echo(status: int) -> Behaviour:
    """A server that repeats the whole request in its answer, as some frameworks do."""

    def behave(talk: Conversation) -> None:
        text = f"{talk.request.query} {talk.request.body.decode()}"
        entry = {"loc": ["body", text], "msg": text, "type": text, "input": text}
        talk_back = {"detail": [entry] if status == 422 else text, "job_status": text}
        reply_json(talk_back | {"base_models": ["stable"], "error": text}, status)(talk)

    return behave


def redirects_with_key(talk: Conversation) -> None:
    key = talk.request.query.get("api_key", "")
    redirect(f"http://{key}.example/?api_key={key}")(talk)


TROUBLES: dict[str, Behaviour] = {
    "silence": silent,
    "reset": resets,
    "hang-up": hangs_up,
    "cut off": cut_off(b"{", 99),
    "broken chunks": chunked(b"{", cut=True),
    "no HTTP": raw(b"\x00\x01\r\n\r\n"),
    "bad header": raw(b"HTTP/1.1 200 OK\r\nno colon here\r\n\xff: 1\r\n\r\n{}"),
    "no gzip": reply(b"x", Content_Encoding="gzip"),
    "web page": captive_portal(),
    "echo 200": echo(200),
    "echo 403": echo(403),
    "echo 422": echo(422),
    "echo 500": echo(500),
    "redirect": redirects_with_key,
}


@pytest.fixture
def everything_logged() -> Iterator[Callable[[], str]]:
    """What all loggers write at DEBUG, with tracebacks and all arguments."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    records: list[logging.LogRecord] = []
    handler.addFilter(lambda record: records.append(record) or True)
    root = logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in logging.Logger.manager.loggerDict)]
    levels = [logger.level for logger in loggers]
    root.addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield lambda: stream.getvalue() + "".join(f"{vars(record)}" for record in records)
    root.removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.mark.allows_log("unknown job status|Failed to parse headers")
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("secret", ["c0ffee" * 10 + "f00d", "a key/with & odd=characters?"])
def test_no_key_is_told(
    server: ScriptedServer,
    token: CancelToken,
    quick: Patience,
    everything_logged: Callable[[], str],
    call: str,
    trouble: str,
    secret: str,
) -> None:
    for path in PATHS:
        server.on(f"/api/{path}", TROUBLES[trouble])
    endpoint = Endpoint(server.address, secret)
    engine = AlgoveraEngine(lambda: endpoint, patience=replace(quick, read_s=0.1, attempts=2))
    said = repr(engine) + repr(endpoint)
    try:
        said += repr(CALLS[call](engine, token))
    except AlgoveraError as error:
        said += "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
        said += f"{error.__context__!r}"
    engine.close()
    said += everything_logged()
    assert server.requests
    assert "/api/" in said
    assert secret not in said
    assert quote(secret) not in said
    assert quote(secret, safe="") not in said


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_key_is_told_of_a_server_that_is_not_there(
    token: CancelToken, quick: Patience, everything_logged: Callable[[], str], key: str, scheme: str
) -> None:
    engine = AlgoveraEngine(lambda: Endpoint(f"{scheme}://127.0.0.1:1", key), patience=quick)
    for call in CALLS.values():
        with pytest.raises(AlgoveraError) as caught:
            call(engine, token)
        assert key not in "".join(traceback.format_exception(caught.value))
    engine.close()
    assert "127.0.0.1" in everything_logged()
    assert key not in everything_logged()
