"""What is in the bundle and what stays out of it, each with its reason.

Read by the spec, inside PyInstaller, and by what makes packages of the bundle afterwards.
Names of files are given from the bundle's folder of contents, with "/".
"""

import re
from fnmatch import fnmatchcase
from pathlib import Path

PACKAGE = "algovera_desktop"
DESKTOP = "algovera-desktop"
SERVER = "algovera-server"
MACOS_PROGRAM = "Algovera Desktop.app"
RUNTIME_NAME = "algovera-desktop-openvino"
CONTENTS = "_internal"
"""The folder, beside the executables, that holds everything else."""

UNUSED_MODULES = (
    "algovera_desktop.server.cluster.board",  # an extra, which needs pip
    "algovera_desktop.server.cluster.broker",
    "algovera_desktop.server.cluster.celery_painter",
    "algovera_desktop.server.cluster.worker",
    "algovera_desktop.server.pipelines.diffusers",
    "algovera_desktop.server.sql_postgres",
    # Tools of developers that packages can work with and do not need.
    "PIL.ImageTk",
    "PIL.ImageQt",
    "PIL._avif",
    "Cython",  # builds numpy
    "IPython",
    "hypothesis",
    "openvino_telemetry",
    "matplotlib",
    "numpy.f2py",
    "numpy.testing",
    "pip",
    "psycopg",
    "pydoc",
    "pytest",
    "readline",  # GPL, and nobody types into a prompt of Python here
    "setuptools",
    "tkinter",
    "torch",
    "transformers",
)

UNUSED_HOOKS = ("pyi_rth_inspect", "pyi_rth_multiprocessing", "pyi_rth_pkgutil")
"""PyInstaller's for each start, 20 ms: they serve the reading of source files, processes that
share a program's memory, and the search for modules by folder. Nothing here does any of it."""

UNUSED_HOOKS_ON_LINUX = ("pyi_rth_pyside6",)
"""It sets QT_PLUGIN_PATH to the bundle's, which the file manager that we open would inherit: one
that is made with Qt too would load our plugins and die. Qt finds them without, as in its wheel."""

RUNTIME_PACKAGES = ("openvino", "openvino_genai", "openvino_tokenizers")
"""The local-model runtime, a package of its own: as it lies in its wheels, not in an archive."""

_PIPS_NOTES = (
    # Written by pip for pip, and other in each folder that it installs into.
    "*.dist-info/RECORD",
    "*.dist-info/INSTALLER",
    "*.dist-info/REQUESTED",
    "*.dist-info/direct_url.json",
)

_RUNTIME_LEFT_OUT = (
    *_PIPS_NOTES,
    "openvino/include/*",  # for who compiles against it
    "openvino/cmake/*",
    "openvino/libs/*.pc",
    "openvino/libs/*.lib",
    "*.pyi",
    "openvino/libs/*_paddle_frontend*",  # models of other kinds than we read
    "openvino/libs/*_tensorflow_frontend*",
    "openvino/libs/*_tensorflow_lite_frontend*",
    "openvino/libs/*_jax_frontend*",
    "openvino/libs/*_gguf_frontend*",
    "openvino/libs/*_pytorch_frontend*",
    "openvino/libs/*openvino_c.*",  # the interface of C
    "openvino/frontend/paddle/*",
    "openvino/frontend/tensorflow/*",
    "openvino/frontend/jax/*",
    "openvino/frontend/pytorch/*",
    "openvino/torch/*",
    "openvino_tokenizers/_testing_data.py",
)

