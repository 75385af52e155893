"""Each call answers as the protocol says, and each mistake is told in the protocol's shape."""

import io
import json
import socket
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from PIL import Image

from support.algovera_server import (
    BROKEN,
    LOCAL_KEY,
    TRIAL,
    ServerProcess,
    run_command,
    running_server,
)

UNKNOWN_KEY = "0" * 64
JOB = {
    "prompt": "paint",
    "base_model": "trial",
    "width": 128,
    "height": 128,
    "inf_steps": 4,
    "api_key": LOCAL_KEY,
}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("server") / "data"
    with running_server(folder, *TRIAL, "--queue-limit", "2") as server:
        server.http.close()
        yield server


@pytest.fixture
def server(process: ServerProcess) -> Iterator[ServerProcess]:
    """The module's server with connections of the test's own."""
    with requests.Session() as process.http:
        process.http.trust_env = False
        yield process


def post(server: ServerProcess, path: str, body: Any) -> requests.Response:
    return server.http.post(server.address + path, json=body)


def get(server: ServerProcess, path: str, **arguments: Any) -> requests.Response:
    return server.http.get(server.address + path, **arguments)


def test_base_models_names_what_can_run_without_a_key(server: ServerProcess) -> None:
    assert get(server, "/api/basemodels").json() == {"base_models": ["trial"]}


def test_models_tells_limits_and_defaults(server: ServerProcess) -> None:
    model, *others = get(server, "/api/models").json()["models"]
    assert model["name"] == "trial"
    assert not any(other["installed"] for other in others)
    assert model["native_size"] == {"width": 128, "height": 128}
    assert model["sides"] == {"minimum": 128, "maximum": 1024, "step": 8}
    assert (model["default_steps"], model["installed"], model["size_bytes"]) == (4, True, 0)


def test_health_tells_version_queue_and_device(server: ServerProcess) -> None:
    health = get(server, "/api/health").json()
    assert health["version"].count(".") == 2
    assert (health["engine"], health["queue_length"]) == ("ready", 0)
    assert health["device"].startswith("CPU")
    assert health["client_ref"] is True


def test_a_job_becomes_a_picture_of_the_size_asked_for(server: ServerProcess) -> None:
    job = server.post_job(width=256, height=136, seed=7)
    assert len(bytes.fromhex(job)) == 16
    end = server.wait_for_end(job)
    assert end == {
        "job_uuid": job,
        "job_status": "done",
        "progress": 1.0,
        "queue_position": None,
        "error": None,
        "previews": 0,
    }
    answer = server.picture(job)
    assert answer.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.size == (256, 136)
        assert picture.getpixel((0, 0)) == (7, 99, 33)


def test_the_picture_also_comes_for_names_in_the_query(server: ServerProcess) -> None:
    job = server.post_job()
    server.wait_for_end(job)
    query = {"job_uuid": job, "api_key": LOCAL_KEY}
    assert get(server, "/api/getAsset", params=query).content == server.picture(job).content


def test_the_defaults_are_those_of_the_original_server(server: ServerProcess) -> None:
    body = {"prompt": "paint", "base_model": "trial", "api_key": LOCAL_KEY}
    job = post(server, "/api/txt2img", body).json()["job_uuid"]
    server.wait_for_end(job)
    with Image.open(io.BytesIO(server.picture(job).content)) as picture:
        assert picture.size == (512, 512)
        assert picture.getpixel((0, 0)) == (69, 99, 33)


@pytest.mark.parametrize(
    ("field", "value", "limit"),
    [
        ("width", 100, "must be from 128 to 1024"),
        ("height", 1032, "must be from 128 to 1024"),
        ("width", 131, "must be a multiple of 8"),
        ("inf_steps", 51, "must be from 1 to 50"),
        ("inf_steps", 10**30, "must be from 1 to 50"),
        ("guidance_scale", -0.5, "must be from 0 to 50"),
        ("seed", -1, f"must be from 0 to {2**53 - 1}"),
        ("seed", 10**30, f"must be from 0 to {2**53 - 1}"),
        ("prompt", " \n", "must not be empty"),
        ("base_model", "stable", "must be one of: trial"),
        ("base_model", "no\x00such", "must be one of: trial"),
    ],
)
def test_what_is_outside_the_models_limits_names_field_limit_and_value(
    server: ServerProcess, field: str, value: object, limit: str
) -> None:
    answer = post(server, "/api/txt2img", JOB | {field: value})
    assert answer.status_code == 422
    (detail,) = answer.json()["detail"]
    assert (detail["loc"], detail["limit"], detail["value"]) == (["body", field], limit, value)
    assert limit in detail["msg"]


