"""The packages of ``dist/``, installed in a Debian without Python. See ``support/chroot.py``.

``dev.py package --check`` runs these tests; the test suite does not, for they take minutes, root,
and packages that were built before.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.chroot import Chroot
from support.desktop import DesktopSession
from support.installed import HOME, Packages

ROOT = Path(__file__).parents[2]
CHROOTS = ROOT / "build" / "chroot"
SHOWN = ROOT / "build" / "check"


@pytest.fixture(scope="session")
def packages() -> Packages:
    """What ``dev.py package`` built; ALGOVERA_DIST names another folder than ``dist``."""
    return Packages.found_in(Path(os.environ.get("ALGOVERA_DIST", ROOT / "dist")))


@pytest.fixture(scope="session")
def shown() -> Path:
    """The folder of what a person is to look at after the check."""
    SHOWN.mkdir(parents=True, exist_ok=True)
    return SHOWN


@pytest.fixture(scope="session")
def bare() -> Chroot:
    """A minimal Debian. Not to be changed."""
    return Chroot(CHROOTS / "bare").make()


@pytest.fixture(scope="session")
def _installed(bare: Chroot, packages: Packages) -> Chroot:
    chroot = bare.copy_to(CHROOTS / "installed")
    chroot.install(packages.base)
    return chroot


@pytest.fixture
def installed(_installed: Chroot) -> Iterator[Chroot]:
    """With the program and what it depends on, and nothing more. Only the homes may be changed."""
    yield _installed
    shutil.rmtree(_installed.home(HOME), ignore_errors=True)


@pytest.fixture
def changeable(_installed: Chroot) -> Iterator[Chroot]:
    """The same for this test alone."""
    copy = _installed.copy_to(CHROOTS / "changeable")
    yield copy
    copy.remove()


# Before anything of a module, which otherwise would be said to have left it behind.
@pytest.fixture(scope="session", autouse=True)
def _session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DesktopSession]:
    with DesktopSession(tmp_path_factory.mktemp("desktop")) as session:
        yield session


@pytest.fixture
def desktop(_session: DesktopSession) -> Iterator[DesktopSession]:
    """A desktop outside of the chroot, in which nothing but the program itself is."""
    yield _session
    _session.stop_apps()
