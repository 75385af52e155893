"""Lays out the modules that shiboken, which binds Qt to Python, keeps in a library of its own.

From there it would unpack and compile them at each start of the program, which takes 14 ms.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path


def lay_out_modules(packages: Path, inside: Path, python: Path) -> Path:
    """Put them into the bundle's folder of shiboken, where it looks first; returns their folder.

    ``SBK_EMBED=0`` is its own word for it. It is said to a copy of what lies in ``packages``, for
    shiboken writes them beside itself.
    """
    target = inside / "shiboken6" / "files.dir"
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "shiboken6"
        shutil.copytree(packages / "shiboken6", copy)
        command = [python, "-B", "-c", "import PySide6.QtCore"]
        settings = {"SBK_EMBED": "0", "PYTHONPATH": folder}
        subprocess.run(command, check=True, env={**os.environ, **settings})
        shutil.copytree(copy / target.name, target)
    return target
