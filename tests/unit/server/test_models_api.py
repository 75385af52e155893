"""The application manages models over HTTP, and nobody else does."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from support.algovera_server import LOCAL_KEY, TRIAL, ServerProcess, running_server
from support.model_mirror import NAME, ModelMirror, model_mirror
from support.model_room import prepare
from support.waiting import wait_until

pytestmark = pytest.mark.left_to_module

BIN = "unet/openvino_model.bin"
URL = "/api/manage/models"


@pytest.fixture(scope="module")
def mirror() -> Iterator[ModelMirror]:
    with model_mirror() as mirror:
        yield mirror


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, mirror: ModelMirror
) -> Iterator[ServerProcess]:
    data_dir = tmp_path_factory.mktemp("models") / "data"
    prepare(data_dir, mirror)
    with running_server(data_dir, *TRIAL) as server:
        yield server


def ask(server: ServerProcess, **query: Any) -> dict[str, Any]:
    key = {"Authorization": f"Bearer {LOCAL_KEY}"}
    answer = server.http.get(server.address + URL, headers=key, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def tell(server: ServerProcess, action: str, **body: Any) -> requests.Response:
    key = {"Authorization": f"Bearer {LOCAL_KEY}"}
    return server.http.post(f"{server.address}{URL}/{action}", headers=key, json=body)


def model(server: ServerProcess, name: str = NAME) -> dict[str, Any]:
    return next(each for each in ask(server)["models"] if each["name"] == name)


def wait_for(server: ServerProcess, state: str) -> None:
    wait_until(lambda: model(server)["state"] == state, lambda: str(model(server)), 15)


def test_what_costs_money_is_there_while_there_is_a_key(server: ServerProcess) -> None:
    def lend(key: str) -> None:
        body = {"key": key, "address": "http://127.0.0.1:1", "model": ""}
        ours = {"Authorization": f"Bearer {LOCAL_KEY}"}
        answer = server.http.post(f"{server.address}/api/manage/remote", headers=ours, json=body)
        assert answer.json() == {"allowed": bool(key)}

    before = ask(server)["revision"]
    assert model(server, "dalle")["state"] == "unavailable"
    lend("sk-1")
    assert ask(server)["revision"] > before
    assert model(server, "dalle")["state"] == "installed"
    lend("")
    assert model(server, "dalle")["state"] == "unavailable"


def test_the_list_has_all_that_a_manager_shows(server: ServerProcess, mirror: ModelMirror) -> None:
    told = ask(server)
    assert told["mirror"] == mirror.address
    assert told["free_bytes"] > 0
    lcm = model(server, "LCM Dreamshaper")
    assert (lcm["state"], lcm["recommended"], lcm["downloadable"]) == ("available", True, True)
    assert lcm["licence"]["name"] == "MIT"
    assert lcm["download_bytes"] == 1_100_000_000
    assert (lcm["done_bytes"], lcm["bytes_per_s"], lcm["seconds_left"]) == (0, None, None)


@pytest.mark.parametrize("key", ["", "Bearer", f"Basic {LOCAL_KEY}", f"Bearer {'0' * 64}", "x"])
def test_every_other_key_is_refused(server: ServerProcess, key: str) -> None:
    headers = {"Authorization": key} if key else {}
    for method, path in (("GET", ""), ("POST", "/pull"), ("POST", "/remove"), ("POST", "/mirror")):
        answer = server.http.request(method, server.address + URL + path, headers=headers, json={})
        assert answer.status_code == 403, answer.text


def test_the_calls_are_no_part_of_the_published_protocol(server: ServerProcess) -> None:
    paths = server.http.get(f"{server.address}/openapi.json").json()["paths"]
    assert not any("manage" in path for path in paths)


@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("pull", {"name": NAME}, 422),
        ("pull", {"name": NAME, "licence_accepted": "yes"}, 422),
        ("pull", {"name": "nobody", "licence_accepted": True}, 404),
        ("pull", {"name": "dalle", "licence_accepted": True}, 409),
        ("pause", {"name": NAME}, 409),
        ("resume", {"name": NAME}, 409),
        ("cancel", {"name": NAME}, 409),
        ("remove", {"name": NAME}, 409),
        ("verify", {"name": NAME}, 404),
        ("add", {"name": "mine", "folder": "/"}, 422),
        ("add", {"name": "mine", "folder": "nul\u0000"}, 422),
        ("mirror", {"address": "ftp://example.org"}, 422),
        ("pull", {}, 422),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(
    server: ServerProcess, action: str, body: dict[str, Any], status: int
) -> None:
    answer = tell(server, action, **body)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


def test_a_model_is_pulled_paused_resumed_checked_and_removed(
    server: ServerProcess, mirror: ModelMirror
) -> None:
    mirror.hold_at[BIN] = 100_000
    assert tell(server, "pull", name=NAME, licence_accepted=True).status_code == 200
    assert mirror.held.wait(10)
    wait_for(server, "downloading")
    under_way = model(server)
    assert 0 < under_way["done_bytes"] < under_way["total_bytes"]
    assert tell(server, "pause", name=NAME).json()["revision"] > 1
    assert model(server)["state"] == "paused"
    mirror.release.set()
    assert tell(server, "resume", name=NAME).status_code == 200
    wait_for(server, "installed")
    assert NAME in server.http.get(f"{server.address}/api/basemodels").json()["base_models"]
    known = server.http.get(f"{server.address}/api/models").json()["models"]
    assert {each["name"] for each in known if each["installed"]} == {"trial", NAME}

    assert tell(server, "verify", name=NAME).status_code == 200
    wait_for(server, "installed")
    assert tell(server, "remove", name=NAME).status_code == 200
    assert model(server)["state"] == "available"


def test_a_change_is_told_to_who_waits_for_it(server: ServerProcess, mirror: ModelMirror) -> None:
    revision = ask(server)["revision"]
    assert ask(server, revision=revision - 1, wait=30)["revision"] == revision  # missed: at once
    told: list[dict[str, Any]] = []
    waiting = threading.Thread(target=lambda: told.append(ask(server, revision=revision, wait=30)))
    waiting.start()
    assert tell(server, "mirror", address=mirror.address).status_code == 200
    waiting.join(20)
    assert told[0]["revision"] > revision


def test_a_server_that_stands_alone_has_none_of_it(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", *TRIAL, child=False) as alone:
        assert alone.http.get(alone.address + URL).status_code == 404
