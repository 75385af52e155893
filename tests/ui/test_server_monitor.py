"""What is known of a server, heard from a real one that a test scripts."""

import pytest

from algovera_desktop.domain.errors import EngineTimeoutError, EngineUnreachableError
from algovera_desktop.domain.servers import ServerConfig, ServerState
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.http import Patience
from algovera_desktop.services.engine_directory import EngineDirectory
from algovera_desktop.ui.server_monitor import ServerMonitor
from algovera_desktop.ui.tasks import Tasks
from support.http_server import captive_portal, hangs_up, reply_json, scripted_server

NOT_OFFERED = reply_json({"detail": "Not Found"}, 404)


@pytest.fixture
def server():
    with scripted_server() as server:
        server.on("/api/models", NOT_OFFERED)
        server.on("/api/status", reply_json({"detail": "Unknown job"}, 404))
        yield server


@pytest.fixture
def monitor(qapp, server, monkeypatch):
    monkeypatch.setattr("algovera_desktop.ui.server_monitor._FIRST_RETRY_S", 0)
    tasks = Tasks()
    engines = EngineDirectory(
        lambda server_id: ServerConfig(server_id, "Far"),
        lambda _server: AlgoveraEngine(
            lambda: Endpoint(server.address, "a" * 64), patience=Patience(attempts=1)
        ),
    )
    monitor = ServerMonitor(tasks, engines)
    yield monitor
    assert tasks.shut_down(10)
    monitor.deleteLater()
    engines.close()


@pytest.mark.parametrize(
    "trouble",
    [
        reply_json({"detail": "out of order"}, 500),
        reply_json({"detail": "busy"}, 429),
        captive_portal(),
        hangs_up,
    ],
)
def test_trouble_that_may_pass_is_asked_about_again(qtbot, monitor, server, trouble):
    names = reply_json({"base_models": ["stable"]})
    server.on("/api/basemodels", trouble, names)
    states = []
    monitor.status_changed.connect(lambda status: states.append(status.state))
    monitor.watch("far")
    qtbot.waitUntil(lambda: monitor.is_ready("far"), timeout=20_000)
    assert states == [ServerState.UNREACHABLE, ServerState.READY]
    assert [model.name for model in monitor.status("far").models] == ["stable"]


def test_a_key_that_is_refused_is_not_tried_again_by_itself(qtbot, monitor, server):
    server.on("/api/basemodels", reply_json({"base_models": ["stable"]}))
    server.on("/api/status", reply_json({"detail": "Invalid API key"}, 403))
    with qtbot.waitSignal(monitor.status_changed, timeout=20_000) as heard:
        monitor.watch("far")
    assert heard.args[0].state is ServerState.KEY_REFUSED
    qtbot.wait(200)
    assert len(server.to("/api/status")) == 1


AWAY = EngineUnreachableError("refused")
OUR_MODELS = reply_json({"models": [{"name": "trial"}]})


def ready(qtbot, monitor) -> None:
    monitor.watch("far")
    qtbot.waitUntil(lambda: monitor.is_ready("far"), timeout=20_000)


@pytest.mark.parametrize("offers_repeat", [True, False])
def test_what_a_server_offers_is_known_when_it_is_ready(qtbot, monitor, server, offers_repeat):
    server.on("/api/models", OUR_MODELS)
    server.on("/api/health", reply_json({"client_ref": offers_repeat}))
    ready(qtbot, monitor)
    status = monitor.status("far")
    assert (status.can_wait, status.can_repeat) == (True, offers_repeat)


def test_a_server_of_the_published_protocol_offers_nothing_more(qtbot, monitor, server):
    server.on("/api/basemodels", reply_json({"base_models": ["stable"]}))
    ready(qtbot, monitor)
    status = monitor.status("far")
    assert (status.can_wait, status.can_repeat) == (False, False)


def test_a_ready_server_that_a_job_does_not_reach_is_away_until_it_answers(qtbot, monitor, server):
    server.on("/api/basemodels", reply_json({"base_models": ["stable"]}))
    ready(qtbot, monitor)
    states = []
    monitor.status_changed.connect(lambda status: states.append(status.state))
    monitor.doubt("far", AWAY)
    assert states == [ServerState.UNREACHABLE]
    qtbot.waitUntil(lambda: monitor.is_ready("far"), timeout=20_000)


