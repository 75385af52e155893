"""What the model manager says of a model in each state."""

import pytest

from algovera_desktop.domain.errors import (
    EngineFailedError,
    EngineTimeoutError,
    EngineUnreachableError,
    RateLimitedError,
)
from algovera_desktop.domain.managed_models import ManagedModel, ModelState
from algovera_desktop.ui.model_words import offer_words, short_state, state_words, trouble_words

GB, MB = 10**9, 10**6


def model(state: ModelState, **facts: object) -> ManagedModel:
    return ManagedModel("lcm", "LCM", state, **facts)


def under_way(state: ModelState, **facts: object) -> ManagedModel:
    return model(state, done_bytes=412 * MB, total_bytes=1100 * MB, **facts)


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (model(ModelState.AVAILABLE), "Can be downloaded"),
        (model(ModelState.AVAILABLE, download_bytes=1100 * MB), "1.1 GB"),
        (
            model(ModelState.AVAILABLE, download_bytes=2 * GB, recommended=True),
            "Recommended · 2.0 GB",
        ),
        (model(ModelState.WAITING), "Waits for another download"),
        (under_way(ModelState.DOWNLOADING), "Downloading · 37 %"),
        (model(ModelState.DOWNLOADING), "Downloading · 0 %"),
        (under_way(ModelState.CHECKING), "Checking · 37 %"),
        (under_way(ModelState.PAUSED), "Paused · 37 %"),
        (model(ModelState.FAILED), "Stopped"),
        (model(ModelState.INSTALLED), "Installed"),
        (model(ModelState.INSTALLED, disk_bytes=850_000), "Installed · 850.0 kB"),
        (model(ModelState.INSTALLED, disk_bytes=MB, folder="/m"), "Installed · your own files"),
        (model(ModelState.MISSING), "Its files are gone"),
        (model(ModelState.UNAVAILABLE), "From a folder of your own"),
        (model(ModelState.UNAVAILABLE, runtime="openai"), "Needs a key of yours"),
        (model(ModelState.INSTALLED, runtime="openai"), "Ready, with your key"),
    ],
)
def test_a_row_says_in_a_few_words_how_a_model_is(qapp, shown, words):
    assert short_state(shown) == words


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (under_way(ModelState.DOWNLOADING), "Downloading · 412.0 MB of 1.1 GB"),
        (
            under_way(ModelState.DOWNLOADING, bytes_per_s=12.3e6, seconds_left=56.0),
            "Downloading · 412.0 MB of 1.1 GB · 12.3 MB/s · about 55 s left",
        ),
        (
            under_way(ModelState.PAUSED, bytes_per_s=1e6, seconds_left=9.0),
            "Paused · 412.0 MB of 1.1 GB",
        ),
        (model(ModelState.DOWNLOADING), "Downloading · 0 %"),
        (model(ModelState.FAILED, total_bytes=MB), "Stopped"),
    ],
)
def test_a_download_says_how_far_it_is_and_how_fast_it_goes(qapp, shown, words):
    assert state_words(shown) == words


def test_an_offer_says_the_size_and_the_time_where_it_was_measured(qapp):
    offered = model(ModelState.AVAILABLE, download_bytes=1100 * MB)
    assert offer_words(offered) == "LCM paints what you describe: 1.1 GB to download."
    measured = model(ModelState.AVAILABLE, download_bytes=1100 * MB, expected_s=41.0)
    assert offer_words(measured).endswith("1.1 GB to download, about 40 s a picture here.")


def test_an_offer_says_what_must_be_installed_first(qapp):
    needs = "To paint with it, install first: the package algovera-desktop-openvino."
    offered = model(ModelState.AVAILABLE, download_bytes=1100 * MB, expected_s=41.0, reason=needs)
    assert offer_words(offered) == f"LCM paints what you describe: 1.1 GB to download. {needs}"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (EngineFailedError("There is a model x already."), "There is a model x already."),
        (EngineUnreachableError("[Errno 111]"), "The server on this computer does not answer."),
        (EngineTimeoutError("30 s"), "The server on this computer does not answer."),
        (RateLimitedError("429"), "The server has too much to do and asks for patience."),
        (ValueError("ours"), "Something unexpected happened in this program."),
    ],
)
def test_a_trouble_is_told_in_words_and_never_in_codes(qapp, error, words):
    assert trouble_words(error) == words
