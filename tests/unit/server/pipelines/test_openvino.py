"""Which device OpenVINO is asked for."""

import pytest

from algovera_desktop.server.pipelines.base import RenderFailedError
from algovera_desktop.server.pipelines.openvino import chosen_device


@pytest.mark.parametrize(
    ("wanted", "available", "device"),
    [
        ("auto", ["CPU"], "CPU"),
        ("auto", ["CPU", "GPU.0", "GPU.1", "NPU"], "GPU.0"),
        ("auto", ["CPU", "GPU"], "GPU"),
        ("cpu", ["CPU", "GPU"], "CPU"),
        ("gpu", ["CPU", "GPU.0", "GPU.1"], "GPU.0"),
        ("gpu.1", ["CPU", "GPU.0", "GPU.1"], "GPU.1"),
        ("NPU", ["CPU", "NPU"], "NPU"),
    ],
)
def test_the_device_is_the_best_or_the_one_that_was_named(
    wanted: str, available: list[str], device: str
) -> None:
    assert chosen_device(wanted, available) == device


@pytest.mark.parametrize("wanted", ["gpu", "cuda:0", ""])
def test_a_device_that_is_not_here_is_refused_with_those_that_are(wanted: str) -> None:
    with pytest.raises(RenderFailedError, match="It finds: CPU"):
        chosen_device(wanted, ["CPU"])
