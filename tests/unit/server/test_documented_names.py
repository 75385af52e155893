"""Each base model that Algovera documents gives a picture, through the published protocol alone.

Six are a tiny model placed under that name; ``dalle`` is painted by a server like OpenAI's.
"""

import io
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from PIL import Image

from support.algovera_server import LOCAL_KEY, TRIAL, ServerProcess, running_server
from support.image_service import PAINTED_ELSEWHERE, image_service
from support.random_models import install, tiny_models

# The server, and what it has open.
pytestmark = pytest.mark.left_to_module

IN_ORDER = [
    "dalle",
    "stable",
    "stable diffusion v1.5",
    "stable diffusion v2-512x512",
    "stable diffusion v2-768x768",
    "stable diffusion v2.1-512x512",
    "stable diffusion v2.1-768x768",
]
OWN_FOLDER = "stable diffusion v2-768x768"
"""The one that can be had in no other way: no mirror of it is known."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data_dir = tmp_path_factory.mktemp("documented") / "data"
    models = tiny_models()
    for name in IN_ORDER[2:]:
        if name != OWN_FOLDER:
            install(models.checkpoint("openvino", name), data_dir)
    with image_service() as service, running_server(data_dir, *TRIAL) as server:
        manage(server, "models/add", name=OWN_FOLDER, folder=str(models.folder / "openvino"))
        manage(server, "remote", key="sk-of-nobody", address=f"{service.address}/v1", model="")
        yield server


def manage(server: ServerProcess, action: str, **body: Any) -> None:
    bearer = {"Authorization": f"Bearer {LOCAL_KEY}"}
    url = f"{server.address}/api/manage/{action}"
    answer = requests.post(url, json=body, headers=bearer, timeout=10)
    assert answer.status_code == 200, answer.text


def test_they_are_named_first_and_in_the_documented_order(server: ServerProcess) -> None:
    answer = server.http.get(f"{server.address}/api/basemodels")
    assert answer.json() == {"base_models": [*IN_ORDER, "trial"]}


def test_stable_is_the_newest_stable_diffusion_here(server: ServerProcess) -> None:
    models = server.http.get(f"{server.address}/api/models").json()["models"]
    titles = {model["name"]: model["title"] for model in models}
    assert titles["stable"].endswith(titles["stable diffusion v2.1-768x768"])


def test_each_gives_a_picture_of_the_size_asked_for(
    server: ServerProcess, subtests: pytest.Subtests
) -> None:
    for name in IN_ORDER:
        with subtests.test(name):
            side = 256 if name == "dalle" else 128
            job = server.post_job(base_model=name, width=side, height=side, seed=7)
            status = server.wait_for_end(job)
            assert status["job_status"] == "done", status
            with Image.open(io.BytesIO(server.picture(job).content)) as picture:
                assert (picture.format, picture.size) == ("PNG", (side, side))
                is_elsewhere = picture.convert("RGB").getpixel((9, 9)) == PAINTED_ELSEWHERE
            assert is_elsewhere == (name == "dalle")
