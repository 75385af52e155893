"""What is known of a server, heard from a real one that a test scripts."""

import pytest

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
    yield ServerMonitor(tasks, engines)
    assert tasks.shut_down(10)
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
