import configparser
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def names_below(folder: Path, shown_as: str) -> set[str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {f"{shown_as}/{path.relative_to(folder).as_posix()}" for path in files}


def test_the_wheel_carries_the_package_and_every_resource(wheel):
    carried = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert carried == names_below(ROOT / "algovera_desktop", "algovera_desktop") | names_below(
        ROOT / "resources", "algovera_desktop/resources"
    )


def test_the_installed_package_finds_its_resources(wheel, tmp_path):
    wheel.extractall(tmp_path)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r});"
        "from algovera_desktop.resources import resource_path; print(resource_path('icons'))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert Path(printed.strip()) == tmp_path / "algovera_desktop" / "resources" / "icons"
    assert any(Path(printed.strip()).iterdir())


def test_both_commands_and_the_licence_are_installed(wheel):
    names = wheel.namelist()
    (points,) = [name for name in names if name.endswith("/entry_points.txt")]
    parser = configparser.ConfigParser()
    parser.read_string(wheel.read(points).decode())
    assert set(parser["console_scripts"]) == {"algovera-desktop", "algovera-server"}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
