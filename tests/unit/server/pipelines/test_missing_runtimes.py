import sys

import pytest

from algovera_desktop.server.models.catalogue import load_catalogue
from algovera_desktop.server.models.views import ModelState, view_of_entry
from algovera_desktop.server.pipelines import runtimes
from algovera_desktop.server.pipelines.base import RenderFailedError, Weights
from algovera_desktop.server.pipelines.registry import make_runtime
from algovera_desktop.server.pipelines.runtimes import missing_runtime


@pytest.fixture
def without_runtimes(monkeypatch):
    monkeypatch.setattr(runtimes, "find_spec", lambda _name: None)
    missing_runtime.cache_clear()
    yield monkeypatch
    missing_runtime.cache_clear()


def test_nothing_is_said_of_what_is_here_or_needs_nothing():
    missing_runtime.cache_clear()
    assert missing_runtime("openvino") == ""
    assert missing_runtime("openai") == ""


def test_a_model_says_before_its_download_what_must_be_installed(without_runtimes):
    (recommended,) = [entry for entry in load_catalogue() if entry.recommended]
    reason = view_of_entry(recommended).reason
    assert reason == "To paint with it, install first: pip install 'openvino-genai'."


def test_a_bundle_names_its_own_package(without_runtimes):
    without_runtimes.setattr(sys, "frozen", True, raising=False)
    assert "the package algovera-desktop-openvino" in missing_runtime("openvino")


@pytest.fixture
def in_bundle(without_runtimes):
    without_runtimes.setattr(sys, "frozen", True, raising=False)


@pytest.mark.usefixtures("in_bundle")
def test_a_bundle_offers_no_download_that_it_could_never_paint_with():
    views = {entry.runtime: view_of_entry(entry) for entry in load_catalogue()}
    assert views["openvino"].state is ModelState.AVAILABLE
    assert views["diffusers"].state is ModelState.UNAVAILABLE
    assert not views["diffusers"].downloadable
    assert views["diffusers"].reason.startswith("The installed program cannot paint with it")
    assert "pip" not in views["diffusers"].reason


@pytest.mark.usefixtures("without_runtimes")
@pytest.mark.parametrize("runtime", ["openvino", "diffusers"])
def test_what_cannot_be_loaded_is_told_without_a_modules_name(
    runtime, monkeypatch, capsys, tmp_path
):
    monkeypatch.setitem(sys.modules, f"algovera_desktop.server.pipelines.{runtime}", None)
    with pytest.raises(RenderFailedError) as refused:
        make_runtime(Weights(runtime, ""), "cpu", tmp_path)
    assert str(refused.value) == missing_runtime(runtime)
    assert f"algovera_desktop.server.pipelines.{runtime}" in capsys.readouterr().err
