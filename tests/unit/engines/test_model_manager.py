"""The manager's calls to a real server, and what it makes of answers that make no sense."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import EngineFailedError, ProtocolError
from algovera_desktop.domain.managed_models import ManagedModel, ModelAction, ModelState
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.model_manager import ModelManager
from support.algovera_server import LOCAL_KEY, TRIAL, running_server
from support.http_server import ScriptedServer, reply_json, scripted_server
from support.model_mirror import NAME, ModelMirror, model_mirror
from support.model_room import prepare

pytestmark = pytest.mark.left_to_module


@pytest.fixture(scope="module")
def mirror() -> Iterator[ModelMirror]:
    with model_mirror() as mirror:
        yield mirror


@pytest.fixture(scope="module")
def manager(
    tmp_path_factory: pytest.TempPathFactory, mirror: ModelMirror
) -> Iterator[ModelManager]:
    data_dir = tmp_path_factory.mktemp("models") / "data"
    prepare(data_dir, mirror)
    with running_server(data_dir, *TRIAL) as server:
        manager = ModelManager(lambda: Endpoint(server.address, LOCAL_KEY))
        yield manager
        manager.close()


def state(manager: ModelManager) -> ModelState:
    return model_of(manager, NAME).state


def model_of(manager: ModelManager, name: str) -> ManagedModel:
    known = manager.models(CancelToken())
    return next(model for model in known.models if model.name == name)


def wait_for(manager: ModelManager, wanted: ModelState) -> None:
    """Wait as the window does: for the next change, until it is so."""
    revision = 0
    for _ in range(200):
        known = manager.models(CancelToken(), revision=revision, wait_s=10 if revision else 0)
        revision = known.revision
        if any((model.name, model.state) == (NAME, wanted) for model in known.models):
            return
    raise AssertionError(f"never {wanted}")


def test_a_model_has_all_that_the_window_shows(manager: ModelManager, mirror: ModelMirror) -> None:
    known = manager.models(CancelToken())
    assert (known.mirror, known.free_bytes > 0) == (mirror.address, True)
    lcm = next(model for model in known.models if model.recommended)
    assert lcm.state is ModelState.AVAILABLE
    assert lcm.download_bytes == 1_100_000_000
    assert lcm.licence_name == "MIT"
    assert lcm.licence_address.startswith("https://")
    assert lcm.native_size.width == 512


def test_a_model_goes_through_its_life(manager: ModelManager) -> None:
    manager.pull(NAME, CancelToken())
    wait_for(manager, ModelState.INSTALLED)
    manager.act(ModelAction.VERIFY, NAME, CancelToken())
    wait_for(manager, ModelState.INSTALLED)
    manager.act(ModelAction.REMOVE, NAME, CancelToken())
    assert state(manager) is ModelState.AVAILABLE


def test_what_is_refused_has_the_servers_words(manager: ModelManager, tmp_path: Path) -> None:
    with pytest.raises(EngineFailedError, match="no model nobody"):
        manager.pull("nobody", CancelToken())
    with pytest.raises(EngineFailedError, match="is not being downloaded"):
        manager.act(ModelAction.RESUME, NAME, CancelToken())
    with pytest.raises(EngineFailedError, match="it has no model_index"):
        manager.add("mine", tmp_path, CancelToken())
    with pytest.raises(EngineFailedError, match="must begin with https"):
        manager.set_mirror("ftp://nowhere.test", CancelToken())


@pytest.fixture(scope="module")
def odd() -> Iterator[ScriptedServer]:
    """A server whose next answer a test decides."""
    with scripted_server() as server:
        yield server


@pytest.fixture(scope="module")
def asked(odd: ScriptedServer) -> Iterator[ModelManager]:
    manager = ModelManager(lambda: Endpoint(odd.address, "key"))
    yield manager
    manager.close()


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
FIELDS = st.sampled_from(
    [
        "title",
        "description",
        "note",
        "reason",
        "licence",
        "native_size",
        "default_steps",
        "download_bytes",
        "disk_bytes",
        "done_bytes",
        "total_bytes",
        "bytes_per_s",
        "seconds_left",
        "expected_s",
        "folder",
        "recommended",
    ]
)
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=8), SCALARS)


@given(facts=st.dictionaries(FIELDS, VALUES))
def test_whatever_is_said_of_a_model_becomes_one_or_none(
    odd: ScriptedServer, asked: ModelManager, facts: dict[str, object]
) -> None:
    entry = facts | {"name": "m", "state": "downloading"}
    odd.on("/api/manage/models", reply_json({"models": [entry, None, {"name": 1}], "revision": 3}))
    known = asked.models(CancelToken())
    (model,) = known.models
    assert known.revision == 3
    assert 0 <= model.done_bytes <= 1 << 60
    assert model.title
    assert model.seconds_left is None or 0 <= model.seconds_left <= 1 << 60


def test_an_answer_that_is_no_list_of_models_is_said(
    odd: ScriptedServer, asked: ModelManager
) -> None:
    odd.on("/api/manage/models", reply_json([1, 2]))
    with pytest.raises(ProtocolError):
        asked.models(CancelToken())
