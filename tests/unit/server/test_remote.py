"""dalle, from the published protocol through our server to one that speaks OpenAI's API."""

import io
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from support.algovera_server import LOCAL_KEY, TRIAL, ServerProcess, run_command, running_server
from support.http_server import Behaviour, ScriptedServer, hangs_up, reply_json, silent
from support.image_service import (
    FILE,
    IMAGES,
    PAINTED_ELSEWHERE,
    answer_by_address,
    image_service,
)
from support.waiting import wait_until

KEY = "sk-this-is-the-key-of-nobody"
DALLE = {"base_model": "dalle", "width": 512, "height": 512, "inf_steps": 25}


@pytest.fixture
def service() -> Iterator[ScriptedServer]:
    with image_service() as server:
        yield server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with running_server(tmp_path / "data", *TRIAL) as server:
        yield server


def hand_over(server: ServerProcess, key: str, address: str, by: str = LOCAL_KEY) -> int:
    body = {"key": key, "address": address, "model": ""}
    bearer = {"Authorization": f"Bearer {by}"}
    url = f"{server.address}/api/manage/remote"
    return requests.post(url, json=body, headers=bearer, timeout=10).status_code


def asked_without_an_answer(server: ServerProcess, service: ScriptedServer) -> str:
    """A job for which the service was asked, and of which nothing more is heard."""
    service.on(IMAGES, silent)
    hand_over(server, KEY, f"{service.address}/v1")
    job = server.post_job(**DALLE)
    service.wait_for_request()
    return job


def assert_asked_for_once(end: dict[str, Any], service: ScriptedServer) -> None:
    """The job failed, was perhaps paid for, and was not sent again."""
    assert end["job_status"] == "failed"
    assert "may have been paid" in end["error"]
    assert len(service.to(IMAGES)) == 1


def kept_addresses(data_dir: Path) -> list[str]:
    """Those of pictures that lie elsewhere, as the database has them."""
    with closing(sqlite3.connect(data_dir / "server.db", timeout=10)) as database:
        return [row[0] for row in database.execute("SELECT address FROM jobs WHERE address <> ''")]


def fetched_in_vain(data_dir: Path, server: ServerProcess, service: ScriptedServer) -> str:
    """A job whose picture, paid for, lies at an address that does not answer."""
    hand_over(server, KEY, f"{service.address}/v1")
    job = server.post_job(**DALLE)
    wait_until(
        lambda: service.to(FILE) and kept_addresses(data_dir), lambda: "the address to be kept", 15
    )
    return job


def base_models(server: ServerProcess) -> list[str]:
    return server.http.get(f"{server.address}/api/basemodels").json()["base_models"]


def test_dalle_gives_a_picture_of_the_size_asked_for(
    server: ServerProcess, service: ScriptedServer
) -> None:
    assert "dalle" not in base_models(server)
    assert hand_over(server, KEY, f"{service.address}/v1") == 200
    assert "dalle" in base_models(server)
    job = server.post_job("a lighthouse", **DALLE)
    assert server.wait_for_end(job)["job_status"] == "done"
    with Image.open(io.BytesIO(server.picture(job).content)) as picture:
        assert (picture.size, picture.getpixel((5, 5))) == ((512, 512), PAINTED_ELSEWHERE)
    (asked,) = service.to(IMAGES)
    assert (asked.json()["prompt"], asked.json()["size"]) == ("a lighthouse", "1024x1024")
    assert KEY not in server.log.read_text()


def test_only_the_application_hands_a_key_over_and_takes_it_back(
    server: ServerProcess, service: ScriptedServer
) -> None:
    assert hand_over(server, KEY, f"{service.address}/v1", by="0" * 64) == 403
    assert "dalle" not in base_models(server)
    hand_over(server, KEY, f"{service.address}/v1")
    assert hand_over(server, "", "") == 200
    assert "dalle" not in base_models(server)


def test_what_may_have_been_paid_for_is_not_asked_for_twice(
    server: ServerProcess, service: ScriptedServer
) -> None:
    service.on(IMAGES, hangs_up)
    hand_over(server, KEY, f"{service.address}/v1")
    end = server.wait_for_end(server.post_job(**DALLE))
    assert_asked_for_once(end, service)


def test_a_server_that_ends_meanwhile_does_not_pay_again(
    tmp_path: Path, service: ScriptedServer
) -> None:
    with running_server(tmp_path / "data", *TRIAL) as first:
        job = asked_without_an_answer(first, service)
        first.process.kill()
        first.process.wait()
    with running_server(tmp_path / "data", *TRIAL) as second:
        hand_over(second, KEY, f"{service.address}/v1")
        end = second.wait_for_end(job)
    assert_asked_for_once(end, service)


