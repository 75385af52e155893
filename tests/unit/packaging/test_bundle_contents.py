from pathlib import Path

import pytest

import bundle_contents as contents

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/plugins/platforms/libqeglfs.so",
        "PySide6/Qt/plugins/imageformats/libqtiff.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "libstdc++.so.6",
        "requests-2.34.2.dist-info/RECORD",
    ],
)
def test_what_nobody_would_miss_is_left_out(name):
    assert contents.is_left_out(name)


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/wayland-shell-integration/libxdg-shell.so",
        "PySide6/Qt/plugins/imageformats/libqjpeg.so",
        "PySide6/Qt/plugins/imageformats/libqwebp.so",
        "libxcb-cursor.so.0",
        # A wheel's own copy, under a name of its own.
        "pillow.libs/libxcb-9065bb12.so.1.1.0",
        "requests-2.34.2.dist-info/licenses/LICENSE",
    ],
)
def test_what_a_desktop_needs_stays(name):
    assert not contents.is_left_out(name)


def test_the_runtime_is_known_by_its_packages_and_their_metadata():
    assert contents.is_runtime("openvino/libs/libopenvino.so.2641")
    assert contents.is_runtime("openvino_genai-2026.4.1.0.dist-info/METADATA")
    assert not contents.is_runtime("openvino_telemetry/main.py")
    assert not contents.is_runtime("numpy/_core/multiarray.py")


def test_the_runtime_brings_no_header_and_no_frontend_of_other_frameworks():
    assert contents.is_left_out_of_runtime("openvino/include/openvino/core.hpp")
    assert contents.is_left_out_of_runtime("openvino/libs/libopenvino_paddle_frontend.so.2641")
    assert not contents.is_left_out_of_runtime("openvino/libs/libopenvino_ir_frontend.so.2641")


def test_each_program_is_made_of_its_own_modules_and_shares_none():
    desktop = set(contents.modules_of(ROOT, contents.DESKTOP))
    server = set(contents.modules_of(ROOT, contents.SERVER))
    # Both are loaded by names that stand in strings.
    assert "algovera_desktop.ui.generation_controller" in desktop
    assert "algovera_desktop.server.pipelines.openvino" in server
    assert not desktop & server


def test_what_is_not_bundled_is_a_module_of_ours_still():
    ours = [name for name in contents.UNUSED_MODULES if name.startswith(contents.PACKAGE)]
    for name in ours:
        assert (ROOT / f"{name.replace('.', '/')}.py").is_file(), name
