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
        "PySide6/Qt/lib/libQt6OpenGL.so.6",
        "PySide6/plugins/platforms/qdirect2d.dll",
        "PySide6/plugins/imageformats/qgif.dll",
        "PySide6/plugins/platforminputcontexts/qtvirtualkeyboardplugin.dll",
        "PySide6/translations/qtbase_de.qm",
        "PySide6/Qt6Quick.dll",
        "PySide6/Qt6OpenGL.dll",
        "PySide6/opengl32sw.dll",
        "PySide6/Qt/plugins/imageformats/libqmacheif.dylib",
        "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.dylib",
        "PySide6/Qt/lib/QtQuick.framework/Versions/A/QtQuick",
        "PySide6/Qt/lib/QtQmlModels.framework/Versions/A/Resources/Info.plist",
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
        "PySide6/plugins/platforms/qwindows.dll",
        "PySide6/plugins/platforms/qoffscreen.dll",  # release.py smoke
        "PySide6/plugins/imageformats/qwebp.dll",
        "PySide6/plugins/styles/qmodernwindowsstyle.dll",
        "PySide6/Qt6Gui.dll",
        "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        "PySide6/Qt/plugins/imageformats/libqjpeg.dylib",
        "PySide6/Qt/lib/QtDBus.framework/Versions/A/QtDBus",
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


@pytest.mark.parametrize(
    "name",
    [
        "openvino/include/openvino/core.hpp",
        "openvino/libs/libopenvino_paddle_frontend.so.2641",
        "openvino/libs/libopenvino_c.so.2641",
        "openvino/libs/openvino_c.dll",
        "openvino/libs/openvino.lib",
        "openvino/libs/openvino_jax_frontend.dll",
        "openvino/libs/libopenvino_c.2641.dylib",
        "openvino/libs/libopenvino_pytorch_frontend.2641.dylib",
        "openvino/frontend/tensorflow/py_tensorflow_frontend.cpython-311-darwin.so",
        "openvino-2026.4.1.dist-info/RECORD",
    ],
)
def test_the_runtime_brings_no_header_no_frontend_of_other_frameworks_and_no_note_of_pips(name):
    assert contents.is_left_out_of_runtime(name)


@pytest.mark.parametrize(
    "name",
    [
        "openvino/libs/libopenvino_ir_frontend.so.2641",
        "openvino/libs/openvino.dll",
        "openvino/libs/openvino_intel_cpu_plugin.dll",
        "openvino/libs/openvino_onnx_frontend.dll",
        "openvino/libs/libopenvino_arm_cpu_plugin.so",
        "openvino/libs/libopenvino_ir_frontend.2641.dylib",
        "openvino_tokenizers/lib/openvino_tokenizers.dll",
        "openvino_tokenizers/lib/libopenvino_tokenizers.dylib",
    ],
)
def test_what_paints_stays_in_the_runtime(name):
    assert contents.is_runtime(name)
    assert not contents.is_left_out_of_runtime(name)


def test_the_bundle_has_our_modules_and_none_that_needs_what_it_lacks():
    modules = contents.bundled_modules(ROOT)
    assert modules[0] == "algovera_desktop"
    # Both are loaded by names that stand in strings.
    assert "algovera_desktop.ui.generation_controller" in modules
    assert "algovera_desktop.server.pipelines.openvino" in modules
    assert "algovera_desktop.server.pipelines.diffusers" not in modules


def test_what_is_not_bundled_is_a_module_of_ours_still():
    ours = [name for name in contents.UNUSED_MODULES if name.startswith(contents.PACKAGE)]
    for name in ours:
        assert (ROOT / f"{name.replace('.', '/')}.py").is_file(), name
