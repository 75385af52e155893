"""Slimming, on copies of Python's own modules and of a library that strip is known to break."""

import ctypes
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import files
from pathlib import Path

import pytest

from bundle_slimming import slim_libraries

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="for Linux"),
    pytest.mark.skipif(
        not (shutil.which("strip") and shutil.which("patchelf")), reason="needs binutils, patchelf"
    ),
]


def test_a_library_forgets_its_builder_and_still_opens(tmp_path):
    folder = Path(sysconfig.get_config_var("DESTSHARED") or sysconfig.get_path("platstdlib"))
    library = tmp_path / "_ctypes.so"
    shutil.copyfile(next(folder.rglob("_ctypes.*.so")), library)
    size_before = library.stat().st_size
    slim_libraries(tmp_path, Path(sys.executable))
    told = subprocess.run(["readelf", "-WdS", library], capture_output=True, text=True).stdout
    assert ".symtab" not in told
    assert "path: [/" not in told
    assert library.stat().st_size <= size_before
    ctypes.CDLL(str(library))


def test_a_library_that_strip_breaks_stays_as_it_was(tmp_path):
    found = [file for file in files("numpy") or [] if "openblas" in file.name]
    if not found:
        pytest.skip("this numpy brings no OpenBLAS")
    published = Path(str(found[0].locate()))
    for file in published.parent.iterdir():  # it needs those that lie beside it
        shutil.copyfile(file, tmp_path / file.name)
    slim_libraries(tmp_path, Path(sys.executable))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        path.name for path in published.parent.iterdir()
    )
    ctypes.CDLL(str(tmp_path / published.name))
