"""Which device OpenVINO is asked for."""

from pathlib import Path

import openvino
import pytest

from algovera_desktop.server.pipelines.base import RenderFailedError
from algovera_desktop.server.pipelines.openvino import OpenVinoPipeline, wanted_devices
from support.random_models import tiny_models


@pytest.mark.parametrize(
    ("wanted", "available", "devices"),
    [
        ("auto", ["CPU"], ["CPU"]),
        ("auto", ["CPU", "GPU.0", "GPU.1", "NPU"], ["GPU.0", "CPU"]),
        ("auto", ["CPU", "GPU"], ["GPU", "CPU"]),
        ("cpu", ["CPU", "GPU"], ["CPU"]),
        ("gpu", ["CPU", "GPU.0", "GPU.1"], ["GPU.0"]),
        ("gpu.1", ["CPU", "GPU.0", "GPU.1"], ["GPU.1"]),
        ("NPU", ["CPU", "NPU"], ["NPU"]),
    ],
)
def test_the_device_is_the_best_or_the_one_that_was_named(
    wanted: str, available: list[str], devices: list[str]
) -> None:
    assert wanted_devices(wanted, available) == devices


@pytest.mark.parametrize("wanted", ["gpu", "cuda:0", ""])
def test_a_device_that_is_not_here_is_refused_with_those_that_are(wanted: str) -> None:
    with pytest.raises(RenderFailedError, match="It finds: CPU"):
        wanted_devices(wanted, ["CPU"])


class CoreWithABrokenGpu(openvino.Core):
    """It is listed, as one is whose driver is not the one that is needed."""

    @property
    def available_devices(self) -> list[str]:
        return ["CPU", "GPU.7"]


def test_a_gpu_that_fails_leaves_the_processor_and_is_named_with_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(openvino, "Core", CoreWithABrokenGpu)
    weights = tiny_models().checkpoint("openvino").weights
    pipeline = OpenVinoPipeline(weights, "auto", tmp_path)
    pipeline.load()
    assert pipeline.device.endswith("(CPU, OpenVINO); GPU.7 could not be used")
    assert "RuntimeError" in capfd.readouterr().err
    pipeline.unload()
    with pytest.raises(RuntimeError):
        OpenVinoPipeline(weights, "gpu", tmp_path).load()