def test_a_value_too_long_to_repeat_is_cut(server: ServerProcess) -> None:
    (detail,) = post(server, "/api/txt2img", JOB | {"seed": 10**300}).json()["detail"]
    assert detail["value"] == "1" + "0" * 199


@pytest.mark.parametrize("length_field", ["prompt", "neg_prompt"])
def test_a_prompt_that_is_too_long_names_its_length(
    server: ServerProcess, length_field: str
) -> None:
    answer = post(server, "/api/txt2img", JOB | {length_field: "x" * 8001})
    (detail,) = answer.json()["detail"]
    assert (detail["loc"], detail["value"]) == (["body", length_field], 8001)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("width", '"512"'),
        ("width", "true"),
        ("width", "128.5"),
        ("width", "NaN"),
        ("seed", "Infinity"),
        ("guidance_scale", "NaN"),
        ("guidance_scale", "-Infinity"),
        ("guidance_scale", '"7"'),
        ("guidance_scale", "1" + "0" * 400),
        ("prompt", "7"),
        ("prompt", r'"\ud800"'),
        ("neg_prompt", "null"),
        ("api_key", "{}"),
    ],
)
def test_what_has_the_wrong_type_names_its_field(
    server: ServerProcess, field: str, text: str
) -> None:
    body = json.dumps(JOB | {field: "@"}).replace('"@"', text)
    headers = {"Content-Type": "application/json"}
    answer = server.http.post(f"{server.address}/api/txt2img", body.encode(), headers=headers)
    assert answer.status_code == 422, answer.text
    (detail,) = answer.json()["detail"]
    assert detail["loc"] == ["body", field]
    assert detail["msg"]


def test_a_whole_number_may_be_written_as_a_float(server: ServerProcess) -> None:
    assert post(server, "/api/txt2img", JOB | {"width": 128.0}).status_code == 201