def test_doubts_about_a_server_that_is_known_to_be_away_change_nothing(qtbot, monitor, server):
    server.on("/api/basemodels", reply_json({"detail": "Invalid API key"}, 403))
    with qtbot.waitSignal(monitor.status_changed, timeout=20_000):
        monitor.watch("far")
    before = monitor.status("far")
    monitor.doubt("far", EngineTimeoutError("slow"))
    assert monitor.status("far") == before
    qtbot.wait(100)
    assert len(server.to("/api/basemodels")) == 1


def test_a_server_that_only_seems_ready_is_asked_less_and_less(qtbot, monitor, server, monkeypatch):
    """Each doubt doubles the pause, to minutes here; a job that is answered ends that."""
    server.on("/api/basemodels", reply_json({"base_models": ["stable"]}))
    monkeypatch.setattr("algovera_desktop.ui.server_monitor._FIRST_RETRY_S", 0.005)
    ready(qtbot, monitor)
    for _ in range(7):
        monitor.doubt("far", AWAY)
        qtbot.waitUntil(lambda: monitor.is_ready("far"), timeout=20_000)
    *_, before, last = (one.at for one in server.to("/api/status"))
    assert last - before >= 0.8 * 0.005 * 2**6
    monkeypatch.setattr("algovera_desktop.ui.server_monitor._FIRST_RETRY_S", 0.5)
    monitor.confirm("far")
    monitor.doubt("far", AWAY)
    qtbot.waitUntil(lambda: monitor.is_ready("far"), timeout=20_000)


def test_a_strange_answer_is_looked_into_without_calling_the_server_away(qtbot, monitor, server):
    server.on("/api/basemodels", reply_json({"base_models": ["stable"]}))
    ready(qtbot, monitor)
    states = []
    monitor.status_changed.connect(lambda status: states.append(status.state))
    for _ in range(100):
        monitor.probe_soon("far")
    qtbot.waitUntil(lambda: bool(states), timeout=20_000)
    assert states == [ServerState.READY]
    assert len(server.to("/api/basemodels")) == 2 * 2


def test_after_a_sleep_ready_servers_are_asked_and_refused_keys_are_not(qtbot, monitor, server):
    server.on("/api/basemodels", reply_json({"base_models": ["stable"]}))
    ready(qtbot, monitor)
    with qtbot.waitSignal(monitor.status_changed, timeout=20_000) as heard:
        monitor.wake()
    assert heard.args[0].state is ServerState.READY
    server.on("/api/status", reply_json({"detail": "Invalid API key"}, 403))
    with qtbot.waitSignal(monitor.status_changed, timeout=20_000) as heard:
        monitor.wake()
    assert heard.args[0].state is ServerState.KEY_REFUSED
    asked = len(server.requests)
    monitor.wake()
    qtbot.wait(100)
    assert len(server.requests) == asked


def test_a_refreshed_server_is_ready_all_the_while(qtbot, monitor, server):
    others = reply_json({"models": [{"name": "trial"}, {"name": "another"}]})
    server.on("/api/models", OUR_MODELS, others)
    server.on("/api/health", reply_json({"client_ref": True}))
    ready(qtbot, monitor)
    heard = []
    monitor.status_changed.connect(heard.append)
    monitor.refresh("far")
    qtbot.waitUntil(lambda: bool(heard), timeout=20_000)
    (status,) = heard
    assert status.state is ServerState.READY
    assert [model.name for model in status.models] == ["trial", "another"]


def test_a_server_that_is_starting_is_not_asked_by_a_refresh(qtbot, monitor, server):
    monitor.announce_start("far")
    monitor.refresh("far")
    qtbot.wait(100)
    assert server.requests == []


def test_a_server_that_names_a_time_is_not_asked_before_it(qtbot, monitor, server):
    server.on("/api/basemodels", reply_json({"base_models": ["stable"]}))
    server.on(
        "/api/models",
        reply_json({"detail": "busy"}, 429, Retry_After="1"),
        reply_json({"detail": "Not Found"}, 404),
    )
    ready(qtbot, monitor)
    first, *_, last = server.to("/api/models")
    assert last.at - first.at >= 1
