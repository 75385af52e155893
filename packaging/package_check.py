"""``dev.py package --check``: the packages in ``dist/``, tried in a Debian without Python."""

import os
import subprocess
import sys
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
    tests = [environment.python, "-m", "pytest", "-v", root / "tests" / "installed"]
    return subprocess.run(tests, cwd=root).returncode
