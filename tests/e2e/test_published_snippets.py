"""The published documentation's own Python runs against our server.

The steps are written as the documentation has them, changed only in address, key and model (and
in the two slips of its last step, which names ``res`` for ``response`` and leaves out an import).
"""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from PIL import Image

from support.algovera_server import ServerProcess, run_command, running_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with running_server(tmp_path / "data", child=False) as server:
        yield server


def test_the_published_steps_lead_from_a_key_to_a_picture(server: ServerProcess) -> None:
    made = run_command("keys", "create", "snippets", "--data-dir", str(server.data_dir))
    APIEndpoint, YOUR_API_KEY = server.address, made.stdout.strip()

    # fmt: off
    response = requests.get(f"{APIEndpoint}/api/basemodels")
    models = json.loads(response.content)['base_models']
    print(models)

    ept = f"{APIEndpoint}/api/txt2img"

    payload = {
            'prompt':"What a beautiful world",
            'height':512,
            'width': 512,
            'inf_steps': 30,
            'guidance_scale':7.0,
            'seed':23165161,
            'base_model':"sketch",
            "api_key": YOUR_API_KEY
        }

    response = requests.post(ept, json=payload)
    job_id = json.loads(response.content)['job_uuid']
    print(f"job_id is {job_id}")

    while True:
        ept = f"{APIEndpoint}/api/status?job_uuid={job_id}&api_key={YOUR_API_KEY}"

        response = requests.get(ept)
        job_status = json.loads(response.content)['job_status']
        print(f"job_status is {job_status}")
        if job_status != "created":
            break

    ept = f"{APIEndpoint}/api/getAsset"

    payload = {
                "api_key": YOUR_API_KEY,
                "job_uuid": job_id
                }

    response = requests.get(ept, json=payload)

    img = Image.open(io.BytesIO(response.content))
    # fmt: on

    assert "sketch" in models
    assert job_status == "done"
    assert img.size == (512, 512)
    img.load()
