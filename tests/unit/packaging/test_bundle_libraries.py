"""Which of the system's libraries are taken along, on real libraries of this computer."""

import shutil
import sys
import sysconfig
from pathlib import Path

import pytest

from bundle_libraries import names_of, needed_libraries, with_visual_cpp, without_unneeded

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="for Linux"),
    pytest.mark.skipif(shutil.which("objdump") is None, reason="needs binutils"),
]


@pytest.fixture
def module_of_python() -> str:
    """A shared library of Python's that needs another than the C library."""
    folder = Path(sysconfig.get_config_var("DESTSHARED") or sysconfig.get_path("platstdlib"))
    return str(next(folder.rglob("_ctypes.*.so")))


def test_it_reads_what_a_library_asks_for_itself(module_of_python):
    needed = needed_libraries(module_of_python)
    assert any(name.startswith("libffi.so.") for name in needed)
    assert needed_libraries(__file__) == []


def test_only_what_is_still_needed_of_the_systems_is_taken(module_of_python):
    (ffi,) = [name for name in needed_libraries(module_of_python) if name.startswith("libffi")]
    module = ("python3/lib-dynload/_ctypes.so", module_of_python, "EXTENSION")
    entries = [
        module,
        (ffi, module_of_python, "BINARY"),  # any file: only its name is asked for
        ("libgtk-3.so.0", module_of_python, "BINARY"),
        ("base_library.zip", "elsewhere/base_library.zip", "DATA"),
        ("libpython3.11.so.1.0", module_of_python, "BINARY"),
    ]
    kept = without_unneeded(entries, [str(Path(module_of_python).parent / "another")])
    names = {name for name, _, _ in kept}
    assert names == {module[0], ffi, "base_library.zip", "libpython3.11.so.1.0"}


def test_a_link_goes_with_what_it_leads_to():
    entries = [
        ("PySide6/Qt/lib/libQt6Core.so.6", __file__, "BINARY"),
        ("libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK"),
        ("libopenvino.so.2641", "openvino/libs/libopenvino.so.2641", "SYMLINK"),
    ]
    kept = without_unneeded(entries, [])
    assert {name for name, _, _ in kept} == {"PySide6/Qt/lib/libQt6Core.so.6", "libQt6Core.so.6"}


def test_a_link_has_two_names():
    framework = ("PySide6/Qt/lib/QtGui.framework/QtGui", "Versions/Current/QtGui", "SYMLINK")
    assert names_of(framework) == (
        "PySide6/Qt/lib/QtGui.framework/QtGui",
        "PySide6/Qt/lib/QtGui.framework/Versions/Current/QtGui",
    )
    assert names_of(("a/b/c.dylib", "../d/c.dylib", "SYMLINK")) == ("a/b/c.dylib", "a/d/c.dylib")
    assert names_of(("openvino/a.py", "/anywhere/a.py", "DATA")) == ("openvino/a.py",)


def test_what_only_qt_brings_of_microsofts_is_found_by_all():
    qts = "/site-packages/PySide6/MSVCP140.dll"
    entries = [
        ("PySide6/MSVCP140.dll", qts, "BINARY"),
        ("PySide6/msvcp140_1.dll", "/site-packages/PySide6/msvcp140_1.dll", "BINARY"),
        ("msvcp140_1.dll", "/windows/system32/msvcp140_1.dll", "BINARY"),
        ("numpy.libs/msvcp140-a1b2.dll", "/site-packages/numpy.libs/msvcp140-a1b2.dll", "BINARY"),
    ]
    assert with_visual_cpp(entries) == [*entries, ("MSVCP140.dll", qts, "BINARY")]