def test_a_picture_that_lies_elsewhere_is_fetched_by_the_next_server_and_not_paid_again(
    tmp_path: Path, service: ScriptedServer
) -> None:
    data_dir = tmp_path / "data"
    answer_by_address(service, silent)
    with running_server(data_dir, *TRIAL) as first:
        job = fetched_in_vain(data_dir, first, service)
        assert FILE not in str(first.status(job))
        first.process.kill()
        first.process.wait()
    with running_server(data_dir, *TRIAL) as second:  # which has no key
        end = second.wait_for_end(job)
        assert end["job_status"] == "done", end
        with Image.open(io.BytesIO(second.picture(job).content)) as picture:
            assert (picture.size, picture.getpixel((5, 5))) == ((512, 512), PAINTED_ELSEWHERE)
        assert FILE not in first.log.read_text() + second.log.read_text()
    assert [request.method for request in service.to(IMAGES)] == ["POST"]
    assert [request.method for request in service.to(FILE)] == ["GET", "GET"]
    assert kept_addresses(data_dir) == []


@pytest.mark.parametrize("answer", [reply_json({}, 404), reply_json({}, 403)], ids=["404", "403"])
def test_a_picture_that_is_gone_after_the_start_may_have_been_paid_for(
    tmp_path: Path, service: ScriptedServer, answer: Behaviour
) -> None:
    data_dir = tmp_path / "data"
    answer_by_address(service, silent, answer)
    with running_server(data_dir, *TRIAL) as first:
        job = fetched_in_vain(data_dir, first, service)
        first.process.kill()
        first.process.wait()
    with running_server(data_dir, *TRIAL) as second:
        end = second.wait_for_end(job)
    assert_asked_for_once(end, service)
    assert kept_addresses(data_dir) == []


def test_a_worker_that_dies_while_it_fetches_leaves_the_picture_to_the_next(
    tmp_path: Path, server: ServerProcess, service: ScriptedServer
) -> None:
    answer_by_address(service, silent)
    job = fetched_in_vain(tmp_path / "data", server, service)
    os.kill(server.worker_pid(), signal.SIGKILL)
    assert server.wait_for_end(job)["job_status"] == "done"
    assert (len(service.to(IMAGES)), len(service.to(FILE))) == (1, 2)


def test_a_worker_that_dies_meanwhile_says_that_it_may_have_been_paid(
    server: ServerProcess, service: ScriptedServer
) -> None:
    job = asked_without_an_answer(server, service)
    os.kill(server.worker_pid(), signal.SIGKILL)
    end = server.wait_for_end(job)
    assert_asked_for_once(end, service)


def test_a_key_that_is_refused_is_not_repeated(server: ServerProcess) -> None:
    body = {"key": "two words", "address": "", "model": ""}
    bearer = {"Authorization": f"Bearer {LOCAL_KEY}"}
    url = f"{server.address}/api/manage/remote"
    refusal = requests.post(url, json=body, headers=bearer, timeout=10)
    assert refusal.status_code == 422
    assert "two words" not in refusal.text


def test_a_cancelled_one_leaves_the_painter_free(
    server: ServerProcess, service: ScriptedServer
) -> None:
    job = asked_without_an_answer(server, service)
    server.cancel(job)
    assert server.wait_for_end(server.post_job())["job_status"] == "done"


def test_a_studio_gives_its_key_in_a_file(tmp_path: Path, service: ScriptedServer) -> None:
    file = tmp_path / "openai.key"
    file.write_text(f"{KEY}\n")
    options = ("--openai-key", str(file), "--openai-address", f"{service.address}/v1")
    data = tmp_path / "data"
    made = run_command("keys", "create", "Ana", "--data-dir", str(data))
    key = made.stdout.split()[-1]
    with running_server(data, *TRIAL, *options, child=False) as server:
        job = server.post_job("a lighthouse", key, **DALLE)
        assert server.wait_for_end(job, key)["job_status"] == "done"
        assert KEY not in server.log.read_text()
    (asked,) = service.to(IMAGES)
    assert asked.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ("two words", (), "holds no key"),
        ("", (), "holds no key"),
        (None, (), "cannot be read"),
        (KEY, ("--openai-address", "ftp://x"), "must be like https://"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_at_the_start(
    tmp_path: Path, content: str | None, options: tuple[str, ...], words: str
) -> None:
    file = tmp_path / "openai.key"
    if content is not None:
        file.write_text(content)
    refused = run_command("--data-dir", str(tmp_path / "data"), "--openai-key", str(file), *options)
    assert refused.returncode == 2
    assert words in refused.stderr
    assert KEY not in refused.stderr
