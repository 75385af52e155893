"""The virtual environment of a small made-up project, made and repaired by the real pip."""

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from environment import Environment, SetupError

PACKAGING = Path(__file__).parents[3] / "packaging"

PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "made-up"
version = "1"
"""
BACKEND = """
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "made_up-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("made_up-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: made-up\\nVersion: 1\\n")
        wheel.writestr("made_up-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("made_up-1.dist-info/entry_points.txt", "[console_scripts]\\nmade-up = fruit:main\\n")
        wheel.writestr("made_up-1.dist-info/RECORD", "")
    return name
"""  # noqa: E501


def make_wheel(folder: Path, version: str, package: str = "fruit", needs: str = "") -> str:
    """A package whose command prints its version; the line of the lock for it."""
    path = folder / f"{package}-{version}-py3-none-any.whl"
    info = f"{package}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{package}.py", f"def main(): print('{package} {version}')\n")
        metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        metadata += f"Requires-Dist: {needs}\n" if needs else ""
        wheel.writestr(f"{info}/METADATA", metadata)
        tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{info}/WHEEL", tags)
        wheel.writestr(f"{info}/RECORD", "")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{package}=={version} --hash=sha256:{digest}\n"


SOURCES_BACKEND = """
import shutil
import zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "stone-1.0-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("stone.py", f"MADE_WITH = {shutil.which('made-up')!r}")
        wheel.writestr("stone-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: stone\\nVersion: 1.0\\n")
        wheel.writestr("stone-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("stone-1.0.dist-info/RECORD", "")
    return name
"""  # noqa: E501


def make_source(folder: Path) -> str:
    """A package of version 1.0 that says which ``made-up`` it was built with; its lock's line."""
    path = folder / "stone-1.0.tar.gz"
    files = {
        "PKG-INFO": "Metadata-Version: 2.1\nName: stone\nVersion: 1.0\n",
        "pyproject.toml": PROJECT.replace("made-up", "stone"),
        "backend.py": SOURCES_BACKEND,
    }
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"stone-1.0/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return f"stone==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def leave_half_an_installation(root: Path) -> None:
    """As a first one does that was cut off: pip takes the half-copied package for a whole one."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root / ".venv"], check=True)
    place = next((root / ".venv").rglob("site-packages"))
    with zipfile.ZipFile(root / "wheels" / "fruit-1.0-py3-none-any.whl") as wheel:
        wheel.extractall(place)
    (place / "fruit.py").write_text("")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A checkout with its environment in place; the tests change it one after the other.

    The last one leaves it without a note, so that the next would make it anew, which takes long.
    """
    root = tmp_path_factory.mktemp("project")
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "backend.py").write_text(BACKEND)
    (root / "wheels").mkdir()
    (root / "small.lock").write_text(make_wheel(root / "wheels", "1.0"))
    leave_half_an_installation(root)
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(root / "wheels"), "PIP_USER": "1"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        Environment(root).ensure([root / "small.lock"])
        yield root


def output_of(root: Path) -> str:
    command = [Environment(root).command("made-up")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def ensure(root: Path) -> None:
    Environment(root).ensure([root / "small.lock"])


def test_all_is_installed_anew_where_an_installation_was_cut_off(project):
    assert output_of(project) == "fruit 1.0\n"


def test_nothing_is_touched_when_nothing_changed(project, capfd):
    note = project / ".venv" / "installed.json"
    before = note.stat().st_mtime_ns
    ensure(project)
    assert note.stat().st_mtime_ns == before
    assert capfd.readouterr() == ("", "")


def test_a_changed_lock_is_followed(project):
    (project / "small.lock").write_text(make_wheel(project / "wheels", "2.0"))
    ensure(project)
    assert output_of(project) == "fruit 2.0\n"


def test_a_lock_on_top_is_installed_without_what_its_packages_need(project):
    wheels, lock = project / "wheels", project / "top.lock"
    lock.write_text(make_wheel(wheels, "1.0", package="basket", needs="apple"))
    Environment(project).ensure([project / "small.lock"], if_found=[lock])
    subprocess.run([Environment(project).python, "-c", "import basket, fruit"], check=True)


def test_a_lock_on_top_that_cannot_be_had_is_said_once_and_does_without(project, capfd):
    lock = project / "top.lock"
    lock.write_text(f"unheard-of==1.0 --hash=sha256:{'0' * 64}\n")
    for _ in range(2):
        Environment(project).ensure([project / "small.lock"], if_found=[lock])
    printed, complaint = capfd.readouterr()
    assert printed.count("Going on without top.lock") == 1
    assert "unheard-of" in complaint
    assert output_of(project) == "fruit 2.0\n"


def test_a_lock_of_sources_is_built_with_the_environments_tools_though_wheels_are_there(project):
    wheels, lock = project / "wheels", project / "sources.lock"
    make_wheel(wheels, "1.0", package="stone")
    lock.write_text(make_source(wheels))
    environment = Environment(project)
    environment.ensure([project / "small.lock"], from_source=[lock])
    command = [environment.python, "-c", "import stone; print(stone.MADE_WITH)"]
    made_with = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert made_with == f"{environment.command('made-up')}\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows copies the interpreter")
def test_an_environment_whose_python_has_gone_is_made_anew(project):
    python = Environment(project).python
    python.unlink()
    python.symlink_to(project / "removed" / "python3")
    ensure(project)
    assert output_of(project) == "fruit 2.0\n"


def test_an_environment_of_another_python_is_made_anew(project):
    note = project / ".venv" / "installed.json"
    content = json.loads(note.read_text())
    note.write_text(json.dumps(content | {"python": "3.10.0 /somewhere"}))
    stranger = project / ".venv" / "stranger"
    stranger.touch()
    ensure(project)
    assert not stranger.exists()
    assert output_of(project) == "fruit 2.0\n"
    assert json.loads(note.read_text()) == content


def test_two_at_once_install_once(project):
    (project / "small.lock").write_text(make_wheel(project / "wheels", "4.0"))
    code = (
        f"import sys; sys.path.insert(0, {str(PACKAGING)!r}); from pathlib import Path;"
        "from environment import Environment; root = Path(sys.argv[1]);"
        "Environment(root).ensure([root / 'small.lock'])"
    )
    command = [sys.executable, "-c", code, str(project)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    printed = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert "".join(printed).count("Setting up .venv") == 1
    assert output_of(project) == "fruit 4.0\n"


def test_a_package_with_another_hash_is_refused(project):
    make_wheel(project / "wheels", "3.0")
    (project / "small.lock").write_text(f"fruit==3.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(SetupError, match="pip could not install"):
        ensure(project)
    assert not (project / ".venv" / "installed.json").exists()
