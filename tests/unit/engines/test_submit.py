"""A job is posted once; what became of it is known, or said to be unknown."""

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    AuthenticationError,
    EngineError,
    EngineFailedError,
    InvalidRequestError,
    PaymentRequiredError,
    ProtocolError,
    RateLimitedError,
    SubmissionUncertainError,
)
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.http import Patience
from support.http_server import (
    Behaviour,
    ScriptedServer,
    captive_portal,
    redirect,
    reply,
    reply_json,
)

JOB = "f988ff3ffa4b4145bd746c804cf39575"
REQUEST = GenerationRequest(
    prompt="What a beautiful world",
    model="stable",
    width=512,
    height=768,
    steps=30,
    guidance_scale=7.0,
    seed=23165161,
)


def field_error(*loc: str | int, msg: str = "no", **more: str) -> Behaviour:
    entry = {"loc": list(loc), "msg": msg, "type": "x", "input": "everything"} | more
    return reply_json({"detail": [entry]}, 422)


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_job_is_posted_as_documented(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken, key: str, status: int
) -> None:
    server.on("/api/txt2img", reply_json({"job_uuid": JOB}, status))
    assert engine.submit(REQUEST, token) == JOB
    (request,) = server.requests
    assert (request.method, request.query) == ("POST", {})
    assert request.headers["content-type"] == "application/json"
    assert request.json() == {
        "prompt": "What a beautiful world",
        "height": 768,
        "width": 512,
        "inf_steps": 30,
        "guidance_scale": 7.0,
        "seed": 23165161,
        "base_model": "stable",
        "api_key": key,
    }


