"""What holds for every test: it leaves nothing behind and logs no warning it did not announce."""

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from support.leaks import left_behind, mark_processes, take_snapshot
from support.logs import unexpected_logs

pytest_plugins = ["pytester"]

# Before Qt is loaded. Tests that need a real screen start the program as a process of its own.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
mark_processes()

# In the background of a shell Ctrl-C is ignored, and would be by every program that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long one example takes says nothing on a machine that others use too.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="module", autouse=True)
def _module_leaves_nothing_behind() -> Iterator[None]:
    yield from _watch("The module")


@pytest.fixture(autouse=True)
def _leaves_nothing_behind(
    request: pytest.FixtureRequest, _module_leaves_nothing_behind: None
) -> Iterator[None]:
    if request.node.get_closest_marker("left_to_module"):
        yield
    else:
        yield from _watch("The test")


def _watch(who: str) -> Iterator[None]:
    before = take_snapshot()
    yield
    if left := left_behind(before):
        pytest.fail("\n  ".join([f"{who} left behind:", *left]), pytrace=False)


@pytest.fixture(autouse=True)
def _logs_no_surprise(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that takes ``caplog`` judges the log itself."""
    if "caplog" in request.fixturenames:
        yield
        return
    allowed = [marker.args[0] for marker in request.node.iter_markers("allows_log")]
    with unexpected_logs(allowed) as lines:
        yield
    if lines:
        hint = "If it is meant to, say so: @pytest.mark.allows_log(pattern)"
        pytest.fail("\n  ".join(["The test logged:", *lines, hint]), pytrace=False)
