"""Which of the system's packages a bundle takes from, as this Debian's own list of files has it."""

import shutil

import pytest

from bundle_licences import licence_of, packages_with, systems_packages

pytestmark = pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="needs Debian")


def test_a_library_is_known_by_its_name_and_brings_its_licence():
    assert packages_with(["libc.so.6", "libno-such-thing.so.7"]) == {"libc6": ["libc.so.6"]}
    assert "GNU" in licence_of("libc6")


def test_only_libraries_that_the_system_shares_count_as_the_systems(tmp_path):
    names = ["libc.so.6", "libpython3.11.so.1.0", "_cffi_backend.cpython-311-x86_64-linux-gnu.so"]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "wheel.libs").mkdir()
    (tmp_path / "wheel.libs" / "libm.so.6").touch()
    assert systems_packages(tmp_path) == {"libc6": ["libc.so.6"]}
