"""One desktop session for all end-to-end tests; each test's programs end with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.desktop import DesktopSession

_FAILED = pytest.StashKey[bool]()


# Before anything of a module, which otherwise would be said to have left it behind.
@pytest.fixture(scope="session", autouse=True)
def _session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DesktopSession]:
    with DesktopSession(tmp_path_factory.mktemp("desktop")) as session:
        yield session


@pytest.fixture
def desktop(
    _session: DesktopSession, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[DesktopSession]:
    """A session whose programs are ended after the test; see ``support/desktop.py``."""
    yield _session
    if request.node.stash.get(_FAILED, False):
        _session.screenshot(tmp_path / "failed.png")
        for app in _session.apps:
            (tmp_path / "failed.txt").write_text(f"{app.describe()}\n\n{app.output}", "utf-8")
        print(f"The screen when the test failed: {tmp_path / 'failed.png'}")
    _session.stop_apps()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    report = yield
    if call.when == "call":
        item.stash[_FAILED] = report.failed
    return report
