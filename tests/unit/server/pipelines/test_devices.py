"""A device that fails is told of, and the next one is tried."""

import pytest

from algovera_desktop.server.pipelines.base import RenderFailedError
from algovera_desktop.server.pipelines.devices import load_on_first


def load_on_cpu(device: str) -> tuple[int, str]:
    if device != "cpu":
        raise RuntimeError(f"{device} has no driver")
    return 7, "8 cores"


def test_the_first_that_works_is_used_and_those_that_failed_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert load_on_first(["cpu"], load_on_cpu) == (7, "8 cores")
    assert capsys.readouterr().err == ""
    assert load_on_first(["gpu", "cpu"], load_on_cpu) == (7, "8 cores; gpu could not be used")
    assert "gpu has no driver" in capsys.readouterr().err


def test_what_the_last_one_says_is_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="gpu 2 has no driver"):
        load_on_first(["gpu 1", "gpu 2"], load_on_cpu)
    assert "gpu 1 has no driver" in capsys.readouterr().err


def test_a_model_that_is_wrong_is_wrong_on_every_device() -> None:
    tried: list[str] = []

    def load(device: str) -> tuple[int, str]:
        tried.append(device)
        raise RenderFailedError("It is no model.")

    with pytest.raises(RenderFailedError):
        load_on_first(["gpu", "cpu"], load)
    assert tried == ["gpu"]