@pytest.mark.parametrize("missing", ["prompt", "base_model", "api_key"])
def test_a_missing_field_is_named_and_the_key_not_sent_back(
    server: ServerProcess, missing: str
) -> None:
    body = {name: value for name, value in JOB.items() if name != missing}
    answer = post(server, "/api/txt2img", body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", missing]
    assert LOCAL_KEY not in answer.text


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"seed": ' + b"1" * 5000 + b"}"])
@pytest.mark.parametrize("path", ["/api/txt2img", "/api/cancel", "/api/getAsset"])
def test_a_body_that_is_no_json_is_a_bad_request(
    server: ServerProcess, path: str, body: bytes
) -> None:
    method = "GET" if path == "/api/getAsset" else "POST"
    headers = {"Content-Type": "application/json"}
    answer = server.http.request(method, server.address + path, data=body, headers=headers)
    assert answer.status_code == 400
    assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize(
    ("key", "words"), [(UNKNOWN_KEY, "Unknown user"), ("nonsense", "Invalid API key"), ("", None)]
)
def test_every_call_of_a_job_refuses_a_bad_key(
    server: ServerProcess, key: str, words: str | None
) -> None:
    job = {"job_uuid": server.post_job(), "api_key": key}
    answers = [
        post(server, "/api/txt2img", JOB | {"api_key": key}),
        post(server, "/api/cancel", job),
        get(server, "/api/status", params=job),
        get(server, "/api/getAsset", json=job),
        get(server, "/api/getAsset", params=job),
    ]
    for answer in answers:
        assert answer.status_code == 403
        assert answer.json() == {"detail": words or "Invalid API key"}


def test_another_owners_job_is_as_good_as_none(server: ServerProcess) -> None:
    made = run_command("keys", "create", "other", "--data-dir", str(server.data_dir))
    other_key = made.stdout.strip()
    job = server.post_job()
    server.wait_for_end(job)
    for job_uuid in (job, "f" * 32, "no\x00thing", ""):
        names = {"job_uuid": job_uuid, "api_key": other_key}
        for answer in (
            get(server, "/api/status", params=names),
            post(server, "/api/cancel", names),
            get(server, "/api/getAsset", json=names),
        ):
            assert (answer.status_code, answer.json()) == (404, {"detail": "Unknown job"})


def test_an_unfinished_picture_is_a_conflict(server: ServerProcess) -> None:
    job = server.post_job("hold")
    assert server.picture(job).status_code == 409
    server.cancel(job)


def test_a_full_queue_asks_for_patience(server: ServerProcess) -> None:
    running = server.post_job("hold")
    server.wait_for_progress(running)
    waiting = [server.post_job() for _ in range(2)]
    assert [server.status(job)["queue_position"] for job in waiting] == [1, 2]
    assert server.status(running)["queue_position"] == 0
    assert get(server, "/api/health").json()["queue_length"] == 2
    answer = post(server, "/api/txt2img", JOB)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    server.cancel(running)
    for job in waiting:
        assert server.wait_for_end(job)["job_status"] == "done"


def test_a_keys_limits_are_told_by_field_limit_and_value(server: ServerProcess) -> None:
    folder = ("--data-dir", str(server.data_dir))
    made = run_command("keys", "create", "guest", "--max-pixels=16384", "--max-steps=4", *folder)
    key = made.stdout.strip()
    for field, value, told in (("width", 136, 136 * 128), ("inf_steps", 5, 5)):
        answer = post(server, "/api/txt2img", JOB | {"api_key": key, field: value})
        assert answer.status_code == 422
        (detail,) = answer.json()["detail"]
        assert (detail["loc"], detail["value"]) == (["body", field], told)
        assert detail["limit"].endswith("with this key")
    job = server.post_job(key=key)
    assert server.wait_for_end(job, key)["job_status"] == "done"


def test_a_key_that_has_enough_waiting_is_asked_for_patience(server: ServerProcess) -> None:
    folder = ("--data-dir", str(server.data_dir))
    key = run_command("keys", "create", "guest", "--max-waiting=1", *folder).stdout.strip()
    running, waiting = server.post_job("hold"), server.post_job(key=key)
    answer = post(server, "/api/txt2img", JOB | {"api_key": key})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["detail"].startswith("This key may have 1 jobs waiting, and has as many.")
    assert run_command("keys", "limit", key[:8], "--max-waiting=2", *folder).returncode == 0
    server.wait_for_progress(running)
    further = server.post_job(key=key)
    server.cancel(running)
    for job in (waiting, further):
        assert server.wait_for_end(job, key)["job_status"] == "done"


def test_a_repeated_ref_is_answered_with_the_first_job_whatever_else_it_says(
    server: ServerProcess,
) -> None:
    ref = str(uuid.uuid4())
    first = server.post_job(client_ref=ref)
    server.wait_for_end(first)
    for change in ({}, {"prompt": "another"}, {"width": 100}, {"base_model": "gone"}):
        answer = post(server, "/api/txt2img", JOB | {"client_ref": ref} | change)
        assert (answer.status_code, answer.json()) == (201, {"job_uuid": first})


def test_a_repeated_ref_is_answered_when_the_queue_is_full(server: ServerProcess) -> None:
    running = server.post_job("hold")
    server.wait_for_progress(running)
    ref = uuid.uuid4().hex
    waiting = [server.post_job(), server.post_job(client_ref=ref)]
    assert post(server, "/api/txt2img", JOB).status_code == 429
    assert server.post_job(client_ref=ref) == waiting[1]
    for job in (running, *waiting):
        server.cancel(job)


def test_posts_that_race_under_one_ref_make_one_job(server: ServerProcess) -> None:
    body = JOB | {"client_ref": uuid.uuid4().hex}

    def race(_: int) -> str:
        answer = requests.post(server.address + "/api/txt2img", json=body)
        assert answer.status_code == 201
        return answer.json()["job_uuid"]

    with ThreadPoolExecutor(8) as racers:
        (job,) = set(racers.map(race, range(24)))
    assert server.wait_for_end(job)["job_status"] == "done"


def test_a_ref_belongs_to_its_key(server: ServerProcess) -> None:
    made = run_command("keys", "create", "neighbour", "--data-dir", str(server.data_dir))
    key, ref = made.stdout.strip(), uuid.uuid4().hex
    ours, theirs = server.post_job(client_ref=ref), server.post_job(key=key, client_ref=ref)
    assert ours != theirs
    server.wait_for_end(theirs, key)
    refused = post(server, "/api/txt2img", JOB | {"client_ref": ref, "api_key": UNKNOWN_KEY})
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "ref", ["", "x" * 65, "with space", "under_score", "é", "line\n", "nul\x00", 7, True, [], {}]
)
def test_a_ref_of_the_wrong_form_names_its_field(server: ServerProcess, ref: object) -> None:
    answer = post(server, "/api/txt2img", JOB | {"client_ref": ref})
    assert answer.status_code == 422
    (detail,) = answer.json()["detail"]
    assert detail["loc"] == ["body", "client_ref"]


