import sys

import pytest

from algovera_desktop.server.models.catalogue import load_catalogue
from algovera_desktop.server.models.views import view_of_entry
from algovera_desktop.server.pipelines import runtimes
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
    assert "pip install 'algovera-desktop[torch]'" in missing_runtime("diffusers")
