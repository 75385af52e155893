"""Pictures from an OpenAI-compatible server that really answers over HTTP."""

import base64
import io
import threading
from collections.abc import Iterator

import pytest
import requests
from PIL import Image

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import JobCancelledError
from algovera_desktop.domain.generation import GenerationRequest, Size
from algovera_desktop.server.pipelines.base import (
    RemoteAccess,
    RenderCancelledError,
    RenderFailedError,
)
from algovera_desktop.server.pipelines.openai_images import OpenAiImagesPipeline, painted_size
from algovera_desktop.server.pipelines.paid_download import PaidDownload
from algovera_desktop.server.remote import LIVING_MODEL, OPENAI_ADDRESS, dalle
from support.http_server import (
    Behaviour,
    ScriptedServer,
    captive_portal,
    cut_off,
    hangs_up,
    late,
    redirect,
    reply,
    reply_json,
    scripted_server,
    silent,
)

KEY = "sk-this-is-the-key-of-nobody"
PATH = "/v1/images/generations"


@pytest.fixture
def service() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        yield server


def picture(size: tuple[int, int], kind: str = "PNG") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, (200, 30, 90)).save(data, kind)
    return data.getvalue()


def painted(size: tuple[int, int], kind: str = "PNG") -> Behaviour:
    encoded = base64.b64encode(picture(size, kind)).decode()
    return reply_json({"created": 1, "data": [{"b64_json": encoded}], "usage": {}})


def refusal(status: int, code: str, message: str = "No.") -> Behaviour:
    error = {"message": message, "type": "error", "param": None, "code": code}
    return reply_json({"error": error}, status)


def pipeline(service: ScriptedServer, model: str = LIVING_MODEL) -> OpenAiImagesPipeline:
    return OpenAiImagesPipeline(dalle().model, RemoteAccess(KEY, f"{service.address}/v1", model))


def render(service: ScriptedServer, width: int = 1024, model: str = LIVING_MODEL) -> Image.Image:
    request = GenerationRequest("a lighthouse", "dalle", width, width)
    return pipeline(service, model).render(request, lambda *_: True)


def test_the_request_has_the_fields_of_the_published_schema(service: ScriptedServer) -> None:
    service.on(PATH, painted((1024, 1024)))
    assert render(service).size == (1024, 1024)
    (asked,) = service.requests
    assert asked.json() == {
        "model": LIVING_MODEL,
        "prompt": "a lighthouse",
        "n": 1,
        "size": "1024x1024",
    }
    assert asked.headers["authorization"] == f"Bearer {KEY}"


def test_a_small_picture_is_painted_large_and_made_smaller(service: ScriptedServer) -> None:
    service.on(PATH, painted((1024, 1024)))
    image = render(service, 256)
    assert (image.size, image.getpixel((9, 9))) == ((256, 256), (200, 30, 90))
    assert service.requests[0].json()["size"] == "1024x1024"


def test_another_model_is_asked_for_the_very_size() -> None:
    assert painted_size("dall-e-2", Size(256, 256)) == Size(256, 256)
    assert painted_size("gpt-image-2", Size(1536, 1024)) == Size(1536, 1024)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_any_of_its_formats_can_be_read(service: ScriptedServer, kind: str) -> None:
    service.on(PATH, painted((1024, 1024), kind))
    assert render(service).size == (1024, 1024)


def test_a_picture_named_by_its_address_is_fetched_without_the_key(service: ScriptedServer) -> None:
    service.on(PATH, reply_json({"data": [{"url": f"{service.address}/files/1.png"}]}))
    service.on("/files/1.png", reply(picture((1024, 1024)), media_type="image/png"))
    assert render(service).size == (1024, 1024)
    assert "authorization" not in service.to("/files/1.png")[0].headers


def fetched(service: ScriptedServer, *behaviours: Behaviour, life_s: float = 60) -> bytes:
    service.on("/1.png", *behaviours)
    with requests.Session() as session:
        download = PaidDownload(session, CancelToken(), first_pause_s=0.01, life_s=life_s)
        return download.fetch(f"{service.address}/1.png")


