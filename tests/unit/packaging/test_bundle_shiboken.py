"""On the installed shiboken, whose copy lays out what it has in it."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bundle_shiboken import lay_out_modules

SHOW = "import PySide6.QtCore, shibokensupport; print(shibokensupport.__file__)"


def test_shiboken_finds_its_modules_where_they_are_laid_out_and_is_as_it_was(tmp_path):
    shiboken = find_spec("shiboken6")
    if shiboken is None or shiboken.origin is None:
        pytest.skip("needs PySide6")
    installed = Path(shiboken.origin).parent
    before = sorted(installed.rglob("*.py"))
    shutil.copytree(installed, tmp_path / "shiboken6")
    laid_out = lay_out_modules(installed.parent, tmp_path, Path(sys.executable))
    assert sorted(installed.rglob("*.py")) == before
    assert not list(laid_out.rglob("*.pyc"))
    # Of the folder that this runs in, as it would be of the bundle's.
    command = [sys.executable, "-B", "-c", SHOW]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == laid_out / "shibokensupport" / "__init__.py"
