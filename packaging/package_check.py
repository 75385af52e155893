"""``dev.py package --check``: the packages in ``dist/``, tried in a Debian without Python."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from debian import CHECK_NEEDS, DESKTOP_NEEDS, TEST_NEEDS, provide
from environment import Environment, SetupError


def check(root: Path, environment: Environment) -> int:
    """Install, use, upgrade and remove them, with lintian and its like; pytest's exit status.

    Raises SetupError where this computer cannot do it.
    """
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        raise SetupError("The packages are tried in a chroot, which takes root on Linux.")
    provide(DESKTOP_NEEDS + TEST_NEEDS + CHECK_NEEDS)
    shown = root / "build" / "check"
    for old in shown.glob("*"):
        old.unlink()
    # lintian alone takes minutes on a busy computer, which is no sign of a test that hangs.
    pytest = [environment.python, "-m", "pytest", "-v", "-o", "faulthandler_timeout=900"]
    status = subprocess.run([*pytest, root / "tests" / "installed"], cwd=root).returncode
    _report(shown)
    return status


def _report(shown: Path) -> None:
    """Say what was tried and where that lies which a person is to look at."""
    before = os.environ.get("ALGOVERA_PREVIOUS", "the same program by a lower number")
    print(f"\nUpgraded from: {before}")
    lintian = shown / "lintian.txt"
    if lintian.exists():
        kinds = Counter(line[:1] for line in lintian.read_text("utf-8").splitlines())
        print(f"lintian: {kinds['E']} errors, {kinds['W']} warnings, in {lintian}")
    window = shown / "window.png"
    if window.exists():
        print(f"Look at the installed program: {window}")