@pytest.mark.parametrize("ref", ["a", "-", "Z" * 64, str(uuid.UUID(int=0))])
def test_a_ref_may_be_of_letters_digits_and_hyphens(server: ServerProcess, ref: str) -> None:
    job = server.post_job(client_ref=ref)
    assert server.post_job(client_ref=ref) == job
    server.wait_for_end(job)


def test_the_schema_documents_the_ref(server: ServerProcess) -> None:
    schemas = get(server, "/openapi.json").json()["components"]["schemas"]
    field = schemas["Txt2ImgBody"]["properties"]["client_ref"]
    assert field["anyOf"][0]["pattern"] == "^[0-9A-Za-z-]{1,64}$"
    assert "job_uuid" in field["description"]
    assert "client_ref" not in schemas["Txt2ImgBody"]["required"]
    assert schemas["HealthAnswer"]["properties"]["client_ref"]["type"] == "boolean"


def test_a_repeated_ref_is_answered_after_a_restart_without_a_painter(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", *TRIAL) as server:
        job = server.post_job(client_ref="wish")
        server.wait_for_end(job)
    with running_server(tmp_path / "data", *BROKEN) as server:
        assert post(server, "/api/txt2img", JOB).status_code == 503
        assert server.post_job(client_ref="wish") == job


def test_a_waiting_and_a_running_job_can_be_cancelled(server: ServerProcess) -> None:
    running, waiting = server.post_job("hold"), server.post_job()
    server.wait_for_progress(running)
    for job in (waiting, running, running):
        answer = server.cancel(job)
        assert answer.status_code == 200
        assert (answer.json()["job_status"], answer.json()["queue_position"]) == ("failed", None)
    following = server.post_job()
    assert server.wait_for_end(following)["job_status"] == "done"
    assert server.status(waiting)["error"] == "The job was cancelled."
    assert server.cancel(following).json()["job_status"] == "done"


def test_a_waiting_call_is_answered_by_the_change_and_holds_nobody_up(
    server: ServerProcess,
) -> None:
    job = server.post_job("hold")
    server.wait_for_progress(job)
    query = {"job_uuid": job, "api_key": LOCAL_KEY, "wait": 30}
    path = f"/api/status?{requests.compat.urlencode(query)}"
    address = urlsplit(server.address)
    waiting = [socket.create_connection((address.hostname, address.port)) for _ in range(50)]
    for connection in waiting:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    server.cancel(job)
    for connection in waiting:
        with connection, connection.makefile("rb") as answer:
            assert answer.readline().startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("wait", ["-1", "31", "nan", "soon"])
def test_a_wait_outside_its_limits_is_refused(server: ServerProcess, wait: str) -> None:
    query = {"job_uuid": "f" * 32, "api_key": LOCAL_KEY, "wait": wait}
    answer = get(server, "/api/status", params=query)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "wait"]


@pytest.mark.parametrize("path", ["/api/txt2img", "/api/getAsset", "/api/basemodels"])
@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_body_over_64_kib_is_refused_whether_or_not_its_length_is_told(
    server: ServerProcess, path: str, is_chunked: bool
) -> None:
    method = "POST" if path == "/api/txt2img" else "GET"
    body = json.dumps(JOB | {"prompt": "x" * 64 * 1024}).encode()
    headers = {"Content-Type": "application/json"}
    data = iter([body[:1000], body[1000:]]) if is_chunked else body
    answer = server.http.request(method, server.address + path, data=data, headers=headers)
    assert answer.status_code == 413
    assert "64 KiB" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api/basemodels", "/api/status", "/docs"])
def test_head_is_not_allowed(server: ServerProcess, path: str) -> None:
    assert server.http.head(server.address + path).status_code == 405


def test_no_answer_may_be_stored_or_guessed_at(server: ServerProcess) -> None:
    for answer in (get(server, "/api/basemodels"), get(server, "/nowhere"), server.picture("x")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_key_is_nowhere_in_the_log(server: ServerProcess) -> None:
    server.status(server.post_job())
    server.http.get(f"{server.address}/api/status", params={"api_key": LOCAL_KEY, "wait": "x"})
    assert LOCAL_KEY not in server.log.read_text()