def test_a_negative_prompt_is_sent_where_there_is_one(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    server.on("/api/txt2img", reply_json({"job_uuid": JOB}))
    engine.submit(GenerationRequest("a", "stable", negative_prompt="rain ☔"), token)
    assert server.requests[0].json()["neg_prompt"] == "rain ☔"


OFFERED = reply_json({"version": "1", "client_ref": True})
OUR_MODELS = reply_json({"models": [{"name": "stable"}]})


def test_a_ref_is_sent_where_the_server_offers_it(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    server.on("/api/models", OUR_MODELS)
    server.on("/api/health", OFFERED)
    server.on("/api/txt2img", reply_json({"job_uuid": JOB}, 201))
    engine.models(token)
    assert engine.can_repeat
    assert engine.submit(REQUEST, token, client_ref="wish-1") == JOB
    engine.submit(REQUEST, token)
    named, unnamed = (request.json() for request in server.to("/api/txt2img"))
    assert named.pop("client_ref") == "wish-1"
    assert named == unnamed


@pytest.mark.parametrize(
    "health",
    [
        reply_json({"version": "1"}),
        reply_json({"client_ref": "true"}),
        reply_json({"client_ref": 1}),
        reply_json([]),
        reply_json({"detail": "Not Found"}, 404),
        captive_portal(),
    ],
)
def test_a_ref_is_only_offered_in_so_many_words(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken, health: Behaviour
) -> None:
    """Also where the same address offered it before: another server answers there now."""
    server.on("/api/models", OUR_MODELS)
    server.on("/api/health", OFFERED, health)
    engine.models(token)
    engine.models(token)
    assert not engine.can_repeat


def test_a_ref_that_was_written_down_as_sent_is_sent(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    """Between the writing and the POST the server may have seemed to be another one. A POST
    without the ref, its answer lost, would later be repeated under it, and make a second job."""
    server.on("/api/basemodels", reply_json({"base_models": ["stable"]}))
    server.on("/api/txt2img", reply_json({"job_uuid": JOB}, 201))
    engine.models(token)
    assert not engine.can_repeat
    engine.submit(REQUEST, token, client_ref="wish-1")
    assert server.to("/api/txt2img")[0].json()["client_ref"] == "wish-1"


def test_what_a_server_offers_is_not_forgotten_for_a_sign_in_page(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    server.on("/api/models", OUR_MODELS, captive_portal())
    server.on("/api/health", OFFERED)
    server.on("/api/basemodels", captive_portal())
    engine.models(token)
    with pytest.raises(ProtocolError):
        engine.models(token)
    assert (engine.can_wait, engine.can_repeat) == (True, True)


def test_a_server_that_only_knows_the_documentation_is_not_asked_for_its_health(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    server.on("/api/models", OUR_MODELS, reply_json({"detail": "Not Found"}, 404))
    server.on("/api/health", OFFERED)
    server.on("/api/basemodels", reply_json({"base_models": ["stable"]}))
    engine.models(token)
    engine.models(token)
    assert not engine.can_repeat
    assert len(server.to("/api/health")) == 1


PASSING = [
    reply_json({"detail": "busy"}, 429),
    reply_json({"detail": "Internal Server Error"}, 500),
    captive_portal(502),
]


@pytest.mark.parametrize("health", PASSING)
def test_what_a_server_offers_is_not_forgotten_for_a_passing_trouble(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken, health: Behaviour
) -> None:
    """A job that is sent without a ref cannot be settled when its answer is lost."""
    server.on("/api/models", OUR_MODELS)
    server.on("/api/health", OFFERED, health)
    engine.models(token)
    engine.models(token)
    assert engine.can_repeat


@pytest.mark.parametrize("trouble", PASSING)
def test_a_server_in_trouble_is_not_taken_for_one_that_offers_less(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken, trouble: Behaviour
) -> None:
    server.on("/api/models", OUR_MODELS, trouble)
    server.on("/api/health", OFFERED)
    server.on("/api/basemodels", reply_json({"base_models": ["stable"]}))
    engine.models(token)
    with pytest.raises(EngineError):
        engine.models(token)
    assert engine.can_wait
    assert engine.can_repeat
    assert not server.to("/api/basemodels")


@pytest.mark.parametrize(
    "answer",
    [
        reply_json({}),
        reply_json({"job_uuid": None}),
        reply_json({"job_uuid": 7}),
        reply_json({"job_uuid": ""}),
        reply_json({"job_uuid": "../../etc"}),
        reply_json({"job_uuid": "x" * 129}),
        reply_json([JOB]),
        reply(b'{"job_uuid": "f988'),
        reply(b"", 204),
        reply(b"", 101),
        reply(b"", 999),
        captive_portal(),
        redirect("/done", 303),
        reply_json({"detail": "timeout"}, 408),
        reply_json({"detail": "Internal Server Error"}, 500),
        captive_portal(502),
        captive_portal(503),
        captive_portal(504),
        captive_portal(520),
    ],
)
def test_an_answer_that_leaves_it_open_is_uncertain(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken, answer: Behaviour
) -> None:
    server.on("/api/txt2img", answer)
    with pytest.raises(SubmissionUncertainError):
        engine.submit(REQUEST, token)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply_json({"detail": "Unknown user"}, 403), AuthenticationError),
        (reply_json({"detail": "Invalid API key"}, 403), AuthenticationError),
        (reply_json({"detail": "Insufficient credits"}, 403), PaymentRequiredError),
        (captive_portal(403), ProtocolError),
        (reply_json({"detail": "queue full"}, 429), RateLimitedError),
        (reply_json({"detail": "starting"}, 503, Retry_After="9"), RateLimitedError),
        (reply_json({"detail": "Not Found"}, 404), ProtocolError),
        (captive_portal(404), ProtocolError),
        (reply_json({"detail": "too large"}, 413), EngineFailedError),
        (reply_json({"detail": "what?"}, 400), EngineFailedError),
        (reply_json({"detail": "never"}, 501), EngineFailedError),
        (reply(b"", 505), EngineFailedError),
        (redirect("https://elsewhere.example/"), ProtocolError),
        (redirect("https://elsewhere.example/", 307), ProtocolError),
    ],
)
def test_a_refused_job_was_not_taken(
    server: ScriptedServer,
    engine: AlgoveraEngine,
    token: CancelToken,
    answer: Behaviour,
    error: type[EngineError],
) -> None:
    server.on("/api/txt2img", answer)
    with pytest.raises(EngineError) as caught:
        engine.submit(REQUEST, token)
    assert type(caught.value) is error
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "field", "limit", "value"),
    [
        (field_error("body", "inf_steps", msg="at most 20"), "steps", "at most 20", 30),
        (field_error("body", "neg_prompt"), "negative_prompt", "no", ""),
        (field_error("body", "base_model"), "model", "no", "stable"),
        (field_error("body", "height", 0), "height", "no", 768),
        (field_error("body", "width", msg="Bad.", limit="8 to 64"), "width", "8 to 64", 512),
        (field_error("body", "mood", msg="unknown"), "request", "unknown", "stable"),
        (field_error(msg=""), "request", "the server does not accept it", "stable"),
        (reply_json({"detail": "too wild"}, 422), "request", "too wild", "stable"),
        (reply_json({"detail": [7, None, {}]}, 422), "request", "the server does not", "stable"),
        (captive_portal(422), "request", "the server does not", "stable"),
    ],
)
def test_a_request_outside_the_limits_is_told_in_our_names(
    server: ScriptedServer,
    engine: AlgoveraEngine,
    token: CancelToken,
    answer: Behaviour,
    field: str,
    limit: str,
    value: object,
) -> None:
    server.on("/api/txt2img", answer)
    with pytest.raises(InvalidRequestError) as caught:
        engine.submit(REQUEST, token)
    assert (caught.value.field, caught.value.value) == (field, value)
    assert caught.value.limit.startswith(limit)


def test_a_key_of_the_wrong_form_is_a_matter_of_the_key(
    server: ScriptedServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    server.on("/api/txt2img", field_error("body", "api_key", msg="64 characters"))
    with pytest.raises(AuthenticationError, match="64 characters"):
        engine.submit(REQUEST, token)


def test_a_job_without_a_key_is_not_sent(
    server: ScriptedServer, token: CancelToken, quick: Patience
) -> None:
    engine = AlgoveraEngine(lambda: Endpoint(server.address, ""), patience=quick)
    with pytest.raises(AuthenticationError):
        engine.submit(REQUEST, token)
    assert server.requests == []
    engine.close()
