"""Bundles that must not be released, made of small scripts."""

import sys
from pathlib import Path

import pytest

import release
import smoke
from smoke import SmokeError

PARTS = {
    "win32": (
        "_internal/openvino/libs/openvino_intel_cpu_plugin.dll",
        "_internal/openvino/libs/openvino_ir_frontend.dll",
        "_internal/openvino_tokenizers/lib/openvino_tokenizers.dll",
    ),
    "darwin": (
        "../Resources/openvino/libs/libopenvino_arm_cpu_plugin.so",
        "../Resources/openvino/libs/libopenvino_ir_frontend.2641.dylib",
        "../Resources/openvino_tokenizers/lib/libopenvino_tokenizers.dylib",
    ),
}
VERSION_IS_TOLD = 'case "$1" in --version) exit 0;; esac\n'


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "Contents" / "MacOS"
    folder.mkdir(parents=True)
    return folder


def program(bundle: Path, name: str, script: str) -> None:
    path = bundle / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_folder_without_the_programs_is_refused(bundle: Path) -> None:
    with pytest.raises(OSError, match="algovera-server"):
        smoke.smoke(bundle)


def test_a_program_that_reports_a_lack_is_refused(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(bundle, "algovera-server", VERSION_IS_TOLD)
    program(bundle, "algovera-desktop", "exit 1")
    assert release.main(["smoke", str(bundle)]) == 1
    assert capsys.readouterr().err == "algovera-desktop ended with 1.\n"


def test_a_server_that_does_not_serve_is_refused_with_what_it_said(bundle: Path) -> None:
    keys = 'case "$3" in keys) echo a-key; exit 0;; esac\n'
    program(bundle, "algovera-server", f"{VERSION_IS_TOLD}{keys}echo no room; exit 2")
    program(bundle, "algovera-desktop", "exit 0")
    with pytest.raises(SmokeError, match=r"ended by itself with 2\. no room"):
        smoke.smoke(bundle)


def test_a_server_whose_pages_are_missing_is_refused(bundle: Path) -> None:
    serve = (
        "import http.server as h\n"
        "server = h.HTTPServer(('127.0.0.1', 0), h.BaseHTTPRequestHandler)\n"
        "print(f'Serving at http://127.0.0.1:{server.server_port} (…)', flush=True)\n"
        "server.serve_forever()\n"
    )
    (bundle / "serve.py").write_text(serve, "utf-8")
    keys = 'case "$3" in keys) echo a-key; exit 0;; esac\n'
    command = f'exec "{sys.executable}" -X utf8 "{bundle}/serve.py"'
    program(bundle, "algovera-server", f"{VERSION_IS_TOLD}{keys}{command}")
    program(bundle, "algovera-desktop", "exit 0")
    with pytest.raises(SmokeError, match="did not answer / well"):
        smoke.smoke(bundle)


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_a_bundle_whose_models_could_not_paint_is_refused(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    for part in PARTS[system]:
        with pytest.raises(SmokeError, match="could not paint"):
            smoke.smoke(bundle)
        (bundle / part).parent.mkdir(parents=True, exist_ok=True)
        (bundle / part).touch()
    with pytest.raises(OSError, match="algovera-server"):
        smoke.smoke(bundle)
