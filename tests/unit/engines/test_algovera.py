import re
from dataclasses import replace

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    AuthenticationError,
    EngineError,
    EngineFailedError,
    JobForgottenError,
    PaymentRequiredError,
    ProtocolError,
    RateLimitedError,
)
from algovera_desktop.domain.generation import DOCUMENTED_MODELS, ModelInfo
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.engines.base import EngineHealth, RemoteState, RemoteStatus
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.http import Patience
from support.http_server import (
    Behaviour,
    ScriptedServer,
    captive_portal,
    chunked,
    cut_off,
    late,
    redirect,
    reply,
    reply_json,
    zeros,
)

JOB = "f988ff3ffa4b4145bd746c804cf39575"
MIB = 1024 * 1024
OUR_MODELS = reply_json({"models": [{"name": "sketch", "title": "Sketch"}]})
NOT_FOUND = reply_json({"detail": "Not Found"}, 404)


def unprocessable(*entries: tuple[str, str]) -> Behaviour:
    detail = [{"loc": ["body", name], "msg": words, "type": "x"} for name, words in entries]
    return reply_json({"detail": detail}, 422)


def test_models_of_a_server_that_knows_only_the_documentation(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    server.on("/api/basemodels", reply_json({"base_models": [*DOCUMENTED_MODELS, "new one"]}))
    models = engine.models(token)
    assert list(models[:-1]) == list(DOCUMENTED_MODELS.values())
    assert models[-1] == ModelInfo("new one", "new one")
    assert not engine.can_wait
    assert "api_key" not in server.requests[0].query


@pytest.mark.parametrize(
    "not_offered", [NOT_FOUND, reply(b"", 405), captive_portal(), reply_json([1]), reply_json({})]
)
def test_models_of_a_server_without_our_additions_are_only_named(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken, not_offered: Behaviour
) -> None:
    server.on("/api/models", not_offered)
    server.on("/api/basemodels", reply_json({"base_models": ["stable"]}))
    assert [model.name for model in engine.models(token)] == ["stable"]
    assert not engine.can_wait


def test_models_of_our_server_are_described(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    server.on("/api/models", OUR_MODELS)
    assert engine.models(token) == [ModelInfo("sketch", "Sketch")]
    assert engine.can_wait
    assert not server.to("/api/basemodels")


def test_a_server_that_is_still_starting_asks_for_patience(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    server.on("/api/models", reply_json({"detail": "starting"}, 503, Retry_After="60"))
    with pytest.raises(RateLimitedError, match="starting"):
        engine.models(token)
    assert not server.to("/api/basemodels")


@pytest.mark.parametrize(
    "answer",
    [
        captive_portal(),
        redirect("http://[nonsense"),
        redirect("/elsewhere"),
        reply_json({"base_models": "stable"}),
        reply_json({"models": []}),
        reply_json(["stable"]),
        reply(b"{" * 5000),
        reply(b"[" * 100_000),
        reply(b"\xff\xfe"),
        NOT_FOUND,
        redirect("https://elsewhere.example/"),
        zeros(2048 * MIB, declared=False, media_type="application/json"),
    ],
)
def test_an_address_that_is_no_algovera_server_says_so(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken, answer: Behaviour
) -> None:
    server.on("/api/basemodels", answer)
    with pytest.raises(ProtocolError):
        engine.models(token)
    with pytest.raises(ProtocolError):
        engine.check(token)


def test_a_web_page_in_place_of_a_server_has_words_of_its_own(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    server.on("/api/basemodels", captive_portal())
    with pytest.raises(ProtocolError, match="web page"):
        engine.models(token)


def test_a_redirect_names_the_other_server(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    server.on("/api/basemodels", redirect("https://new.example/api/basemodels?secret=1"))
    with pytest.raises(ProtocolError, match=re.escape("redirects to https://new.example")):
        engine.models(token)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("created", RemoteState.RUNNING),
        ("in-process", RemoteState.RUNNING),
        ("done", RemoteState.DONE),
        (" Done\n", RemoteState.DONE),
        ("failed", RemoteState.FAILED),
    ],
)
def test_a_status_is_read_in_both_dialects(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken, answer: str, state: object
) -> None:
    server.on("/api/status", reply_json({"job_uuid": JOB, "job_status": answer}))
    assert engine.status(JOB, token) == RemoteStatus(state)


def test_a_status_sends_job_and_key_as_documented(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken, key: str
) -> None:
    server.on("/api/status", reply_json({"job_uuid": JOB, "job_status": "created"}))
    engine.status(JOB, token, wait_s=5)
    assert server.requests[0].query == {"job_uuid": JOB, "api_key": key}


def test_our_server_is_asked_to_wait_and_waited_for(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    """The scripted patience is half a second, so the answer comes after its end."""
    server.on("/api/models", OUR_MODELS)
    server.on("/api/status", late(0.8, reply_json({"job_status": "created", "progress": 0.25})))
    engine.models(token)
    assert engine.status(JOB, token, wait_s=1.5).progress == 0.25
    assert [request.query["wait"] for request in server.to("/api/status")] == ["1.5"]


def test_a_wait_is_never_longer_than_our_server_allows(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    server.on("/api/models", OUR_MODELS)
    server.on("/api/status", reply_json({"job_status": "done"}))
    engine.models(token)
    engine.status(JOB, token, wait_s=500)
    assert server.to("/api/status")[0].query["wait"] == "30"


def test_progress_queue_and_reason_are_told_where_offered(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    answer = {"job_status": "failed", "progress": 0.5, "queue_position": 3, "error": "out of paint"}
    server.on("/api/status", reply_json(answer))
    assert engine.status(JOB, token) == RemoteStatus(RemoteState.FAILED, 0.5, 3, "out of paint")


def test_an_unfinished_picture_is_had_where_there_is_one(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken, png: bytes
) -> None:
    server.on("/api/status", reply_json({"job_status": "created", "previews": 2}))
    server.on("/api/preview", reply(png, media_type="image/png"), reply_json({}, 409))
    assert engine.status(JOB, token).previews == 2
    preview = engine.preview(JOB, token)
    assert preview is not None
    assert preview.data == png
    assert engine.preview(JOB, token) is None


@pytest.mark.parametrize("progress", [None, "0.5", True, [], {}])
@pytest.mark.parametrize("position", [None, "1", -1, 1.5, True])
def test_nonsense_in_the_additions_counts_as_not_said(
    server: ScriptedServer,
    engine: AlgoveraEngine,
    token: CancelToken,
    progress: object,
    position: object,
) -> None:
    answer = {"job_status": "created", "progress": progress, "queue_position": position, "error": 7}
    server.on("/api/status", reply_json(answer))
    assert engine.status(JOB, token) == RemoteStatus(RemoteState.RUNNING)


@pytest.mark.parametrize(("sent", "heard"), [(b"7.5", 1.0), (b"-1", 0.0), (b"NaN", None)])
def test_progress_stays_between_nothing_and_all(
    server: ScriptedServer,
    engine: AlgoveraEngine,
    token: CancelToken,
    sent: bytes,
    heard: float | None,
) -> None:
    server.on("/api/status", reply(b'{"job_status": "created", "progress": %s}' % sent))
    assert engine.status(JOB, token).progress == heard


def test_an_unknown_state_means_running_and_is_logged_once(
    server: ScriptedServer,
    engine: AlgoveraEngine,
    token: CancelToken,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.on("/api/status", reply_json({"job_status": "pondering"}))
    for _ in range(3):
        assert engine.status(JOB, token).state is RemoteState.RUNNING
    logged = [record for record in caplog.records if "pondering" in record.getMessage()]
    assert len(logged) == 1


@pytest.mark.parametrize(
    "answer",
    [captive_portal(), reply_json({}), reply_json({"job_status": None}), reply_json([]), reply()],
)
def test_a_status_that_says_nothing_is_no_status(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken, answer: Behaviour
) -> None:
    server.on("/api/status", answer)
    with pytest.raises(ProtocolError):
        engine.status(JOB, token)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply_json({"detail": "Unknown user"}, 403), AuthenticationError),
        (reply_json({"detail": "Invalid API key"}, 403), AuthenticationError),
        (reply_json({"detail": "Who are you?"}, 401), AuthenticationError),
        (reply_json({"detail": "Insufficient credits"}, 403), PaymentRequiredError),
        (reply_json({"detail": "pay"}, 402), PaymentRequiredError),
        (reply_json({"detail": "no such job"}, 404), JobForgottenError),
        (reply_json({"detail": "gone"}, 410), JobForgottenError),
        (captive_portal(404), ProtocolError),
        (captive_portal(403), ProtocolError),
        (reply_json({"detail": "broken"}, 500), EngineFailedError),
        (captive_portal(500), EngineFailedError),
        (reply_json({"detail": "slow down"}, 429), RateLimitedError),
        (redirect("https://elsewhere.example/api/status"), ProtocolError),
    ],
)
def test_a_status_that_is_refused_says_why(
    server: ScriptedServer,
    engine: AlgoveraEngine,
    token: CancelToken,
    answer: Behaviour,
    error: type[EngineError],
) -> None:
    server.on("/api/status", answer)
    with pytest.raises(EngineError) as caught:
        engine.status(JOB, token)
    assert type(caught.value) is error


def test_a_rate_limit_says_for_how_long(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    server.on("/api/status", reply_json({"detail": "slow down"}, 429, Retry_After="77"))
    with pytest.raises(RateLimitedError, match="slow down") as caught:
        engine.status(JOB, token)
    assert caught.value.retry_after_s == 77


@pytest.mark.parametrize(
    "send",
    [
        lambda png: reply(png, media_type="image/png"),
        lambda png: reply(png, media_type="IMAGE/JPEG"),
        lambda png: reply(png, media_type="application/octet-stream"),
        lambda png: reply(png, 201, Content_Type=""),
        lambda png: chunked(png[:50], png[50:]),
    ],
)
def test_a_picture_comes_with_the_bytes_that_were_sent(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken, png: bytes, key: str, send
) -> None:
    server.on("/api/getAsset", send(png))
    image = engine.fetch(JOB, token)
    assert (image.data, image.media_type) == (png, "image/png")
    assert (image.width, image.height) == (48, 32)
    (request,) = server.requests
    assert (request.method, request.query) == ("GET", {})
    assert request.json() == {"api_key": key, "job_uuid": JOB}


def needs_a_body(png: bytes, refusal: Behaviour) -> Behaviour:
    """getAsset of our server: the names in the body, or else in the query."""

    def behave(talk) -> None:
        has_names = talk.request.body or "job_uuid" in talk.request.query
        (reply(png, media_type="image/png") if has_names else refusal)(talk)

    return behave


@pytest.mark.parametrize(
    "refusal",
    [unprocessable(("", "Field required")), reply(b"", 400), reply(b"", 411), captive_portal(403)],
)
def test_a_picture_comes_through_a_proxy_that_drops_the_body_of_a_get(
    server: ScriptedServer,
    engine: AlgoveraEngine,
    token: CancelToken,
    png: bytes,
    key: str,
    refusal: Behaviour,
) -> None:
    server.drops_get_bodies = True
    server.on("/api/getAsset", needs_a_body(png, refusal))
    assert engine.fetch(JOB, token).data == png
    assert server.requests[-1].query == {"api_key": key, "job_uuid": JOB}


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (captive_portal(), ProtocolError, "web page"),
        (reply_json({"detail": "not ready"}), ProtocolError, "text instead"),
        (reply(b"", media_type="image/png"), ProtocolError, "not a PNG"),
        (reply(b"GIF89a", media_type="image/gif"), ProtocolError, "not a PNG"),
        (reply_json({"detail": "The job failed: no paint"}, 409), EngineFailedError, "no paint"),
        (reply_json({"detail": "Unknown job"}, 404), JobForgottenError, "Unknown job"),
        (reply_json({"detail": "Invalid API key"}, 403), AuthenticationError, "Invalid"),
        (reply_json({"detail": "No such file"}, 500), EngineFailedError, "No such file"),
        (cut_off(b"\x89PNG", 5000, "image/png"), ProtocolError, "broke off"),
        (chunked(b"\xff\xd8\xff", cut=True), ProtocolError, "broke off"),
        (zeros(2048 * MIB, declared=True), ProtocolError, "larger than 64 MiB"),
        (zeros(2048 * MIB, declared=False), ProtocolError, "larger than 64 MiB"),
    ],
)
def test_what_is_not_a_picture_is_not_taken_for_one(
    server: ScriptedServer,
    engine: AlgoveraEngine,
    token: CancelToken,
    answer: Behaviour,
    error: type[EngineError],
    words: str,
) -> None:
    server.on("/api/getAsset", answer)
    with pytest.raises(error, match=words):
        engine.fetch(JOB, token)


def test_cancelling_a_job_names_it(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken, key: str
) -> None:
    server.on("/api/cancel", reply_json({}))
    assert engine.cancel(JOB, token)
    assert server.requests[0].method == "POST"
    assert server.requests[0].json() == {"api_key": key, "job_uuid": JOB}


@pytest.mark.parametrize("answer", [NOT_FOUND, reply(b"", 405)])
def test_a_server_that_cannot_cancel_is_no_error(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken, answer: Behaviour
) -> None:
    server.on("/api/cancel", answer)
    assert not engine.cancel(JOB, token)


def test_cancelling_without_the_right_key_is_an_error(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    server.on("/api/cancel", reply_json({"detail": "Invalid API key"}, 403))
    with pytest.raises(AuthenticationError):
        engine.cancel(JOB, token)


@pytest.mark.parametrize("accepted", [(404, "Unknown job"), (500, "Internal Server Error")])
def test_a_check_proves_address_and_key_and_costs_nothing(
    server: ScriptedServer,
    engine: AlgoveraEngine,
    token: CancelToken,
    accepted: tuple[int, str],
) -> None:
    status, words = accepted
    server.on("/api/basemodels", reply_json({"base_models": ["stable"]}))
    server.on("/api/status", reply_json({"detail": words}, status))
    assert engine.check(token) == EngineHealth()
    assert not server.to("/api/txt2img")
    assert len(server.to("/api/status")) == 1


def test_a_check_of_our_server_tells_its_health(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    health = {"version": "1.2", "device": "cpu", "queue_length": 4, "engine": "ready"}
    server.on("/api/models", OUR_MODELS)
    server.on("/api/health", reply_json(health))
    server.on("/api/status", NOT_FOUND)
    assert engine.check(token) == EngineHealth("1.2", "cpu", 4)


@pytest.mark.parametrize("detail", ["Unknown user", "Invalid API key"])
def test_a_check_finds_a_wrong_key(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken, detail: str
) -> None:
    server.on("/api/basemodels", reply_json({"base_models": []}))
    server.on("/api/status", reply_json({"detail": detail}, 403))
    with pytest.raises(AuthenticationError, match=detail):
        engine.check(token)


def test_a_check_does_not_take_a_gateway_for_an_accepted_key(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    server.on("/api/basemodels", reply_json({"base_models": []}))
    server.on("/api/status", captive_portal(502))
    with pytest.raises(EngineFailedError):
        engine.check(token)


def test_without_a_key_nothing_that_needs_one_is_asked(
    server: ScriptedServer, token: CancelToken, quick: Patience
) -> None:
    engine = AlgoveraEngine(lambda: Endpoint(server.address), patience=quick)
    server.on("/api/basemodels", reply_json({"base_models": ["stable"]}))
    assert len(engine.models(token)) == 1
    for call in (engine.status, engine.fetch, engine.cancel):
        with pytest.raises(AuthenticationError):
            call(JOB, token)
    with pytest.raises(AuthenticationError):
        engine.check(token)
    assert {request.path for request in server.requests} == {"/api/models", "/api/basemodels"}
    engine.close()


def test_a_local_server_that_restarts_is_found_again(
    server: ScriptedServer, token: CancelToken, quick: Patience, key: str
) -> None:
    """The old address and key are used up at the first try."""
    endpoints = iter([Endpoint("http://127.0.0.1:1", "old"), Endpoint(server.address, key)])
    engine = AlgoveraEngine(lambda: next(endpoints), patience=replace(quick, attempts=2))
    server.on("/api/status", reply_json({"job_status": "done"}))
    assert engine.status(JOB, token).state is RemoteState.DONE
    assert server.requests[0].query["api_key"] == key
    engine.close()
