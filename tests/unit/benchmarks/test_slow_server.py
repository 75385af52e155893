"""The benchmarks' slow server is one that the program's engine can work with."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.engines.base import RemoteState
from algovera_desktop.engines.endpoint import Endpoint

SLOW_SERVER = Path(__file__).parents[2] / "benchmarks" / "slow_server.py"


@pytest.fixture
def address() -> Iterator[str]:
    command = [sys.executable, str(SLOW_SERVER), "0.05", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.fixture
def engine(address: str) -> Iterator[AlgoveraEngine]:
    engine = AlgoveraEngine(lambda: Endpoint(address, "0" * 64))
    yield engine
    engine.close()


def test_a_job_is_done_at_the_second_question_and_each_request_is_counted(
    engine: AlgoveraEngine, address: str
) -> None:
    token = CancelToken()
    (model,) = engine.models(token)
    remote_id = engine.submit(GenerationRequest("a fox", model.name), token)
    states = [engine.status(remote_id, token).state for _ in range(2)]
    assert states == [RemoteState.RUNNING, RemoteState.DONE]
    assert engine.fetch(remote_id, token).media_type == "image/png"
    assert (engine.can_wait, engine.can_repeat) == (False, False)
    assert requests.get(f"{address}/count", timeout=10).json() == {
        "/api/models": 1,
        "/api/basemodels": 1,
        "/api/txt2img": 1,
        "/api/status": 2,
        "/api/getAsset": 1,
    }
