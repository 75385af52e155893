import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import EngineUnreachableError
from algovera_desktop.domain.servers import ServerConfig
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.services.engine_directory import EngineDirectory

NOBODY = Endpoint("http://127.0.0.1:9", "key")


@pytest.fixture
def servers() -> dict[str, ServerConfig]:
    return {"studio": ServerConfig("studio", "Studio", NOBODY.address)}


@pytest.fixture
def directory(servers):
    directory = EngineDirectory(servers.get, lambda _server: AlgoveraEngine(lambda: NOBODY))
    yield directory
    directory.close()


def test_a_server_keeps_its_engine(directory):
    assert directory.engine("studio") is directory.engine("studio")


def test_a_server_that_was_removed_has_none(directory):
    with pytest.raises(EngineUnreachableError, match="removed"):
        directory.engine("gone")


def test_closing_closes_every_engine(directory):
    engine = directory.engine("studio")
    directory.close()
    with pytest.raises(EngineUnreachableError):
        engine.models(CancelToken())
    assert directory.engine("studio") is not engine
