"""The faults that the proxy makes reach the engine as what they stand for."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing

import pytest
import requests

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    EngineError,
    EngineFailedError,
    EngineUnreachableError,
    JobForgottenError,
    ProtocolError,
    RateLimitedError,
    SubmissionUncertainError,
)
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.engines.base import RemoteState
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.http import Patience
from support.algovera_server import LOCAL_KEY, TRIAL, ServerProcess, running_server
from support.fault_proxy import PICTURE, POST, STATUS, Fault, FaultProxy, fault_proxy

REQUEST = GenerationRequest("paint", "trial", width=128, height=128, steps=1)
ONCE = Patience(attempts=1, grace_s=0.2)


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("faults") / "data", *TRIAL) as server:
        server.http.close()
        yield server


@pytest.fixture
def server(process: ServerProcess) -> Iterator[ServerProcess]:
    """The module's server with connections of the test's own."""
    with requests.Session() as process.http:
        process.http.trust_env = False
        yield process


def made(server: ServerProcess) -> int:
    """How many jobs the server has made, by its own books."""
    with closing(sqlite3.connect(server.data_dir / "server.db")) as books:
        return books.execute("SELECT count(*) FROM jobs").fetchone()[0]


def engine_to(proxy: FaultProxy) -> AlgoveraEngine:
    return AlgoveraEngine(lambda: Endpoint(proxy.address, LOCAL_KEY), patience=ONCE)


def through(fault: Fault, path: str, server: ServerProcess) -> AbstractContextManager[FaultProxy]:
    """A proxy where every request to a path meets the same fault."""
    return fault_proxy(server.address, {path: {fault: 1.0}}, seed=1)


@pytest.mark.parametrize(
    ("fault", "error", "jobs"),
    [
        (Fault.RESET_BEFORE, SubmissionUncertainError, 0),
        (Fault.RESET_AFTER, SubmissionUncertainError, 1),
        (Fault.CUT, SubmissionUncertainError, 1),
        (Fault.BROKEN, SubmissionUncertainError, 0),
        (Fault.PAGE, SubmissionUncertainError, 0),
        (Fault.BUSY, RateLimitedError, 0),
    ],
)
def test_a_fault_of_a_post(
    server: ServerProcess, fault: Fault, error: type[EngineError], jobs: int
) -> None:
    before = made(server)
    with (
        through(fault, POST, server) as proxy,
        closing(engine_to(proxy)) as engine,
        pytest.raises(EngineError) as caught,
    ):
        engine.submit(REQUEST, CancelToken())
    assert type(caught.value) is error
    assert made(server) - before == jobs


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RESET_BEFORE, EngineUnreachableError),
        (Fault.RESET_AFTER, EngineUnreachableError),
        (Fault.CUT, ProtocolError),
        (Fault.BROKEN, EngineFailedError),
        (Fault.PAGE, EngineFailedError),
        (Fault.BUSY, RateLimitedError),
        (Fault.FORGOTTEN, JobForgottenError),
    ],
)
@pytest.mark.parametrize("path", [STATUS, PICTURE])
def test_a_fault_of_a_read(
    server: ServerProcess, path: str, fault: Fault, error: type[EngineError]
) -> None:
    with through(fault, path, server) as proxy, closing(engine_to(proxy)) as engine:
        remote_id = engine.submit(REQUEST, CancelToken())
        server.wait_for_end(remote_id)
        ask = engine.status if path == STATUS else engine.fetch
        with pytest.raises(EngineError) as caught:
            ask(remote_id, CancelToken())
    assert type(caught.value) is error


def test_a_late_answer_and_wrong_clocks_change_nothing(server: ServerProcess) -> None:
    token = CancelToken()
    rates = {path: {Fault.LATE: 1.0} for path in (POST, STATUS, PICTURE)}
    with (
        fault_proxy(server.address, rates, seed=1) as proxy,
        closing(engine_to(proxy)) as engine,
    ):
        remote_id = engine.submit(REQUEST, token)
        while engine.status(remote_id, token, wait_s=5).state is RemoteState.RUNNING:
            pass
        assert engine.fetch(remote_id, token).width == 128


def test_a_lost_post_is_settled_by_its_ref(server: ServerProcess) -> None:
    token, before = CancelToken(), made(server)
    with (
        fault_proxy(server.address, {POST: {Fault.RESET_AFTER: 0.5}}, seed=2) as proxy,
        closing(engine_to(proxy)) as engine,
    ):
        engine.models(token)
        for wish in range(20):
            ids = {settled(engine, f"wish-{wish}") for _ in range(2)}
            assert len(ids) == 1
        lost = [meeting for meeting in proxy.meetings if meeting.fault is Fault.RESET_AFTER]
        assert len(lost) > 5
    assert made(server) - before == 20


def settled(engine: AlgoveraEngine, client_ref: str) -> str:
    while True:
        try:
            return engine.submit(REQUEST, CancelToken(), client_ref=client_ref)
        except SubmissionUncertainError:
            continue


def test_a_server_whose_refs_are_hidden_looks_like_one_that_knows_none(
    server: ServerProcess,
) -> None:
    before = made(server)
    with (
        fault_proxy(server.address, {}, seed=1, hides_refs=True) as proxy,
        closing(engine_to(proxy)) as engine,
    ):
        engine.models(CancelToken())
        assert (engine.can_wait, engine.can_repeat) == (True, False)
        remote_ids = {engine.submit(REQUEST, CancelToken(), client_ref="wish") for _ in range(2)}
        assert (len(remote_ids), proxy.hidden_refs) == (2, 2)
    assert made(server) - before == 2