_LEFT_OUT = (
    # Names are libqgif.so, libqgif.dylib and qgif.dll; libQt6Qml.so.6, QtQml.framework, Qt6Qml.dll.
    # Qt: other ways to a screen than a desktop's, and what each would bring with it.
    "*/plugins/platforms/*qeglfs*",
    "*/plugins/platforms/*qlinuxfb*",
    "*/plugins/platforms/*qminimal*",
    "*/plugins/platforms/*qvkkhrdisplay*",
    "*/plugins/platforms/*qvnc*",
    "*/plugins/platforms/*qdirect2d*",
    "*/plugins/egldeviceintegrations/*",
    "*/plugins/generic/*",
    # Drawing by OpenGL, which no widget of ours does.
    "*/plugins/xcbglintegrations/*",
    "*/plugins/wayland-graphics-integration-client/*",
    "*/opengl32sw.dll",
    # Shells of Wayland that are no desktop's.
    "*/plugins/wayland-shell-integration/libfullscreen-shell*",
    "*/plugins/wayland-shell-integration/libivi-shell*",
    "*/plugins/wayland-shell-integration/libqt-shell*",
    "*/plugins/wayland-shell-integration/libwl-shell*",
    "*libQt6Egl*",
    # GTK 3 and all that it needs, for file dialogs that the desktop's portal shows as well.
    "*/plugins/platformthemes/libqgtk3*",
    # A keyboard on the screen is the desktop's; this one brings Qt Quick.
    "*/plugins/platforminputcontexts/*qtvirtualkeyboard*",
    "*Qt6VirtualKeyboard*",
    "*/QtVirtualKeyboard*.framework/*",
    "*Qt6Qml*",
    "*/QtQml*.framework/*",
    "*Qt6Quick*",
    "*/QtQuick*.framework/*",
    "*Qt6OpenGL.*",
    "*/QtOpenGL.framework/*",
    # Kinds of picture that the program neither reads nor writes.
    "*/plugins/imageformats/*qgif*",
    "*/plugins/imageformats/*qicns*",
    "*/plugins/imageformats/*qico*",
    "*/plugins/imageformats/*qmacheif*",
    "*/plugins/imageformats/*qmacjp2*",
    "*/plugins/imageformats/*qpdf*",
    "*Qt6Pdf*",
    "*/QtPdf*.framework/*",
    "*/plugins/imageformats/*qtga*",
    "*/plugins/imageformats/*qtiff*",
    "*/plugins/imageformats/*qwbmp*",
    # Qt's network is used to talk between two starts of the program only.
    "*/plugins/networkinformation/*",
    "*/plugins/tls/*",
    # The program speaks English; half a window in another language helps nobody.
    "*/translations/*",
    "pillow.libs/libavif*",
    # numpy's and other packages' own tests.
    "*/tests/*",
    *_PIPS_NOTES,
)

SYSTEM_LIBRARIES = (
    # The system's drivers for its screen are loaded beside these and must find the same ones,
    # and not older ones: the list of the AppImage project says so of each.
    "libgcc_s.so*",
    "libstdc++.so*",
    "libEGL.so*",
    "libGL.so*",
    "libGLX.so*",
    "libGLdispatch.so*",
    "libX11*.so*",
    "libxcb.so*",
    "libxcb-dri*.so*",
    "libdrm.so*",
    "libgbm.so*",
    "libwayland-*.so*",
    # They read the system's own settings, whose form changes with them.
    "libfontconfig.so*",
    "libfreetype.so*",
    "libexpat.so*",
    "libdbus-1.so*",
    "libglib-2.0.so*",
    "libgthread-2.0.so*",
    "libsystemd.so*",
    "libselinux.so*",
    "libcom_err.so*",
    "libgssapi_krb5.so*",
    "libk5crypto.so*",
    "libkeyutils.so*",
    "libkrb5*.so*",
    "libz.so*",
    # Every system that is new enough for Qt has these, and mends them when they must be.
    "libcrypto.so*",
    "libssl.so*",
)

_OPTIONAL = ("libopenvino_intel_gpu_plugin.so*", "libopenvino_intel_npu_plugin.so*")
"""Loaded where such a chip is; what they need comes with its driver."""


def bundled_modules(root: Path) -> list[str]:
    """Our own modules: some are named in strings, which PyInstaller does not follow."""
    paths = sorted((root / PACKAGE).rglob("*.py"))
    names = [".".join(path.relative_to(root).with_suffix("").parts) for path in paths]
    modules = [name.removesuffix(".__init__") for name in names]
    return [module for module in modules if module not in UNUSED_MODULES]


def version_of(root: Path) -> str:
    """The version of the checkout, which stands in one place."""
    text = (root / "algovera_desktop" / "__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    assert found, "the package names its version"
    return found[1]


def is_optional(name: str) -> bool:
    """Whether a library is passed over in silence where what it needs is missing."""
    return _matches(name, _OPTIONAL)


def is_left_out(name: str) -> bool:
    """Whether a file that PyInstaller found is of no use here."""
    return _matches(name, _LEFT_OUT) or _is_systems(name)


def is_left_out_of_runtime(name: str) -> bool:
    """Whether a file of the runtime's wheels is of no use here."""
    return _matches(name, _RUNTIME_LEFT_OUT) or "/__pycache__/" in name


def is_runtime(name: str) -> bool:
    """Whether this belongs to the local-model runtime, and not to the base."""
    top = name.split("/")[0]
    package = top.split("-")[0] if top.endswith(".dist-info") else top
    return package in RUNTIME_PACKAGES


def _is_systems(name: str) -> bool:
    # Only what was taken from the system: wheels bring theirs in folders, under other names.
    return "/" not in name and _matches(name, SYSTEM_LIBRARIES)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
