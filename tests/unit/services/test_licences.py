"""Every part that is shipped, or built upon, with a licence to read."""

import importlib.metadata
import re
from pathlib import Path

import pytest

from algovera_desktop import __version__
from algovera_desktop.resources import resource_path
from algovera_desktop.services.licences import Part, installed_parts, package_part

LOCK = Path(__file__).parents[3] / "packaging" / "requirements.lock"
LICENCE = LOCK.parents[1] / "LICENSE"
BUILD_TOOLS = {
    "editables",
    "hatchling",
    "packaging",
    "pathspec",
    "pluggy",
    "tomlkit",
    "trove-classifiers",
}


@pytest.fixture(scope="module")
def parts() -> list[Part]:
    return installed_parts()


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked_here() -> list[str]:
    names = dict.fromkeys(re.findall(r"^([\w.-]+)==", LOCK.read_text("utf-8"), re.MULTILINE))
    installed = {plain(each.metadata["Name"]) for each in importlib.metadata.distributions()}
    return [name for name in names if plain(name) in installed]


@pytest.mark.parametrize("name", locked_here())
def test_every_package_of_the_users_has_a_text(name: str) -> None:
    part = package_part(importlib.metadata.distribution(name))
    assert len(part.text) > 400
    assert 0 < len(part.licence) < 80
    assert part.version


@pytest.mark.parametrize(
    ("told", "licence", "begin"),
    [
        (
            "Classifier: License :: OSI Approved :: Apache Software License",
            "Apache",
            "This pac",
        ),
        ("License-Expression: Apache-2.0", "Apache", "This pac"),
        ("License-Expression: Other-1.0", "Other", ""),
    ],
)
def test_a_package_that_leaves_out_the_text_of_apaches_licence_gets_it(
    tmp_path: Path, told: str, licence: str, begin: str
) -> None:
    folder = tmp_path / "bare-1.0.dist-info"
    folder.mkdir()
    about = f"Metadata-Version: 2.1\nName: bare\nVersion: 1.0\n{told}\n"
    (folder / "METADATA").write_text(about)
    (found,) = importlib.metadata.distributions(path=[str(tmp_path)])
    part = package_part(found)
    assert part.licence.startswith(licence)
    assert part.text[:8] == begin
    assert part.text.endswith(LICENCE.read_text("utf-8").strip()) is bool(begin)


def test_all_that_the_users_get_is_listed_once_and_the_program_first(parts: list[Part]) -> None:
    names = [plain(part.name) for part in parts]
    assert (parts[0].name, parts[0].version) == ("Algovera Desktop", __version__)
    assert parts[0].text == LICENCE.read_text("utf-8").strip()
    assert len(set(names)) == len(names)
    assert set(map(plain, locked_here())) - BUILD_TOOLS <= set(names)
    assert {"python", "sqlite"} <= set(names)
    assert not {"pytest", "ruff", "hypothesis"} & set(names)


def test_qt_says_how_it_is_replaced(parts: list[Part]) -> None:
    texts = {plain(part.name): part.text for part in parts}
    assert texts["qt"] == texts["pyside6-essentials"] == texts["shiboken6"]
    assert "which you may replace" in texts["qt"]
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in texts["qt"]
    assert "GNU GENERAL PUBLIC LICENSE" in texts["qt"]


def test_every_licence_beside_a_shipped_file_is_listed(parts: list[Part]) -> None:
    texts = {part.text for part in parts}
    files = [path for path in resource_path("").rglob("LICENSE*") if path.is_file()]
    assert files
    assert [path.name for path in files if path.read_text("utf-8").strip() not in texts] == []


def test_a_bundle_lists_the_packages_that_lie_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, version in (("some.part", "1.2"), ("PySide6_Essentials", "6.11.3")):
        folder = tmp_path / f"{name.replace('.', '_')}-{version}.dist-info"
        folder.mkdir()
        about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (folder / "METADATA").write_text(about)
    (tmp_path / "some_part-1.2.dist-info" / "LICENSE").write_bytes(
        "For everybody, by Ren\xe9.".encode("latin-1")
    )
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    first, *others = installed_parts()
    assert first.name == "Algovera Desktop"
    (part,) = [part for part in others if part.name == "some.part"]
    assert part.text == "For everybody, by Ren\ufffd."
    assert "requests" not in {each.name for each in others}