def test_a_picture_that_is_paid_is_fetched_again_until_it_is_here(service: ScriptedServer) -> None:
    data = picture((64, 64))
    trouble = (reply_json({}, 503), hangs_up, cut_off(data[:50], len(data)))
    assert fetched(service, *trouble, reply(data, media_type="image/png")) == data
    assert len(service.to("/1.png")) == 4


@pytest.mark.parametrize(("behaviour", "life_s"), [(reply_json({}, 404), 60), (hangs_up, 0)])
def test_a_picture_that_is_gone_is_given_up_in_words(
    service: ScriptedServer, behaviour: Behaviour, life_s: float
) -> None:
    with pytest.raises(RenderFailedError, match="could not be fetched"):
        fetched(service, behaviour, life_s=life_s)
    assert len(service.requests) == 1


def test_a_cancel_ends_the_wait_for_a_picture(service: ScriptedServer) -> None:
    token = CancelToken()
    service.on("/1.png", hangs_up)
    with requests.Session() as session:
        download = PaidDownload(session, token, first_pause_s=60)
        threading.Timer(0.1, token.cancel).start()
        with pytest.raises(JobCancelledError):
            download.fetch(f"{service.address}/1.png")


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (refusal(401, "invalid_api_key", f"Incorrect key {KEY}"), "refused the key"),
        (refusal(429, "rate_limit_exceeded"), "too many requests"),
        (refusal(429, "insufficient_quota"), "no credit left"),
        (refusal(400, "content_policy_violation", "Not these words."), "Not these words."),
        (refusal(400, "moderation_blocked"), "content policy"),
        (refusal(400, "unknown_parameter", "Unknown: n"), "(HTTP 400). Unknown: n"),
        (refusal(500, "server_error"), "may have been paid"),
        (captive_portal(), "makes no sense"),
        (reply_json({"data": []}), "holds no picture"),
        (reply_json({"data": [{"b64_json": "*"}]}), "holds no picture"),
        (reply_json({"data": [{"b64_json": "QUJD"}]}), "is no picture"),
        (hangs_up, "may have been paid"),
        (cut_off(b'{"data": [', 900), "may have been paid"),
        (redirect("http://127.0.0.1:1/elsewhere"), "HTTP 302"),
    ],
)
def test_what_goes_wrong_is_said_once_and_never_asked_again(
    service: ScriptedServer, behaviour: Behaviour, words: str
) -> None:
    service.on(PATH, behaviour)
    with pytest.raises(RenderFailedError) as failure:
        render(service)
    assert words in str(failure.value)
    assert KEY not in str(failure.value)
    assert len(service.requests) == 1


def test_a_service_that_is_not_there_was_not_paid() -> None:
    with scripted_server() as gone:
        address = gone.address
    access = RemoteAccess(KEY, f"{address}/v1", LIVING_MODEL)
    request = GenerationRequest("a lighthouse", "dalle", 1024, 1024)
    with pytest.raises(RenderFailedError, match="Nothing was paid"):
        OpenAiImagesPipeline(dalle().model, access).render(request, lambda *_: True)


def test_a_cancel_does_not_wait_for_the_answer(service: ScriptedServer) -> None:
    service.on(PATH, silent)
    request = GenerationRequest("a lighthouse", "dalle", 1024, 1024)
    heard: list[tuple[int, int]] = []

    def on_step(done: int, total: int, _preview: object) -> bool:
        heard.append((done, total))
        return len(heard) == 1

    with pytest.raises(RenderCancelledError):
        pipeline(service).render(request, on_step)
    assert heard == [(0, 1), (0, 1)]


def test_a_job_that_was_cancelled_before_is_not_paid(service: ScriptedServer) -> None:
    request = GenerationRequest("a lighthouse", "dalle", 1024, 1024)
    with pytest.raises(RenderCancelledError):
        pipeline(service).render(request, lambda *_: False)
    assert service.requests == []


def test_a_slow_answer_is_waited_for(service: ScriptedServer) -> None:
    service.on(PATH, late(0.8, painted((1024, 1024))))
    assert render(service).size == (1024, 1024)


def test_the_key_is_in_no_printed_form() -> None:
    assert KEY not in repr(RemoteAccess(KEY, OPENAI_ADDRESS, LIVING_MODEL))
