"""The recipe of the bundle, read as PyInstaller would on each system; what it hands on is kept."""

import sys
from pathlib import Path, PurePosixPath
from types import ModuleType, SimpleNamespace

import pytest

import bundle_metadata

PACKAGING = Path(__file__).parents[3] / "packaging"
FOUND = [
    ("PySide6/Qt/lib/QtCore.framework/Versions/A/QtCore", __file__, "BINARY"),
    ("QtCore", "PySide6/Qt/lib/QtCore.framework/Versions/A/QtCore", "SYMLINK"),
    ("PySide6/Qt/lib/QtCore.framework/Versions/Current", "A", "SYMLINK"),
    ("QtQuick", "PySide6/Qt/lib/QtQuick.framework/Versions/A/QtQuick", "SYMLINK"),
    ("openvino/libs/libopenvino.2641.dylib", __file__, "BINARY"),
    ("libopenvino.2641.dylib", "openvino/libs/libopenvino.2641.dylib", "SYMLINK"),
    ("openvino-2026.4.1.dist-info/METADATA", __file__, "DATA"),
    ("PySide6/Qt6Core.dll", __file__, "BINARY"),
    ("PySide6/Qt6Quick.dll", __file__, "BINARY"),
]


@pytest.fixture
def collected(monkeypatch, tmp_path):
    """Runs the recipe for a system, and says what goes into the bundle and its ``BUNDLE``."""
    hooks = ModuleType("PyInstaller.utils.hooks")
    hooks.copy_metadata = lambda name: []
    monkeypatch.setitem(sys.modules, "PyInstaller", ModuleType("PyInstaller"))
    monkeypatch.setitem(sys.modules, "PyInstaller.utils", ModuleType("PyInstaller.utils"))
    monkeypatch.setitem(sys.modules, "PyInstaller.utils.hooks", hooks)
    monkeypatch.setattr(bundle_metadata, "bundled_distributions", lambda root: [])
    monkeypatch.setattr(sys, "path", list(sys.path))

    def run(system):
        monkeypatch.setattr(sys, "platform", system)
        kept = {"bundles": []}

        def analysis(scripts, datas, **options):
            kept["sources"] = [Path(source) for source, _ in datas]
            return SimpleNamespace(binaries=list(FOUND), datas=[], scripts=[], pure=[])

        def collect(*parts, **options):
            entries = [part for part in parts if isinstance(part, list)]
            kept["files"] = [entry[0] for part in entries for entry in part]

        names = {
            "SPECPATH": str(PACKAGING),
            "DISTPATH": str(tmp_path / "dist"),
            "Analysis": analysis,
            "PYZ": lambda pure: None,
            "EXE": lambda *parts, **options: SimpleNamespace(**options),
            "Tree": lambda folder: [(f"all of {PurePosixPath(folder).parts[-2]}", folder, "DATA")],
            "COLLECT": collect,
            "BUNDLE": lambda folder, **options: kept["bundles"].append(options),
        }
        spec = PACKAGING / "algovera-desktop.spec"
        exec(compile(spec.read_text("utf-8"), str(spec), "exec"), names)
        return kept

    return run


def test_all_that_the_package_has_beside_its_modules_is_bundled(collected):
    sources = collected("linux")["sources"]
    package = PACKAGING.parent / "algovera_desktop"
    files = [path for path in package.rglob("*") if path.is_file() and ".py" not in path.suffix]
    assert package / "server" / "static" / "docs.html" in files
    assert [path for path in files if not any(path.is_relative_to(each) for each in sources)] == []


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_the_runtime_comes_as_its_wheels_are_or_in_a_package_of_its_own(collected, system):
    files = collected(system)["files"]
    assert [name for name in files if "openvino" in name] == []
    assert ("all of runtime" in files) == (system != "linux")


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_no_link_leads_to_what_is_left_out_and_those_of_frameworks_stay(collected, system):
    files = set(collected(system)["files"]) - {"all of runtime"}
    assert files == {
        "PySide6/Qt/lib/QtCore.framework/Versions/A/QtCore",
        "QtCore",
        "PySide6/Qt/lib/QtCore.framework/Versions/Current",
        "PySide6/Qt6Core.dll",
    }


def test_only_macos_makes_a_program_of_it_which_may_come_to_the_front(collected):
    assert collected("win32")["bundles"] == []
    (program,) = collected("darwin")["bundles"]
    # Without this word PyInstaller takes it of the server, which has a console and no window.
    assert program["info_plist"]["LSBackgroundOnly"] is False
    assert program["name"] == "Algovera Desktop.app"
