"""The published documentation's own Python runs against our server.

The snippets are the documentation's, letter by letter. Changed are only address, key and model,
and the slip in its last step, which says ``res`` where it means ``response``.
"""

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from support.algovera_server import ServerProcess, run_command, running_server

BASE_MODELS = """
import json
import requests

response = requests.get(f"{APIEndpoint}/api/basemodels")
models = json.loads(response.content)['base_models']
print(models)
"""
POST_A_JOB = """
ept = f"{APIEndpoint}/api/txt2img"

payload = {
        'prompt':"What a beautiful world",
        'height':512,
        'width': 512,
        'inf_steps': 30,
        'guidance_scale':7.0,
        'seed':23165161,
        'base_model':"stable",
        "api_key": "YOUR_API_KEY"
    }

response = requests.post(ept, json=payload)
job_id = json.loads(response.content)['job_uuid']
print(f"job_id is {job_id}")
"""
STATUS = """
ept = f"{APIEndpoint}/api/status?job_uuid={job_id}&api_key={YOUR_API_KEY}"

response = requests.get(ept)
job_status = json.loads(response.content)['job_status']
print(f"job_status is {job_status}")
"""
GET_THE_OUTPUT = """
ept = f"{APIEndpoint}/api/getAsset"

payload = {
            "api_key": "YOUR_API_KEY",
            "job_uuid": job_id
            }

response = requests.get(ept, json=payload)

img = Image.open(io.BytesIO(res.content))
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with running_server(tmp_path / "data", child=False) as server:
        yield server


def test_the_published_snippets_lead_from_a_key_to_a_picture(server: ServerProcess) -> None:
    made = run_command("keys", "create", "snippets", "--data-dir", str(server.data_dir))
    key = made.stdout.strip()
    names: dict[str, Any] = {"APIEndpoint": server.address, "YOUR_API_KEY": key}
    names |= {"io": io, "Image": Image, "json": json, "requests": requests}

    def follow(snippet: str) -> None:
        changes = {'"YOUR_API_KEY"': f'"{key}"', '"stable"': '"sketch"', "(res.": "(response."}
        for published, ours in changes.items():
            snippet = snippet.replace(published, ours)
        exec(snippet, names)

    follow(BASE_MODELS)
    assert "sketch" in names["models"]
    follow(POST_A_JOB)
    follow(STATUS)
    while names["job_status"] == "created":
        time.sleep(0.1)
        follow(STATUS)
    assert names["job_status"] == "done"
    follow(GET_THE_OUTPUT)
    with names["img"] as picture:
        assert picture.size == (512, 512)
        picture.load()
